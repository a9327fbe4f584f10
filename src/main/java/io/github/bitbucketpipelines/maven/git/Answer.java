package io.github.bitbucketpipelines.maven.git;

import java.util.Optional;

/** What a question to the checkout gave: a value, or why there is none. */
public sealed interface Answer<T> {
    /** The value. */
    record Found<T>(T it) implements Answer<T> {}

    /**
     * There is none.
     *
     * @param reason half a sentence fit for users, such as {@code HEAD is detached}
     */
    record Missing<T>(String reason) implements Answer<T> {}

    /** The value, if there is one. */
    default Optional<T> value() {
        return this instanceof Found<T> found ? Optional.of(found.it()) : Optional.empty();
    }

    /** Why there is no value; absent where there is one. */
    default Optional<String> whyMissing() {
        return this instanceof Missing<T> missing ? Optional.of(missing.reason()) : Optional.empty();
    }
}
