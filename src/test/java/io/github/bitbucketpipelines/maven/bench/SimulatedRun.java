package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
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
import java.util.stream.IntStream;

/**
 * A client that simulates one run in virtual time and the runs before it: a queue, then one step after the other. It
 * responds without delay and counts the requests.
 */
final class SimulatedRun implements PipelinesClient {
    static final TriggerRequest REQUEST =
            new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.of("release"), List.of());

    private static final State DONE = new State.Completed(Result.Known.SUCCESSFUL, Optional.empty(), Optional.empty());

    private final ManualClock clock;
    private final Instant begin;
    private final double[] borders;
    private final List<double[]> history;
    private final List<Run> past = new ArrayList<>();
    private int requests;

    /**
     * Creates a run.
     *
     * @param borders the seconds after the trigger at which the first step begins, each step ends, the last one last
     * @param history the borders of the runs before it, the newest first
     */
    SimulatedRun(ManualClock clock, double[] borders, List<double[]> history) {
        this.clock = clock;
        this.begin = clock.instant();
        this.borders = borders;
        this.history = history;
        for (int i = 0; i < history.size(); i++) {
            Instant created = begin.minus(Duration.ofDays(i + 1));
            Instant completed = created.plus(duration(history.get(i)[borders.length - 1]));
            past.add(run(history.size() - i, DONE, created, Optional.of(completed)));
        }
    }

    static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    double end() {
        return borders[borders.length - 1];
    }

    /** Seconds since the trigger. */
    double elapsed() {
        return Duration.between(begin, clock.instant()).toNanos() / 1e9;
    }

    /** The time when a step entered the observed state. */
    double since(Step step) {
        return borders[step.state().isCompleted() ? step.position() : step.position() - 1];
    }

    @Override
    public long requests() {
        return requests;
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
        return run(past.size() + 1, State.Unfinished.PARSING, begin, Optional.empty());
    }

    @Override
    public Run getRun(Run run) {
        return getRun(run.number());
    }

    @Override
    public Run getRun(long number) {
        requests++;
        double now = elapsed();
        State state = now >= end() ? DONE : now >= borders[0] ? State.Unfinished.IN_PROGRESS : State.Unfinished.PENDING;
        return run(number, state, begin, state == DONE ? Optional.of(begin.plus(duration(end()))) : Optional.empty());
    }

    private Run run(long number, State state, Instant created, Optional<Instant> completed) {
        return new Run(
                number,
                "{" + number + "}",
                URI.create("https://bitbucket.org/acme/shop/pipelines/results/" + number),
                state,
                Optional.of(REQUEST.target()),
                Optional.empty(),
                REQUEST.pipeline().map(io.github.bitbucketpipelines.maven.pipeline.Selector::custom),
                Optional.of("MANUAL"),
                Optional.empty(),
                Optional.of(created),
                completed,
                completed.map(end -> Duration.between(created, end)));
    }

    @Override
    public List<Step> listSteps(long number) {
        requests++;
        return number > history.size()
                ? steps(borders, begin, elapsed())
                : steps(
                        history.get(history.size() - (int) number),
                        begin.minus(Duration.ofDays(history.size() - number + 1)),
                        Double.POSITIVE_INFINITY);
    }

    private static List<Step> steps(double[] borders, Instant begin, double now) {
        return IntStream.range(1, borders.length)
                .mapToObj(i -> new Step(
                        i,
                        "{step-" + i + "}",
                        Optional.of("Step " + i),
                        now >= borders[i]
                                ? DONE
                                : now >= borders[i - 1] ? State.Unfinished.IN_PROGRESS : State.Unfinished.PENDING,
                        false,
                        now >= borders[i - 1] ? Optional.of(begin.plus(duration(borders[i - 1]))) : Optional.empty(),
                        now >= borders[i] ? Optional.of(begin.plus(duration(borders[i]))) : Optional.empty(),
                        Optional.empty()))
                .toList();
    }

    @Override
    public List<Run> listRuns(RunFilter filter, int most) {
        requests++;
        return past.subList(0, Math.min(most, past.size()));
    }

    @Override
    public Run getRun(String uuid) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean stop(long number) {
        throw new UnsupportedOperationException();
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
