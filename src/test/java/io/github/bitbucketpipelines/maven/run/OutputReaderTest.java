package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.BrokenBody;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputReaderTest extends RunTestBase {
    private static final Duration APPEAR_TIMEOUT = Duration.ofMinutes(1);

    private final OutputReader reader = new OutputReader(context, new SecretMasker(List.of()));

    /** Runs these steps for a while, and reads their outputs then. */
    private Map<String, String> read(Duration age, String outputs, StepScript... scripts) throws InterruptedException {
        Run run = cloud.getRun(shop.push("main", RunScript.of(scripts)).buildNumber());
        clock.forward(age);
        List<Step> steps = new StepLogReader(context).steps(run, TimeLimit.in(clock, Duration.ofMinutes(1)));
        return reader.read(run, steps, OutputRequest.parse(List.of(outputs.split(","))), APPEAR_TIMEOUT);
    }

    @Test
    void valuesAreInTheOrderOfTheRequests() throws Exception {
        assertThat(read(
                        Duration.ofMinutes(1),
                        "B,C=c,A@Build",
                        StepScript.named("Build").log("::output A=a\n::output B=b\n")))
                .containsExactly(Map.entry("B", "b"), Map.entry("C", "c"), Map.entry("A", "a"));
    }

    @Test
    void logsThatAreThereAreReadTwice() throws Exception {
        read(Duration.ofMinutes(1), "A", StepScript.named("Build").log("::output A=a\n"));

        assertThat(bitbucket.requests())
                .filteredOn(request -> request.path().endsWith("/log"))
                .hasSize(2);
        assertThat(clock.passed()).isLessThan(Duration.ofSeconds(70));
    }

    @Test
    void logThatIsReplacedByAShorterOneCountsAsItIsThen() throws Exception {
        int[] reads = {0};
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            if (!request.path().endsWith(".log") || reads[0]++ == 0) {
                return response;
            }
            return request.header("Range").isPresent()
                    ? Response.of(416)
                    : Response.of(200, "text/plain", "::output A=new\n");
        });

        assertThat(read(
                        Duration.ofMinutes(1),
                        "A,B=none",
                        StepScript.named("Build").log("::output A=old\n::output B=old\n")))
                .containsExactly(Map.entry("A", "new"), Map.entry("B", "none"));
    }

    /** A part of the log ends within the value, and the rest comes a few seconds later. */
    @Test
    void halfALineOfALogThatPausesIsNoValue() throws Exception {
        int[] reads = {0};
        bitbucket.intercept((request, next) -> {
            if (!request.path().endsWith(".log")) {
                return next.proceed();
            }
            String log = "+ make\n::output URL=https://api.example" + (reads[0]++ < 2 ? "" : "/v2\nTeardown\n");
            return Response.of(200, "text/plain", log);
        });

        assertThat(read(Duration.ofMinutes(1), "URL", StepScript.named("Build").log("x\n")))
                .containsEntry("URL", "https://api.example/v2");
        assertThat(harness.warnings()).isEmpty();
    }

    @Test
    void valueWithoutALineEndIsAWarning() throws Exception {
        assertThat(read(Duration.ofMinutes(1), "A", StepScript.named("Build").log("::output A=a")))
                .containsEntry("A", "a");
        assertThat(harness.warnings())
                .containsExactly("The log of step 'Build' ends within a line ::output, whose value may be cut; print it"
                        + " with a line end");
    }

    @Test
    void onlyLogsOfStepsThatMayHaveAnOutputAreRead() throws Exception {
        read(
                Duration.ofMinutes(1),
                "A@Deploy",
                StepScript.named("Build").log("::output A=b\n"),
                StepScript.named("Deploy").log("::output A=a\n"));

        assertThat(bitbucket.requests())
                .filteredOn(request -> request.path().endsWith("/log"))
                .hasSize(2);
    }

    @Test
    void stepWithoutALogIsAwaitedAndWarnedOf() throws Exception {
        assertThat(read(
                        Duration.ofMinutes(1),
                        "A",
                        StepScript.named("Build").log("::output A=a\n"),
                        StepScript.named("Child").withoutLog()))
                .containsEntry("A", "a");
        assertThat(harness.warnings())
                .singleElement()
                .asString()
                .startsWith("The outputs of step 'Child' are not known: it has no log after 1m 00s");
    }

    @Test
    void stepThatHasNotRunHasNoOutputs() throws Exception {
        assertThat(read(
                        Duration.ofMinutes(1),
                        "A",
                        StepScript.named("Build").log("::output A=a\n").ending("FAILED"),
                        StepScript.named("Deploy").log("::output A=b\n")))
                .containsEntry("A", "a");
        assertThat(harness.warnings()).isEmpty();
    }

    @Test
    void stepThatStillRunsIsWarnedOf() throws Exception {
        assertThat(read(
                        Duration.ofMinutes(6),
                        "A",
                        StepScript.named("Final")
                                .log("::output A=a\n::output A=b\n")
                                .lasting(Duration.ofMinutes(10))))
                .containsEntry("A", "a");
        assertThat(harness.warnings())
                .singleElement()
                .asString()
                .startsWith("The outputs of step 'Final' may not be its last ones");
    }

    @Test
    void allMissingOutputsAreNamed() {
        assertThatThrownBy(() -> read(Duration.ofMinutes(1), "A,B@Build,C=c", StepScript.named("Build")))
                .isInstanceOf(OutputException.class)
                .hasMessage(
                        "there is no output A: the log of no step has a line ::output A=VALUE; there is no output B:"
                                + " the log of step 'Build' has no line ::output B=VALUE")
                .matches(e -> !((OutputException) e).isUnknown());
    }

    @Test
    void logIsReadOnWhereAConnectionBroke() throws Exception {
        int[] broken = {3};
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            return request.path().endsWith(".log") && broken[0]-- > 0 ? BrokenBody.half(response) : response;
        });

        assertThat(read(
                        Duration.ofMinutes(1),
                        "A",
                        StepScript.named("Build").log("line\n".repeat(100_000) + "::output A=a\n")))
                .containsEntry("A", "a");
        assertThat(broken[0]).isNegative();
    }
}
