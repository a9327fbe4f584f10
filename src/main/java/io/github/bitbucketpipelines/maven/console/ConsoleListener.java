package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Tells on Maven's console what happens to a run: plain lines, each state once. */
public final class ConsoleListener implements Consumer<RunEvent> {
    /** Columns line up under {@code [INFO]}; {@code [ERROR]} is one wider. */
    private static final int NAME_WIDTH = 16;

    private static final int STATE_WIDTH = 11;

    private final Output log;
    private final RunLabel names;
    private final Set<String> successfulResults;
    private final boolean quiet;
    private final Optional<StatusLine> liveLine;
    private final SecretMasker secrets = new SecretMasker(List.of());

    /** Makes one for a goal that does not judge a run. */
    public ConsoleListener(Output log, RunLabel names) {
        this(log, names, Set.of(), false, Optional.empty());
    }

    /**
     * Makes one that draws a live line, where it may; it takes the place of the signs of life.
     *
     * @param quiet nothing but warnings, failures and the log lines asked for
     * @param liveLine one of its own
     */
    public ConsoleListener(
            Output log, RunLabel names, Set<String> successfulResults, boolean quiet, Optional<StatusLine> liveLine) {
        this.log = liveLine.map(line -> line.above(log)).orElse(log);
        this.names = names;
        this.successfulResults = successfulResults;
        this.quiet = quiet;
        this.liveLine = liveLine;
    }

    @Override
    public void accept(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            triggered.request().secrets().forEach(secrets::add);
            log.info((triggered.recovered() ? "Found pipeline " : "Triggered pipeline ") + names.of(triggered.run()));
            log.info(triggered.run().url().toString());
        } else if (event instanceof RunEvent.RunChanged changed) {
            runChanged(changed.run());
        } else if (event instanceof RunEvent.StepChanged changed) {
            stepChanged(changed.run(), changed.step());
        } else if (event instanceof RunEvent.LogAppended grew) {
            String prefix = grew.step().displayName() + " | ";
            grew.lines().forEach(line -> log.info(prefix + sanitized(line)));
        } else if (event instanceof RunEvent.FailedStepLogTail end) {
            failedStepLog(end);
        } else if (event instanceof RunEvent.Heartbeat going && liveLine.isEmpty()) {
            info(ProgressFormatter.format(going.run(), going.steps(), going.forecast()));
        } else if (event instanceof RunEvent.Polled looked) {
            liveLine.ifPresent(line -> live(line, looked));
        } else if (event instanceof RunEvent.WatchEnded) {
            liveLine.ifPresent(StatusLine::end);
        } else if (event instanceof RunEvent.OutageStarted trouble) {
            String text = trouble.message();
            log.warn(text + (text.endsWith(".") ? "" : ".") + " Asking again until it works or the time is over.");
        } else if (event instanceof RunEvent.OutageEnded ended) {
            info("Bitbucket answers again, after " + Durations.format(ended.duration()) + ".");
        } else if (event instanceof RunEvent.Notice waiting) {
            info(waiting.text());
        } else if (event instanceof RunEvent.Warning noted) {
            log.warn(noted.text());
        }
    }

    private static void live(StatusLine line, RunEvent.Polled looked) {
        long begin = System.nanoTime();
        line.show(() -> ProgressFormatter.format(
                looked.run(), looked.steps(), looked.forecast().after(Duration.ofNanos(System.nanoTime() - begin))));
    }

    private void runChanged(Run run) {
        State state = run.state();
        if (state == State.Unfinished.PAUSED) {
            log.warn("#" + run.number() + " is PAUSED: a person must start its manual step");
        } else if (state == State.Unfinished.HALTED) {
            log.warn("#" + run.number() + " is HALTED: Bitbucket holds it back; another run may have the deployment"
                    + " environment, or the build minutes are used up");
        } else if (state instanceof State.Unknown) {
            info("#" + run.number() + " is in state " + state.label());
        }
    }

    private void stepChanged(Run run, Step step) {
        State state = step.state();
        boolean silent = state == State.Unfinished.PENDING || state == State.Unfinished.READY;
        if (silent) {
            return;
        }
        boolean failed = state.finalResult().filter(result -> !isFine(result)).isPresent();
        String took = step.duration()
                .filter(d -> state.isCompleted())
                .map(Durations::format)
                .orElse("");
        String line = ("#%d %-" + (failed ? NAME_WIDTH - 1 : NAME_WIDTH) + "s %-" + STATE_WIDTH + "s %s")
                .formatted(run.number(), step.displayName(), label(state), took)
                .stripTrailing();
        if (failed) {
            log.error(line);
        } else {
            info(line);
        }
    }

    private boolean isFine(Result result) {
        return result == Result.Known.NOT_RUN
                || result == Result.Known.SKIPPED
                || result == Result.Known.SUCCESSFUL
                || successfulResults.contains(result.name());
    }

    /** Whatever a running step is at, its state is IN_PROGRESS. */
    private static String label(State state) {
        return state instanceof State.Unfinished unfinished && unfinished.isIn(State.Phase.RUNNING)
                ? State.Unfinished.IN_PROGRESS.label()
                : state.label();
    }

    private void failedStepLog(RunEvent.FailedStepLogTail end) {
        String name = end.step().displayName();
        if (end.lines().isEmpty()) {
            log.error("--- " + name + ": no log ---");
            return;
        }
        log.error("--- " + name + ": last " + end.lines().size() + " lines ---");
        // Behind a mark of its own, no line of theirs passes for one of ours.
        end.lines().forEach(line -> log.error("| " + sanitized(line)));
        log.error("--- " + name + ": end ---");
    }

    /** Bitbucket masks secured variables; but not one line of many, and not where it fails to. */
    private String sanitized(String line) {
        return TextSanitizer.singleLine(secrets.mask(line));
    }

    private void info(String line) {
        if (!quiet) {
            log.info(line);
        }
    }
}
