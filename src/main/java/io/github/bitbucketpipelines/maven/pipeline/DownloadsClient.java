package io.github.bitbucketpipelines.maven.pipeline;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The port to the Downloads of one repository. Like {@link PipelinesClient}, each method sends its request once, and
 * throws a {@link PipelinesException} on a failure.
 */
public interface DownloadsClient {
    /** Returns a view with a timeout for each call. */
    DownloadsClient withTimeout(Duration limit);

    /** Lists all files. */
    List<Download> list();

    /**
     * Reads a file from an offset to its end.
     *
     * @param sink receives the bytes as they arrive
     * @return the range that was read; empty where there is no such file, or nothing after the offset
     */
    Optional<LogPart> read(String name, long offset, LogSink sink);
}
