package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.List;
import java.util.Optional;

/** A list of runs for scripts, in the words of the receipts. What is not known is left out. */
public final class RunsJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunsJson() {}

    /** An array of objects, in the order given; indented, without a line end at the end. */
    public static String of(List<Run> runs) {
        ArrayNode json = JSON.createArrayNode();
        runs.forEach(run -> json.add(of(run)));
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }

    private static ObjectNode of(Run run) {
        ObjectNode json = JSON.createObjectNode();
        json.put("number", run.number());
        json.put("uuid", run.uuid());
        json.put("url", run.url().toString());
        ObjectNode target = json.putObject("target");
        run.target().ifPresent(t -> {
            if (t instanceof Target.Branch branch) {
                target.put("branch", branch.name());
            } else if (t instanceof Target.Tag tag) {
                target.put("tag", tag.name());
            } else if (t instanceof Target.PullRequest pullRequest) {
                target.put("pullRequest", pullRequest.id());
            }
        });
        put(target, "commit", run.commit().or(() -> run.target().flatMap(Target::commit)));
        put(json, "pipeline", run.selector().flatMap(Selector::pipeline));
        put(json, "trigger", run.trigger());
        put(json, "creator", run.creator().flatMap(creator -> creator.name()));
        put(json, "created", run.created());
        put(json, "ended", run.completed());
        json.put("state", run.state().label());
        put(json, "result", run.state().ending().map(result -> result.name()));
        run.duration().filter(d -> run.state().isCompleted()).ifPresent(d -> json.put("runSeconds", d.toSeconds()));
        return json;
    }

    private static void put(ObjectNode json, String name, Optional<?> value) {
        value.ifPresent(v -> json.put(name, v.toString()));
    }
}
