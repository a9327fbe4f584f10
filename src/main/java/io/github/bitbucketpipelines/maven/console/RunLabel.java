package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.util.Optional;

/**
 * Names a run in messages: {@code #42 deploy on branch main of acme/shop}.
 *
 * @param repository as requested; a run of a repository that was renamed or transferred has the new one
 * @param pipeline as requested; if empty, that of the run
 * @param target as requested; if empty, that of the run
 */
public record RunLabel(RepositoryId repository, Optional<String> pipeline, Optional<Target> target) {
    /** Creates the label of a run that is triggered. */
    public static RunLabel of(RepositoryId repository, TriggerRequest request) {
        return new RunLabel(repository, request.pipeline(), Optional.of(request.target()));
    }

    /** Creates the label of an existing run; pipeline and target are those of the run. */
    public static RunLabel of(RepositoryId repository) {
        return new RunLabel(repository, Optional.empty(), Optional.empty());
    }

    /** Formats the name of this run. */
    public String of(Run run) {
        String name = pipeline.or(() -> run.selector().flatMap(Selector::pipeline))
                .map(p -> " " + p)
                .orElse("");
        String on = target.or(run::target).map(t -> " on " + t).orElse("");
        return "#" + run.number() + name + on + " of " + run.repository(repository);
    }
}
