package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.util.Optional;

/**
 * What a run is called in all that people read: {@code #42 deploy on branch main of acme/shop}.
 *
 * @param pipeline as asked for; else what the run says
 * @param target as asked for; else what the run says
 */
public record RunLabel(RepositoryId repository, Optional<String> pipeline, Optional<Target> target) {
    /** Of a run that we trigger. */
    public static RunLabel of(RepositoryId repository, TriggerRequest request) {
        return new RunLabel(repository, request.pipeline(), Optional.of(request.target()));
    }

    /** Of a run that is there: it says itself what it is. */
    public static RunLabel of(RepositoryId repository) {
        return new RunLabel(repository, Optional.empty(), Optional.empty());
    }

    public String of(Run run) {
        String name = pipeline.or(() -> run.selector().flatMap(Selector::pipeline))
                .map(p -> " " + p)
                .orElse("");
        String on = target.or(run::target).map(t -> " on " + t).orElse("");
        return "#" + run.number() + name + on + " of " + repository;
    }
}
