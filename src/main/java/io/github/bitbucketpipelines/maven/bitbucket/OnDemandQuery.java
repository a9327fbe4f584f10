package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.bitbucket.TriggerJson.PullRequestEndpoints;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The query of the trigger of an on-demand pipeline, whose body is the pipeline: each property of what is the body of any other
 * trigger is a parameter named by its JSON path, such as {@code variables[0].key}.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/">Run a pipeline</a>
 */
public final class OnDemandQuery {
    /** Servers and proxies limit the length of a URL, many of them to 8 KiB together with the method. */
    static final int MAX_LENGTH = 8_000;

    private OnDemandQuery() {}

    /**
     * Says why an on-demand pipeline can't be sent with the rest of this request; empty where it can, and for any other
     * request. The branches of a pull request are not known yet, and count when they are.
     */
    public static Optional<String> problem(TriggerRequest request) {
        if (request.content().isEmpty()) {
            return Optional.empty();
        }
        if (request.variables().stream().anyMatch(Variable::secured)) {
            return Optional.of("secured variables can't be sent with a pipeline file: they would be part of a URL");
        }
        PullRequestEndpoints unknown = new PullRequestEndpoints("", "", "", "");
        return problem(of(TriggerJson.body(request, Optional.of(unknown))));
    }

    /** Says why this query can't be sent; empty where it can. */
    static Optional<String> problem(List<String> query) {
        int length = String.join("&", query).length();
        return length <= MAX_LENGTH
                ? Optional.empty()
                : Optional.of(
                        "the target, the pipeline and the variables are part of a URL beside a pipeline file, and have"
                                + " " + length + " characters there, encoded; at most " + MAX_LENGTH
                                + " are sent. Give fewer or shorter variables");
    }

    /** Returns the encoded parameters of this body. */
    static List<String> of(ObjectNode body) {
        List<String> query = new ArrayList<>();
        add("", body, query);
        return query;
    }

    private static void add(String path, JsonNode json, List<String> query) {
        if (json.isObject()) {
            for (Map.Entry<String, JsonNode> field : json.properties()) {
                String name = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
                // Bitbucket's examples have it in the JSON, and not in the query.
                if (!name.equals("target.commit.type")) {
                    add(name, field.getValue(), query);
                }
            }
        } else if (json.isArray()) {
            for (int i = 0; i < json.size(); i++) {
                add(path + "[" + i + "]", json.get(i), query);
            }
        } else {
            query.add(ApiUrl.encoded(path) + "=" + ApiUrl.encoded(json.asText()));
        }
    }
}
