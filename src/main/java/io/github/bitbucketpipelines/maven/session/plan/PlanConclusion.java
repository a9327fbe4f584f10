package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.console.Colours;
import io.github.bitbucketpipelines.maven.console.Colours.Style;
import io.github.bitbucketpipelines.maven.console.PlanProgress;
import io.github.bitbucketpipelines.maven.console.PlanTable;
import io.github.bitbucketpipelines.maven.console.StatusBlock;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.plan.PlanState;
import io.github.bitbucketpipelines.maven.plan.PlanState.Status;
import io.github.bitbucketpipelines.maven.report.Format;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.session.context.FailureRecorder;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.OncePerSession;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.failure.UnexpectedFailure;
import io.github.bitbucketpipelines.maven.session.plan.PlannedExecution.Ending;
import io.github.bitbucketpipelines.maven.session.run.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * What several runs mean for the build: keeps the file of the plan up to date, and passes or fails the build at its end. Only
 * {@link #interrupted} may be called by another thread.
 */
public final class PlanConclusion {
    private final GoalContext context;
    private final Path outputDirectory;
    private final WatchConfig watch;
    private final PlanState state;
    private final List<Row> rows;

    /** As of the last change. */
    private volatile List<PlanResult.Entry> entries = List.of();

    /** Whether the file has its verdict. */
    private boolean isFinal;

    /** The present time by Bitbucket's clock; empty where no run is watched. */
    private Optional<Supplier<Instant>> serverTime = Optional.empty();

    private Optional<Path> page = Optional.empty();

    /**
     * Creates a conclusion.
     *
     * @param watch of the execution
     * @param state of the runs that have an execution
     * @param rows all runs, in the order of the configuration
     */
    public PlanConclusion(
            GoalContext context, Path outputDirectory, WatchConfig watch, PlanState state, List<Row> rows) {
        this.context = context;
        this.outputDirectory = outputDirectory;
        this.watch = watch;
        this.state = state;
        this.rows = List.copyOf(rows);
    }

    /**
     * A run of the plan.
     *
     * @param serverId of a run that has one of its own
     * @param execution empty for one that an earlier build did not trigger, and that this one does not trigger either
     */
    public record Row(
            String id,
            List<String> needs,
            RepositoryId repository,
            Optional<String> serverId,
            Optional<PlannedExecution> execution) {
        private Optional<Ending> ending() {
            return execution.flatMap(PlannedExecution::ending);
        }

        private Optional<Run> run() {
            return ending().flatMap(Ending::run);
        }
    }

    PlanState state() {
        return state;
    }

    /** Returns the file of the plan. */
    private Path file() {
        return PlanResult.file(outputDirectory, context.executionId());
    }

    /** Returns a log for use while the JVM shuts down. */
    Consumer<String> shutdownLog() {
        return context.shutdownLog();
    }

    /** Returns the command that waits for all runs that were triggered. */
    String waitCommand() {
        return new GoalCommands(context, rows.get(0).repository()).waitFor(file());
    }

    /** Returns what shows the progress of all runs; it is to be closed. */
    PlanProgress progress(Clock clock) {
        Progress shown = watch.progress();
        boolean wantsBlock = shown == Progress.AUTO && context.output().isInfoEnabled();
        PlanProgress progress = new PlanProgress(
                rows.stream().map(Row::id).toList(),
                Optional.of(context.output()).filter(output -> shown != Progress.NONE),
                context.statusBlock().filter(block -> wantsBlock),
                clock::instant);
        progress.setOver(over());
        context.show(progress);
        return progress;
    }

    /** Returns how many runs have ended or will not be triggered. */
    int over() {
        return (int) rows.stream()
                .map(this::status)
                .filter(status -> status != Status.WAITING && status != Status.RUNNING)
                .count();
    }

    /** Writes the runs before the first trigger; from now on a failure of the execution is recorded with how they stand. */
    void begin(Supplier<Instant> time) {
        serverTime = Optional.of(time);
        write();
        context.failures()
                .ifPresent(recorder -> recorder.planned(message -> {
                    entries = rows.stream().map(this::entry).toList();
                    interrupted(message.lines().toList());
                }));
    }

    /** Writes how the runs stand. A file that can't be written is a warning. */
    void write() {
        write(Optional.empty(), List.of());
    }

    /** Writes how the runs stood at a sudden end. */
    void interrupted(List<String> message) {
        write(Optional.of(Decision.UNKNOWN), message, entries);
    }

    /**
     * Ends while the JVM shuts down: writes how the runs stood, and names the command that waits for all of them.
     *
     * @param log prints one line
     */
    void killed(Consumer<String> log) {
        context.statusBlock().ifPresent(StatusBlock::end);
        String command = "To wait for all of them: " + waitCommand();
        interrupted(List.of("The build was killed while it watched its runs; this is what was known then.", command));
        if (watch.onInterrupt() == OnInterrupt.LEAVE && PlanResult.unfinished(file()) > 1) {
            log.accept("Killed: several runs go on. " + command);
        }
    }

    /**
     * Returns the error of a failure that no other part handles: what becomes of the runs is not known.
     *
     * @param failure is rethrown where it is one of the plugin's own
     */
    MojoExecutionException unexpected(Throwable failure) {
        if (!UnexpectedFailure.isUnexpected(failure)) {
            throw (RuntimeException) failure;
        }
        List<Row> running = with(Status.RUNNING);
        return UnexpectedFailure.of(
                failure,
                context.output(),
                running.isEmpty()
                        ? List.of()
                        : List.of(
                                "Could not see how these runs went; they may still be going, and this is not a verdict"
                                        + " on them: " + ids(running),
                                "To wait for all of them: " + waitCommand()));
    }

    private void write(Optional<Decision> verdict, List<String> message) {
        entries = rows.stream().map(this::entry).toList();
        write(verdict, message, entries);
    }

    private synchronized void write(Optional<Decision> verdict, List<String> message, List<PlanResult.Entry> current) {
        if (isFinal) {
            return;
        }
        isFinal = verdict.isPresent();
        PlanResult result = new PlanResult(
                context.buildFacts(),
                verdict,
                message.stream()
                        .map(SessionContext.of(context.session()).masker()::mask)
                        .toList(),
                current);
        attempt("result " + context.display(file()), () -> result.write(outputDirectory));
        if (isFinal && serverTime.isPresent() && watch.reports().contains(Format.HTML)) {
            attempt(
                    "page of " + context.executionId(),
                    () -> page = Optional.of(
                            result.writePage(outputDirectory, serverTime.get().get())));
        }
    }

    @FunctionalInterface
    private interface Writing {
        void run() throws IOException;
    }

    private void attempt(String file, Writing writing) {
        try {
            writing.run();
        } catch (IOException | RuntimeException e) {
            // A RuntimeException is a bug of the plugin: no reason to fail a release that succeeded.
            OncePerSession.run(
                    context.session(),
                    "unwritten " + file,
                    () -> context.output().warn("The " + file + " could not be written: " + e));
        }
    }

    private PlanResult.Entry entry(Row row) {
        return new PlanResult.Entry(
                row.id(),
                row.needs(),
                Optional.of(row.repository()),
                row.serverId(),
                switch (status(row)) {
                    case WAITING -> PlanResult.Status.WAITING;
                    case RUNNING, SUCCEEDED, IGNORED, FAILED -> PlanResult.Status.STARTED;
                    case NOT_RUN -> isIgnored(row) ? PlanResult.Status.NOT_RUN_IGNORED : PlanResult.Status.NOT_RUN;
                });
    }

    private Status status(Row row) {
        return row.execution().isPresent() ? state.status(row.id()) : Status.NOT_RUN;
    }

    private boolean isIgnored(Row row) {
        return row.execution().isPresent() && state.isIgnored(row.id());
    }

    /**
     * Writes the file and prints the table, then passes or fails the build.
     *
     * @throws MojoFailureException if the result of a run, or a time limit, fails the build
     * @throws MojoExecutionException if no run has failed, and the result of one is not known
     */
    public void enforce() throws MojoExecutionException, MojoFailureException {
        List<Row> failed = with(Status.FAILED);
        List<Row> notRun =
                with(Status.NOT_RUN).stream().filter(row -> !isIgnored(row)).toList();
        List<Row> ignored = new ArrayList<>(with(Status.IGNORED));
        ignored.addAll(with(Status.NOT_RUN).stream().filter(this::isIgnored).toList());
        boolean isUnknown = !failed.isEmpty()
                && failed.stream()
                        .map(row -> row.ending().orElseThrow().decision())
                        .allMatch(Decision.UNKNOWN::equals);
        Decision decision = isUnknown
                ? Decision.UNKNOWN
                : !failed.isEmpty() || !notRun.isEmpty()
                        ? Decision.FAIL
                        : ignored.isEmpty() ? Decision.PASS : Decision.WARN;
        List<String> message = message(failed, notRun, ignored);
        write(Optional.of(decision), message);
        context.failures().ifPresent(FailureRecorder::reported);
        table().forEach(context.output()::info);
        page.ifPresent(file -> context.output().info("Report: " + context.display(file)));
        Colours colours = context.colours();
        switch (decision) {
            case PASS -> context.output().info(colours.apply(Style.SUCCESS, message.get(0)));
            case WARN -> message.forEach(line -> context.output().warn(colours.apply(Style.WARNING, line)));
            case FAIL -> throw new MojoFailureException(String.join(System.lineSeparator(), message));
            case UNKNOWN -> throw new MojoExecutionException(String.join(System.lineSeparator(), message));
        }
    }

    private List<Row> with(Status status) {
        return rows.stream().filter(row -> status(row) == status).toList();
    }

    private List<String> message(List<Row> failed, List<Row> notRun, List<Row> ignored) {
        List<String> lines = new ArrayList<>();
        if (failed.isEmpty() && notRun.isEmpty() && ignored.isEmpty()) {
            String others = rows.stream()
                    .flatMap(row -> row.run().stream()
                            .map(run -> run.state().label())
                            .filter(state -> !state.equals(Result.Known.SUCCESSFUL.name()))
                            .map(state -> row.id() + " (" + state + ")"))
                    .collect(Collectors.joining(", "));
            String all = rows.size() == 1 ? "The run " : "All " + rows.size() + " runs ";
            lines.add(
                    others.isEmpty()
                            ? all + (rows.size() == 1 ? "is" : "are") + " SUCCESSFUL"
                            : all + "passed; not SUCCESSFUL: " + others);
            return lines;
        }
        List<Row> unsuccessful = failed.isEmpty() ? ignored : failed;
        List<String> parts = new ArrayList<>();
        if (!failed.isEmpty()) {
            parts.add(failed.size() + " of " + rows.size() + " runs did not succeed: " + ids(failed));
        }
        if (!ignored.isEmpty()) {
            parts.add("ignored (failureIgnore, onTimeout=warn), with what needs it: " + ids(ignored));
        }
        if (!notRun.isEmpty()) {
            parts.add("not run: " + ids(notRun));
        }
        lines.add(String.join("; ", parts));
        for (Row row : unsuccessful) {
            row.ending().ifPresent(end -> {
                String number = row.run().map(run -> "#" + run.number()).orElse("");
                String name = (number.equals("#" + row.id()) ? number : (row.id() + " " + number).strip()) + ": ";
                lines.addAll((name + end.text()).lines().toList());
            });
        }
        for (Row row : notRun) {
            row.execution()
                    .flatMap(PlannedExecution::prevention)
                    .ifPresent(reason -> lines.add(row.id() + ": " + reason));
        }
        return lines;
    }

    private static String ids(List<Row> rows) {
        return rows.stream().map(Row::id).collect(Collectors.joining(", "));
    }

    /** Returns a line for each run: id, number, result, duration, URL. */
    private List<String> table() {
        return PlanTable.lines(
                rows.stream()
                        .map(row -> new PlanTable.Row(row.id(), row.run(), status(row) == Status.NOT_RUN))
                        .toList(),
                context.colours());
    }
}
