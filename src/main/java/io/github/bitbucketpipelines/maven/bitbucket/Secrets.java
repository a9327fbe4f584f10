package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What no message may show, even where a server sends it back to us. */
final class Secrets {
    // A shorter one would garble the text, and hides nothing.
    private static final int SHORTEST = 4;

    private final List<String> secrets = new CopyOnWriteArrayList<>();

    Secrets(List<String> secrets) {
        secrets.forEach(this::add);
    }

    /** From now on this one too. */
    void add(String secret) {
        if (secret.length() >= SHORTEST && !secrets.contains(secret)) {
            secrets.add(secret);
        }
    }

    /** These, and for one question some more. */
    Secrets with(List<String> more) {
        Secrets all = new Secrets(secrets);
        more.forEach(all::add);
        return all;
    }

    /** The text, with stars in place of secrets. */
    String hiddenIn(String text) {
        List<String> longestFirst = new ArrayList<>(secrets);
        longestFirst.sort(Comparator.comparing(String::length).reversed());
        String hidden = text;
        for (String secret : longestFirst) {
            hidden = hidden.replace(secret, "***");
        }
        return hidden;
    }

    @Override
    public String toString() {
        return "***";
    }
}
