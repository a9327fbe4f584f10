package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code EXECUTION-ID.json}, which names the run that an execution triggered. Before the trigger it contains the intent, so
 * that the run can be found whatever happens to the build; {@link ReportRecorder} adds the result. Written atomically;
 * contains no variable and no secret.
 */
public final class Receipt {
    private final Path file;

    /** The receipt of one execution. */
    public Receipt(Path outputDirectory, String executionId) {
        this(ReportPaths.of(outputDirectory, executionId).json());
    }

    /** The receipt in this file. */
    public Receipt(Path file) {
        this.file = file;
    }

    /** The path of the receipt. */
    public Path file() {
        return file;
    }

    /**
     * Replaces the receipt, for a goal that does not watch the run; {@link ReportRecorder} writes its own.
     *
     * @throws UncheckedIOException if the file can't be written
     */
    public void write(ReportContext context, Run run) {
        RunSnapshot snapshot = new RunSnapshot(
                context,
                run,
                List.of(),
                run.state().isCompleted() ? RunSnapshot.Outcome.OVER : RunSnapshot.Outcome.GOING,
                // A receipt contains no duration up to now.
                run.created().orElse(Instant.EPOCH),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                RunOutputs.NONE);
        try {
            FileReplacement.real().write(file, ResultJson.of(snapshot));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Replaces the receipt by an intent: a run may exist from now on, and its number is not known yet.
     *
     * @throws IOException if the file can't be written
     */
    public void writeIntent(ReportContext context, TriggerIntent intent) throws IOException {
        FileReplacement.real().write(file, ResultJson.of(context, intent));
    }

    /** Returns the content of the file; empty if there is none. */
    public Optional<byte[]> read() throws IOException {
        return Links.isFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    /** Replaces the file by what {@link #read} returned; deletes it if that was empty. */
    public void restore(Optional<byte[]> content) throws IOException {
        if (content.isPresent()) {
            FileReplacement.real().write(file, new String(content.get(), StandardCharsets.UTF_8));
        } else {
            FileReplacement.real().delete(file);
        }
    }
}
