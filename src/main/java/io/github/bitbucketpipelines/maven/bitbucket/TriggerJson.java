package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.util.Optional;

/**
 * The body of a trigger.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/">Run a pipeline</a>
 */
final class TriggerJson {
    private TriggerJson() {}

    /** The four parts of a pull request's target; Bitbucket refuses the trigger if one is missing. */
    record PullRequestEndpoints(String source, String sourceCommit, String destination, String destinationCommit) {}

    /**
     * The body for this request.
     *
     * @param parts there for a pull request
     */
    static ObjectNode body(TriggerRequest request, Optional<PullRequestEndpoints> parts) {
        ObjectNode body = Json.object();
        ObjectNode target = body.putObject("target");
        Target wanted = request.target();
        if (wanted instanceof Target.PullRequest pullRequest) {
            pullRequest(target, pullRequest, parts.orElseThrow());
        } else if (wanted instanceof Target.Commit) {
            target.put("type", "pipeline_commit_target");
        } else {
            target.put("type", "pipeline_ref_target");
            target.put("ref_type", wanted instanceof Target.Tag ? "tag" : "branch");
            target.put("ref_name", wanted.refName().orElseThrow());
        }
        wanted.commit()
                .ifPresent(
                        hash -> target.putObject("commit").put("type", "commit").put("hash", hash));
        request.selector()
                .or(() -> request.pipeline().map(Selector::custom))
                .ifPresentOrElse(selector -> selector(target, selector), () -> selectorByDefault(target, wanted));
        if (!request.variables().isEmpty()) {
            ArrayNode variables = body.putArray("variables");
            request.variables().forEach(variable -> add(variables, variable));
        }
        return body;
    }

    private static void selector(ObjectNode target, Selector selector) {
        ObjectNode json = target.putObject("selector").put("type", selector.type());
        selector.pattern().ifPresent(pattern -> json.put("pattern", pattern));
    }

    private static void pullRequest(ObjectNode target, Target.PullRequest pullRequest, PullRequestEndpoints parts) {
        target.put("type", "pipeline_pullrequest_target");
        target.put("source", parts.source());
        target.put("destination", parts.destination());
        target.putObject("destination_commit").put("hash", parts.destinationCommit());
        target.putObject("commit").put("hash", parts.sourceCommit());
        target.putObject("pullrequest").put("id", pullRequest.id());
    }

    /** A branch's or tag's definition is found by its name; a commit and a pull request need a selector. */
    private static void selectorByDefault(ObjectNode target, Target wanted) {
        if (wanted instanceof Target.Commit) {
            target.putObject("selector").put("type", "default");
        } else if (wanted instanceof Target.PullRequest) {
            target.putObject("selector").put("type", "pull-requests").put("pattern", "**");
        }
    }

    private static void add(ArrayNode variables, Variable variable) {
        ObjectNode json = variables.addObject().put("key", variable.key()).put("value", variable.value());
        if (variable.secured()) {
            json.put("secured", true);
        }
    }
}
