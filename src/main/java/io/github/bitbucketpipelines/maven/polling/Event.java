package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.polling.History.Past;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * An awaited event: a log-logistic distribution around its time in each comparable run, and a wide tail.
 *
 * @param origin in seconds since the run's start
 * @param seconds from the origin to the event in a past run; infinite if it did not occur
 * @param median of the tail, in seconds
 * @param worth of a second of delay, compared with one of the run's end
 */
record Event(double origin, List<Past> past, ToDoubleFunction<Past> seconds, double median, double worth) {
    /** Relative width of the distribution around one duration. Source: replay, docs/benchmark.md. */
    private static final double WIDTH = 0.1;
    /** Weight of the tail, in runs. Source: replay, docs/benchmark.md. */
    private static final double TAIL = 0.25;

    /** Returns the chance per second that it occurs at a time, if it has not occurred before. */
    double hazard(double time) {
        double x = Math.max(0.1, time - origin);
        double m = Math.max(0.1, median);
        double k = Math.cbrt(Math.max(1, past.stream().mapToDouble(Past::weight).sum())) / WIDTH;
        double left = TAIL * m / (m + x);
        double ending = left / (m + x);
        for (Past run : past) {
            double survival = 1 / (1 + Math.pow(x / Math.max(0.1, seconds.applyAsDouble(run)), k));
            left += run.weight() * survival;
            ending += run.weight() * survival * (1 - survival) * k / x;
        }
        return ending / left;
    }
}
