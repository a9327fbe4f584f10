package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.run.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code EXECUTION-ID.json} of an execution that failed without the result of a run, so that scripts find every ending in
 * the same file. The receipt of an earlier run that had not ended keeps what identifies that run, and a trigger in doubt what
 * its run is found by: until then it stays in doubt, whatever the executions are that fail meanwhile.
 */
public final class FailureReport {
    /** What is known of a run. */
    public enum RunStatus {
        /** There is none: nothing was triggered, or nothing was found. */
        NONE(Outcome.NO_RUN),
        /** A trigger was sent, and it is not known whether there is a run. */
        IN_DOUBT(Outcome.IN_DOUBT),
        /** There is one, and its result is not known. */
        UNOBSERVED(Outcome.UNSEEN);

        private final Outcome outcome;

        RunStatus(Outcome outcome) {
            this.outcome = outcome;
        }
    }

    /**
     * A trigger that was sent.
     *
     * @param context of its execution
     */
    public record SentTrigger(ReportContext context, TriggerIntent intent) {}

    /** What an earlier build noted about itself. */
    private static final List<String> OF_ONE_BUILD = List.of(
            "project", "serverId", "head", "ciServer", "ciBuild", "startedBy", "requests", "noticedAfterSeconds");

    private FailureReport() {}

    /**
     * Writes the file.
     *
     * @param sent the trigger whose outcome was not recorded yet, if one was sent
     * @param decision the verdict, which fails the build; it is unknown in any case where a trigger is in doubt
     * @param message the reason, as the build gives it
     * @throws IOException if it can't be written
     */
    public static void write(
            Path outputDirectory,
            BuildFacts build,
            RunStatus status,
            Optional<SentTrigger> sent,
            Verdict.Decision decision,
            String message)
            throws IOException {
        Path file = ReportPaths.of(outputDirectory, build.executionId()).json();
        if (status == RunStatus.NONE && mayHideARun(file)) {
            return;
        }
        ObjectNode json = ResultJson.build(build);
        Optional<ObjectNode> receipt = status == RunStatus.IN_DOUBT ? Optional.empty() : receipt(file);
        if (receipt.isPresent()) {
            // Whether a run is one of a rehearsal is a fact of the run: a rehearsal that fails must not change it.
            json.remove("rehearsal");
            json = receipt.get().remove(OF_ONE_BUILD).setAll(json);
        } else if (sent.isPresent()) {
            ResultJson.addIntent(json, sent.get().context(), sent.get().intent());
        }
        boolean isInDoubt = json.has("trigger");
        json.put("outcome", (isInDoubt ? Outcome.IN_DOUBT : status.outcome).name());
        ResultJson.addVerdict(
                json,
                isInDoubt ? Verdict.Decision.UNKNOWN : decision,
                message.lines().toList());
        FileReplacement.real().write(file, ResultJson.text(json));
    }

    /** Whether a file is there that names no run, and does not say that there was none: the next build must see it. */
    private static boolean mayHideARun(Path file) {
        return Links.exists(file) && receipt(file).isEmpty() && !isWithoutRun(file);
    }

    /** Whether a file says that an execution ended without a run. */
    static boolean isWithoutRun(Path file) {
        try {
            JsonNode json = Receipts.tree(file);
            return json.path("outcome").asText().equals(Outcome.NO_RUN.name())
                    && !json.has("number")
                    && !PlanResult.mayHaveUnfinishedRun(file);
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<ObjectNode> receipt(Path file) {
        try {
            return Receipts.readIfPresent(file).isPresent()
                    ? Optional.of((ObjectNode) Receipts.tree(file))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
