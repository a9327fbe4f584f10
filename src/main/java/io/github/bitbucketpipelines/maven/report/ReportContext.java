package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.Optional;

/**
 * The execution that a report belongs to, and the run as the build requested it.
 *
 * @param executionId the base of the file names
 * @param pluginVersion the version that writes them
 * @param rehearsal whether the run is one of the embedded Bitbucket
 * @param pipeline as requested; empty to take that of the run
 * @param target as requested; empty to take that of the run
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
