package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TestCase.Outcome;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient.TestCases;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.rehearsal.TestReport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestReportsTest extends CloudTestBase {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final SecretMasker NONE = new SecretMasker(List.of());

    @Test
    void aStepsTestsAreReadWithWhatTheySaid() {
        Step step = ended(TestReport.of(
                TestReport.Case.successful("com.acme", "CartTest", "isEmpty", Duration.ofMillis(12)),
                TestReport.Case.failed(
                        "com.acme",
                        "CartTest",
                        "addsUp",
                        Duration.ofSeconds(3),
                        "expected: <42>\n\tat com.acme.CartTest\u001b[31m")));

        TestCases found = cloud.testReports().listTestCases(1, step.uuid(), 10_000);

        assertThat(found.complete()).isTrue();
        assertThat(found.cases()).extracting(TestCase::outcome).containsExactly(Outcome.PASSED, Outcome.FAILED);
        TestCase failed = found.cases().get(1);
        assertThat(failed.name()).contains("addsUp");
        assertThat(failed.className()).contains("com.acme.CartTest");
        assertThat(failed.duration()).contains(Duration.ofSeconds(3));
        assertThat(cloud.testReports()
                        .readTestOutput(1, step.uuid(), failed.uuid().orElseThrow()))
                .containsExactly("expected: <42>", " at com.acme.CartTest");
    }

    @Test
    void aStepWithoutTestsHasNone() {
        Step step = ended(null);

        assertThat(cloud.testReports().listTestCases(1, step.uuid(), 10)).isEqualTo(TestCases.NONE);
        assertThat(cloud.testReports().readTestOutput(1, step.uuid(), "{0f3c6f0a-5a3e-4c8b-9d3e-6a1c2b3d4e5f}"))
                .isEmpty();
    }

    @Test
    void pagesAreFollowedUpToTheBound() {
        TestReport.Case[] cases = IntStream.range(0, 250)
                .mapToObj(i -> TestReport.Case.successful("p", "T", "t" + i, Duration.ZERO))
                .toArray(TestReport.Case[]::new);
        Step step = ended(TestReport.of(cases));
        long before = cloud.requests();

        assertThat(cloud.testReports().listTestCases(1, step.uuid(), 10_000).cases())
                .hasSize(250);
        assertThat(cloud.requests() - before).isEqualTo(3);

        TestCases some = cloud.testReports().listTestCases(1, step.uuid(), 120);
        assertThat(some.cases()).hasSize(120);
        assertThat(some.complete()).isFalse();
    }

    @Test
    void aResponseThatIsNoPageIsUnclear() {
        respondWith(Response.of(200, "application/json", "{\"values\": 7}"));

        assertThat(failureOf(() -> cloud.testReports().listTestCases(1, "{1}", 10))
                        .kind())
                .isEqualTo(Kind.OUTCOME_UNKNOWN);
    }

    @Test
    void whateverIsMissingIsAbsent() throws IOException {
        for (String json : new String[] {
            "{}",
            "{\"uuid\":null,\"name\":null,\"status\":null,\"duration\":null}",
            "{\"uuid\":7,\"name\":[],\"fully_qualified_name\":{},\"status\":1,\"duration\":true}"
        }) {
            TestCase test = TestJson.testCase(tree(json), NONE);

            assertThat(test)
                    .as(json)
                    .isEqualTo(new TestCase(
                            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
            assertThat(test.outcome()).isEqualTo(Outcome.SKIPPED);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"0.125\" | PT0.125S",
                "0.125 | PT0.125S",
                "3 | PT3S",
                "\"3s\" | PT3S",
                "\"PT0.005S\" | PT0.005S",
                "\"PT1M2.5S\" | PT1M2.5S",
                "1e1 | PT10S"
            })
    void durationsAreReadAsNumbersTextOrIso(String json, String expected) throws IOException {
        assertThat(duration(json)).contains(Duration.parse(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\"fast\"",
                "-1",
                "\"-PT1S\"",
                "\"PT-1S\"",
                "1e300",
                "1e400",
                "-1e400",
                "999999999999",
                "\"P400D\"",
                "\"PT999999999999999H\"",
                "\"P\"",
                "[]"
            })
    void whatIsNoDurationIsAbsent(String json) throws IOException {
        assertThat(duration(json)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"SUCCESSFUL,PASSED", "passed,PASSED", "FAILED,FAILED", "ERROR,ERROR", "SKIPPED,SKIPPED", "Gone,FAILED"})
    void anUnknownStatusIsAFailure(String status, Outcome outcome) throws IOException {
        assertThat(TestJson.testCase(tree("{\"status\":\"" + status + "\"}"), NONE)
                        .outcome())
                .isEqualTo(outcome);
    }

    @Test
    void aClassIsWhatStandsBeforeTheName() throws IOException {
        assertThat(className("{\"name\":\"t\",\"fully_qualified_name\":\"a.B.t\",\"package_name\":\"a\"}"))
                .contains("a.B");
        assertThat(className("{\"name\":\"t\",\"fully_qualified_name\":\"a.B\"}"))
                .contains("a.B");
        assertThat(className("{\"name\":\"t\",\"fully_qualified_name\":\"t\",\"package_name\":\"a\"}"))
                .contains("a");
        assertThat(className("{\"name\":\"t\"}")).isEmpty();
    }

    @Test
    void outputIsWhateverTextThereIs() throws IOException {
        assertThat(TestJson.output(tree("{\"message\":\"no\",\"output\":\"no\\nbecause\"}"), NONE))
                .containsExactly("no", "because");
        assertThat(TestJson.output(
                        tree(
                                "{\"values\":[{\"uuid\":\"{1}\",\"type\":\"x\",\"name\":\"A\",\"description\":\"B\"},{\"name\":\"A\"}]}"),
                        NONE))
                .containsExactly("A", "B");
        assertThat(TestJson.output(tree("{}"), NONE)).isEmpty();
    }

    @Test
    void endlessOutputIsCut() throws IOException {
        String lines = "x\\n".repeat(10_000);

        assertThat(TestJson.output(tree("{\"output\":\"" + lines + "\"}"), NONE))
                .hasSize(300);
    }

    private Step ended(TestReport report) {
        StepScript step = StepScript.named("Test");
        started(RunScript.of(report == null ? step : step.report(report)));
        clock.forward(Duration.ofMinutes(1));
        return cloud.listSteps(1).get(0);
    }

    private static Optional<Duration> duration(String json) throws IOException {
        return TestJson.testCase(tree("{\"duration\":" + json + "}"), NONE).duration();
    }

    private static Optional<String> className(String json) throws IOException {
        return TestJson.testCase(tree(json), NONE).className();
    }

    private static JsonNode tree(String json) throws IOException {
        return MAPPER.readTree(json);
    }
}
