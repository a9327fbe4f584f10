package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The time of a rehearsal. It is the session's until a run is stuck, which a rehearsed one is after seconds: then an hour
 * takes a second, so that a time limit is seen as it is in a real build, and soon.
 *
 * @param skipped the milliseconds by which it is ahead of the session's, shared by all goals of the session
 * @param stuck whether no run changes any more
 * @param log gets a line when time becomes shorter
 */
record RehearsalTime(
        Clock session, Sleeper sessionSleeper, AtomicLong skipped, BooleanSupplier stuck, Consumer<String> log)
        implements Sleeper {
    private static final int SPEED = 3600;

    /** The clock of a rehearsal. */
    static Clock clock(Clock session, AtomicLong skipped) {
        return new Clock() {
            @Override
            public Instant instant() {
                return session.instant().plusMillis(skipped.get());
            }

            @Override
            public ZoneId getZone() {
                return session.getZone();
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return clock(session.withZone(zone), skipped);
            }
        };
    }

    /** Its clock. */
    Clock clock() {
        return clock(session, skipped);
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
        if (!stuck.getAsBoolean()) {
            sessionSleeper.sleep(time);
            return;
        }
        if (skipped.get() == 0) {
            log.accept("The run does not change any more; from here on an hour takes a second");
        }
        Duration shortened = time.dividedBy(SPEED);
        sessionSleeper.sleep(shortened);
        // Rounded up: a sleep may not be shorter than requested.
        skipped.addAndGet(time.minus(shortened).toMillis() + 1);
    }
}
