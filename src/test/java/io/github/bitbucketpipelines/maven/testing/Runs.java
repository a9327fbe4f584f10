package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/** Creates run #42 of acme/shop and its steps, with only the values that a test needs. */
public final class Runs {
    private Runs() {}

    /** The run in a state. */
    public static Run run(State state) {
        return run(state, Optional.empty());
    }

    /** The run in a state, and when it was created. */
    public static Run run(State state, Optional<Instant> created) {
        return new Run(
                42,
                "{42}",
                URI.create("https://bitbucket.org/acme/shop/pipelines/results/42"),
                state,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                created,
                Optional.empty(),
                Optional.empty());
    }

    /** A step in a state. */
    public static Step step(int position, String name, State state) {
        return step(position, name, state, Optional.empty(), Optional.empty());
    }

    /** A step in a state, when it began and when it ended. */
    public static Step step(int position, String name, State state, Optional<Instant> began, Optional<Instant> ended) {
        return new Step(
                position, "{" + position + "}", Optional.of(name), state, false, began, ended, Optional.empty());
    }

    /** A step that a person must start. */
    public static Step manualStep(int position, String name, State state) {
        return new Step(
                position,
                "{" + position + "}",
                Optional.of(name),
                state,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
