package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.Fault.Operation;
import io.github.bitbucketpipelines.maven.run.Fault.Work;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult.Abandoned;
import io.github.bitbucketpipelines.maven.run.WatchResult.Ended;
import io.github.bitbucketpipelines.maven.run.WatchResult.Reason;
import io.github.bitbucketpipelines.maven.run.WatchResult.StopOutcome;
import io.github.bitbucketpipelines.maven.run.WatchResult.Unobserved;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault × every operation that it affects, transient and permanent: the number of runs created, the result, and its
 * time. The faults are injected between a real client and the embedded Bitbucket; the time is virtual, also for calls that
 * hang.
 */
class FaultMatrixTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(6);
    private static final Duration PACE = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** How long the run of {@link #failing} takes. */
    private static final Duration RUN = Duration.ofMinutes(2);

    private static final int FOR_EVER = Integer.MAX_VALUE;

    /** These let the head of the response pass. */
    private static final Set<Fault> WITH_LOCATION =
            EnumSet.of(Fault.STALLED_AFTER_THE_WORK, Fault.DRIPPING, Fault.TRUNCATED, Fault.CUT_OFF);

    private record Case(Fault fault, Operation operation) {
        boolean isPermanent() {
            return fault.isPermanent(operation);
        }

        @Override
        public String toString() {
            return fault + " × " + operation;
        }
    }

    private Optional<FaultInjector> injector = Optional.empty();
    private final RunTestHarness harness = new RunTestHarness(uri -> injector.flatMap(FaultInjector::proxy));

    @AfterEach
    void close() {
        harness.close();
    }

    private static Stream<Case> cases(Predicate<Case> which) {
        List<Case> cases = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            for (Operation operation : Operation.values()) {
                if (fault.affects(operation)) {
                    cases.add(new Case(fault, operation));
                }
            }
        }
        return cases.stream().filter(which);
    }

    static Stream<Case> transientCases() {
        return cases(c -> !c.isPermanent() && c.operation() != Operation.STOP && !mayHaveCreated(c));
    }

    static Stream<Case> lostCases() {
        return cases(FaultMatrixTest::mayHaveCreated);
    }

    static Stream<Case> permanentCases() {
        return cases(c -> c.isPermanent() && c.operation() != Operation.STOP);
    }

    static Stream<Case> stopCases() {
        return cases(c -> c.operation() == Operation.STOP);
    }

    static Stream<Case> logCases() {
        return cases(c -> c.operation() == Operation.LOG);
    }

    static Stream<Fault> tokenFaults() {
        return Arrays.stream(Fault.values())
                .filter(fault -> fault.affects(Operation.TRIGGER))
                .filter(fault -> !fault.isSlow() && fault.proxy().isEmpty() && fault != Fault.NOT_FOUND)
                .filter(fault -> !fault.isPermanent(Operation.TRIGGER));
    }

    static Stream<Case> slowCasesAfterTheTrigger() {
        return cases(c -> c.fault().isSlow()
                && EnumSet.range(Operation.WATCH, Operation.STOP).contains(c.operation()));
    }

    @ParameterizedTest
    @MethodSource("transientCases")
    void transientFaultOnlyCostsTime(Case c) throws InterruptedException {
        int times = c.fault().isSlow() || isNoLog(c) ? 1 : c.fault() == Fault.RATE_LIMITED ? 2 : 3;
        inject(c, times);
        harness.shop().next(failing());

        WatchResult ending = run(options(OnTimeout.FAIL, Logs.FAILED));

        assertFailed(ending);
        assertThat(met()).as("injections").isEqualTo(isTooLate(c) && c.operation() == Operation.LOG ? 1 : times);
        assertThat(harness.time().passed()).isBetween(RUN, RUN.plus(cost(c, times)));
        assertOutages(c, times);
        if (isTooLate(c)) {
            assertThat(harness.events(RunEvent.FailedStepLogTail.class)).isEmpty();
            assertThat(harness.events(RunEvent.Warning.class)).isNotEmpty();
            return;
        }
        assertThat(harness.events(RunEvent.FailedStepLogTail.class))
                .extracting(RunEvent.FailedStepLogTail::lines)
                .containsExactly(List.of("one", "two", "three"));

        c.fault()
                .retryAfter()
                .filter(w -> c.operation() != Operation.STEPS && !isSearch(c))
                .ifPresent(retryAfter -> assertThat(harness.time().sleeps())
                        .as("delays of Retry-After")
                        .filteredOn(sleep -> sleep.compareTo(retryAfter.minusSeconds(1)) >= 0)
                        .hasSize(times)
                        .allMatch(sleep -> sleep.compareTo(retryAfter.plusSeconds(2)) <= 0));
    }

    /** Whether the run of the trigger is looked for, which is not delayed: Bitbucket may have created it. */
    private static boolean isSearch(Case c) {
        return c.operation() == Operation.TRIGGER && c.fault().work() != Work.NONE;
    }

    /** The result is known: steps and log are not waited for as long as Retry-After requests. */
    private static boolean isTooLate(Case c) {
        return (c.operation() == Operation.LOG || c.operation() == Operation.STEPS)
                && c.fault()
                        .retryAfter()
                        .filter(time -> time.compareTo(EndedRun.MAX_AFTER_END) > 0)
                        .isPresent();
    }

    /** One event for each outage, without the server's text. */
    private void assertOutages(Case c, int times) {
        if (isTooLate(c)) {
            assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
            assertThat(harness.events(RunEvent.OutageEnded.class)).isEmpty();
            return;
        }
        int outages = switch (c.operation()) {
            case LIST, WATCH -> 1;
            case LOG -> c.fault() == Fault.NOT_FOUND ? 0 : 1;
            case TRIGGER -> c.fault().work() == Work.NONE && c.fault() != Fault.NOT_FOUND ? 1 : 0;
            // The run's own state is enough.
            case STEPS, STOP -> 0;
        };
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(outages);
        assertThat(harness.events(RunEvent.OutageEnded.class)).hasSize(outages);
        boolean lost = c.operation() == Operation.TRIGGER && c.fault().work() != Work.NONE;
        int lostResponses = lost ? times : 0;
        assertThat(harness.warnings())
                .filteredOn(warning -> warning.contains("Looking for the run before"))
                .hasSize(lostResponses);
        assertThat(harness.warnings())
                .noneMatch(warning -> warning.contains("token-of-another-user") || warning.contains("<html"));
        assertThat(harness.events(RunEvent.Triggered.class))
                .extracting(RunEvent.Triggered::recovered)
                .containsExactly(false);
    }

    /** A step may have none. */
    private static boolean isNoLog(Case c) {
        return c.operation() == Operation.LOG && c.fault() == Fault.NOT_FOUND;
    }

    /** The run may have been created, and the response is lost. */
    private static boolean mayHaveCreated(Case c) {
        return c.operation() == Operation.TRIGGER && c.fault().work() == Work.PERHAPS;
    }

    /**
     * Where the head of the response has arrived, its Location proves which run is ours. Else nothing proves that the only
     * new run is: it is named, and nothing is sent again.
     */
    @ParameterizedTest
    @MethodSource("lostCases")
    void runOfALostResponseIsProvenOrInDoubt(Case c) {
        inject(c, FOR_EVER);
        harness.shop().next(failing());

        Outcome outcome = outcome(options(OnTimeout.FAIL, Logs.FAILED));

        assertThat(met()).isOne();
        assertThat(harness.bitbucket().created()).isOne();
        if (WITH_LOCATION.contains(c.fault())) {
            assertFailed(outcome.ending().orElseThrow());
            assertThat(harness.events(RunEvent.Triggered.class))
                    .extracting(RunEvent.Triggered::recovered)
                    .containsExactly(true);
            assertThat(harness.time().passed()).isBetween(RUN, RUN.plus(cost(c, 1)));
        } else {
            assertThat(outcome.refusal())
                    .get()
                    .asInstanceOf(InstanceOfAssertFactories.throwable(InDoubtException.class))
                    .hasMessageContaining(
                            "one run may be the one that it created, or one of another build with the same"
                                    + " credentials: #1 (https://")
                    .hasMessageEndingWith(" Nothing was triggered again.");
            assertThat(harness.events(RunEvent.Triggered.class)).isEmpty();
            assertThat(harness.time().passed()).isBetween(Duration.ofSeconds(15), cost(c, 1));
        }
    }

    /** The maximum time that so many faults may cost, with all delays at their maximum. */
    private static Duration cost(Case c, int times) {
        Duration pauses = c.fault() == Fault.RATE_LIMITED ? Duration.ofSeconds(60) : Duration.ofSeconds(7);
        Duration waits = c.fault()
                .retryAfter()
                .map(retryAfter -> retryAfter.plusSeconds(2))
                .orElse(c.fault().hang());
        return PACE.plus(pauses)
                .plus(waits.multipliedBy(times))
                .plus(isSearch(c) ? Duration.ofSeconds(16 + 22).multipliedBy(times) : Duration.ZERO)
                .plus(c.fault() == Fault.NOT_FOUND ? Duration.ofSeconds(10) : Duration.ZERO);
    }

    @ParameterizedTest
    @MethodSource("permanentCases")
    void permanentFaultFailsAtOnceWithAdvice(Case c) {
        inject(c, FOR_EVER);
        harness.shop().next(failing());
        Outcome outcome = outcome(options(OnTimeout.FAIL, Logs.FAILED));
        switch (c.operation()) {
            case LIST, TRIGGER -> {
                assertThat(outcome.refusal()).get().isInstanceOf(PipelinesException.class);
                assertThat(harness.bitbucket().created()).isZero();
                assertThat(harness.time().passed()).isZero();
                assertThat(met()).isOne();
            }
            case WATCH -> {
                assertThat(outcome.ending()).get().isInstanceOf(Unobserved.class);
                assertThat(harness.bitbucket().created()).isOne();
                assertThat(harness.time().passed()).isLessThanOrEqualTo(RUN.plus(PACE));
                assertThat(met()).isOne();
            }
            // Steps and logs are for information: the result is in the run's own state.
            case STEPS, LOG -> {
                assertFailed(outcome.ending().orElseThrow());
                assertThat(harness.time().passed()).isLessThanOrEqualTo(RUN.plus(PACE));
            }
            case STOP -> throw new IllegalStateException("another test's");
        }

        assertThat(harness.events(RunEvent.OutageStarted.class)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transientCases")
    void endlessFaultEndsInTimeWithoutAResult(Case c) {
        inject(c, FOR_EVER);
        harness.shop().next(c.operation() == Operation.WATCH ? queued() : failing());
        Outcome outcome = outcome(options(OnTimeout.FAIL, Logs.FAILED));

        assertThat(met()).as("injections").isPositive();

        switch (c.operation()) {
            case LIST -> {
                assertThat(outcome.refusal()).get().isInstanceOf(PipelinesException.class);
                assertThat(harness.bitbucket().created())
                        .as("nothing is triggered blindly")
                        .isZero();
                boolean responds = c.fault().name().startsWith("RATE_LIMITED");
                Duration limit = responds ? TIMEOUT : RunLifecycle.MAX_SILENCE_BEFORE_TRIGGER;
                if (outcome.refusal()
                        .map(PipelinesException.class::cast)
                        .filter(PipelinesException::isForeign)
                        .isPresent()) {
                    // Bitbucket has never responded: waiting does not make a road to it.
                    assertThat(harness.time().passed()).isLessThan(Duration.ofMinutes(1));
                    assertThat(met()).isEqualTo(5);
                } else {
                    assertThat(harness.time().passed())
                            .isBetween(limit, limit.plus(c.fault().hang()).plus(GRACE));
                }
                assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
            }
            case TRIGGER -> {
                assertThat(outcome.refusal()).get().isInstanceOf(PipelinesException.class);
                assertThat(harness.bitbucket().created()).isZero();
                assertThat(harness.time().passed()).isLessThanOrEqualTo(TIMEOUT.plus(GRACE));
            }
            case WATCH -> {
                assertThat(outcome.ending()).get().isInstanceOf(Unobserved.class);
                assertThat(harness.bitbucket().created()).isOne();
                assertThat(harness.time().passed())
                        .isBetween(c.fault() == Fault.NOT_FOUND ? PACE : TIMEOUT, TIMEOUT.plus(GRACE));
                assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
            }
            // The result is known without them, and as soon.
            case STEPS, LOG -> {
                assertFailed(outcome.ending().orElseThrow());
                Duration pollInterval = c.fault().hang().plus(PACE);
                assertThat(harness.time().passed())
                        .isLessThanOrEqualTo(
                                RUN.plus(pollInterval).plusMinutes(2).plus(GRACE));
                assertThat(harness.events(RunEvent.OutageStarted.class)).hasSizeLessThanOrEqualTo(1);
            }
            case STOP -> throw new IllegalStateException("another test's");
        }
    }

    @ParameterizedTest
    @MethodSource("logCases")
    void failingLogNeverHidesTheResult(Case c) {
        inject(c, FOR_EVER);
        harness.shop().next(failing());
        Outcome outcome = outcome(options(OnTimeout.FAIL, Logs.ALL));

        assertThat(met()).as("injections").isPositive();
        assertFailed(outcome.ending().orElseThrow());
        assertThat(harness.time().passed()).isBetween(RUN, RUN.plusMinutes(3).plus(GRACE));
        assertThat(harness.warnings()).as("lines about it").hasSizeLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("stopCases")
    void failingStopIsRepeatedAndReported(Case c) throws InterruptedException {
        inject(c, 1);
        harness.shop().next(endless().stopping(Duration.ofMillis(200)));
        WatchResult ending = run(options(OnTimeout.STOP, Logs.FAILED));

        assertThat(met()).isOne();
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.time().passed()).isBetween(TIMEOUT, TIMEOUT.plus(GRACE));
        assertThat(ending).isInstanceOf(Abandoned.class);

        Abandoned gaveUp = (Abandoned) ending;

        assertThat(gaveUp.reason()).isEqualTo(Reason.TIMEOUT);

        int stops = harness.shop().lastRun().stopRequests();
        if (c.isPermanent()) {
            assertThat(gaveUp.stop()).isEqualTo(StopOutcome.REJECTED);
            assertThat(stops).isZero();
        } else {
            assertThat(stops).as("the stop was sent again").isPositive();
            boolean late = c.fault().retryAfter().isPresent() || c.fault() == Fault.RATE_LIMITED;
            assertThat(gaveUp.stop()).isEqualTo(late ? StopOutcome.PENDING : StopOutcome.STOPPED);
        }
    }

    @ParameterizedTest
    @MethodSource("stopCases")
    void stopThatAlwaysFailsHonoursTheTimeout(Case c) throws InterruptedException {
        inject(c, FOR_EVER);
        harness.shop().next(endless().stopping(Duration.ofHours(5)));
        WatchResult ending = run(options(OnTimeout.STOP, Logs.FAILED));

        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.time().passed()).isBetween(TIMEOUT, TIMEOUT.plus(GRACE));
        assertThat(ending).isInstanceOf(Abandoned.class);
        assertThat(((Abandoned) ending).stop())
                .isIn(
                        c.fault().work() == Work.PERHAPS
                                ? EnumSet.of(StopOutcome.PENDING, StopOutcome.REJECTED)
                                : Set.of(StopOutcome.REJECTED));
    }

    @ParameterizedTest
    @MethodSource("slowCasesAfterTheTrigger")
    void hangingCallHonoursTheTimeout(Case c) throws InterruptedException {
        inject(c, FOR_EVER);
        harness.shop().next(c.operation() == Operation.WATCH ? queued() : endless());

        WatchResult ending = run(options(OnTimeout.STOP, Logs.ALL));

        assertThat(ending).isInstanceOf(c.operation() == Operation.WATCH ? Unobserved.class : Abandoned.class);
        assertThat(harness.time().passed()).isBetween(TIMEOUT, TIMEOUT.plus(GRACE));
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"STALLED_BEFORE_THE_WORK", "STALLED_AFTER_THE_WORK", "DRIPPING"})
    void allCallsHangingHonourTheTimeout(Fault fault) throws InterruptedException {
        inject(fault, EnumSet.range(Operation.WATCH, Operation.STOP), FOR_EVER);
        harness.shop().next(endless());

        assertThat(run(options(OnTimeout.STOP, Logs.ALL))).isInstanceOf(Unobserved.class);
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.time().passed()).isBetween(TIMEOUT, TIMEOUT.plus(GRACE));
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void renewsAnExpiredTokenOnceInEveryOperation(Operation operation) throws InterruptedException {
        inject(Fault.UNAUTHORIZED, EnumSet.of(operation), 1);
        AtomicInteger tokens = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            if (request.path().contains("access_token")) {
                tokens.incrementAndGet();
            }
            return next.proceed();
        });
        harness.bitbucket().oauthConsumer("the-key", "the-s3cret", Duration.ofHours(2));
        boolean stop = operation == Operation.STOP;
        harness.shop().next(stop ? endless().stopping(Duration.ZERO) : failing());
        WatchResult ending = run(
                options(OnTimeout.STOP, Logs.FAILED),
                harness.pipelines(new Credentials.OAuthConsumer(
                        "the-key", "the-s3cret", harness.bitbucket().tokenUrl())));

        assertThat(met()).isOne();
        assertThat(tokens).hasValue(2);

        if (stop) {
            assertThat(((Abandoned) ending).stop()).isEqualTo(StopOutcome.STOPPED);
        } else {
            assertFailed(ending);
        }

        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.warnings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("tokenFaults")
    void waitsForAFailingTokenEndpoint(Fault fault) throws InterruptedException {
        AtomicInteger tokens = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            boolean renewal = request.path().contains("access_token") && tokens.getAndIncrement() > 0;
            return renewal && tokens.get() < 4 ? fault.corrupt(next) : next.proceed();
        });
        // Half of a short life is left when it is renewed.
        harness.bitbucket().oauthConsumer("the-key", "the-s3cret", RUN.dividedBy(2));
        harness.shop().next(failing());

        assertFailed(run(
                options(OnTimeout.FAIL, Logs.FAILED),
                harness.pipelines(new Credentials.OAuthConsumer(
                        "the-key", "the-s3cret", harness.bitbucket().tokenUrl()))));
        assertThat(tokens).as("renewals").hasValueGreaterThan(3);
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
        assertThat(harness.warnings())
                .noneMatch(warning -> warning.contains("s3cret") || warning.contains("token-of-another-user"));
        assertThat(harness.time().passed()).isBetween(RUN, RUN.plus(cost(new Case(fault, Operation.WATCH), 2)));
    }

    @Test
    void retriesARunThatIsNotFoundAfterItsTrigger() throws InterruptedException {
        harness.shop().next(failing());
        harness.bitbucket().intercept((request, next) -> {
            boolean early = harness.time().passed().compareTo(Duration.ofSeconds(40)) < 0;
            return early && request.method().equals("GET") && request.path().contains("/pipelines/")
                    ? Response.of(404, "application/json", "{\"error\":{\"message\":\"Not found\"}}")
                    : next.proceed();
        });

        assertFailed(run(options(OnTimeout.FAIL, Logs.FAILED)));
        assertThat(harness.events(RunEvent.OutageStarted.class)).hasSize(1);
    }

    @Test
    void matrixHasItsDocumentedSize() throws IOException {
        long forAWhile = transientCases().count()
                + lostCases().count()
                + permanentCases().count()
                + stopCases().count();
        long forEver = transientCases().count()
                + logCases().count()
                + stopCases().count()
                + slowCasesAfterTheTrigger().count()
                + 3;

        long tokens = Operation.values().length + tokenFaults().count();

        long all = forAWhile + forEver + tokens;

        assertThat(Path.of("src/site/markdown/reliability.md"))
                .content()
                .contains("- " + all + " cases: " + Fault.values().length + " faults");
        assertThat(Path.of("SECURITY.md")).content().contains("`FaultMatrixTest` (" + all + " cases)");
    }

    private void inject(Case c, int times) {
        inject(c.fault(), EnumSet.of(c.operation()), times);
    }

    private void inject(Fault fault, Set<Operation> operations, int times) {
        FaultInjector made = new FaultInjector(harness.time(), fault, operations, times);
        harness.bitbucket().intercept(made);
        injector = Optional.of(made);
    }

    private int met() {
        return injector.orElseThrow().count();
    }

    private void assertFailed(WatchResult ending) {
        assertThat(ending).isInstanceOf(Ended.class);
        assertThat(ending.run().state().finalResult()).contains(Result.Known.FAILED);
        assertThat(ending.run().uuid()).isEqualTo(harness.shop().lastRun().uuid());
        assertThat(harness.bitbucket().created()).as("pipelines created").isOne();
        assertThat(harness.bitbucket().unknownRequests()).isEmpty();
    }

    /** A result, or a failure. */
    private record Outcome(Optional<WatchResult> ending, Optional<Throwable> refusal) {}

    private Outcome outcome(WatchOptions options) {
        WatchResult[] ending = new WatchResult[1];
        Throwable refusal = catchThrowable(() -> ending[0] = run(options));
        return new Outcome(Optional.ofNullable(ending[0]), Optional.ofNullable(refusal));
    }

    private WatchResult run(WatchOptions options) throws InterruptedException {
        return run(options, harness.pipelines());
    }

    private WatchResult run(WatchOptions options, PipelinesClient client) throws InterruptedException {
        RunLifecycle lifecycle =
                harness.lifecycle(injector.map(h -> h.inject(client)).orElse(client), new RunClaims());
        Instant begin = harness.time().instant();
        Run run = lifecycle.trigger(RunTestHarness.main(), options.timeout());
        return lifecycle.watch(run, begin, Schedule.every(PACE), options);
    }

    private static RunScript failing() {
        return RunScript.of(
                StepScript.named("Build").lasting(RUN.dividedBy(2)).log("fine\n"),
                StepScript.named("Test")
                        .lasting(RUN.dividedBy(2))
                        .ending("FAILED")
                        .log("one\ntwo\nthree\n"));
    }

    private static RunScript endless() {
        return RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(5)));
    }

    /** While no step runs, every poll reads the run itself. */
    private static RunScript queued() {
        return RunScript.of(StepScript.named("Build").queued(Duration.ofHours(5)));
    }

    private static WatchOptions options(OnTimeout onTimeout, Logs logs) {
        return new WatchOptions(TIMEOUT, Optional.empty(), onTimeout, OnPaused.WAIT, OnHalted.FAIL, logs, 100);
    }
}
