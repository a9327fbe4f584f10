package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Shows how several runs stand: in a block at the bottom of a terminal, else by one line for all of them in place of the
 * heartbeats of each. Thread-safe.
 */
public final class PlanProgress implements AutoCloseable {
    /** In columns, of a plain line. */
    private static final int MAX_LINE_WIDTH = 200;

    /** In lines, of a block. */
    private static final int MAX_RUNS = 6;

    private static final Duration FIRST_INTERVAL = Duration.ofSeconds(30);
    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final Duration LATE_INTERVAL = Duration.ofMinutes(5);

    /** From when on lines are rarer. */
    private static final Duration LATE = Duration.ofMinutes(30);

    private final int size;
    private final Optional<Output> output;
    private final Optional<StatusBlock> block;
    private final Supplier<Instant> now;
    private final Instant begin;
    private Instant lastLine;
    private int over;

    /** By the ids of the runs, in the order of the plan. */
    private final Map<String, Optional<Supplier<ProgressFormatter>>> watched = new LinkedHashMap<>();

    /**
     * Creates a display.
     *
     * @param ids of all runs, in the order of the plan
     * @param output receives the lines; empty where none are wanted
     * @param block shows the runs instead, where present
     */
    public PlanProgress(List<String> ids, Optional<Output> output, Optional<StatusBlock> block, Supplier<Instant> now) {
        this.size = ids.size();
        this.output = output;
        this.block = block;
        this.now = now;
        this.begin = now.get();
        this.lastLine = begin;
        ids.forEach(id -> watched.put(id, Optional.empty()));
    }

    /**
     * Returns a listener for one of the runs.
     *
     * @param serverTime the present time by Bitbucket's clock
     * @param next receives every event but the heartbeats
     */
    public Consumer<RunEvent> listener(
            String id, SecretMasker masker, Supplier<Instant> serverTime, Consumer<RunEvent> next) {
        return new Consumer<>() {
            private volatile boolean outage;
            private volatile Optional<String> waitReason = Optional.empty();

            @Override
            public void accept(RunEvent event) {
                if (event instanceof RunEvent.Heartbeat) {
                    heartbeat();
                    return;
                }
                if (event instanceof RunEvent.OutageStarted) {
                    outage = true;
                } else if (event instanceof RunEvent.WaitExplained explained) {
                    waitReason = explained.reason().map(reason -> masker.mask(reason.brief()));
                } else if (event instanceof RunEvent.OutageEnded) {
                    outage = false;
                } else if (event instanceof RunEvent.Polled polled) {
                    outage = false;
                    polled(polled);
                } else if (event instanceof RunEvent.WatchEnded) {
                    set(id, Optional.empty());
                }
                next.accept(event);
            }

            private void polled(RunEvent.Polled polled) {
                Instant time = serverTime.get();
                var steps = polled.steps().stream()
                        .map(step -> step.withName(masker.mask(step.displayName())))
                        .toList();
                set(id, Optional.of(() -> {
                    Instant current = serverTime.get();
                    return new ProgressFormatter(
                            polled.run(),
                            steps,
                            polled.forecast().after(Duration.between(time, current)),
                            Optional.empty(),
                            waitReason,
                            outage,
                            current);
                }));
            }
        };
    }

    private void set(String id, Optional<Supplier<ProgressFormatter>> progress) {
        synchronized (this) {
            watched.put(id, progress);
        }
        // Without the lock: the block has one of its own while it formats its lines.
        block.ifPresent(shown -> shown.show(this::lines));
    }

    /** Sets how many runs have ended or will not be triggered. */
    public synchronized void setOver(int count) {
        over = count;
    }

    /** Prints the line of all runs, unless it was printed a short while ago. */
    private synchronized void heartbeat() {
        Instant time = now.get();
        Duration age = Duration.between(begin, time);
        Duration interval =
                age.compareTo(INTERVAL) <= 0 ? FIRST_INTERVAL : age.compareTo(LATE) < 0 ? INTERVAL : LATE_INTERVAL;
        if (block.isEmpty() && !time.isBefore(lastLine.plus(interval))) {
            lastLine = time;
            output.ifPresent(console -> console.info(line(MAX_LINE_WIDTH)));
        }
    }

    /** Returns what a terminal of this size shows. The first line of several is empty: the cursor stays there. */
    synchronized List<String> lines(Size terminal) {
        if (!ProgressFormatter.hasBlock(terminal)) {
            return List.of(line(terminal.lineWidth()));
        }
        List<String> runs = runs();
        int space = Math.min(MAX_RUNS, terminal.rows() / 2 - 2);
        int shown = runs.size() <= space ? runs.size() : space - 1;
        List<String> lines = new ArrayList<>(List.of(""));
        lines.addAll(runs.subList(0, shown));
        if (shown < runs.size()) {
            lines.add("and " + (runs.size() - shown) + " more");
        }
        lines.add(summary());
        return lines;
    }

    /** Returns one line, in which the runs at the end are left out as far as they have no space. */
    private String line(int columns) {
        List<String> runs = runs();
        for (int shown = runs.size(); shown > 0; shown--) {
            String line = line(runs, shown);
            if (DisplayWidth.of(line) <= columns) {
                return line;
            }
        }
        return line(runs, 0);
    }

    private String line(List<String> runs, int shown) {
        List<String> parts = new ArrayList<>(List.of(summary()));
        parts.addAll(runs.subList(0, shown));
        if (shown < runs.size()) {
            parts.add("and " + (runs.size() - shown) + " more");
        }
        return String.join("; ", parts);
    }

    private String summary() {
        return over + " of " + size + (size == 1 ? " run" : " runs") + (over == 1 ? " is over" : " are over");
    }

    private List<String> runs() {
        List<String> runs = new ArrayList<>();
        watched.forEach((id, progress) ->
                progress.ifPresent(known -> runs.add(id + " " + known.get().brief())));
        return runs;
    }

    /** Erases the block for good. */
    @Override
    public void close() {
        block.ifPresent(StatusBlock::end);
    }
}
