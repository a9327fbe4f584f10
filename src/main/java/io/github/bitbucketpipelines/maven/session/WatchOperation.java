package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Colours.Style;
import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.console.StatusBlock;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.ReportRecorder;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.session.WatchConfig.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Watches one run, writes its receipt and reports, and passes or fails the build. A shutdown hook is registered
 * meanwhile. Each instance is for one run.
 */
final class WatchOperation {
    /** How long requests for the reports may take after {@code timeout} is over. */
    private static final Duration REPORT_GRACE = Duration.ofMillis(4_500);

    private final GoalContext context;
    private final RunLabel label;
    private final WatchConfig config;
    private final BitbucketConnection connection;
    private final ReceiptRecorder receipts;
    private final ConsoleListener console;
    private final ReportRecorder report;
    private final OutputOperation outputs;
    private final Function<Run, String> waitCommand;

    WatchOperation(
            GoalContext context,
            RunLabel label,
            Path outputDirectory,
            WatchConfig config,
            BitbucketConnection connection) {
        this.context = context;
        this.label = label;
        this.config = config;
        this.connection = connection;
        receipts = ReceiptRecorder.of(context, label, outputDirectory);
        console = console();
        report = report(outputDirectory);
        outputs = new OutputOperation(
                context, config.outputs(), outputDirectory, connection, connection.runContext(console));
        waitCommand = context.waitCommand(label.repository());
    }

    /** Returns the listener that shows events on the console. */
    ConsoleListener listener() {
        return console;
    }

    /** Waits until a run may be triggered; returns the unfinished run to use instead of a new one, if there is one. */
    @FunctionalInterface
    interface BeforeTrigger {
        Optional<Run> run() throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /** Triggers a run and watches it; the time limits count from the trigger. */
    void triggerAndWatch(TriggerRequest request, BeforeTrigger before)
            throws MojoExecutionException, MojoFailureException {
        interruptibly(hook -> {
            Optional<Run> unfinished = before.run();
            if (unfinished.isPresent()) {
                watch(unfinished.get(), Optional.empty(), connection.clock().instant(), hook);
                return;
            }
            outputs.beforeTrigger();
            RunLifecycle lifecycle = lifecycle(hook);
            Run run = context.triggering(
                    connection, request, () -> lifecycle.trigger(request, config.timeout(), receipts.guard(hook)));
            Instant begin = lifecycle.triggered();
            conclude(watch(lifecycle, run, begin, hook), begin);
        });
    }

    /**
     * Watches an existing run.
     *
     * @param begin of the time limits
     * @param receipt the receipt of another execution that named the run; it is updated
     */
    void watch(Run run, Optional<StoredReceipt> receipt, Instant begin)
            throws MojoExecutionException, MojoFailureException {
        interruptibly(hook -> watch(run, receipt, begin, hook));
    }

    private void watch(Run run, Optional<StoredReceipt> receipt, Instant begin, InterruptHook hook)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        hook.observe(run);
        context.failures().ifPresent(FailureRecorder::found);
        report.start(run);
        WatchResult result = watch(lifecycle(hook), run, begin, hook);
        // Before the report, which may be the same file and holds more.
        receipt.ifPresent(stored -> receipts.update(stored, result.run()));
        conclude(result, begin);
    }

    private WatchResult watch(RunLifecycle lifecycle, Run run, Instant begin, InterruptHook hook)
            throws InterruptedException {
        RunProperties.set(context.session(), run);
        outputs.begin();
        WatchResult result = lifecycle.watch(run, begin, config.schedule(), config.options());
        if (result.run().state().isCompleted()) {
            hook.ended();
        }
        return result;
    }

    @FunctionalInterface
    private interface Watching {
        void run(InterruptHook hook) throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /** Watches; a build that is killed or cancelled meanwhile leaves or stops the run, and writes what is known. */
    private void interruptibly(Watching watching) throws MojoExecutionException, MojoFailureException {
        try (InterruptHook hook = receipts.interruptHook(config.onInterrupt(), connection)) {
            hook.first(this::writePartialReport);
            try {
                watching.run(hook);
            } catch (InterruptedException e) {
                throw hook.cancelled(context.output()::warn);
            }
        }
    }

    private void writePartialReport(Consumer<String> log) {
        context.statusBlock().ifPresent(StatusBlock::end);
        report.interrupted(log);
        context.failures().ifPresent(FailureRecorder::reported);
        report.primaryReport().ifPresent(file -> log.accept("Report: " + context.display(file)));
    }

    private RunLifecycle lifecycle(InterruptHook hook) {
        return connection.lifecycle(
                receipts.listener(report, hook, console.andThen(new CommitCheck(context, label.repository()))));
    }

    private ReportRecorder report(Path outputDirectory) {
        return new ReportRecorder(
                receipts.reportContext(),
                outputDirectory,
                config.reports(),
                new ReportRecorder.Dependencies(
                        connection.clock(),
                        connection::requests,
                        () -> connection.serverClock().skew().orElse(Duration.ZERO),
                        connection.masker(),
                        context.output()::warn));
    }

    private ConsoleListener console() {
        boolean wantsBlock =
                config.progress() == Progress.AUTO && context.output().isInfoEnabled();
        return new ConsoleListener(
                context.output(),
                label,
                connection.masker(),
                new ConsoleListener.Settings(
                        Optional.of(config.options()),
                        config.policy().successfulResults(),
                        config.progress() == Progress.NONE,
                        context.isRehearsal(),
                        context.colours(),
                        this::serverTime,
                        context.statusBlock().filter(block -> wantsBlock)));
    }

    private Instant serverTime() {
        return connection.clock().instant().plus(connection.serverClock().skew().orElse(Duration.ZERO));
    }

    /** Takes what the run hands over, writes the reports, then passes or fails the build. */
    private void conclude(WatchResult result, Instant begin)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        Run run = result.run();
        RunProperties.set(context.session(), run);
        Duration timeLeft = Duration.between(
                connection.clock().instant(), begin.plus(config.timeout()).plus(REPORT_GRACE));
        Verdict verdict = outputs.apply(Verdict.of(result, label.of(run), config.policy()), result, label.of(run));
        report.setOutputs(outputs.taken());
        report.finish(result, verdict, connection.testReports(), timeLeft);
        context.failures().ifPresent(FailureRecorder::reported);
        report.primaryReport().ifPresent(file -> context.output().info("Report: " + context.display(file)));
        String text = String.join(System.lineSeparator(), verdict.lines())
                + (verdict.canResume()
                        ? System.lineSeparator() + "To wait for it again: " + waitCommand.apply(run)
                        : "");
        switch (verdict.decision()) {
            case PASS ->
                context.output()
                        .info(context.colours()
                                .apply(Style.SUCCESS, verdict.lines().get(0)));
            case WARN ->
                MessageLines.format(text)
                        .lines()
                        .map(line -> context.colours().apply(Style.WARNING, line))
                        .forEach(context.output()::warn);
            case FAIL -> throw new MojoFailureException(text);
            case UNKNOWN -> throw new MojoExecutionException(text);
        }
    }
}
