package io.github.bitbucketpipelines.maven.bitbucket;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** What no message may show, even where a server sends it back to us. */
final class Secrets {
    // A shorter one would garble the text, and hides nothing.
    private static final int SHORTEST = 4;

    private final Optional<Secrets> others;
    private final List<String> own = new CopyOnWriteArrayList<>();

    Secrets(List<String> secrets) {
        this(Optional.empty(), secrets);
    }

    private Secrets(Optional<Secrets> others, List<String> secrets) {
        this.others = others;
        secrets.forEach(this::add);
    }

    /** From now on this one too. */
    void add(String secret) {
        if (secret.length() >= SHORTEST && !own.contains(secret)) {
            own.add(secret);
        }
    }

    /** These, with all that are added to them later, and for one question some more. */
    Secrets with(List<String> more) {
        return new Secrets(Optional.of(this), more);
    }

    /** The text, with stars in place of secrets. */
    String hiddenIn(String text) {
        // The longest first: one may be a part of another.
        List<String> all = Stream.concat(own.stream(), others.stream().flatMap(o -> o.own.stream()))
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
        String hidden = text;
        for (String secret : all) {
            hidden = hidden.replace(secret, "***");
        }
        return hidden;
    }

    @Override
    public String toString() {
        return "***";
    }
}
