package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.pipeline.DownloadRequest;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Template;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.plan.Plan;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.repository.RepositoryAccess;
import io.github.bitbucketpipelines.maven.session.run.OutputConfig;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One of several runs; all is checked, and nothing was sent.
 *
 * @param context of this run alone
 * @param trigger in its variables are references to outputs of other runs
 * @param connections opens a connection to its repository
 */
public record PlannedRun(
        Plan.Entry entry,
        GoalContext context,
        RepositoryAccess access,
        TriggerConfig trigger,
        Map<String, Template> references,
        WatchConfig watch,
        Function<Optional<TriggerRequest>, BitbucketConnection> connections) {
    String id() {
        return entry.id();
    }

    /** Returns the ids of the runs that must succeed first, in alphabetical order. */
    List<String> needs() {
        return entry.needs().stream().sorted().toList();
    }

    /** Returns the server of this run where it is not the one of the execution. */
    Optional<String> ownServerId(GoalContext execution) {
        return Optional.of(access.serverId())
                .filter(id -> !id.equals(execution.parameters().effectiveServerId()));
    }

    BitbucketConnection connect() {
        return connections.apply(Optional.of(trigger.request()));
    }

    /**
     * Returns the request with values in place of the references.
     *
     * @param values of references such as {@code api.URL}
     */
    TriggerRequest request(Function<String, String> values) {
        TriggerRequest request = expand(trigger.request(), references, values);
        SecretMasker masker = SessionContext.of(context.session()).masker();
        request.secrets().forEach(masker::add);
        return request;
    }

    /** Returns a request with values in place of the references in its variables. */
    static TriggerRequest expand(
            TriggerRequest request, Map<String, Template> references, Function<String, String> values) {
        return request.with(request.variables().stream()
                .map(variable -> references.containsKey(variable.key())
                        ? new Variable(
                                variable.key(), references.get(variable.key()).expand(values), variable.secured())
                        : variable)
                .toList());
    }

    /** Returns what the run must hand to the build, with values in place of the references. */
    OutputConfig outputs(Function<String, Optional<String>> values) {
        OutputConfig outputs = watch.outputs();
        return new OutputConfig(
                outputs.outputs(),
                outputs.downloads().stream()
                        .map(file -> new DownloadRequest(file.name().with(values)))
                        .toList(),
                outputs.appearTimeout());
    }
}
