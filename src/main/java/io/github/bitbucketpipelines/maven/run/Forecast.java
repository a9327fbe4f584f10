package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.polling.History;
import java.time.Duration;
import java.util.Optional;

/** The usual duration of comparable runs, if it is known, and the time that a run has taken so far. */
public record Forecast(Optional<Duration> usual, Duration elapsed) {
    /** Returns the forecast by a history. */
    public static Forecast of(History history, Duration elapsed) {
        return new Forecast(history.usual().filter(usual -> usual.compareTo(Duration.ZERO) > 0), elapsed);
    }

    /** Returns the forecast some time later. */
    public Forecast after(Duration time) {
        return new Forecast(usual, elapsed.plus(time));
    }

    /** Returns the remaining time; absent if the usual duration is over or unknown. */
    public Optional<Duration> left() {
        return usual.map(time -> time.minus(elapsed)).filter(time -> !time.isNegative() && !time.isZero());
    }

    /** Returns the time since the usual end; absent before it, or if it is unknown. */
    public Optional<Duration> overtime() {
        return usual.map(elapsed::minus).filter(time -> !time.isNegative());
    }

    /** Returns the elapsed fraction of the usual duration, from 0 to 1. */
    public Optional<Double> done() {
        return usual.map(time -> Math.max(0, Math.min(1, (double) elapsed.toMillis() / time.toMillis())));
    }
}
