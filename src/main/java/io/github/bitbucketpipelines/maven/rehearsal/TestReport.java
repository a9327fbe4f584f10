package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The tests that a step published; available when the step has ended. */
public record TestReport(List<Case> cases) {

    public TestReport {
        cases = List.copyOf(cases);
    }

    /** Creates a report of these cases. */
    public static TestReport of(Case... cases) {
        return new TestReport(List.of(cases));
    }

    long count(String status) {
        return cases.stream()
                .filter(testCase -> testCase.status().equals(status))
                .count();
    }

    /**
     * One test.
     *
     * @param status SUCCESSFUL, FAILED, ERROR or SKIPPED
     * @param reason the output of a test that did not pass
     */
    public record Case(
            String uuid,
            String packageName,
            String className,
            String name,
            String status,
            Duration duration,
            Optional<String> reason) {

        /** Creates a test that passed. */
        public static Case successful(String packageName, String className, String name, Duration duration) {
            return new Case(
                    EmbeddedAccount.randomUuid(),
                    packageName,
                    className,
                    name,
                    "SUCCESSFUL",
                    duration,
                    Optional.empty());
        }

        /** Creates a test that failed, with its output. */
        public static Case failed(String packageName, String className, String name, Duration duration, String reason) {
            return new Case(
                    EmbeddedAccount.randomUuid(),
                    packageName,
                    className,
                    name,
                    "FAILED",
                    duration,
                    Optional.of(reason));
        }

        /** Returns a copy with another status, such as ERROR or SKIPPED. */
        public Case withStatus(String other) {
            return new Case(uuid, packageName, className, name, other, duration, reason);
        }
    }
}
