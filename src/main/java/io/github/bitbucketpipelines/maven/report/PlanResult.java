package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code EXECUTION-ID.json} of an execution of several runs, by {@code docs/plan-result.schema.json}. It names the runs and their
 * own files, from before the first trigger on; what it says of each run is what the run's own file says at that moment.
 *
 * @param verdict empty while the runs are watched
 * @param message the lines of the verdict
 */
public record PlanResult(BuildFacts build, Optional<Decision> verdict, List<String> message, List<Entry> runs) {
    /** How a run stands in the plan. */
    public enum Status {
        /** It may be triggered later. */
        WAITING,
        /** It was triggered, or is being triggered; its own file says the rest. */
        STARTED,
        /** It was not triggered, which fails the build. */
        NOT_RUN,
        /** It was not triggered, and the build passes with a warning. */
        NOT_RUN_IGNORED
    }

    /**
     * One run.
     *
     * @param needs the ids of the runs that must succeed first
     * @param repository empty where the execution failed before it was known
     * @param serverId of a run that has another one than the execution
     */
    public record Entry(
            String id,
            List<String> needs,
            Optional<RepositoryId> repository,
            Optional<String> serverId,
            Status status) {}

    /**
     * A run that a file names.
     *
     * @param serverId of a run that has another one than the execution
     * @param receipt its own file, if it was triggered
     * @param number the build number; 0 where the file does not name it
     * @param waiting whether the file says that it may be triggered later
     * @param unfinished whether the file says that it was triggered, and not how it ended
     * @param rehearsal whether it is one of the embedded Bitbucket
     */
    public record StoredRun(
            String id,
            List<String> needs,
            RepositoryId repository,
            Optional<String> serverId,
            Path receipt,
            long number,
            boolean waiting,
            boolean unfinished,
            boolean rehearsal) {
        /** Whether it may not have ended, and only the file of the plan still names it. */
        public boolean isLost() {
            return unfinished && !rehearsal && !Links.exists(receipt);
        }

        private boolean mayBeUnfinished() {
            return isLost() || Links.exists(receipt) && Receipts.mayBeOfUnfinishedRun(receipt);
        }
    }

    /** Returns the id of the execution whose files are those of one run. */
    public static String executionOf(String executionId, String runId) {
        return executionId + "." + runId;
    }

    /**
     * Replaces the file.
     *
     * @throws IOException if it can't be written
     */
    public void write(Path outputDirectory) throws IOException {
        Outcome outcome = outcome(outputDirectory);
        ArrayNode runsJson = ResultJson.MAPPER.createArrayNode();
        for (Entry entry : runs) {
            runsJson.add(run(entry, own(outputDirectory, entry), ownFile(outputDirectory, entry)));
        }
        write(outputDirectory, outcome, decision(outcome), ResultJson.execution(build), runsJson);
    }

    /**
     * Writes the page for people and its style sheet; returns the page.
     *
     * @param asOf the present time by Bitbucket's clock
     * @throws IOException if it can't be written
     */
    public Path writePage(Path outputDirectory, Instant asOf) throws IOException {
        Outcome outcome = outcome(outputDirectory);
        List<PlanView.RunRow> rows = new ArrayList<>();
        for (Entry entry : runs) {
            JsonNode own = own(outputDirectory, entry);
            Path page = ReportPaths.of(outputDirectory, executionOf(build.executionId(), entry.id()))
                    .html();
            rows.add(new PlanView.RunRow(
                    run(entry, own, ownFile(outputDirectory, entry)),
                    own,
                    Optional.of(page.getFileName().toString()).filter(name -> own.has("outcome") && Links.isFile(page)),
                    asOf,
                    build.rehearsal()));
        }
        ReportPaths paths = ReportPaths.of(outputDirectory, build.executionId());
        FileReplacement.real().write(paths.css(), HtmlPage.style());
        FileReplacement.real()
                .write(
                        paths.html(),
                        HtmlPage.of(new PlanView(
                                build, outcome, decision(outcome).orElse(Decision.UNKNOWN), message, rows, asOf)));
        return paths.html();
    }

    /** That there is no run is known, whatever kept the build from triggering one. */
    private Optional<Decision> decision(Outcome outcome) {
        return verdict.map(decision -> outcome == Outcome.NO_RUN ? Decision.FAIL : decision);
    }

    private Outcome outcome(Path outputDirectory) {
        return verdict.isEmpty()
                ? Outcome.GOING
                : outcome(runs.stream()
                        .map(entry ->
                                own(outputDirectory, entry).path("outcome").asText())
                        .filter(name -> !name.isEmpty())
                        .toList());
    }

    /** OVER, or the first one that is not. */
    private static Outcome outcome(List<String> outcomes) {
        if (outcomes.isEmpty()) {
            return Outcome.NO_RUN;
        }
        return outcomes.stream()
                .filter(name -> !name.equals(Outcome.OVER.name()))
                .findFirst()
                .map(PlanResult::outcome)
                .orElse(Outcome.OVER);
    }

    private static Outcome outcome(String name) {
        // A trigger that was sent, and whose outcome was not recorded.
        return name.equals(Receipts.TRIGGERING) ? Outcome.IN_DOUBT : Outcome.valueOf(name);
    }

