package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.BrokenBody;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepLogReaderTest extends RunTestBase {
    private static final String TEXT =
            IntStream.rangeClosed(1, 2_000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());

    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private final StepLogReader logs = new StepLogReader(context);

    private Run started(Duration time) {
        int number = shop.push(
                        "main", RunScript.of(StepScript.named("Build").log(TEXT).lasting(time)))
                .buildNumber();
        clock.forward(Duration.ofMillis(200));
        return cloud.getRun(number);
    }

    private Step step(Run run) throws InterruptedException {
        return logs.steps(run, TimeLimit.in(clock, Duration.ofMinutes(1))).get(0);
    }

    private String text() {
        return got.toString(StandardCharsets.UTF_8);
    }

    @Test
    void followsARunningStepToItsEnd() throws Exception {
        Run run = started(Duration.ofMinutes(20));

        Step last = logs.follow(
                run, step(run), (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofHours(1)));

        assertThat(last.state().isCompleted()).isTrue();
        assertThat(text()).isEqualTo(TEXT);
        // Below a third of the hour's budget.
        assertThat(bitbucket.requests()).hasSizeLessThan(330);
    }

    @Test
    void followsNoLongerThanTheLimit() throws Exception {
        Run run = started(Duration.ofHours(2));

        Step last = logs.follow(
                run, step(run), (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofMinutes(10)));

        assertThat(last.state().isCompleted()).isFalse();
        assertThat(TEXT).startsWith(text());
        assertThat(text()).isNotEmpty();
        assertThat(clock.passed()).isLessThan(Duration.ofMinutes(10).plusSeconds(5));
    }

    @Test
    void waitsForAStepThatHasNotStarted() throws Exception {
        int number = shop.push(
                        "main",
                        RunScript.of(
                                StepScript.named("Build").lasting(Duration.ofMinutes(5)),
                                StepScript.named("Deploy").log("deployed\n")))
                .buildNumber();
        clock.forward(Duration.ofSeconds(1));
        Run run = cloud.getRun(number);
        Step deploy =
                logs.steps(run, TimeLimit.in(clock, Duration.ofMinutes(1))).get(1);
        logs.follow(run, deploy, (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofHours(1)));

        assertThat(text()).isEqualTo("deployed\n");
    }

    @Test
    void resumesAfterABrokenConnection() throws Exception {
        Run run = started(Duration.ofSeconds(1));
        clock.forward(Duration.ofMinutes(1));
        int[] broken = {2};
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            return response.body().length() > 1_000 && broken[0]-- > 0 ? BrokenBody.half(response) : response;
        });
        long length = logs.read(
                run, step(run), (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofMinutes(1)));

        assertThat(text()).isEqualTo(TEXT);
        assertThat(length).isEqualTo(TEXT.length());
        assertThat(broken[0]).isNegative();
    }

    @Test
    void logThatIsShorterAfterABrokenConnectionIsAnError() throws Exception {
        Run run = started(Duration.ofSeconds(1));
        clock.forward(Duration.ofMinutes(1));
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            if (!request.path().endsWith(".log")) {
                return response;
            }
            return request.header("Range").isPresent() ? Response.of(416) : BrokenBody.half(response);
        });
        Step step = step(run);

        assertThatThrownBy(() -> logs.read(
                        run, step, (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofMinutes(1))))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("does not go on where a connection broke");
    }

    @Test
    void followedLogThatIsShorterIsPrintedFromItsBeginning() throws Exception {
        Run run = started(Duration.ofMinutes(2));
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            if (!request.path().endsWith(".log")) {
                return response;
            }
            return request.header("Range").isPresent() ? Response.of(416) : Response.of(200, "text/plain", "other\n");
        });

        logs.follow(run, step(run), (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofHours(1)));

        assertThat(text()).startsWith("line 1\n").endsWith("other\n");
        assertThat(harness.warnings())
                .containsExactly(
                        "The log of step 'Build' does not go on where it had ended: it follows from its beginning.");
    }

    @Test
    void logThatIsMissingAfterABrokenConnectionIsReadOnWhenItIsThereAgain() throws Exception {
        Run run = started(Duration.ofSeconds(1));
        clock.forward(Duration.ofMinutes(1));
        int[] missing = {4};
        breakFirstLog(response -> missing[0]-- > 0 ? Response.of(404, "application/json", "{}") : response);

        long length = logs.read(
                run, step(run), (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofMinutes(1)));

        assertThat(text()).isEqualTo(TEXT);
        assertThat(length).isEqualTo(TEXT.length());
    }

    @Test
    void logThatStaysMissingAfterABrokenConnectionIsAnError() throws Exception {
        Run run = started(Duration.ofSeconds(1));
        clock.forward(Duration.ofMinutes(1));
        breakFirstLog(response -> Response.of(404, "application/json", "{}"));
        Step step = step(run);

        assertThatThrownBy(() -> logs.read(
                        run, step, (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofMinutes(1))))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("is no longer there");
    }

    @Test
    void followedLogThatIsMissingWhenItsStepHasEndedIsReadToItsEnd() throws Exception {
        Run run = started(Duration.ofMinutes(2));
        int[] missing = {4};
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            boolean isLog = request.path().endsWith(".log");
            boolean hasEnded = clock.passed().compareTo(Duration.ofMinutes(2)) > 0;
            return isLog && hasEnded && missing[0]-- > 0 ? Response.of(404, "application/json", "{}") : response;
        });

        logs.follow(run, step(run), (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofHours(1)));

        assertThat(text()).isEqualTo(TEXT);
        assertThat(missing[0]).isNegative();
    }

    @Test
    void logThatComesInPartsIsReadWhole() throws Exception {
        Run run = started(Duration.ofSeconds(1));
        clock.forward(Duration.ofMinutes(1));
        breakFirstLog(StepLogReaderTest::firstHalfOfRange);

        long length = logs.read(
                run, step(run), (bytes, n) -> got.write(bytes, 0, n), TimeLimit.in(clock, Duration.ofHours(1)));

        assertThat(text()).isEqualTo(TEXT);
        assertThat(length).isEqualTo(TEXT.length());
    }

    /** Cuts the first response with the log, and changes those to later requests for it. */
    private void breakFirstLog(UnaryOperator<Response> later) {
        boolean[] isBroken = {false};
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            if (!request.path().endsWith(".log")) {
                return response;
            }
            if (isBroken[0]) {
                return later.apply(response);
            }
            isBroken[0] = true;
            return BrokenBody.half(response);
        });
    }

    /** A server may send less than what was requested. */
    private static Response firstHalfOfRange(Response response) {
        String log;
        try {
            log = new String(response.bytes(), StandardCharsets.UTF_8);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        int first = TEXT.length() - log.length();
        String half = log.substring(0, Math.min(log.length(), 1 + log.length() / 2));
        return Response.of(206, "text/plain", half)
                .header("Content-Range", "bytes " + first + "-" + (first + half.length() - 1) + "/" + TEXT.length());
    }

    @Test
    void readsNothingForAStepWithoutLog() throws Exception {
        int number = shop.push("main", RunScript.of(StepScript.named("Child").withoutLog()))
                .buildNumber();
        clock.forward(Duration.ofMinutes(1));

        Run run = cloud.getRun(number);

        assertThat(logs.read(
                        run,
                        step(run),
                        (bytes, n) -> got.write(bytes, 0, n),
                        TimeLimit.in(clock, Duration.ofSeconds(5))))
                .isZero();
    }
}
