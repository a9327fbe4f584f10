package io.github.bitbucketpipelines.maven.polling;

import java.util.List;

/**
 * When a run may end, as a distribution over the seconds since it began: bells around what comparable runs took, on a
 * logarithmic scale, and a small part that knows no scale, for the day on which history lies.
 *
 * <p>The hazard at a time is the chance per second that the run ends then, if it has not ended before. A run whose
 * hazard is h is asked at a pace in proportion to 1/√h: that gives the smallest delay for so many questions.
 */
final class EndTimes {
    /** How much of it knows no scale. */
    private static final double UNKNOWN = 0.01;

    /** As many runs as this, with a spread of {@link #USUAL_SPREAD}, are thought of beside those that are known. */
    private static final double THOUGHT_OF = 0.2;

    private static final double USUAL_SPREAD = 0.2;
    private static final double LEAST_SPREAD = 0.02;

    private final double origin;
    private final double[] centres;
    private final double[] weights;
    private final double median;
    private final double width;
    private final double spread;

    private EndTimes(double origin, double[] centres, double[] weights, double median, double width, double spread) {
        this.origin = origin;
        this.centres = centres;
        this.weights = weights;
        this.median = median;
        this.width = width;
        this.spread = spread;
    }

    /**
     * One bell.
     *
     * @param origin the seconds at which what ends began
     * @param took how many seconds it probably takes from then on
     * @param spread by which part it may be wrong
     */
    static EndTimes after(double origin, double took, double spread) {
        double width = Math.max(LEAST_SPREAD, spread);
        double seconds = Math.max(0.1, took);
        return new EndTimes(origin, new double[] {Math.log(seconds)}, new double[] {1}, origin + seconds, width, width);
    }

    /** What a history, not an empty one, says. */
    static EndTimes of(History history) {
        List<History.Past> past = history.past();
        double all = past.stream().mapToDouble(History.Past::weight).sum();
        double[] centres = new double[past.size()];
        double[] weights = new double[past.size()];
        double mean = 0;
        double squares = 0;
        for (int i = 0; i < centres.length; i++) {
            centres[i] = Math.log(Math.max(1, past.get(i).took().toMillis() / 1000.0));
            weights[i] = past.get(i).weight() / all;
            mean += weights[i] * centres[i];
            squares += weights[i] * weights[i];
        }
        double variance = 0;
        for (int i = 0; i < centres.length; i++) {
            variance += weights[i] * (centres[i] - mean) * (centres[i] - mean);
        }
        double count = 1 / squares;
        double free = count - 1;
        double spread = Math.sqrt((count * variance + THOUGHT_OF * USUAL_SPREAD * USUAL_SPREAD) / (free + THOUGHT_OF));
        // Silverman's rule, somewhat sharper: the wider, the fewer runs are known.
        double width = Math.max(LEAST_SPREAD, spread * Math.min(1, 0.7 * Math.pow(count, -0.2)));
        double median = history.usual().orElseThrow().toMillis() / 1000.0;
        return new EndTimes(0, centres, weights, Math.max(1, median), width, spread);
    }

    /** In seconds. */
    double median() {
        return median;
    }

    /** By which part the runs differ from each other. */
    double spread() {
        return spread;
    }

    /** In how few seconds it can change. */
    double resolution() {
        return width * (median - origin) / 2;
    }

    /** The chance that it has not ended after so many seconds. */
    double survival(double seconds) {
        double since = Math.max(0, seconds - origin);
        double usual = median - origin;
        return (1 - UNKNOWN) * known(since, true) + UNKNOWN * usual / (usual + since);
    }

    /** The chance per second that it ends then. */
    double density(double seconds) {
        double since = Math.max(0, seconds - origin);
        double usual = median - origin;
        return (1 - UNKNOWN) * known(since, false) + UNKNOWN * usual / (usual + since) / (usual + since);
    }

    /** The chance per second that it ends then, if it has not ended before. */
    double hazard(double seconds) {
        return density(seconds) / survival(seconds);
    }

    private double known(double seconds, boolean survival) {
        if (seconds <= 0) {
            return survival ? 1 : 0;
        }
        double log = Math.log(seconds);
        double sum = 0;
        for (int i = 0; i < centres.length; i++) {
            double x = (log - centres[i]) / width;
            if (survival) {
                sum += weights[i] * upperTail(x);
            } else if (Math.abs(x) < 8) {
                sum += weights[i] * Math.exp(-x * x / 2) / (width * seconds * 2.5066282746310002);
            }
        }
        return sum;
    }

    /** The normal distribution's; Abramowitz and Stegun 26.2.17, good to seven digits. */
    private static double upperTail(double x) {
        if (x < 0) {
            return 1 - upperTail(-x);
        }
        double t = 1 / (1 + 0.2316419 * x);
        double series =
                t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return 0.3989422804014327 * Math.exp(-x * x / 2) * series;
    }
}
