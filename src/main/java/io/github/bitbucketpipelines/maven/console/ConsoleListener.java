package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.console.Colours.Style;
import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import io.github.bitbucketpipelines.maven.pipeline.DisplayWidth;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.run.Forecast;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.WaitReason;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Prints the events of a run on Maven's console: plain lines, each state once. Where there is a status block, it has the
 * running steps, and the lines those that are completed.
 */
public final class ConsoleListener implements Consumer<RunEvent> {
    /** In columns: a shorter name's column is as wide, so that most runs look alike. */
    private static final int MIN_NAME_WIDTH = 16;

    private static final int MAX_NAME_WIDTH = 40;

    /** Below it, a line wraps on a narrow terminal rather than lose more of a name. */
    private static final int MIN_CUT_WIDTH = 8;

    /** In columns: of {@code [ERROR] }. */
    private static final int LEVEL_WIDTH = 8;

    /** In columns: of {@code [rehearsal] }. */
    private static final int REHEARSAL_WIDTH = 12;

    private final Output log;
    private final RunLabel label;
    private final SecretMasker masker;
    private final Settings settings;

    /** The known steps' names, by UUID. */
    private final Map<String, String> names = new HashMap<>();

    /** The events of steps whose names are new: the lines follow when all names of that poll are known. */
    private final List<RunEvent.StepChanged> pending = new ArrayList<>();

    private Optional<Run> held = Optional.empty();
    private volatile boolean outage;
    private boolean hasFailed;
    private volatile Optional<String> waitReason = Optional.empty();

    /**
     * Configures how a watched run is shown.
     *
     * @param watch limits and policies, which are shown
     * @param successfulResults the results that are printed as information rather than as errors
     * @param quiet whether only warnings, failures and lines of logs are printed
     * @param rehearsal whether each line has a prefix that says so, and steps have no page on Bitbucket
     * @param serverTime the present time by Bitbucket's clock
     * @param block shows progress instead of heartbeats, where present; it must not be shared
     */
    public record Settings(
            Optional<WatchOptions> watch,
            Set<String> successfulResults,
            boolean quiet,
            boolean rehearsal,
            Colours colours,
            Supplier<Instant> serverTime,
            Optional<StatusBlock> block) {
        /** Of a goal that does not pass or fail the build by a run's result. */
        static final Settings DEFAULT = new Settings(
                Optional.empty(), Set.of(), false, false, Colours.NONE, () -> Instant.EPOCH, Optional.empty());
    }

    /** Creates a listener for a goal that does not pass or fail the build by a run's result. */
    public ConsoleListener(Output log, RunLabel label, SecretMasker masker) {
        this(log, label, masker, Settings.DEFAULT);
    }

    /**
     * Creates a listener.
     *
     * @param log prints above the status block
     * @param masker of the connection; it knows the secured variables once they are sent
     */
    public ConsoleListener(Output log, RunLabel label, SecretMasker masker, Settings settings) {
        this.log = log;
        this.label = label;
        this.masker = masker;
        this.settings = settings;
    }

    @Override
    public void accept(RunEvent event) {
        try {
            print(event);
        } catch (RuntimeException e) {
            // The run is watched, whether it can be shown or not.
            if (!hasFailed) {
                hasFailed = true;
                log.warn("Not everything about the run can be shown; it is watched nevertheless. This is a mistake in"
                        + " the plugin: " + masker.sanitize(e.toString()));
            }
        }
    }

