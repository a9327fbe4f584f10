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
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;

/** The result for machines; {@code docs/run-result.schema.json} describes it. What is not known is left out. */
final class ResultJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");

    private ResultJson() {}

    static String of(RunSnapshot facts) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("schema", 1);
        json.put("pluginVersion", facts.context().pluginVersion());
        json.put("execution", facts.context().executionId());
        json.put("rehearsal", facts.context().rehearsal());
        json.put("workspace", facts.context().repository().workspace());
        json.put("repository", facts.context().repository().slug());
        json.put("number", facts.run().number());
        json.put("uuid", facts.run().uuid());
        json.put("url", facts.run().url().toString());
        json.set("target", target(facts.context().targetOf(facts.run()), facts.run()));
        put(json, "pipeline", facts.context().pipelineOf(facts.run()));
        put(json, "creator", facts.run().creator().flatMap(creator -> creator.name()));
        put(json, "created", facts.run().created());
        put(json, "started", facts.started());
        put(json, "ended", facts.ended());
        state(json, facts.run().state());
        seconds(json, "queueSeconds", facts.queuedDuration());
        seconds(
                json,
                "runSeconds",
                facts.runDuration().filter(ran -> facts.ended().isPresent()));
        seconds(json, "totalSeconds", facts.totalDuration());
        seconds(json, "usualTotalSeconds", facts.usual());
        json.put("outcome", facts.outcome().name());
        put(json, "verdict", facts.verdict().map(verdict -> verdict.decision().name()));
        facts.verdict().ifPresent(verdict -> {
            ArrayNode message = json.putArray("message");
            verdict.lines().forEach(message::add);
        });
        seconds(json, "noticedAfterSeconds", facts.detectionDelay());
        facts.requests().ifPresent(requests -> json.put("requests", requests));
        ArrayNode steps = json.putArray("steps");
        facts.steps().forEach(step -> steps.add(step(facts, step)));
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
        put(json, "commit", run.commit().or(() -> target.flatMap(Target::commit)));
        return json;
    }

    /** The same words for runs and for steps. */
    private static void state(ObjectNode json, State state) {
        json.put("state", state.label());
        if (state instanceof Completed completed) {
            json.put("result", completed.result().name());
            completed.error().ifPresent(error -> {
                ObjectNode problem = json.putObject("error");
                put(problem, "key", error.key());
                put(problem, "message", error.message());
            });
            put(json, "stoppedBy", completed.stoppedBy());
        }
    }

    private static ObjectNode step(RunSnapshot facts, StepSnapshot step) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("position", step.step().position());
        json.put("uuid", step.step().uuid());
        json.put("name", step.step().displayName());
        json.put("manual", step.step().manual());
        put(json, "started", step.started());
        put(json, "ended", step.ended());
        state(json, step.step().state());
        seconds(json, "queueSeconds", facts.queuedDuration(step));
        seconds(
                json,
                "runSeconds",
                step.runDuration(facts.asOf()).filter(ran -> step.step().state().isCompleted()));
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
