package io.github.bitbucketpipelines.maven.git;

import java.util.Optional;

/** What a question to the checkout gave: a value, or why there is none. */
public sealed interface GitResult<T> {
    /** The value. */
    record Value<T>(T content) implements GitResult<T> {}

    /**
     * There is none.
     *
     * @param reason half a sentence fit for users, such as {@code HEAD is detached}
     */
    record Absent<T>(String reason) implements GitResult<T> {}

    /** The value, if there is one. */
    default Optional<T> value() {
        return this instanceof Value<T> found ? Optional.of(found.content()) : Optional.empty();
    }

    /** Why there is no value; absent where there is one. */
    default Optional<String> absenceReason() {
        return this instanceof Absent<T> missing ? Optional.of(missing.reason()) : Optional.empty();
    }
}
