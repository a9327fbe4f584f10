package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.bench.RecordedRun.RecordedStep;
import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A client that plays one recorded run in virtual time, with the runs before it as its history. It responds without delay
 * and records the time of each request but the trigger.
 */
final class SimulatedRun implements PipelinesClient {
    private final ManualClock clock;
    private final Instant begin;
    private final RecordedRun run;
    private final List<RecordedRun> before;
    private final List<Double> requests = new ArrayList<>();

    /**
     * Creates a run.
     *
     * @param before the runs before it, oldest first
     */
    SimulatedRun(ManualClock clock, RecordedRun run, List<RecordedRun> before) {
        this.clock = clock;
        this.begin = clock.instant();
        this.run = run;
        this.before = before;
    }

    /** Returns the trigger of this run. */
    TriggerRequest request() {
        return new TriggerRequest(target(run), Optional.of("release"), List.of());
    }

    private static Target target(RecordedRun run) {
        return new Target.Branch(run.otherRef() ? "other" : "main", Optional.empty());
    }

    /** Seconds since the trigger. */
    double elapsed() {
        return Duration.between(begin, clock.instant()).toNanos() / 1e9;
    }

    /** The times of all requests, in seconds since the trigger. */
    List<Double> requestTimes() {
        return List.copyOf(requests);
    }

    /** Returns how long a step has been in the observed state. */
    double delay(Step step) {
        RecordedStep recorded = run.steps().get(step.position() - 1);
        return elapsed() - (step.state().isCompleted() ? recorded.ended() : recorded.started());
    }

    private static Instant at(Instant created, double seconds) {
        return created.plusNanos(Math.round(seconds * 1e9));
    }

    private Instant created(long number) {
        return begin.minus(Duration.ofDays(before.size() + 1 - number));
    }

    private void count() {
        requests.add(elapsed());
    }

    @Override
    public long requests() {
        return requests.size();
    }

    @Override
    public long requestsLeft() {
        return Long.MAX_VALUE;
    }

    @Override
    public PipelinesClient deferrable(Duration maxDelay) {
        return this;
    }

    @Override
    public RepositoryId repository() {
        return new RepositoryId("acme", "shop");
    }

    @Override
    public PipelinesClient withTimeout(Duration limit) {
        return this;
    }

    @Override
    public Run trigger(TriggerRequest request) {
        return run(before.size() + 1, run, begin, 0);
    }

    @Override
    public Run getRun(Run run) {
        return getRun(run.number());
    }

    @Override
    public Run getRun(long number) {
        count();
        return run(number, run, begin, elapsed());
    }

    private static Run run(long number, RecordedRun recorded, Instant created, double now) {
        boolean isOver = now >= recorded.ended();
        State unfinished = now >= recorded.started() ? State.Unfinished.IN_PROGRESS : State.Unfinished.PENDING;
        return new Run(
                number,
                "{" + number + "}",
                URI.create("https://bitbucket.org/acme/shop/pipelines/results/" + number),
                isOver ? completed(recorded.result()) : unfinished,
                Optional.of(target(recorded)),
                Optional.empty(),
                Optional.of(Selector.custom("release")),
                Optional.of("MANUAL"),
                Optional.empty(),
                Optional.of(created),
                isOver ? Optional.of(at(created, recorded.ended())) : Optional.empty(),
                isOver ? Optional.of(seconds(recorded.ended() - recorded.started())) : Optional.empty());
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(1000 * seconds));
    }

    private static State completed(Result result) {
        return new State.Completed(result, Optional.empty(), Optional.empty());
    }

    @Override
    public List<Step> listSteps(Run run) {
        return listSteps(run.number());
    }

    @Override
    public List<Step> listSteps(long number) {
        count();
        return number > before.size()
                ? steps(run, begin, elapsed())
                : steps(before.get((int) number - 1), created(number), Double.POSITIVE_INFINITY);
    }

    private static List<Step> steps(RecordedRun recorded, Instant created, double now) {
        List<Step> steps = new ArrayList<>();
        for (RecordedStep step : recorded.steps()) {
            boolean hasStarted = now >= step.started();
            boolean isOver = now >= step.ended();
            State unfinished = hasStarted ? State.Unfinished.IN_PROGRESS : State.Unfinished.PENDING;
            int position = steps.size() + 1;
            steps.add(new Step(
                    position,
                    "{step-" + position + "}",
                    Optional.empty(),
                    isOver ? completed(step.result()) : unfinished,
                    false,
                    hasStarted ? Optional.of(at(created, step.started())) : Optional.empty(),
                    isOver ? Optional.of(at(created, step.ended())) : Optional.empty(),
                    isOver ? Optional.of(seconds(step.ended() - step.started())) : Optional.empty()));
        }
        return steps;
    }

    @Override
    public List<Run> listRuns(RunFilter filter, int limit) {
        count();
        List<Run> runs = new ArrayList<>();
        for (int number = before.size(); number > 0 && runs.size() < limit; number--) {
            runs.add(run(number, before.get(number - 1), created(number), Double.POSITIVE_INFINITY));
        }
        return runs;
    }

    @Override
    public Run getRun(String uuid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean stop(Run run) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Run> listAllRuns(RunFilter filter, int max) {
        return listRuns(filter, max);
    }

    @Override
    public List<Run> listChildren(Run parent) {
        return List.of();
    }

    @Override
    public Optional<LogPart> readLog(long number, String stepUuid, LogRange range, LogSink sink) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Account> currentAccount() {
        return Optional.empty();
    }
}
