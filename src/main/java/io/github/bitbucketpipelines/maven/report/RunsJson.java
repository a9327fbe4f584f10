package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.List;

/** Renders a list of runs as JSON, with the keys of the receipts. Unknown values are omitted. */
public final class RunsJson {
    private RunsJson() {}

    /** Renders an indented array of objects, in the given order, without a trailing line end. */
    public static String of(List<Run> runs) {
        ArrayNode json = ResultJson.MAPPER.createArrayNode();
        runs.forEach(run -> json.add(of(run)));
        try {
            return TextSanitizer.escapedJson(
                    ResultJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }

    private static ObjectNode of(Run run) {
        ObjectNode json = ResultJson.MAPPER.createObjectNode();
        json.put("number", run.number());
        json.put("uuid", run.uuid());
        json.put("url", run.url().toString());
        json.set("target", ResultJson.target(run.target(), run));
        ResultJson.put(json, "pipeline", run.selector().flatMap(Selector::pipeline));
        ResultJson.put(json, "trigger", run.trigger());
        ResultJson.put(json, "creator", run.creator().flatMap(creator -> creator.name()));
        ResultJson.put(json, "created", run.created());
        ResultJson.put(json, "ended", run.completed());
        json.put("state", run.state().label());
        ResultJson.put(json, "result", run.state().finalResult().map(result -> result.name()));
        run.duration().filter(d -> run.state().isCompleted()).ifPresent(d -> json.put("runSeconds", d.toSeconds()));
        return json;
    }
}
