package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;

/** Renders a run as JSON by {@code docs/run-result.schema.json}. Unknown values are omitted. */
final class ResultJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");

    private ResultJson() {}

    static String of(RunSnapshot snapshot) {
        ObjectNode json = execution(snapshot.context());
        json.put("number", snapshot.run().number());
        json.put("uuid", snapshot.run().uuid());
        json.put("url", snapshot.run().url().toString());
        json.set("target", target(snapshot.context().targetOf(snapshot.run()), snapshot.run()));
        put(json, "pipeline", snapshot.context().pipelineOf(snapshot.run()));
        put(json, "creator", snapshot.run().creator().flatMap(creator -> creator.name()));
        put(json, "created", snapshot.run().created());
        put(json, "started", snapshot.started());
        put(json, "ended", snapshot.ended());
        state(json, snapshot.run().state());
        seconds(json, "queueSeconds", snapshot.queuedDuration());
        seconds(
                json,
                "runSeconds",
                snapshot.runDuration().filter(duration -> snapshot.ended().isPresent()));
        seconds(json, "totalSeconds", snapshot.totalDuration());
        seconds(json, "usualTotalSeconds", snapshot.typicalDuration());
        json.put("outcome", snapshot.outcome().name());
        put(
                json,
                "verdict",
                snapshot.verdict().map(verdict -> verdict.decision().name()));
        snapshot.verdict().ifPresent(verdict -> {
            ArrayNode message = json.putArray("message");
            verdict.lines().forEach(message::add);
        });
        seconds(json, "noticedAfterSeconds", snapshot.detectionDelay());
        snapshot.requests().ifPresent(requests -> json.put("requests", requests));
        ArrayNode steps = json.putArray("steps");
        snapshot.steps().forEach(step -> steps.add(step(snapshot, step)));
        return text(json);
    }

    /** Renders a trigger before it is sent, by {@code docs/trigger-intent.schema.json}. */
    static String of(ReportContext context, TriggerIntent intent) {
        ObjectNode json = execution(context);
        json.set("target", target(Optional.of(intent.target()), intent.target().commit()));
        put(json, "pipeline", intent.pipeline());
        json.put("outcome", Receipts.TRIGGERING);
        ObjectNode trigger = json.putObject("trigger");
        trigger.put("time", intent.time().toString());
        trigger.put("newestNumber", intent.newestNumber());
        return text(json);
    }

    private static ObjectNode execution(ReportContext context) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("schema", 1);
        json.put("pluginVersion", context.pluginVersion());
        json.put("execution", context.executionId());
        json.put("rehearsal", context.rehearsal());
        json.put("workspace", context.repository().workspace());
        json.put("repository", context.repository().slug());
        return json;
    }

    private static String text(ObjectNode json) {
        try {
            DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
            printer.indentObjectsWith(LINES);
            printer.indentArraysWith(LINES);
            return MAPPER.writer(printer).writeValueAsString(json) + "\n";
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
        put(json, "started", step.started());
        put(json, "ended", step.ended());
        state(json, step.step().state());
        seconds(json, "queueSeconds", snapshot.queuedDuration(step));
        seconds(
                json,
                "runSeconds",
                step.runDuration(snapshot.asOf())
                        .filter(duration -> step.step().state().isCompleted()));
        if (!step.tests().cases().isEmpty()) {
            ObjectNode tests = json.putObject("tests");
            tests.put("passed", step.count(TestCase.Outcome.PASSED));
            tests.put("failed", step.count(TestCase.Outcome.FAILED));
            tests.put("errors", step.count(TestCase.Outcome.ERROR));
            tests.put("skipped", step.count(TestCase.Outcome.SKIPPED));
            tests.put("complete", step.tests().complete());
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
