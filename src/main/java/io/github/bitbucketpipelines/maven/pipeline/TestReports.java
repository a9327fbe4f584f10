package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.List;

/**
 * The port to the tests that Bitbucket found in the steps of one repository's runs. Like {@link Pipelines}, each method
 * asks once, and throws a {@link PipelinesException} that tells whether asking again can help.
 */
public interface TestReports {
    /** The same reports; but none of its calls takes longer than this. */
    TestReports within(Duration limit);

    /** A step's test cases, at most {@code most}; none where the step published no report. */
    Found testCases(long number, String stepUuid, int most);

    /** What a test had to say, in harmless lines; none where it said nothing. */
    List<String> testOutput(long number, String stepUuid, String caseUuid);

    /**
     * Test cases that were read.
     *
     * @param complete whether these are all
     */
    record Found(List<TestCase> cases, boolean complete) {
        /** A step without tests. */
        public static final Found NONE = new Found(List.of(), true);

        /** Copies the cases. */
        public Found {
            cases = List.copyOf(cases);
        }
    }

    /** No tests at all. */
    static TestReports none() {
        return new TestReports() {
            @Override
            public TestReports within(Duration limit) {
                return this;
            }

            @Override
            public Found testCases(long number, String stepUuid, int most) {
                return Found.NONE;
            }

            @Override
            public List<String> testOutput(long number, String stepUuid, String caseUuid) {
                return List.of();
            }
        };
    }
}
