package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.report.ReportContext.Commands;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import io.github.bitbucketpipelines.maven.run.Verdict;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Renders a run as JSON by {@code docs/run-result.schema.json}. Unknown values are omitted. */
final class ResultJson {
    static final ObjectMapper MAPPER = new ObjectMapper();
    private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");

    private ResultJson() {}

    static String of(RunSnapshot snapshot) {
        ObjectNode json = build(snapshot.context().build());
        addRequest(json, snapshot);
        addRun(json, snapshot.run());
        addTimes(json, snapshot);
        json.put("outcome", snapshot.outcome().name());
        snapshot.verdict().ifPresent(verdict -> addVerdict(json, verdict.decision(), verdict.lines()));
        addOutputs(json, snapshot.outputs());
        addCommands(json, snapshot.context().commandsFor(snapshot.run()));
        snapshot.requests().ifPresent(requests -> json.put("requests", requests));
        put(json, "missingSteps", snapshot.missingSteps());
        ArrayNode steps = json.putArray("steps");
        snapshot.steps().forEach(step -> steps.add(step(snapshot, step)));
        return text(json);
    }

    /** Returns what is known before there is a run. */
    static ObjectNode build(BuildFacts build) {
        ObjectNode json = execution(build);
        json.put("goal", build.goal());
        build.project()
                .ifPresent(project -> json.putObject("project")
                        .put("groupId", project.groupId())
                        .put("artifactId", project.artifactId())
                        .put("version", project.version()));
        put(json, "serverId", build.serverId());
        put(json, "head", build.head());
        put(json, "ciServer", build.ciServer());
        put(json, "ciBuild", build.ciBuild());
        put(json, "startedBy", build.startedBy());
        return json;
    }

