package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What nothing that is shown may have in it, even where a server or a log sends it back to us. */
public final class SecretMasker {
    /** A shorter one is a word that any text may have: hiding it would garble the text, and hide nothing. */
    private static final int MIN_LENGTH = 4;

    private static final String MASK = "***";

    /** The longest first: one may be a part of another. */
    private volatile List<String> variants = List.of();

    /** These, and those that are added later. */
    public SecretMasker(List<String> secrets) {
        secrets.forEach(this::add);
    }

    /** From now on this one too: as it is, line by line, on one line, and as JSON has it. */
    public synchronized void add(String secret) {
        Stream<String> ofThis = Stream.concat(
                        secret.lines(), Stream.of(secret, TextSanitizer.singleLine(secret), jsonEscaped(secret)))
                .filter(form -> form.length() >= MIN_LENGTH);
        variants = Stream.concat(variants.stream(), ofThis)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    /** The text, with stars in place of secrets. Hide before you cut: the half of a secret is one, too. */
    public String mask(String text) {
        String hidden = text;
        for (String form : variants) {
            hidden = hidden.replace(form, MASK);
        }
        return hidden;
    }

    private static String jsonEscaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }

    @Override
    public String toString() {
        return MASK;
    }
}
