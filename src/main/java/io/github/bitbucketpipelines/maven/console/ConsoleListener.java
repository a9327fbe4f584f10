package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Prints the events of a run on Maven's console: plain lines, each state once. */
public final class ConsoleListener implements Consumer<RunEvent> {
    /** Width of the step's name after {@code [INFO]}; after {@code [ERROR]}, which is longer, one less. */
    private static final int NAME_WIDTH = 16;

    private static final int STATE_WIDTH = 11;

    private final Output log;
    private final RunLabel label;
    private final Set<String> successfulResults;
    private final boolean quiet;
    private final Optional<StatusLine> statusLine;
    private final SecretMasker masker;

    /** Creates a listener for a goal that does not pass or fail the build by a run's result. */
    public ConsoleListener(Output log, RunLabel label, SecretMasker masker) {
        this(log, label, masker, Set.of(), false, Optional.empty());
    }

    /**
     * Creates a listener.
     *
     * @param masker of the connection; it knows the secured variables once they are sent
     * @param successfulResults the results that are printed as information rather than as errors
     * @param quiet whether only warnings, failures and lines of logs are printed
     * @param statusLine shows progress instead of heartbeats, where present; it must not be shared
     */
    public ConsoleListener(
            Output log,
            RunLabel label,
            SecretMasker masker,
            Set<String> successfulResults,
            boolean quiet,
            Optional<StatusLine> statusLine) {
        this.masker = masker;
        this.log = statusLine.map(line -> line.above(log)).orElse(log);
        this.label = label;
        this.successfulResults = successfulResults;
        this.quiet = quiet;
        this.statusLine = statusLine;
    }

    @Override
    public void accept(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            log.info((triggered.recovered() ? "Found pipeline " : "Triggered pipeline ") + label.of(triggered.run()));
            log.info(triggered.run().url().toString());
            triggered.run().commit().ifPresent(commit -> log.info("Commit " + Target.abbreviate(commit)));
        } else if (event instanceof RunEvent.RunChanged changed) {
            runChanged(changed.run());
        } else if (event instanceof RunEvent.StepChanged changed) {
            stepChanged(changed.run(), changed.step());
        } else if (event instanceof RunEvent.LogAppended appended) {
            String prefix = appended.step().displayName() + " | ";
            appended.lines().forEach(line -> log.info(prefix + sanitized(line)));
        } else if (event instanceof RunEvent.FailedStepLogTail tail) {
            printFailedStepLog(tail);
        } else if (event instanceof RunEvent.Heartbeat heartbeat && statusLine.isEmpty()) {
            info(ProgressFormatter.format(heartbeat.run(), heartbeat.steps(), heartbeat.forecast()));
        } else if (event instanceof RunEvent.Polled polled) {
            statusLine.ifPresent(line -> show(line, polled));
        } else if (event instanceof RunEvent.WatchEnded) {
            statusLine.ifPresent(StatusLine::end);
        } else if (event instanceof RunEvent.OutageStarted outage) {
            String text = outage.message();
            log.warn(text + (text.endsWith(".") ? "" : ".") + " Retrying until it succeeds or the time limit is over.");
        } else if (event instanceof RunEvent.OutageEnded ended) {
            info("Bitbucket responds again, after " + Durations.format(ended.duration()) + ".");
        } else if (event instanceof RunEvent.Notice notice) {
            info(notice.text());
        } else if (event instanceof RunEvent.Warning warning) {
            log.warn(warning.text());
        }
    }

    private static void show(StatusLine line, RunEvent.Polled polled) {
        long begin = System.nanoTime();
        line.show(() -> ProgressFormatter.format(
                polled.run(), polled.steps(), polled.forecast().after(Duration.ofNanos(System.nanoTime() - begin))));
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
        boolean waiting = state == State.Unfinished.PENDING || state == State.Unfinished.READY;
        if (waiting) {
            return;
        }
        boolean failed =
                state.finalResult().filter(result -> !isAcceptable(result)).isPresent();
        String duration = step.duration()
                .filter(d -> state.isCompleted())
                .map(Durations::format)
                .orElse("");
        String format = "#%d %-" + (failed ? NAME_WIDTH - 1 : NAME_WIDTH) + "s %-" + STATE_WIDTH + "s %s";
        String line = String.format(Locale.ROOT, format, run.number(), step.displayName(), label(state), duration)
                .stripTrailing();
        if (failed) {
            log.error(line);
        } else {
            info(line);
        }
    }

    private boolean isAcceptable(Result result) {
        return result == Result.Known.NOT_RUN
                || result == Result.Known.SKIPPED
                || result == Result.Known.SUCCESSFUL
                || successfulResults.contains(result.name());
    }

    /** Returns the state's name; all states of a running step are IN_PROGRESS. */
    private static String label(State state) {
        return state instanceof State.Unfinished unfinished && unfinished.isIn(State.Phase.RUNNING)
                ? State.Unfinished.IN_PROGRESS.label()
                : state.label();
    }

    private void printFailedStepLog(RunEvent.FailedStepLogTail tail) {
        String name = tail.step().displayName();
        if (tail.lines().isEmpty()) {
            log.error("--- " + name + ": no log ---");
            return;
        }
        log.error("--- " + name + ": last " + tail.lines().size() + " lines ---");
        // The prefix keeps a line of the log from looking like one of the plugin.
        tail.lines().forEach(line -> log.error("| " + sanitized(line)));
        log.error("--- " + name + ": end ---");
    }

    /** Masks secrets, since Bitbucket does not mask all of them, such as the single lines of a long one. */
    private String sanitized(String line) {
        return masker.sanitize(line);
    }

    private void info(String line) {
        if (!quiet) {
            log.info(line);
        }
    }
}
