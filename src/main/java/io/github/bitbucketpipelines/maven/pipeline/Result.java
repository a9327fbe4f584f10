package io.github.bitbucketpipelines.maven.pipeline;

/** How a run or a step ended. A name we do not know is kept as it came, and is never a success. */
public sealed interface Result {
    /** The results on record; runs have the first five, steps all of them. */
    enum Known implements Result {
        SUCCESSFUL,
        FAILED,
        ERROR,
        STOPPED,
        EXPIRED,
        /** A step after a failure or a stop. */
        NOT_RUN,
        /** A step whose condition did not hold. */
        SKIPPED,
        USER_ERROR,
        SYSTEM_ERROR
    }

    /** A result that is not on record. */
    record Unknown(String name) implements Result {
        /** Joins what would be sentences. */
        public Unknown {
            name = TextSanitizer.withoutSentences(name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** The result's name as Bitbucket writes it. */
    String name();

    /** Whether something went wrong; of what we do not know that is to be expected. */
    default boolean isFailure() {
        return !(this instanceof Known known)
                || switch (known) {
                    case SUCCESSFUL, NOT_RUN, SKIPPED, STOPPED -> false;
                    case FAILED, ERROR, EXPIRED, USER_ERROR, SYSTEM_ERROR -> true;
                };
    }

    /** Whether what has this result was begun at all. */
    default boolean hasExecuted() {
        return this != Known.NOT_RUN && this != Known.SKIPPED;
    }

    /** The result of that name. */
    static Result of(String name) {
        for (Known known : Known.values()) {
            if (known.name().equals(name)) {
                return known;
            }
        }
        return new Unknown(name);
    }
}