    /**
     * Replaces the file by the failure of an execution before its first trigger. Where a run of an earlier build may not have
     * ended, the runs of the file stay, which {@code wait} and {@code stop} find by it.
     *
     * @throws IOException if it can't be written
     */
    public void writeFailure(Path outputDirectory) throws IOException {
        Path file = file(outputDirectory, build.executionId());
        if (runs(file).isEmpty() && Links.exists(file) && Receipts.mayBeOfUnfinishedRun(file)) {
            FailureReport.write(
                    outputDirectory,
                    build,
                    FailureReport.RunStatus.NONE,
                    Optional.empty(),
                    verdict.orElseThrow(),
                    String.join("\n", message));
        } else if (mayHaveUnfinishedRun(file)) {
            boolean isInDoubt = runs(file).stream()
                    .map(run -> read(run.receipt()).path("outcome").asText())
                    .anyMatch(Receipts.UNRESOLVED::contains);
            write(
                    outputDirectory,
                    isInDoubt ? Outcome.IN_DOUBT : Outcome.NO_RUN,
                    isInDoubt ? Optional.of(Decision.UNKNOWN) : verdict,
                    // Whether the runs are rehearsed is a fact of them.
                    ResultJson.execution(build).put("rehearsal", false),
                    read(file).path("runs"));
        } else {
            write(outputDirectory);
        }
    }

    private void write(
            Path outputDirectory, Outcome outcome, Optional<Decision> decision, ObjectNode json, JsonNode runsJson)
            throws IOException {
        json.put("outcome", outcome.name());
        decision.ifPresent(known -> ResultJson.addVerdict(json, known, message));
        json.set("runs", runsJson);
        FileReplacement.real().write(file(outputDirectory, build.executionId()), ResultJson.text(json));
    }

    private Path ownFile(Path outputDirectory, Entry entry) {
        return ReportPaths.of(outputDirectory, executionOf(build.executionId(), entry.id()))
                .json();
    }

    /** What the run's own file says; nothing where it was not triggered. */
    private JsonNode own(Path outputDirectory, Entry entry) {
        // At a sudden end, a run that waits may just have been triggered.
        boolean mayBeTriggered =
                entry.status() == Status.STARTED || entry.status() == Status.WAITING && verdict.isPresent();
        return mayBeTriggered ? read(ownFile(outputDirectory, entry)) : ResultJson.MAPPER.createObjectNode();
    }

    private ObjectNode run(Entry entry, JsonNode own, Path file) {
        ObjectNode json = ResultJson.MAPPER.createObjectNode();
        json.put("id", entry.id());
        ArrayNode needs = json.putArray("needs");
        entry.needs().forEach(needs::add);
        entry.repository().ifPresent(known -> json.put("repository", known.fullName()));
        entry.serverId().ifPresent(known -> json.put("serverId", known));
        for (String name : List.of("number", "url", "state", "result", "verdict", "outputs")) {
            Optional.ofNullable(own.get(name)).ifPresent(value -> json.set(name, value));
        }
        if (own.has("outcome")) {
            json.put("file", file.getFileName().toString());
        } else if (entry.status() == Status.NOT_RUN_IGNORED) {
            json.put("result", Status.NOT_RUN.name()).put("verdict", Decision.WARN.name());
        } else if (entry.status() == Status.NOT_RUN || verdict.isPresent()) {
            json.put("result", Status.NOT_RUN.name()).put("verdict", Decision.FAIL.name());
        }
        return json;
    }

    /** Returns the path of the file. */
    public static Path file(Path outputDirectory, String executionId) {
        return ReportPaths.of(outputDirectory, executionId).json();
    }

    /** Returns the runs that a file names, those that were not triggered too; empty where it is not one of several runs. */
    public static List<StoredRun> runs(Path file) {
        List<StoredRun> stored = new ArrayList<>();
        JsonNode json = read(file);
        String executionId = json.path("execution").asText();
        for (JsonNode run : json.path("runs")) {
            String[] repository = run.path("repository").asText().split("/", -1);
            String id = run.path("id").asText();
            if (repository.length == 2 && id.matches("[A-Za-z0-9_-]+")) {
                List<String> needs = new ArrayList<>();
                run.path("needs").forEach(need -> needs.add(need.asText()));
                stored.add(new StoredRun(
                        id,
                        needs,
                        new RepositoryId(repository[0], repository[1]),
                        Optional.ofNullable(run.path("serverId").textValue()),
                        KeptReceipts.isKept(file)
                                ? KeptReceipts.ofRun(file, id)
                                : file.resolveSibling(ReportPaths.of(Path.of(""), executionOf(executionId, id))
                                        .json()
                                        .getFileName()),
                        run.path("number").asLong(),
                        !run.has("file") && !run.has("result"),
                        run.has("file") && !run.has("result"),
                        json.path("rehearsal").asBoolean()));
            }
        }
        return stored;
    }

    /** Whether a run that a file names may not have ended. */
    public static boolean mayHaveUnfinishedRun(Path file) {
        return unfinished(file) > 0;
    }

    /** Returns how many of the runs that a file names may not have ended. */
    public static long unfinished(Path file) {
        return runs(file).stream().filter(StoredRun::mayBeUnfinished).count();
    }

    private static JsonNode read(Path file) {
        try {
            return Receipts.tree(file);
        } catch (IOException e) {
            // The file says nothing.
        }
        return ResultJson.MAPPER.createObjectNode();
    }
}
