package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What nothing that is shown may have in it, even where a server or a log sends it back to us. */
public final class Secrets {
    /** A shorter one is a word that any text may have: hiding it would garble the text, and hide nothing. */
    private static final int SHORTEST = 4;

    private static final String HIDDEN = "***";

    /** The longest first: one may be a part of another. */
    private volatile List<String> forms = List.of();

    /** These, and those that are added later. */
    public Secrets(List<String> secrets) {
        secrets.forEach(this::add);
    }

    /** From now on this one too: as it is, line by line, on one line, and as JSON has it. */
    public synchronized void add(String secret) {
        Stream<String> ofThis = Stream.concat(secret.lines(), Stream.of(secret, SafeText.line(secret), inJson(secret)))
                .filter(form -> form.length() >= SHORTEST);
        forms = Stream.concat(forms.stream(), ofThis)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    /** The text, with stars in place of secrets. Hide before you cut: the half of a secret is one, too. */
    public String hiddenIn(String text) {
        String hidden = text;
        for (String form : forms) {
            hidden = hidden.replace(form, HIDDEN);
        }
        return hidden;
    }

    private static String inJson(String text) {
        return text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }

    @Override
    public String toString() {
        return HIDDEN;
    }
}
