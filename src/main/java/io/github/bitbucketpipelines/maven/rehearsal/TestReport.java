package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The tests that Bitbucket found in a step, told once the step is over. */
public record TestReport(List<Case> cases) {

    public TestReport {
        cases = List.copyOf(cases);
    }

    /** A report of these cases. */
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
     * @param reason what a test that did not pass had to say
     */
    public record Case(
            String uuid,
            String packageName,
            String className,
            String name,
            String status,
            Duration duration,
            Optional<String> reason) {

        /** A test that passed. */
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

        /** A test that failed, with its output. */
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

        /** A test with any other status, such as ERROR or SKIPPED. */
        public Case withStatus(String other) {
            return new Case(uuid, packageName, className, name, other, duration, reason);
        }
    }
}
