package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.util.Optional;
import java.util.function.Supplier;

/** One kind of request: its last value, and why the last one failed. A failure is no exception. Not thread-safe. */
final class LastResponse<T> {
    private final T nothing;
    private Optional<T> value = Optional.empty();
    private boolean isRefused;
    private Optional<String> failure = Optional.empty();

    /**
     * Creates one without a value.
     *
     * @param nothing is returned after a failure
     */
    LastResponse(T nothing) {
        this.nothing = nothing;
    }

    /** Reads anew; where that fails, there is nothing. A refusal stays. */
    T read(TimeLimit limit, Supplier<T> request) {
        if (isRefused) {
            return nothing;
        }
        failure = Optional.empty();
        if (limit.hasPassed()) {
            failure = Optional.of("the time was too short");
            return nothing;
        }
        try {
            value = Optional.of(request.get());
            return value.get();
        } catch (PipelinesException e) {
            failure = Optional.of(e.getMessage());
            isRefused = !e.kind().isRetryable();
            return nothing;
        }
    }

    /** Reads where nothing was read so far. */
    T readOnce(TimeLimit limit, Supplier<T> request) {
        return value.isPresent() ? value.get() : read(limit, request);
    }

    Optional<String> failure() {
        return failure;
    }

    boolean mayBeReadLater() {
        return failure.isPresent() && !isRefused;
    }
}
