package io.github.bitbucketpipelines.maven.rehearsal;

import java.math.BigInteger;
import java.time.Duration;

/** A ratio of two durations, applied exactly and rounded down to the nanosecond. */
record Ratio(Duration to, Duration from) {

    Duration of(Duration time) {
        if (from.isZero()) {
            return time;
        }
        BigInteger nanos = nanos(time).multiply(nanos(to)).divide(nanos(from));
        BigInteger[] parts = nanos.divideAndRemainder(BigInteger.valueOf(1_000_000_000));
        return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
    }

    private static BigInteger nanos(Duration time) {
        return BigInteger.valueOf(time.getSeconds())
                .multiply(BigInteger.valueOf(1_000_000_000))
                .add(BigInteger.valueOf(time.getNano()));
    }
}
