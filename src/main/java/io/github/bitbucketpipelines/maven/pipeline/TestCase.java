package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.Optional;

/**
 * One test that Bitbucket found in a step's test reports. Its API is not documented: each field may be
 * absent.
 *
 * @param uuid identifies its output; with its braces
 * @param name the test's own name
 * @param className what it belongs to, its package included
 * @param status as it came: SUCCESSFUL, FAILED, ERROR, SKIPPED, or what else there is
 */
public record TestCase(
        Optional<String> uuid,
        Optional<String> name,
        Optional<String> className,
        Optional<String> status,
        Optional<Duration> duration) {
    /** What a status means. */
    public enum Outcome {
        PASSED,
        FAILED,
        ERROR,
        /** It was not run, or nothing is said of how it went. */
        SKIPPED
    }

    /** What its status means; a status we do not know is a failure. */
    public Outcome outcome() {
        return switch (status.orElse("")) {
            case "SUCCESSFUL", "SUCCESS", "PASSED" -> Outcome.PASSED;
            case "ERROR" -> Outcome.ERROR;
            case "SKIPPED", "IGNORED", "DISABLED", "NOT_RUN", "" -> Outcome.SKIPPED;
            default -> Outcome.FAILED;
        };
    }

    /** Whether it went wrong. */
    public boolean isFailure() {
        return outcome() == Outcome.FAILED || outcome() == Outcome.ERROR;
    }
}