    /** Returns what the files of every execution begin with. */
    static ObjectNode execution(BuildFacts build) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("schema", 1);
        json.put("pluginVersion", build.pluginVersion());
        json.put("execution", build.executionId());
        json.put("rehearsal", build.rehearsal());
        return json;
    }

    private static void addRepository(ObjectNode json, RepositoryId repository) {
        json.put("workspace", repository.workspace());
        json.put("repository", repository.slug());
    }

    private static void addRequest(ObjectNode json, RunSnapshot snapshot) {
        ReportContext context = snapshot.context();
        addRepository(json, snapshot.run().repository(context.repository()));
        json.set("target", target(context.targetOf(snapshot.run()), snapshot.run()));
        put(json, "pipeline", context.pipelineOf(snapshot.run()));
        addContent(json, context.content());
        context.variables().ifPresent(names -> names.forEach(json.putArray("variables")::add));
    }

    private static void addContent(ObjectNode json, Optional<Fingerprint> content) {
        content.ifPresent(
                file -> json.putObject("pipelineFile").put("name", file.name()).put("sha256", file.sha256()));
    }

    /** Adds what Bitbucket's response says about a run. */
    static void addRun(ObjectNode json, Run run) {
        json.put("number", run.number());
        json.put("uuid", run.uuid());
        json.put("url", run.url().toString());
        put(json, "creator", run.creator().flatMap(creator -> creator.name()));
        put(json, "created", run.created());
        state(json, run.state());
    }

    private static void addTimes(ObjectNode json, RunSnapshot snapshot) {
        put(json, "started", snapshot.started());
        put(json, "ended", snapshot.ended());
        seconds(json, "queueSeconds", snapshot.queuedDuration());
        seconds(
                json,
                "runSeconds",
                snapshot.runDuration().filter(duration -> snapshot.ended().isPresent()));
        seconds(json, "totalSeconds", snapshot.totalDuration());
        seconds(json, "usualTotalSeconds", snapshot.typicalDuration());
        seconds(json, "noticedAfterSeconds", snapshot.detectionDelay());
    }

    /** Renders a trigger before it is sent, by {@code docs/trigger-intent.schema.json}. */
    static String of(ReportContext context, TriggerIntent intent) {
        ObjectNode json = execution(context.build());
        addIntent(json, context, intent);
        json.put("outcome", Receipts.TRIGGERING);
        return text(json);
    }

    /** Adds what the run is found by that a trigger may have created. */
    static void addIntent(ObjectNode json, ReportContext context, TriggerIntent intent) {
        addRepository(json, context.repository());
        json.set("target", target(Optional.of(intent.target()), intent.target().commit()));
        put(json, "pipeline", intent.pipeline());
        addContent(json, intent.content());
        ObjectNode trigger = json.putObject("trigger");
        trigger.put("time", intent.time().toString());
        trigger.put("newestNumber", intent.newestNumber());
    }

    static void addVerdict(ObjectNode json, Verdict.Decision decision, List<String> lines) {
        json.put("verdict", decision.name());
        json.put("exit", decision == Verdict.Decision.PASS || decision == Verdict.Decision.WARN ? 0 : 1);
        ArrayNode message = json.putArray("message");
        lines.forEach(message::add);
    }

    private static void addOutputs(ObjectNode json, RunOutputs outputs) {
        if (!outputs.values().isEmpty()) {
            ObjectNode values = json.putObject("outputs");
            outputs.values().forEach(values::put);
        }
        if (!outputs.downloads().isEmpty()) {
            ArrayNode files = json.putArray("downloads");
            outputs.downloads()
                    .forEach(file -> files.addObject()
                            .put("name", file.name())
                            .put("file", file.file())
                            .put("bytes", file.bytes()));
        }
    }

    private static void addCommands(ObjectNode json, Commands commands) {
        if (!commands.isEmpty()) {
            ObjectNode node = json.putObject("commands");
            put(node, "wait", commands.waiting());
            put(node, "logs", commands.logs());
            put(node, "again", commands.again());
        }
    }

    static String text(ObjectNode json) {
        try {
            DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
            printer.indentObjectsWith(LINES);
            printer.indentArraysWith(LINES);
            return TextSanitizer.escapedJson(MAPPER.writer(printer).writeValueAsString(json)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }

    static ObjectNode target(Optional<Target> target, Run run) {
        return target(target, run.commit().or(() -> target.flatMap(Target::commit)));
    }

    private static ObjectNode target(Optional<Target> target, Optional<String> commit) {
        ObjectNode json = MAPPER.createObjectNode();
        target.ifPresent(t -> {
            if (t instanceof Target.Branch branch) {
                json.put("branch", branch.name());
            } else if (t instanceof Target.Tag tag) {
                json.put("tag", tag.name());
            } else if (t instanceof Target.PullRequest pullRequest) {
                json.put("pullRequest", pullRequest.id());
            }
        });
        put(json, "commit", commit);
        return json;
    }

    /** Writes the state of a run or of a step. */
    private static void state(ObjectNode json, State state) {
        json.put("state", state.label());
        if (state instanceof Completed completed) {
            json.put("result", completed.result().name());
            completed.error().ifPresent(error -> {
                ObjectNode detail = json.putObject("error");
                put(detail, "key", error.key());
                put(detail, "message", error.message());
            });
            put(json, "stoppedBy", completed.stoppedBy());
        }
    }

    private static ObjectNode step(RunSnapshot snapshot, StepSnapshot step) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("position", step.step().position());
        json.put("uuid", step.step().uuid());
        json.put("name", step.step().displayName());
        json.put("manual", step.step().manual());
        if (step.step().attempt() > 1) {
            json.put("attempt", step.step().attempt());
        }
        if (step.isFailureIgnored()) {
            json.put("failureIgnored", true);
        }
        step.child().ifPresent(child -> {
            ObjectNode run = json.putObject("child");
            run.put("number", child.run().number());
            run.put("url", child.run().url().toString());
            state(run, child.run().state());
            ArrayNode failed = run.putArray("failedSteps");
            child.failedSteps().forEach(failing -> failed.add(failing.displayName()));
        });
        put(json, "started", step.started());
        put(json, "ended", step.ended());
        state(json, step.step().state());
        seconds(json, "queueSeconds", snapshot.queuedDuration(step));
        seconds(
                json,
                "runSeconds",
                step.runDuration(snapshot.asOf())
                        .filter(duration -> step.step().state().isCompleted()));
        if (!step.tests().cases().isEmpty() || !step.tests().complete()) {
            ObjectNode tests = json.putObject("tests");
            tests.put("passed", step.count(TestCase.Outcome.PASSED));
            tests.put("failed", step.count(TestCase.Outcome.FAILED));
            tests.put("errors", step.count(TestCase.Outcome.ERROR));
            tests.put("skipped", step.count(TestCase.Outcome.SKIPPED));
            tests.put("complete", step.tests().complete());
            put(tests, "missing", step.tests().gap());
        }
        return json;
    }

    static void put(ObjectNode json, String name, Optional<?> value) {
        value.ifPresent(v -> json.put(name, v.toString()));
    }

    private static void seconds(ObjectNode json, String name, Optional<Duration> duration) {
        duration.ifPresent(d -> json.put(
                name, BigDecimal.valueOf(d.toMillis(), 3).stripTrailingZeros().setScale(3, RoundingMode.UNNECESSARY)));
    }
}
