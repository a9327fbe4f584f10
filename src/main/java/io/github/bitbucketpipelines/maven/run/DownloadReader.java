package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Download;
import io.github.bitbucketpipelines.maven.pipeline.DownloadsClient;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the files of a run in the Downloads of the repository, and reads them. */
public final class DownloadReader {
    /** The greatest size of a file. */
    public static final long MAX_BYTES = 1L << 30;

    /** How much later than {@code appearTimeout} after its end a run's file may appear: the logs are read first. */
    private static final Duration MAX_LATENESS = Duration.ofMinutes(15);

    private static final Duration MIN_DELAY = Duration.ofSeconds(1);
    private static final Duration MAX_DELAY = Duration.ofSeconds(10);

    /** The timeout of one read of a file, whose connection must stay alive meanwhile. */
    private static final Duration MAX_READ = Duration.ofMinutes(30);

    /** How long a file may arrive as slowly as it likes; after that, at least as fast as the average below. */
    private static final Duration MIN_TIME = Duration.ofMinutes(10);

    private static final long MIN_BYTES_PER_SECOND = 32 << 10;

    private final RunContext context;
    private final DownloadsClient downloads;

    /** Creates a reader; it sends no request. */
    public DownloadReader(RunContext context, DownloadsClient downloads) {
        this.context = context;
        this.downloads = downloads;
    }

    /**
     * Lists all files.
     *
     * @throws PipelinesException if they can't be listed within the time limit
     */
    public List<Download> list(TimeLimit limit) throws InterruptedException {
        return list(context.retrier(), limit.end());
    }

    private List<Download> list(Retrier retrier, Instant deadline) throws InterruptedException {
        return retrier.call(
                "the Downloads",
                deadline,
                timeout -> downloads.withTimeout(timeout).list());
    }

    /**
     * Polls until all files of these names are there, and are those of this run.
     *
     * @param before what was listed before the run was triggered; empty where that is not known
     * @return the files in the order of the names
     * @throws OutputException if one of them has not appeared within the time, or is too large; the message names it
     */
    public List<Download> await(Run run, List<String> names, Optional<List<Download>> before, Duration appearTimeout)
            throws InterruptedException {
        Poller poller = new Poller(context, appearTimeout);
        Retrier retrier = context.retrier();
        List<Download> listed = poller.until(
                list(retrier, poller.deadline()),
                files -> names.stream()
                        .allMatch(name ->
                                ofRun(files, name, run, before, appearTimeout).isPresent()),
                files -> list(retrier, poller.deadline()),
                (files, elapsed) -> Durations.shorter(MAX_DELAY, Durations.longer(MIN_DELAY, elapsed.dividedBy(4))));
        List<Download> found = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String name : names) {
            Optional<Download> file = ofRun(listed, name, run, before, appearTimeout);
            file.ifPresent(found::add);
            if (file.isEmpty()) {
                problems.add(missing(name, listed, run, appearTimeout));
            } else if (file.get().size().filter(size -> size > MAX_BYTES).isPresent()) {
                problems.add("file '" + name + "' of the Downloads is larger than 1 GiB");
            }
        }
        if (!problems.isEmpty()) {
            throw new OutputException(String.join("; ", problems), false);
        }
        return found;
    }

    private static Optional<Download> ofRun(
            List<Download> files, String name, Run run, Optional<List<Download>> before, Duration appearTimeout) {
        return files.stream()
                .filter(file -> file.name().equals(name) && isOfRun(file, run, before, appearTimeout))
                .findFirst();
    }

    /**
     * The times are of Bitbucket's clock. Without them only a difference from the earlier list shows a new file. One that is
     * much younger than the end of the run is of a later run.
     */
    private static boolean isOfRun(Download file, Run run, Optional<List<Download>> before, Duration appearTimeout) {
        boolean isNewer = file.created().isPresent()
                && run.created()
                        .filter(created -> !file.created().get().isBefore(created))
                        .isPresent()
                && run.completed()
                        .filter(end -> file.created()
                                .get()
                                .isAfter(end.plus(appearTimeout).plus(MAX_LATENESS)))
                        .isEmpty();
        return isNewer || before.filter(files -> !files.contains(file)).isPresent();
    }

    private static String missing(String name, List<Download> listed, Run run, Duration waited) {
        Optional<Download> other =
                listed.stream().filter(file -> file.name().equals(name)).findFirst();
        return other.isEmpty()
                ? "there is no file '" + name + "' in the Downloads after " + Durations.format(waited)
                : "file '" + name + "' of the Downloads is not known to be of this run: it is of "
                        + other.get().created().map(Instant::toString).orElse("an unknown time")
                        + ", and the run of "
                        + run.created().map(Instant::toString).orElse("an unknown time")
                        + run.completed().map(end -> " to " + end).orElse("")
                        + "; let the run upload it under a name with its number, @{run.number}";
    }

    /**
     * Reads a file; goes on where a connection broke. One that arrives so slowly that it would take days is given up.
     *
     * @param stallTimeout how long to retry while no byte arrives
     * @return the number of bytes
     * @throws PipelinesException if it can't be read
     * @throws OutputException if it is larger than {@link #MAX_BYTES}, or its size is not that of the list
     */
    public long read(Download file, LogSink sink, Duration stallTimeout) throws InterruptedException {
        Retrier retrier = context.retrier();
        Instant start = context.clock().instant();
        long[] offset = {0};
        boolean isAtEnd = false;
        while (!isAtEnd && offset[0] < file.size().orElse(Long.MAX_VALUE)) {
            long begin = offset[0];
            try {
                retrier.call(
                        "file '" + file.name() + "' of the Downloads",
                        context.clock().instant().plus(stallTimeout),
                        timeout -> readOn(file, sink, offset, timeLeft(start, offset[0])));
                isAtEnd = true;
            } catch (PipelinesException e) {
                if (offset[0] == begin || timeLeft(start, offset[0]).isNegative()) {
                    throw e;
                }
            }
        }
        if (file.size().filter(size -> size != offset[0]).isPresent()) {
            throw new OutputException(
                    "file '" + file.name() + "' of the Downloads has " + offset[0] + " bytes, and "
                            + file.size().get() + " in their list: was it replaced meanwhile?",
                    true);
        }
        return offset[0];
    }

    /** The time left for a file of which so many bytes have arrived. */
    private Duration timeLeft(Instant start, long bytes) {
        Instant end = start.plus(MIN_TIME).plusSeconds(bytes / MIN_BYTES_PER_SECOND);
        return Duration.between(context.clock().instant(), end);
    }

    private LogPart readOn(Download file, LogSink sink, long[] offset, Duration timeLeft) {
        return downloads
                .withTimeout(Durations.shorter(MAX_READ, Durations.longer(MIN_DELAY, timeLeft)))
                .read(file.name(), offset[0], (bytes, length) -> {
                    offset[0] += length;
                    if (offset[0] > MAX_BYTES) {
                        throw new OutputException(
                                "file '" + file.name() + "' of the Downloads is larger than 1 GiB", false);
                    }
                    sink.accept(bytes, length);
                })
                .orElseThrow(() -> new PipelinesException(
                        Kind.OUTCOME_UNKNOWN,
                        "File '" + file.name() + "' is in the list of the Downloads, and can't be read"));
    }
}
