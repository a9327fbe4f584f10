package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.Download;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;

/** Shows how much of a file has arrived: a line when it begins, and one every ten seconds. */
final class DownloadProgress {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final long KILO = 1_000;

    private final Download file;
    private final Clock clock;
    private final Consumer<String> lines;
    private Instant shown;
    private long bytes;

    DownloadProgress(Download file, Clock clock, Consumer<String> lines) {
        this.file = file;
        this.clock = clock;
        this.lines = lines;
        this.shown = clock.instant();
        lines.accept("Downloading " + file.name()
                + file.size().map(size -> " (" + size(size) + ")").orElse(""));
    }

    /** Returns a sink that counts, and passes all bytes on. */
    LogSink counting(LogSink sink) {
        return (block, length) -> {
            sink.accept(block, length);
            bytes += length;
            Instant now = clock.instant();
            if (!now.isBefore(shown.plus(INTERVAL))) {
                shown = now;
                lines.accept("Downloading " + file.name() + ": " + size(bytes)
                        + file.size().map(size -> " of " + size(size)).orElse(""));
            }
        };
    }

    /** Formats a size, such as {@code 12.3 MB}. */
    static String size(long bytes) {
        if (bytes < KILO) {
            return bytes + " bytes";
        }
        double kilobytes = bytes / (double) KILO;
        return kilobytes < KILO
                ? String.format(Locale.ROOT, "%.1f kB", kilobytes)
                : String.format(Locale.ROOT, "%.1f MB", kilobytes / KILO);
    }
}
