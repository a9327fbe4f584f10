package io.github.bitbucketpipelines.maven.git;

import java.util.Optional;

/** The result of a git command: a value, or the reason why there is none. */
public sealed interface GitResult<T> {
    /** The value. */
    record Value<T>(T content) implements GitResult<T> {}

    /**
     * There is no value.
     *
     * @param reason half a sentence fit for users, such as {@code HEAD is detached}
     */
    record Absent<T>(String reason) implements GitResult<T> {}

    /** The value, if there is one. */
    default Optional<T> value() {
        return this instanceof Value<T> present ? Optional.of(present.content()) : Optional.empty();
    }

    /** The reason why there is no value; empty where there is one. */
    default Optional<String> absenceReason() {
        return this instanceof Absent<T> absent ? Optional.of(absent.reason()) : Optional.empty();
    }
}
