package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The port to the tests that Bitbucket found in the steps of one repository's runs. Like {@link PipelinesClient}, each method
 * sends its request once, and throws a {@link PipelinesException} that shows whether a retry can help.
 */
public interface TestReportsClient {
    /** Returns a view with a timeout for each call. */
    TestReportsClient withTimeout(Duration limit);

    /** A step's test cases, at most {@code limit}; none where the step published no report. */
    TestCases listTestCases(long number, String stepUuid, int limit);

    /** Reads the output of a test, in sanitized lines; empty where it has none. */
    List<String> readTestOutput(long number, String stepUuid, String caseUuid);

    /**
     * Test cases that were read.
     *
     * @param gap what is missing, in words; empty where these are all
     */
    record TestCases(List<TestCase> cases, Optional<String> gap) {
        /** A step without tests. */
        public static final TestCases NONE = new TestCases(List.of());

        /** Copies the cases. */
        public TestCases {
            cases = List.copyOf(cases);
        }

        /** All tests of a step. */
        public TestCases(List<TestCase> cases) {
            this(cases, Optional.empty());
        }

        /** Some tests of a step. */
        public static TestCases incomplete(List<TestCase> cases, String gap) {
            return new TestCases(cases, Optional.of(gap));
        }

        /** Whether these are all. */
        public boolean complete() {
            return gap.isEmpty();
        }
    }

    /** No tests at all. */
    static TestReportsClient none() {
        return new TestReportsClient() {
            @Override
            public TestReportsClient withTimeout(Duration limit) {
                return this;
            }

            @Override
            public TestCases listTestCases(long number, String stepUuid, int limit) {
                return TestCases.NONE;
            }

            @Override
            public List<String> readTestOutput(long number, String stepUuid, String caseUuid) {
                return List.of();
            }
        };
    }
}
