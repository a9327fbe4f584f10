package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.Optional;

/**
 * What a report is about, as the build knows it.
 *
 * @param executionId names the files
 * @param pluginVersion who wrote them
 * @param rehearsal whether there is no such run at all, but one of the embedded Bitbucket
 * @param pipeline as asked for; else what the run says
 * @param target as asked for; else what the run says
 */
public record ReportContext(
        String executionId,
        String pluginVersion,
        boolean rehearsal,
        RepositoryId repository,
        Optional<String> pipeline,
        Optional<Target> target) {
    Optional<String> pipelineOf(Run run) {
        return pipeline.or(() -> run.selector().flatMap(Selector::pipeline));
    }

    Optional<Target> targetOf(Run run) {
        return target.or(run::target);
    }
}
