package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Optional;

/**
 * The state of a run or a step. Only {@link Completed} is final; an unknown name counts as unfinished, and is kept as it
 * was received.
 */
public sealed interface State {
    /** Groups the unfinished states by what a waiting build can expect. */
    enum Phase {
        /** Nothing of it has run yet. */
        QUEUED,
        RUNNING,
        /** It does not continue without a person or an external condition. */
        HELD
    }

    /** The unfinished states on record; runs have PARSING, PENDING, IN_PROGRESS, PAUSED and HALTED. */
    enum Unfinished implements State {
        PARSING(Phase.QUEUED),
        PENDING(Phase.QUEUED),
        /** A step that waits for a runner. */
        READY(Phase.QUEUED),
        STARTING_AGENT(Phase.QUEUED),
        IN_PROGRESS(Phase.RUNNING),
        CLONING(Phase.RUNNING),
        PULLING_IMAGES(Phase.RUNNING),
        DOWNLOADING_CACHES(Phase.RUNNING),
        DOWNLOADING_ARTIFACTS(Phase.RUNNING),
        UPLOADING_CACHES(Phase.RUNNING),
        UPLOADING_ARTIFACTS(Phase.RUNNING),
        PARSING_TEST_RESULTS(Phase.RUNNING),
        COMPLETING_LOGS(Phase.RUNNING),
        /** A manual step waits for a person to start it. */
        PAUSED(Phase.HELD),
        /** Bitbucket holds it back: another run has the environment, or the minutes are used up. */
        HALTED(Phase.HELD);

        private final Phase phase;

        Unfinished(Phase phase) {
            this.phase = phase;
        }

        @Override
        public String label() {
            return name();
        }

        @Override
        public Optional<Phase> phase() {
            return Optional.of(phase);
        }
    }

    /** A state, or a stage of one, that is not on record. */
    record Unknown(String name, Optional<String> stage) implements State {
        /** Joins what would be sentences. */
        public Unknown {
            name = TextSanitizer.withoutSentences(name);
            stage = stage.map(TextSanitizer::withoutSentences);
        }

        @Override
        public String label() {
            return stage.map(s -> name + "/" + s).orElse(name);
        }

        /** RUNNING for IN_PROGRESS with an unknown stage; otherwise unknown. */
        @Override
        public Optional<Phase> phase() {
            return name.equals("IN_PROGRESS") ? Optional.of(Phase.RUNNING) : Optional.empty();
        }
    }

    /**
     * The end.
     *
     * @param error Bitbucket's own words on an ERROR
     * @param stoppedBy who stopped it, where a person did
     */
    record Completed(Result result, Optional<ErrorDetail> error, Optional<String> stoppedBy) implements State {
        @Override
        public String label() {
            return result.name();
        }

        @Override
        public Optional<Phase> phase() {
            return Optional.empty();
        }
    }

    /** Bitbucket's error: its key, where there is one, and its text. */
    record ErrorDetail(Optional<String> key, Optional<String> message) {}

    /** The one word that a console shows. */
    String label();

    /** The phase; absent for a completed and for an unknown state. */
    Optional<Phase> phase();

    /** Whether this is the end. */
    default boolean isCompleted() {
        return this instanceof Completed;
    }

    /** Whether it is in this phase. */
    default boolean isIn(Phase phase) {
        return phase().filter(phase::equals).isPresent();
    }

    /** The result, at the end. */
    default Optional<Result> finalResult() {
        return this instanceof Completed completed ? Optional.of(completed.result()) : Optional.empty();
    }
}