    private void print(RunEvent event) {
        if (event instanceof RunEvent.StepChanged changed) {
            stepChanged(changed);
            return;
        }
        printSteps();
        if (event instanceof RunEvent.Triggered triggered) {
            log.info((triggered.recovered() ? "Found pipeline " : "Triggered pipeline ") + label.of(triggered.run()));
            log.info(triggered.run().url().toString());
            triggered.run().commit().ifPresent(commit -> log.info("Commit " + Target.abbreviate(commit)));
            triggered
                    .request()
                    .content()
                    .ifPresent(content -> log.info("Sent " + content.fingerprint()
                            + " with the trigger: it is used instead of bitbucket-pipelines.yml, for this run alone"));
        } else if (event instanceof RunEvent.RunChanged changed) {
            runChanged(changed.run());
        } else if (event instanceof RunEvent.LogAppended appended) {
            String prefix = appended.step().displayName() + appended.step().attemptSuffix() + " | ";
            appended.lines().forEach(line -> log.info(prefix + sanitized(line)));
        } else if (event instanceof RunEvent.FailedStepLogTail tail) {
            Step step = tail.step();
            printLog(
                    step.displayName() + step.attemptSuffix(),
                    tail.lines(),
                    step.isFailureIgnored(tail.run()) ? log::warn : log::error);
        } else if (event instanceof RunEvent.ChildFailed failed) {
            log.error("#" + failed.run().number() + " "
                    + masker.mask(failed.child().parentStep().displayName()) + ": "
                    + masker.mask(failed.child().describe()));
            log.error(failed.child().run().url().toString());
        } else if (event instanceof RunEvent.ChildLogTail tail) {
            printLog("#" + tail.child().run().number() + " " + tail.step().displayName(), tail.lines(), log::error);
        } else if (event instanceof RunEvent.Heartbeat heartbeat
                && settings.block().isEmpty()) {
            info(progress(
                            heartbeat.run(),
                            heartbeat.steps(),
                            heartbeat.forecast(),
                            settings.serverTime().get())
                    .line());
        } else if (event instanceof RunEvent.Polled polled) {
            held.ifPresent(run -> warnHeld(run, polled.steps()));
            held = Optional.empty();
            // An outage in which a call was given up has no event of its end.
            outage = false;
            settings.block().ifPresent(block -> show(block, polled));
        } else if (event instanceof RunEvent.WaitExplained explained) {
            waitReason = explained.reason().map(reason -> masker.mask(reason.brief()));
            explained.reason().ifPresent(reason -> printWaitReason(explained.run(), reason));
        } else if (event instanceof RunEvent.WatchEnded) {
            settings.block().ifPresent(StatusBlock::end);
        } else if (event instanceof RunEvent.OutageStarted started) {
            outage = true;
            String text = started.message();
            log.warn(text + (text.endsWith(".") ? "" : ".") + " Retrying until it succeeds or the time limit is over.");
        } else if (event instanceof RunEvent.OutageEnded ended) {
            outage = false;
            info("Bitbucket responds again, after " + Durations.format(ended.duration()) + ".");
        } else if (event instanceof RunEvent.Notice notice) {
            info(notice.text());
        } else if (event instanceof RunEvent.Warning warning) {
            log.warn(warning.text());
        }
    }

    private void show(StatusBlock block, RunEvent.Polled polled) {
        Instant begin = settings.serverTime().get();
        List<Step> steps = polled.steps().stream()
                .map(step -> step.withName(masker.mask(step.displayName())))
                .toList();
        steps.forEach(step -> names.put(step.uuid(), step.displayName()));
        int longest = longestName();
        block.show(size -> {
            Instant now = settings.serverTime().get();
            Forecast forecast = polled.forecast().after(Duration.between(begin, now));
            return progress(polled.run(), steps, forecast, now)
                    .lines(size, nameWidth(longest, Optional.of(size), polled.run()));
        });
    }

    private ProgressFormatter progress(Run run, List<Step> steps, Forecast forecast, Instant now) {
        return new ProgressFormatter(
                run, steps, forecast, settings.watch().map(WatchOptions::timeout), waitReason, outage, now);
    }

    private void runChanged(Run run) {
        State state = run.state();
        if (state == State.Unfinished.PAUSED || state == State.Unfinished.HALTED) {
            // The event of the poll, which follows, has the steps.
            held = Optional.of(run);
        } else if (state instanceof State.Unknown) {
            info("#" + run.number() + " is in state " + state.label());
        }
    }

