package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Colours;
import io.github.bitbucketpipelines.maven.console.Colours.Style;
import io.github.bitbucketpipelines.maven.console.PlanTable;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.plan.PlanState;
import io.github.bitbucketpipelines.maven.plan.PlanState.Status;
import io.github.bitbucketpipelines.maven.report.PlanResult;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.session.PlannedExecution.Ending;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * What several runs mean for the build: keeps the file of the plan up to date, and passes or fails the build at its end.
 *
 * @param state of the runs that have an execution
 * @param rows all runs, in the order of the configuration
 */
record PlanConclusion(GoalContext context, Path outputDirectory, PlanState state, List<Row> rows) {
    /**
     * A run of the plan.
     *
     * @param execution empty for one that an earlier build did not trigger, and that this one does not trigger either
     */
    record Row(String id, List<String> needs, RepositoryId repository, Optional<PlannedExecution> execution) {
        private Optional<Ending> ending() {
            return execution.flatMap(PlannedExecution::ending);
        }

        private Optional<Run> run() {
            return ending().flatMap(Ending::run);
        }
    }

    /** Returns the file of the plan. */
    Path file() {
        return PlanResult.file(outputDirectory, context.executionId());
    }

    /** Writes how the runs stand. A file that can't be written is a warning. */
    void write() {
        write(Optional.empty(), List.of());
    }

    private void write(Optional<Decision> verdict, List<String> message) {
        try {
            new PlanResult(
                            context.buildFacts(),
                            verdict,
                            message.stream()
                                    .map(SessionContext.of(context.session()).masker()::mask)
                                    .toList(),
                            rows.stream().map(this::entry).toList())
                    .write(outputDirectory);
        } catch (IOException e) {
            OncePerSession.run(
                    context.session(),
                    "unwritten " + file(),
                    () -> context.output()
                            .warn("The result " + context.display(file()) + " could not be written: " + e));
        }
    }

    private PlanResult.Entry entry(Row row) {
        return new PlanResult.Entry(
                row.id(),
                row.needs(),
                row.repository(),
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
    void enforce() throws MojoExecutionException, MojoFailureException {
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
        table().forEach(context.output()::info);
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
            lines.add(rows.size() == 1 ? "The run is SUCCESSFUL" : "All " + rows.size() + " runs are SUCCESSFUL");
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
