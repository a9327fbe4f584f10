package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.Optional;
import java.util.Set;

/**
 * The state of a run or a step. Names are free text, so that a script can also report states that Bitbucket does not
 * have yet.
 */
public record ScriptedState(String name, Optional<String> stage, Optional<Result> result) {

    static final String COMPLETED = "COMPLETED";
    static final String PAUSED = "PAUSED";
    static final String HALTED = "HALTED";

    /** Creates a state with neither stage nor result. */
    public static ScriptedState named(String name) {
        return new ScriptedState(name, Optional.empty(), Optional.empty());
    }

    /** Creates a state with a stage, such as IN_PROGRESS / RUNNING. */
    public static ScriptedState inStage(String name, String stage) {
        return new ScriptedState(name, Optional.of(stage), Optional.empty());
    }

    /** Creates the state COMPLETED with a result. */
    public static ScriptedState completed(Result result) {
        return new ScriptedState(COMPLETED, Optional.empty(), Optional.of(result));
    }

    boolean isCompleted() {
        return name.equals(COMPLETED);
    }

    boolean isHeld() {
        return stage.filter(Set.of(PAUSED, HALTED)::contains).isPresent();
    }

    /**
     * The result of a run or a step.
     *
     * @param name SUCCESSFUL, FAILED, ERROR, STOPPED, EXPIRED, for steps also NOT_RUN, or anything else
     * @param error the detail of an ERROR
     * @param terminator the account that stopped it
     */
    public record Result(String name, Optional<Failure> error, Optional<EmbeddedAccount> terminator) {

        private static final String SUCCESSFUL = "SUCCESSFUL";
        static final String ERROR = "ERROR";
        static final String STOPPED = "STOPPED";
        static final String NOT_RUN = "NOT_RUN";
        static final String SKIPPED = "SKIPPED";

        /** Creates a result without error and terminator. */
        public static Result of(String name) {
            return new Result(name, Optional.empty(), Optional.empty());
        }

        /** Creates the result SUCCESSFUL. */
        public static Result successful() {
            return of(SUCCESSFUL);
        }

        /** Creates the result ERROR with Bitbucket's key and message. */
        public static Result error(String key, String message) {
            return new Result(ERROR, Optional.of(new Failure(key, message)), Optional.empty());
        }

        /** Creates the result STOPPED with its terminator. */
        public static Result stoppedBy(EmbeddedAccount terminator) {
            return new Result(STOPPED, Optional.empty(), Optional.of(terminator));
        }

        boolean isSuccessful() {
            return name.equals(SUCCESSFUL);
        }
    }

    /** The error object of an ERROR. */
    public record Failure(String key, String message) {}
}
