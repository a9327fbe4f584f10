package io.github.bitbucketpipelines.maven.console;

/** Marks text on a terminal in the colours that Maven uses for results. */
@FunctionalInterface
public interface Colours {
    /** No colours: the text stays as it is. */
    Colours NONE = (style, text) -> text;

    /** The styles of Maven's messages. */
    enum Style {
        SUCCESS,
        WARNING,
        FAILURE
    }

    /** Returns the text in the style. */
    String apply(Style style, String text);
}