    private void warnHeld(Run run, List<Step> steps) {
        String name = "#" + run.number();
        if (run.state() == State.Unfinished.HALTED) {
            log.warn(name + " is HALTED: Bitbucket holds it back.");
            settings.watch().map(WatchOptions::onHalted).ifPresent(onHalted -> {
                switch (onHalted) {
                    case AUTO ->
                        log.warn("The build fails where that lasts, unless bitbucket-pipelines.yml has a"
                                + " concurrency group (onHalted=auto).");
                    case FAIL -> log.warn("The build fails where that lasts (onHalted=fail).");
                    case WAIT -> {}
                }
            });
            return;
        }
        boolean isAtManualStep =
                steps.stream().anyMatch(step -> step.manual() && step.state() == State.Unfinished.PAUSED);
        Optional<Step> automatic = steps.stream()
                .filter(step -> !step.state().isCompleted())
                .findFirst()
                .filter(step -> !step.manual() && !isAtManualStep);
        if (automatic.isPresent()) {
            log.warn(name + " is PAUSED before step " + automatic.get().position() + " of " + steps.size() + ", '"
                    + automatic.get().displayName()
                    + "', which is not manual: an administrator may have to resume it.");
            if (!settings.rehearsal()) {
                log.warn("See " + run.url());
            }
            return;
        }
        Optional<Step> next = steps.stream()
                .filter(step -> step.state() == State.Unfinished.PAUSED)
                .findFirst()
                .or(() -> steps.stream()
                        .filter(step -> step.manual() && !step.state().isCompleted())
                        .findFirst());
        log.warn(name + " is PAUSED: a person must start "
                + next.map(step ->
                                "step " + step.position() + " of " + steps.size() + ", '" + step.displayName() + "'.")
                        .orElse("its next step."));
        if (!settings.rehearsal()) {
            log.warn("Start it at " + run.url()
                    + next.map(step -> "/steps/" + URLEncoder.encode(step.uuid(), StandardCharsets.UTF_8))
                            .orElse(""));
        }
        settings.watch()
                .filter(watch -> watch.onPaused() == OnPaused.WAIT)
                .ifPresent(watch -> log.warn("The build waits for it (onPaused=wait). To end the build instead:"
                        + " onPaused=fail, or succeed."));
    }

    private void printWaitReason(Run run, WaitReason reason) {
        boolean waits = settings.watch()
                .filter(watch -> watch.onHalted() != OnHalted.FAIL)
                .isPresent();
        for (String sentence : reason.sentences()) {
            String line = "#" + run.number() + " " + run.state().label() + ": " + masker.mask(sentence);
            if (reason.resumesByItself()) {
                info(line);
            } else {
                log.warn(line);
            }
        }
        if (reason.resumesByItself() && waits && run.state() == State.Unfinished.HALTED) {
            info("The build waits for that.");
        }
    }

    private void stepChanged(RunEvent.StepChanged changed) {
        String name = masker.mask(changed.step().displayName());
        boolean isNew = names.put(changed.step().uuid(), name) == null;
        pending.add(changed);
        if (!isNew && pending.size() == 1) {
            printSteps();
        }
    }

    private void printSteps() {
        List<RunEvent.StepChanged> events = pending.stream()
                .filter(event -> event.step().state() != State.Unfinished.PENDING
                        && event.step().state() != State.Unfinished.READY)
                .toList();
        pending.clear();
        if (!events.isEmpty()) {
            Optional<Size> size = settings.block().map(StatusBlock::size);
            boolean hidesRunning = size.filter(ProgressFormatter::hasBlock).isPresent();
            events.stream()
                    .filter(event -> !hidesRunning || !event.step().state().isIn(State.Phase.RUNNING))
                    .forEach(event -> printStep(event, size));
        }
    }

