package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.console.Colours;
import io.github.bitbucketpipelines.maven.console.Colours.Style;
import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.PlanProgress;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.console.StatusBlock;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.report.ReportRecorder;
import io.github.bitbucketpipelines.maven.run.RunDefinition;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.RunWatch;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.FailureRecorder;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.failure.MessageLines;
import io.github.bitbucketpipelines.maven.session.failure.UnexpectedFailure;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Watches one run, writes its receipt and reports, and passes or fails the build. A shutdown hook is registered
 * meanwhile. Each instance is for one run.
 */
public final class WatchOperation implements AutoCloseable {
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
    private volatile Optional<InterruptHook> hook = Optional.empty();
    private Optional<RunWatch> watch = Optional.empty();
    private Optional<StoredReceipt> receipt = Optional.empty();
    private Instant begin = Instant.MAX;

    /** Creates the operation; it sends nothing. */
    public WatchOperation(
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
    public ConsoleListener listener() {
        return console;
    }

    /** Waits until a run may be triggered; returns the unfinished run to use instead of a new one, if there is one. */
    @FunctionalInterface
    public interface BeforeTrigger {
        Optional<Run> run() throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /**
     * What the run means for the build; its files are written.
     *
     * @param text the lines of the verdict, and what to do next
     * @param outputs what the run has handed over, by key
     */
    public record Conclusion(Run run, Verdict verdict, String text, Map<String, String> outputs) {}

    /** Triggers a run and watches it to its end; the time limits count from the trigger. */
    public void triggerAndWatch(TriggerRequest request, BeforeTrigger before)
            throws MojoExecutionException, MojoFailureException {
        interruptibly(() -> begin(request, before, context::prevention));
    }

    /**
     * Watches an existing run to its end.
     *
     * @param begin of the time limits
     * @param receipt the receipt of another execution that named the run; it is updated
     */
    public void watch(Run run, Optional<StoredReceipt> receipt, Instant begin)
            throws MojoExecutionException, MojoFailureException {
        interruptibly(() -> begin(run, receipt, begin));
    }

    @FunctionalInterface
    private interface Begin {
        Optional<Conclusion> run() throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    private void interruptibly(Begin begin) throws MojoExecutionException, MojoFailureException {
        try (this) {
            open();
            try {
                Optional<Conclusion> conclusion = begin.run();
                while (conclusion.isEmpty()) {
                    watch.orElseThrow().awaitNextPoll();
                    conclusion = poll();
                }
                enforce(conclusion.get());
            } catch (InterruptedException e) {
                throw cancelled();
            } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
                throw unexpected(e);
            }
        }
    }

    /** Begins: from now on a build that is killed or cancelled leaves or stops the run, and writes what is known. */
    public void open() {
        hook = Optional.of(receipts.interruptHook(config.onInterrupt(), connection));
        hook.get().first(this::writePartialReport);
    }

    /**
     * Triggers a run and begins to watch it.
     *
     * @param prevention says why nothing may be triggered any more; empty while it may
     */
    public Optional<Conclusion> begin(
            TriggerRequest request, BeforeTrigger before, Supplier<Optional<String>> prevention)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        Optional<Run> unfinished = before.run();
        if (unfinished.isPresent()) {
            return begin(unfinished.get(), Optional.empty(), connection.clock().instant());
        }
        outputs.beforeTrigger(config.timeout());
        receipts.keepOthers(request);
        RunLifecycle lifecycle =
                lifecycle(request.content().map(RunDefinition::of).orElseGet(connection::definition));
        Run run = context.triggering(
                connection,
                request,
                () -> receipts.trigger(lifecycle, request, config.timeout(), hook.orElseThrow(), prevention));
        return observe(lifecycle, run, lifecycle.triggered());
    }

    /** Begins to watch an existing run. */
    public Optional<Conclusion> begin(Run run, Optional<StoredReceipt> named, Instant limitsBegin)
            throws MojoExecutionException, InterruptedException {
        receipt = named;
        receipts.keepOthers(run, named);
        hook.orElseThrow().observe(run);
        context.named(run);
        context.failures().ifPresent(FailureRecorder::found);
        Optional<Fingerprint> content = named.flatMap(StoredReceipt::content).or(() -> receipts.contentOf(run));
        report.setRequested(named.flatMap(StoredReceipt::pipeline).or(() -> receipts.pipelineOf(run)), content);
        report.start(run);
        receipts.removeKept(run);
        RunDefinition definition = content.map(RunDefinition::unknown).orElseGet(connection::definition);
        return observe(lifecycle(definition), run, limitsBegin);
    }

    private Optional<Conclusion> observe(RunLifecycle lifecycle, Run run, Instant limitsBegin)
            throws InterruptedException {
        begin = limitsBegin;
        RunProperties.set(context, run);
        outputs.begin();
        watch = Optional.of(lifecycle.watching(run, begin, config.schedule(), config.options()));
        return concluded(watch.get().begin());
    }

    /** Polls the run once. */
    public Optional<Conclusion> poll() throws InterruptedException {
        return concluded(watch.orElseThrow().poll());
    }

    /** Polls once, whether a poll is due or not. */
    public Optional<Conclusion> pollNow() throws InterruptedException {
        return concluded(watch.orElseThrow().pollNow());
    }

    /** The run as of the last poll; empty before the first. */
    public Optional<Run> knownRun() {
        return watch.map(RunWatch::run);
    }

    /** The run as of the last poll. */
    public Run run() {
        return knownRun().orElseThrow();
    }

    /** The time limit of the run. */
    public Duration timeout() {
        return config.timeout();
    }

    /** When the time limits began. */
    public Instant limitsBegin() {
        return begin;
    }

    /** When {@link #poll} is due. */
    public Instant nextPoll() {
        return watch.orElseThrow().nextPoll();
    }

    /** The earliest time limit that {@link #poll} has to notice. */
    public Instant nextLimit() {
        return watch.orElseThrow().nextLimit();
    }

    private Optional<Conclusion> concluded(Optional<WatchResult> result) throws InterruptedException {
        if (result.filter(known -> known.run().state().isCompleted()).isPresent()) {
            hook.orElseThrow().ended();
        }
        // Before the report, which may be the same file and holds more.
        result.ifPresent(known -> receipt.ifPresent(stored -> receipts.update(stored, known.run())));
        return result.isPresent() ? Optional.of(conclude(result.get())) : Optional.empty();
    }

    /** Handles the cancellation of the build; returns the exception that fails the goal. */
    public MojoExecutionException cancelled() {
        return hook.orElseThrow().cancelled(context.output()::warn);
    }

    /**
     * Returns the error of a failure that no other part handles: what the run does is not known.
     *
     * @param failure is rethrown where it is one of the plugin's own
     */
    public MojoExecutionException unexpected(Throwable failure) {
        if (failure instanceof RuntimeException own && !UnexpectedFailure.isUnexpected(own)) {
            throw own;
        }
        return UnexpectedFailure.of(
                failure, context.output(), hook.map(InterruptHook::outlook).orElse(List.of()));
    }

    @Override
    public void close() {
        hook.ifPresent(InterruptHook::close);
        hook = Optional.empty();
    }

    /** Waits for the hook of a killed build, for a limited time. */
    public void awaitInterrupted() {
        hook.ifPresent(InterruptHook::awaitHook);
    }

    private void writePartialReport(Consumer<String> log) {
        context.statusBlock().ifPresent(StatusBlock::end);
        // Files that were fetched already: by the receipt, the next build removes them.
        report.setOutputs(outputs.taken());
        report.interrupted(log);
        context.failures().ifPresent(FailureRecorder::reported);
        report.primaryReport().ifPresent(file -> log.accept("Report: " + context.display(file)));
    }

    private RunLifecycle lifecycle(RunDefinition definition) {
        Consumer<RunEvent> events = receipts.listener(
                report,
                hook.orElseThrow(),
                ((Consumer<RunEvent>) this::name)
                        .andThen(shown())
                        .andThen(new CommitCheck(context, label.repository())));
        return connection.lifecycle(events, definition);
    }

    private Consumer<RunEvent> shown() {
        Optional<PlanProgress> all = context.progressOfAll();
        return all.isPresent()
                ? all.get()
                        .listener(context.runId().orElseThrow(), connection.masker(), connection::serverTime, console)
                : console;
    }

    private void name(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            context.named(triggered.run());
        }
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
                        connection::serverTime,
                        context.statusBlock().filter(block -> wantsBlock)));
    }

    /** Takes what the run hands over, and writes the reports. */
    private Conclusion conclude(WatchResult result) throws InterruptedException {
        Run run = result.run();
        RunProperties.set(context, run);
        Duration timeLeft = Duration.between(
                connection.clock().instant(), begin.plus(config.timeout()).plus(REPORT_GRACE));
        Verdict verdict = outputs.apply(Verdict.of(result, label.of(run), config.policy()), result, label.of(run));
        report.setOutputs(outputs.taken());
        try {
            report.finish(result, verdict, connection.testReports(), timeLeft);
        } catch (OutOfMemoryError | StackOverflowError e) {
            // The verdict does not depend on the files.
            context.output()
                    .warn("The reports could not be written: this JVM has too little memory for them (-Xmx, in"
                            + " MAVEN_OPTS)");
        }
        context.failures().ifPresent(FailureRecorder::reported);
        report.primaryReport().ifPresent(file -> context.output().info("Report: " + context.display(file)));
        String text = String.join(System.lineSeparator(), verdict.lines())
                + (verdict.canResume()
                        ? System.lineSeparator() + "To wait for it again: " + waitCommand.apply(run)
                        : "");
        return new Conclusion(run, verdict, text, outputs.taken().values());
    }

    /** Passes or fails the build. */
    private void enforce(Conclusion conclusion) throws MojoExecutionException, MojoFailureException {
        switch (conclusion.verdict().decision()) {
            case PASS, WARN -> print(conclusion);
            case FAIL -> throw new MojoFailureException(conclusion.text());
            case UNKNOWN -> throw new MojoExecutionException(conclusion.text());
        }
    }

    /** Prints a conclusion that does not fail the build. */
    public void print(Conclusion conclusion) {
        Colours colours = context.colours();
        if (conclusion.verdict().decision() == Verdict.Decision.PASS) {
            context.output()
                    .info(colours.apply(
                            Style.SUCCESS, conclusion.verdict().lines().get(0)));
        } else {
            MessageLines.format(conclusion.text())
                    .lines()
                    .map(line -> colours.apply(Style.WARNING, line))
                    .forEach(context.output()::warn);
        }
    }
}
