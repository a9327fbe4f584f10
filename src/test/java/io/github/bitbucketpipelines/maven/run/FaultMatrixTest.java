package io.github.bitbucketpipelines.maven.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.rehearsal.Answer;
import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.ReceivedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Script;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.Ending.GaveUp;
import io.github.bitbucketpipelines.maven.run.Ending.Over;
import io.github.bitbucketpipelines.maven.run.Ending.Unseen;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.testing.RunBench;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault × every question that can meet it: how many runs come into being, what the verdict is, and when. The faults
 * are put between a real client and the embedded Bitbucket; the time is virtual, but for what never answers.
 */
class FaultMatrixTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final String HTML = "<html><body><h1>Something went wrong</h1>token-of-somebody</body></html>";

    /** The questions that a run asks. */
    enum Operation {
        LIST,
        TRIGGER,
        WATCH,
        STEPS,
        LOG,
        STOP;

        static Optional<Operation> of(ReceivedRequest request) {
            String path = request.path();
            if (request.method().equals("POST")) {
                return Optional.of(path.endsWith("/stopPipeline") ? STOP : TRIGGER)
                        .filter(o -> path.contains("/pipelines"));
            }
            if (path.endsWith("/log")) {
                return Optional.of(LOG);
            }
            if (path.endsWith("/steps")) {
                return Optional.of(STEPS);
            }
            return path.endsWith("/pipelines")
                    ? Optional.of(LIST)
                    : path.matches(".*/pipelines/[^/]+") ? Optional.of(WATCH) : Optional.empty();
        }
    }

    /** What goes wrong. */
    enum Fault {
        DROPPED_BEFORE_THE_WORK(next -> {
            throw new IOException("dropped");
        }),
        DROPPED_AFTER_THE_WORK(next -> {
            next.answer();
            throw new IOException("dropped");
        }),
        STALLED_BEFORE_THE_WORK(next -> stalled(Answer.of(200, "application/json", "{}"), 0)),
        STALLED_AFTER_THE_WORK(next -> stalled(next.answer(), 3)),
        DRIPPING(next -> dripping(next.answer())),
        RATE_LIMITED(next -> Answer.of(429, "text/plain", "Rate limit for this resource has been exceeded")),
        RATE_LIMITED_FOR_SECONDS(
                next -> Answer.of(429, "text/plain", "Slow down").header("Retry-After", "30")),
        RATE_LIMITED_UNTIL(next -> Answer.of(429, "text/plain", "Slow down").header("Retry-After", inASecond())),
        UNAVAILABLE_FOR_SECONDS(next -> Answer.of(503, "text/html", HTML).header("Retry-After", "20")),
        STATUS_500(next -> Answer.of(500, "application/json", "{\"message\":\"oops\",\"key\":\"x\"}")),
        STATUS_502(next -> Answer.of(502, "text/html", HTML)),
        STATUS_502_AFTER_THE_WORK(next -> worked(next, Answer.of(502, "text/html", HTML))),
        STATUS_503(next -> Answer.of(503, "text/html", HTML)),
        STATUS_504_AFTER_THE_WORK(next -> worked(next, Answer.of(504, "text/html", HTML))),
        STATUS_555(next -> Answer.of(555, "application/json", "{}")),
        HTML_IN_PLACE_OF_JSON(next -> worked(next, Answer.of(200, "text/html", HTML))),
        HTML_CALLED_JSON(next -> worked(next, Answer.of(201, "application/json", HTML))),
        TRUNCATED(next -> truncated(next.answer())),
        CUT_OFF(next -> cutOff(next.answer())),
        GARBAGE(next -> worked(next, Answer.of(200, "application/json", "\u0000\u0001{{{]]"))),
        EMPTY(next -> worked(next, Answer.of(200, "application/json", ""))),
        ANOTHER_TYPE(next -> worked(next, Answer.of(200, "application/json", "[1,2,3]"))),
        DEEP(next -> worked(next, Answer.of(200, "application/json", "[".repeat(100_000)))),
        ENDLESS(next -> worked(next, Answer.of(200, "application/json", "\"" + "x".repeat(3 << 20) + "\""))),
        FOREIGN_NEXT_PAGE(next -> worked(
                next, Answer.of(200, "application/json", "{\"values\":[],\"next\":\"http://127.0.0.2:9/steal\"}"))),
        NOT_FOUND(next -> Answer.of(404, "application/json", "{\"error\":{\"message\":\"Not found\"}}")),
        UNAUTHORIZED(
                next -> Answer.of(
                        401,
                        "application/json",
                        "{\"type\":\"error\",\"error\":{\"message\":\"Token is invalid, expired, or not supported for this endpoint.\"}}")),
        FORBIDDEN(
                next -> Answer.of(
                        403,
                        "application/json",
                        "{\"type\":\"error\",\"error\":{\"message\":\"Your credentials lack one or more required privilege scopes.\"}}")),
        GONE(next -> Answer.of(410, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"Gone\"}}"));

        final Spoiler spoiler;

        Fault(Spoiler spoiler) {
            this.spoiler = spoiler;
        }

        /** Asking again can't help: it ends at once. */
        boolean isLasting() {
            return switch (this) {
                case UNAUTHORIZED, FORBIDDEN, GONE -> true;
                default -> false;
            };
        }

        /** Costs real time: these never answer. */
        boolean isSlow() {
            return switch (this) {
                case STALLED_BEFORE_THE_WORK, STALLED_AFTER_THE_WORK, DRIPPING -> true;
                default -> false;
            };
        }

        /** A log is bytes: whatever comes with 200 is a log. And only lists have pages. */
        boolean canMeet(Operation operation) {
            return switch (this) {
                case HTML_IN_PLACE_OF_JSON, HTML_CALLED_JSON, GARBAGE, EMPTY, ANOTHER_TYPE, DEEP, ENDLESS ->
                    operation != Operation.LOG && operation != Operation.STOP;
                case TRUNCATED, CUT_OFF, STALLED_AFTER_THE_WORK, DRIPPING ->
                    operation != Operation.STOP && operation != Operation.LOG;
                case FOREIGN_NEXT_PAGE -> operation == Operation.LIST || operation == Operation.STEPS;
                // For the run itself only just after the trigger: a test of its own.
                case NOT_FOUND ->
                    operation == Operation.TRIGGER || operation == Operation.STEPS || operation == Operation.LOG;
                default -> true;
            };
        }
    }

    private record Case(Fault fault, Operation operation) {
        @Override
        public String toString() {
            return fault + " × " + operation;
        }
    }

    /** Spoils an answer. */
    interface Spoiler {
        Answer spoil(Interceptor.Next next) throws IOException;
    }

    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private final RunBench bench = new RunBench();
    private final AtomicInteger spoilt = new AtomicInteger();

    @AfterEach
    void close() {
        bench.close();
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            for (Operation operation : Operation.values()) {
                if (fault.canMeet(operation)) {
                    cases.add(new Case(fault, operation));
                }
            }
        }
        return cases;
    }

    static Stream<Case> healing() {
        return cases().stream().filter(c -> !c.fault().isLasting() && c.operation() != Operation.STOP);
    }

    static Stream<Case> stops() {
        return cases().stream().filter(c -> c.operation() == Operation.STOP);
    }

    static Stream<Case> lasting() {
        return cases().stream().filter(c -> c.fault().isLasting() && c.operation() != Operation.STOP);
    }

    static Stream<Case> endless() {
        return cases().stream()
                .filter(c -> !c.fault().isLasting() && !c.fault().isSlow())
                .filter(c -> c.operation() == Operation.WATCH || c.operation() == Operation.LIST);
    }

    @ParameterizedTest
    @MethodSource("healing")
    void whatHealsCostsNothingButTime(Case c) throws InterruptedException {
        spoil(c, c.fault().isSlow() ? 1 : 3);
        bench.shop().next(failing());
        Ending ending = bench.run(options(OnTimeout.FAIL));
        assertThat(spoilt).as("the fault was met").hasPositiveValue();
        assertThat(ending).isInstanceOf(Over.class);
        assertThat(ending.run().state().ending()).contains(Result.Known.FAILED);
        assertThat(bench.bitbucket().created()).as("pipelines created").isOne();
        assertThat(bench.bitbucket().unknownRequests()).isEmpty();
        assertThat(bench.time().passed()).isLessThanOrEqualTo(TIMEOUT.plus(GRACE));
        assertThat(bench.events(RunEvent.TroubleBegan.class))
                .as("one trouble, one line")
                .hasSizeLessThanOrEqualTo(1);
        assertThat(bench.notes()).noneMatch(note -> note.contains("token-of-somebody") || note.contains("<html"));
    }

    @Test
    void aRunThatBitbucketDoesNotKnowJustAfterTheTriggerIsAskedForAgain() throws InterruptedException {
        bench.shop().next(failing());
        bench.bitbucket().intercept((request, next) -> {
            boolean early = bench.time().passed().compareTo(Duration.ofSeconds(40)) < 0;
            return early && request.method().equals("GET") && request.path().contains("/pipelines/")
                    ? Answer.of(404, "application/json", "{\"error\":{\"message\":\"Not found\"}}")
                    : next.answer();
        });
        assertThat(bench.run(options(OnTimeout.FAIL))).isInstanceOf(Over.class);
        assertThat(bench.bitbucket().created()).isOne();
    }

    @ParameterizedTest
    @MethodSource("lasting")
    void whatWillNotHealEndsAtOnceWithWhatToDo(Case c) {
        spoil(c, Integer.MAX_VALUE);
        bench.shop().next(failing());
        Ending[] ending = new Ending[1];
        Throwable thrown = catchThrowable(() -> ending[0] = bench.run(options(OnTimeout.FAIL)));
        switch (c.operation()) {
            case LIST, TRIGGER -> {
                assertThat(thrown).isInstanceOf(PipelinesException.class);
                assertThat(bench.bitbucket().created()).isZero();
                assertThat(bench.time().passed()).isLessThan(GRACE);
            }
            case WATCH -> {
                assertThat(ending[0]).isInstanceOf(Unseen.class);
                assertThat(bench.bitbucket().created()).isOne();
            }
            // The steps and the logs are there to be looked at: the run's own state has the verdict.
            case STEPS, LOG -> {
                assertThat(ending[0]).isInstanceOf(Over.class);
                assertThat(bench.bitbucket().created()).isOne();
            }
            case STOP -> throw new IllegalStateException("another test's");
        }
        assertThat(bench.events(RunEvent.TroubleBegan.class)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("endless")
    void whatNeverHealsEndsAtTheTimeoutAndIsNoVerdict(Case c) {
        spoil(c, Integer.MAX_VALUE);
        bench.shop().next(Script.of(StepScript.named("Build").lasting(Duration.ofHours(5))));
        Ending[] ending = new Ending[1];
        Throwable thrown = catchThrowable(() -> ending[0] = bench.run(options(OnTimeout.FAIL)));
        if (c.operation() == Operation.LIST) {
            assertThat(thrown).isInstanceOf(PipelinesException.class);
            assertThat(bench.bitbucket().created())
                    .as("nothing is triggered blindly")
                    .isZero();
        } else {
            // While its step runs the steps say how it goes: then it is a timeout, else an outage.
            assertThat(ending[0]).isInstanceOfAny(Unseen.class, GaveUp.class);
            assertThat(bench.bitbucket().created()).isOne();
        }
        assertThat(bench.time().passed()).isLessThanOrEqualTo(TIMEOUT.plus(GRACE));
        assertThat(bench.events(RunEvent.TroubleBegan.class)).hasSizeLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("stops")
    void aStopThatMeetsTroubleHoldsTheTimeLimitAndSaysWhatBecameOfIt(Case c) throws InterruptedException {
        spoil(c, 1);
        bench.shop()
                .next(Script.of(StepScript.named("Build").lasting(Duration.ofHours(5)))
                        .stopping(Duration.ofMillis(200)));
        Ending ending = bench.run(options(OnTimeout.STOP));
        assertThat(ending).isInstanceOf(GaveUp.class);
        boolean stopped = bench.shop().lastRun().stopRequests() > 0;
        if (!stopped) {
            assertThat(((GaveUp) ending).stop()).isIn(Ending.Stop.NOT_TAKEN, Ending.Stop.STILL_GOING);
        }
        assertThat(bench.bitbucket().created()).isOne();
        assertThat(bench.time().passed()).isBetween(TIMEOUT, TIMEOUT.plus(GRACE));
    }

    @Test
    void theMatrixIsAsLargeAsTheReadmeSays() {
        long all = healing().count() + lasting().count() + endless().count() + stops().count();
        System.out.println("Fault matrix: " + all + " cases");
        assertThat(all).isGreaterThanOrEqualTo(150);
    }

    private void spoil(Case c, int times) {
        bench.bitbucket()
                .intercept((request, next) ->
                        Operation.of(request).filter(o -> o == c.operation()).isPresent()
                                        && spoilt.getAndIncrement() < times
                                ? c.fault().spoiler.spoil(next)
                                : next.answer());
    }

    private static Script failing() {
        return Script.of(
                StepScript.named("Build").lasting(Duration.ofMinutes(2)).log("fine\n"),
                StepScript.named("Test")
                        .lasting(Duration.ofMinutes(2))
                        .ending("FAILED")
                        .log("one\ntwo\nthree\n"));
    }

    private static WatchOptions options(OnTimeout onTimeout) {
        return new WatchOptions(TIMEOUT, Optional.empty(), onTimeout, OnPaused.WAIT, OnHalted.FAIL, Logs.FAILED, 100);
    }

    private static Answer worked(Interceptor.Next next, Answer instead) throws IOException {
        next.answer();
        return instead;
    }

    private static String inASecond() {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                java.time.Instant.now().plusSeconds(1).atOffset(ZoneOffset.UTC));
    }

    private static Answer truncated(Answer answer) throws IOException {
        byte[] bytes = answer.bytes();
        byte[] half = java.util.Arrays.copyOf(bytes, bytes.length / 2);
        return Answer.of(answer.status(), "application/json", new String(half, UTF_8));
    }

    /** Announces the whole, sends half, and drops the connection. */
    private static Answer cutOff(Answer answer) throws IOException {
        byte[] bytes = answer.bytes();
        return answer.body(body(bytes.length, out -> {
            out.write(bytes, 0, bytes.length / 2);
            out.flush();
            throw new IOException("cut off");
        }));
    }

    private static Answer stalled(Answer answer, int after) throws IOException {
        byte[] bytes = answer.bytes();
        return answer.body(body(Math.max(bytes.length, 100), out -> {
            out.write(bytes, 0, Math.min(after, bytes.length));
            out.flush();
            await();
        }));
    }

    /** A byte now and then: never silent for long, and never done. */
    private static Answer dripping(Answer answer) {
        return answer.body(body(1_000_000, out -> {
            while (true) {
                out.write(' ');
                out.flush();
                awaitMillis(50);
            }
        }));
    }

    private static void await() throws IOException {
        awaitMillis(5_000);
    }

    private static void awaitMillis(long millis) throws IOException {
        try {
            NEVER.await(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    private static Answer.Body body(long length, Writing writing) {
        return new Answer.Body() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                writing.to(out);
            }
        };
    }
}
