package io.github.bitbucketpipelines.maven.preflight;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.preflight.Finding.Status;
import java.util.List;

/** Renders findings as JSON: {@code schema}, {@code workspace}, {@code repository}, {@code verdict}, {@code findings}. */
public final class FindingsJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FindingsJson() {}

    /** Renders one indented object without a trailing line end. */
    public static String of(RepositoryId repository, List<Finding> findings) {
        ObjectNode json = JSON.createObjectNode();
        json.put("schema", 1);
        json.put("workspace", repository.workspace());
        json.put("repository", repository.slug());
        json.put("verdict", verdict(findings).name());
        ArrayNode array = json.putArray("findings");
        findings.forEach(finding -> array.addObject()
                .put("subject", finding.subject().name())
                .put("status", finding.status().name())
                .put("text", finding.text()));
        return text(json);
    }

    /** The findings of one of several runs. */
    public record OfRun(String id, RepositoryId repository, List<Finding> findings) {}

    /** Renders those of several runs: {@code schema}, {@code verdict}, {@code findings}; each names its run. */
    public static String of(List<OfRun> runs) {
        ObjectNode json = JSON.createObjectNode();
        json.put("schema", 1);
        json.put(
                "verdict",
                verdict(runs.stream().flatMap(run -> run.findings().stream()).toList())
                        .name());
        ArrayNode array = json.putArray("findings");
        for (OfRun run : runs) {
            run.findings()
                    .forEach(finding -> array.addObject()
                            .put("run", run.id())
                            .put("workspace", run.repository().workspace())
                            .put("repository", run.repository().slug())
                            .put("subject", finding.subject().name())
                            .put("status", finding.status().name())
                            .put("text", finding.text()));
        }
        return text(json);
    }

    private static String text(ObjectNode json) {
        try {
            return TextSanitizer.escapedJson(
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        }
    }

    /** One failure fails all; else one check that could not be made leaves all unknown. */
    private static Status verdict(List<Finding> findings) {
        List<Status> statuses = findings.stream().map(Finding::status).toList();
        if (statuses.contains(Status.FAILED)) {
            return Status.FAILED;
        }
        return statuses.contains(Status.UNKNOWN) ? Status.UNKNOWN : Status.OK;
    }
}
