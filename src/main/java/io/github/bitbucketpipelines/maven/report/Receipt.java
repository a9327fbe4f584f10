package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code EXECUTION-ID.json}: which run an execution triggered, from the moment there is one, so that whatever happens to
 * the build, the run can be found again; {@link ReportRecorder} completes it when it is known how the run ended. Written
 * atomically; holds no variable and no secret.
 */
public final class Receipt {
    private final Path file;

    /** The receipt of one execution. */
    public Receipt(Path outputDirectory, String executionId) {
        this(new ReportPaths(outputDirectory, executionId).json());
    }

    /** The receipt in this file. */
    public Receipt(Path file) {
        this.file = file;
    }

    /** Where it lies. */
    public Path file() {
        return file;
    }

    /**
     * Writes it anew, for a goal that does not watch the run; {@link ReportRecorder} writes its own.
     *
     * @throws UncheckedIOException the disk is full, the directory is not writable …
     */
    public void write(ReportContext about, Run run) {
        RunSnapshot facts = new RunSnapshot(
                about,
                run,
                List.of(),
                run.state().isCompleted() ? RunSnapshot.Outcome.OVER : RunSnapshot.Outcome.GOING,
                // Nothing in a receipt counts to now.
                run.created().orElse(Instant.EPOCH),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty());
        try {
            ReportPaths.write(file, ResultJson.of(facts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
