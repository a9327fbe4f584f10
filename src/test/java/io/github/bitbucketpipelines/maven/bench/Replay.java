package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Watches the recorded runs of one workflow with the production code in virtual time, and with simple loops. */
final class Replay {
    /** The price of a request in seconds of delay, for the cost of a schedule. */
    static final double PRICE = 0.1;

    /** The runs of a workflow that are history only. */
    private static final int FIRST_TARGET = 10;

    private static final int LISTED = 50;
    private static final double HOUR = 3600;

    private static final WatchOptions OPTIONS = new WatchOptions(
            Duration.ofDays(2),
            Optional.empty(),
            WatchOptions.OnTimeout.FAIL,
            WatchOptions.OnPaused.WAIT,
            WatchOptions.OnHalted.WAIT,
            WatchOptions.Logs.NONE,
            1);

    private Replay() {}

    /** The durations of earlier runs that the schedule is given. */
    enum KnownHistory {
        TRUE(1),
        NONE(0),
        X10(10),
        D10(0.1);

        private final double factor;

        KnownHistory(double factor) {
            this.factor = factor;
        }

        private List<RecordedRun> of(List<RecordedRun> before) {
            return factor == 0
                    ? List.of()
                    : before.stream().map(run -> run.scaled(factor)).toList();
        }
    }

    /**
     * What it cost to watch one run, in seconds and requests.
     *
     * @param stepDelays between a change of a step and its event; none for loops, which do not read steps
     */
    record Cost(double delay, int requests, int mostInAnHour, List<Double> stepDelays) {}

    /** The costs of all targets of a workflow, in their order. */
    record Costs(List<Cost> runs) {
        double meanDelay() {
            return delays().average().orElseThrow();
        }

        /** Returns the delay that this fraction of the runs does not exceed. */
        double delay(double fraction) {
            double[] sorted = delays().sorted().toArray();
            return sorted[Math.max(0, (int) Math.ceil(fraction * sorted.length) - 1)];
        }

        double meanRequests() {
            return runs.stream().mapToInt(Cost::requests).average().orElseThrow();
        }

        double cost() {
            return meanDelay() + PRICE * meanRequests();
        }

        int mostInAnHour() {
            return runs.stream().mapToInt(Cost::mostInAnHour).max().orElseThrow();
        }

        OptionalDouble meanStepDelay() {
            return runs.stream()
                    .flatMap(run -> run.stepDelays().stream())
                    .mapToDouble(delay -> delay)
                    .average();
        }

        private DoubleStream delays() {
            return runs.stream().mapToDouble(Cost::delay);
        }
    }

    /** Watches each target with {@code pollInterval=auto}. */
    static Costs auto(List<RecordedRun> runs, KnownHistory history) {
        return new Costs(targets(runs)
                .mapToObj(i -> auto(runs.get(i), history.of(runs.subList(Math.max(0, i - LISTED), i))))
                .toList());
    }

    /** Polls each target at a fixed interval. */
    static Costs loop(List<RecordedRun> runs, double interval) {
        return backoff(runs, interval, 1, interval);
    }

    /** Polls each target at an interval that grows by a factor up to a maximum. */
    static Costs backoff(List<RecordedRun> runs, double interval, double factor, double max) {
        return new Costs(targets(runs)
                .mapToObj(i -> backoff(runs.get(i).ended(), interval, factor, max))
                .toList());
    }

    private static IntStream targets(List<RecordedRun> runs) {
        return IntStream.range(FIRST_TARGET, runs.size())
                .filter(i -> runs.get(i).isTarget());
    }

    private static Cost backoff(double end, double first, double factor, double max) {
        List<Double> polls = new ArrayList<>();
        double interval = first;
        double now = 0;
        while (now < end) {
            now += interval;
            polls.add(now);
            interval = Math.min(max, interval * factor);
        }
        return new Cost(now - end, polls.size(), mostInAnHour(polls), List.of());
    }

    private static Cost auto(RecordedRun recorded, List<RecordedRun> before) {
        ManualClock clock = new ManualClock();
        SimulatedRun simulated = new SimulatedRun(clock, recorded, before);
        List<Double> stepDelays = new ArrayList<>();
        RunLifecycle lifecycle = new RunLifecycle(
                new RunContext(simulated, RunTestHarness.SAME_CLOCK, clock, clock::forward, new Random(1), event -> {
                    if (event instanceof RunEvent.StepChanged changed
                            && changed.step().started().isPresent()) {
                        stepDelays.add(simulated.delay(changed.step()));
                    }
                }),
                new RunClaims());
        try {
            Run run = lifecycle.trigger(simulated.request(), Duration.ofMinutes(1));
            lifecycle.watch(run, clock.instant(), Schedule.auto(), OPTIONS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        List<Double> requests = simulated.requestTimes();
        return new Cost(simulated.elapsed() - recorded.ended(), requests.size(), mostInAnHour(requests), stepDelays);
    }

    private static int mostInAnHour(List<Double> times) {
        int most = 0;
        for (int first = 0, last = 0; last < times.size(); last++) {
            while (times.get(first) <= times.get(last) - HOUR) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
