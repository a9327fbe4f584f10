package io.github.bitbucketpipelines.maven.mojo;

/**
 * A value, and where it came from: nothing is used in silence that the user did not give.
 *
 * @param from such as {@code git}; empty where the user gave it as a parameter
 */
record Found<T>(T value, String from) {
    /** Given as a parameter. */
    static <T> Found<T> given(T value) {
        return new Found<>(value, "");
    }

    boolean isGiven() {
        return from.isEmpty();
    }
}
