package io.github.bitbucketpipelines.maven.polling;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a run may still take, by what comparable runs took.
 *
 * @param usual what they took; absent where none is known
 * @param elapsed what this one has taken so far
 */
public record Forecast(Optional<Duration> usual, Duration elapsed) {
    /** By what is known of earlier runs. */
    public static Forecast of(History history, Duration elapsed) {
        return new Forecast(history.usual().filter(usual -> !usual.isZero()), elapsed);
    }

    /** The same run so much later. */
    public Forecast after(Duration more) {
        return new Forecast(usual, elapsed.plus(more));
    }

    /** What is left, if it takes as long as usual; absent where that is over, or unknown. */
    public Optional<Duration> left() {
        return usual.map(time -> time.minus(elapsed)).filter(time -> !time.isNegative() && !time.isZero());
    }

    /** By how much it has taken longer than usual; absent where it has not, or where the usual is unknown. */
    public Optional<Duration> overtime() {
        return usual.map(elapsed::minus).filter(time -> !time.isNegative());
    }

    /** The part of the usual time that is over, from 0 to 1; absent where the usual is unknown. */
    public Optional<Double> done() {
        return usual.map(time -> Math.min(1, (double) elapsed.toMillis() / time.toMillis()));
    }
}
