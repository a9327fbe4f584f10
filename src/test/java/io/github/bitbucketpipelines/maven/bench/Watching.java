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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * One kind of run, and the costs of watching many runs of it, with the production code in virtual time.
 *
 * @param seconds how long it takes on average
 * @param spread of the duration, as a fraction of it
 * @param steps how many, one after the other; half of the variance is common to all of them, as on a slow machine
 * @param isDeviation whether the spread is the standard deviation of a normal distribution; else it is the half width of an
 *     even one (with several steps, of a distribution that deviates as much)
 * @param history the durations of the history, as a multiple of the actual ones; 0 for no history
 */
record Watching(double seconds, double spread, int steps, boolean isDeviation, double history) {
    private static final int PAST_RUNS = 20;
    private static final double LOOP = 5;
    static final WatchOptions OPTIONS = new WatchOptions(
            Duration.ofDays(1),
            Optional.empty(),
            WatchOptions.OnTimeout.FAIL,
            WatchOptions.OnPaused.WAIT,
            WatchOptions.OnHalted.WAIT,
            WatchOptions.Logs.NONE,
            1);

    /** Means over many runs, in seconds and in requests; the loop polls every 5 seconds from the trigger on. */
    record Costs(
            double delay, double requests, double stepDelay, int mostAnHour, double loopDelay, double loopRequests) {}

    /** The costs of one run. */
    private record Cost(double end, double delay, long requests, double stepDelay, int mostAnHour) {}

    Costs of(int runs) {
        double delay = 0;
        double requests = 0;
        double stepDelay = 0;
        double loopDelay = 0;
        double loopRequests = 0;
        int most = 0;
        for (int i = 0; i < runs; i++) {
            Cost cost = once(new Random(hashCode() * 31L + i));
            delay += cost.delay();
            requests += cost.requests();
            stepDelay += cost.stepDelay();
            most = Math.max(most, cost.mostAnHour());
            double looks = Math.ceil(cost.end() / LOOP);
            loopRequests += looks;
            loopDelay += looks * LOOP - cost.end();
        }
        return new Costs(delay / runs, requests / runs, stepDelay / runs, most, loopDelay / runs, loopRequests / runs);
    }

    private Cost once(RandomGenerator random) {
        double[] shares = shares(random);
        List<double[]> past = Stream.generate(() -> borders(shares, random))
                .limit(history > 0 ? PAST_RUNS : 0)
                .map(borders ->
                        Arrays.stream(borders).map(border -> border * history).toArray())
                .toList();
        ManualClock clock = new ManualClock();
        SimulatedRun simulated = new SimulatedRun(clock, borders(shares, random), past);
        double[] changes = new double[2];
        int[] hourly = new int[(int) (simulated.end() / 3600) + 3];
        long[] counted = new long[1];
        RunLifecycle runner = new RunLifecycle(
                new RunContext(
                        simulated,
                        RunTestHarness.SAME_CLOCK,
                        clock,
                        time -> {
                            clock.forward(time);
                            int hour = (int) (simulated.elapsed() / 3600);
                            hourly[hour] += simulated.requests() - counted[0];
                            counted[0] = simulated.requests();
                        },
                        new Random(1),
                        event -> {
                            boolean shows = event instanceof RunEvent.StepChanged changed
                                    && (changed.step().state().isCompleted()
                                            || changed.step().started().isPresent());
                            if (shows) {
                                changes[0] +=
                                        simulated.elapsed() - simulated.since(((RunEvent.StepChanged) event).step());
                                changes[1]++;
                            }
                        }),
                new RunClaims());
        try {
            Run run = runner.trigger(SimulatedRun.REQUEST, Duration.ofMinutes(1));
            runner.watch(run, clock.instant(), Schedule.auto(), OPTIONS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        int most = 0;
        for (int hour : hourly) {
            most = Math.max(most, hour);
        }
        double delay = simulated.elapsed() - simulated.end();
        return new Cost(simulated.end(), delay, simulated.requests(), changes[0] / changes[1], most);
    }

    /** The fraction of the time that each step takes, different for each pipeline. */
    private double[] shares(RandomGenerator random) {
        double[] shares = new double[steps];
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            shares[i] = random.nextDouble(0.2, 1);
            sum += shares[i];
        }
        for (int i = 0; i < steps; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    /** The end of the queue (1 to 4 seconds, 10% at the most), and of each step. */
    private double[] borders(double[] shares, RandomGenerator random) {
        double squares = 0;
        for (double share : shares) {
            squares += share * share;
        }
        double common = variate(random);
        double own = Math.sqrt(0.5 / squares);
        double[] borders = new double[steps + 1];
        borders[0] = Math.min(seconds / 10, random.nextDouble(1, 4));
        for (int i = 0; i < steps; i++) {
            double noise = steps == 1 ? common : Math.sqrt(0.5) * common + own * variate(random);
            borders[i + 1] = borders[i] + Math.max(0.02, 1 + spread * noise) * shares[i] * seconds;
            if (i == 0) {
                borders[1] = Math.max(borders[0] + 0.1, borders[1] - borders[0]);
            }
        }
        return borders;
    }

    private double variate(RandomGenerator random) {
        if (!isDeviation) {
            return random.nextDouble(-1, 1);
        }
        double normal = random.nextGaussian();
        return Math.abs(normal) > 3 ? variate(random) : normal;
    }
}
