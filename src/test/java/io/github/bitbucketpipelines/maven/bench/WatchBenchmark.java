package io.github.bitbucketpipelines.maven.bench;

import java.util.List;
import java.util.Locale;

/** Prints what watching costs, beside a loop that asks every 5 seconds. */
public final class WatchBenchmark {
    private static final int RUNS = Integer.getInteger("bench.runs", 10_000);
    private static final List<Double> DURATIONS = List.of(20.0, 120.0, 300.0, 1200.0, 3600.0);

    private WatchBenchmark() {}

    public static void main(String[] args) {
        for (double history : java.util.Arrays.stream(System.getProperty("x.h","1,0,10,0.1").split(",")).mapToDouble(Double::parseDouble).toArray()) {
            for (int steps : java.util.Arrays.stream(System.getProperty("x.n","3,1").split(",")).mapToInt(Integer::parseInt).toArray()) {
                for (boolean deviation : new boolean[] {false, true}) {
                    System.out.println("history " + history + " steps " + steps + " deviation " + deviation);
                    for (double seconds : DURATIONS) {
                        for (double spread : new double[] {0.1, 0.3}) {
                            row(new Watching(seconds, spread, steps, deviation, history));
                        }
                    }
                }
            }
        }
    }

    private static void row(Watching watching) {
        Watching.Costs costs = watching.of(RUNS);
        double seconds = watching.seconds();
        boolean known = watching.history() > 0;
        double delay = known ? Math.max(1, 0.0025 * seconds) : Math.max(2, 0.01 * seconds);
        double part = known ? (seconds >= 300 ? 1 / 3.0 : 1) : 0.5;
        System.out.println(String.format(Locale.ROOT,
                "%5.0f s %3.0f%% | delay %6.2f (aim %5.2f%s, loop %4.2f) | requests %6.1f (aim %6.1f%s, loop %6.1f) | step %5.2f (aim %5.1f%s) | hour %d",
                seconds, watching.spread() * 100, costs.delay(), delay, costs.delay() <= delay ? "" : " MISSED", costs.loopDelay(),
                costs.requests(), part * costs.loopRequests(), costs.requests() <= part * costs.loopRequests() ? "" : " MISSED",
                costs.loopRequests(), costs.stepDelay(), Math.max(10, 0.02 * seconds),
                costs.stepDelay() <= Math.max(10, 0.02 * seconds) ? "" : " MISSED", costs.mostAnHour()));
    }
}