    private void printStep(RunEvent.StepChanged changed, Optional<Size> size) {
        Run run = changed.run();
        Step step = changed.step();
        State state = step.state();
        boolean failed =
                state.finalResult().filter(result -> !isAcceptable(result)).isPresent();
        boolean isWarning = failed && changed.isFailureOpen();
        // [ERROR] is longer than [INFO] by one column, [WARNING] by three.
        int width = nameWidth(longestName(), size, run) - (isWarning ? 3 : failed ? 1 : 0);
        String name = names.get(step.uuid());
        String time = step.duration()
                .filter(d -> state.isCompleted())
                .map(Durations::format)
                .orElse("");
        String line = ProgressFormatter.stepLine(
                run,
                DisplayWidth.pad(size.isPresent() ? DisplayWidth.cut(name, width) : name, width),
                coloured(state)
                        + " "
                                .repeat(Math.max(
                                        0,
                                        ProgressFormatter.STATE_WIDTH
                                                - label(state).length())),
                time + step.attemptSuffix() + (step.isFailureIgnored(run) ? " (failure ignored)" : ""));
        if (isWarning) {
            log.warn(line);
        } else if (failed) {
            log.error(line);
        } else {
            info(line);
        }
    }

    private int longestName() {
        return names.values().stream().mapToInt(DisplayWidth::of).max().orElse(0);
    }

    /** Returns the width of the column of names: of the longest name, as far as a line of the terminal has space. */
    private int nameWidth(int longest, Optional<Size> size, Run run) {
        int width = Math.max(MIN_NAME_WIDTH, Math.min(MAX_NAME_WIDTH, longest));
        int others = LEVEL_WIDTH
                + (settings.rehearsal() ? REHEARSAL_WIDTH : 0)
                + ("#" + run.number() + "   ").length()
                + ProgressFormatter.STATE_WIDTH
                + ProgressFormatter.TIME_WIDTH;
        return size.map(known -> Math.max(MIN_CUT_WIDTH, Math.min(width, known.lineWidth() - others)))
                .orElse(width);
    }

    private boolean isAcceptable(Result result) {
        return result == Result.Known.NOT_RUN
                || result == Result.Known.SKIPPED
                || result == Result.Known.SUCCESSFUL
                || settings.successfulResults().contains(result.name());
    }

    private static String label(State state) {
        return ProgressFormatter.label(state);
    }

    private String coloured(State state) {
        return style(state)
                .map(style -> settings.colours().apply(style, label(state)))
                .orElse(label(state));
    }

    /** Returns the style of a state's name; a state of no particular interest has none. */
    static Optional<Style> style(State state) {
        if (state.isIn(State.Phase.HELD)) {
            return Optional.of(Style.WARNING);
        }
        return state.finalResult()
                .filter(result -> result != Result.Known.NOT_RUN && result != Result.Known.SKIPPED)
                .map(result -> result == Result.Known.SUCCESSFUL
                        ? Style.SUCCESS
                        : result.isFailure() ? Style.FAILURE : Style.WARNING);
    }

    private void printLog(String step, List<String> lines, Consumer<String> printer) {
        String name = masker.mask(step);
        if (lines.isEmpty()) {
            printer.accept("--- " + name + ": no log ---");
            return;
        }
        printer.accept("--- " + name + ": last " + lines.size() + " lines ---");
        // The prefix keeps a line of the log from looking like one of the plugin.
        lines.forEach(line -> printer.accept("| " + sanitized(line)));
        printer.accept("--- " + name + ": end ---");
    }

    /** Masks secrets, since Bitbucket does not mask all of them, such as the single lines of a long one. */
    private String sanitized(String line) {
        return masker.sanitizeLogLine(line);
    }

    private void info(String line) {
        if (!settings.quiet()) {
            log.info(line);
        }
    }
}
