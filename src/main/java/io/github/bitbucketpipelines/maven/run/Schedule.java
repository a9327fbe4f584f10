package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** When to ask next. */
public interface Schedule {
    /** The shortest pace there is. */
    Duration SHORTEST = Duration.ofSeconds(1);

    /**
     * How long to wait before the next question.
     *
     * @param run as just seen
     * @param steps as just seen
     * @param triggered when the run was triggered
     * @param now when it was seen
     */
    Duration next(Run run, List<Step> steps, Instant triggered, Instant now);

    /** The same pace all the time. */
    static Schedule every(Duration pace) {
        return (run, steps, triggered, now) -> pace;
    }

    /** From one second to fifteen, gently: a fortieth of what has passed since the trigger. */
    static Schedule growing() {
        return (run, steps, triggered, now) -> {
            Duration pace = Duration.between(triggered, now).dividedBy(40);
            Duration longest = Duration.ofSeconds(15);
            return pace.compareTo(SHORTEST) < 0 ? SHORTEST : pace.compareTo(longest) > 0 ? longest : pace;
        };
    }
}
