package io.github.bitbucketpipelines.maven.mojo;

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
record RunNames(RepositoryId repository, Optional<String> pipeline, Optional<Target> target) {
    /** Of a run that we trigger. */
    static RunNames of(RepositoryId repository, TriggerRequest request) {
        return new RunNames(repository, request.pipeline(), Optional.of(request.target()));
    }

    /** Of a run that is there: it says itself what it is. */
    static RunNames of(RepositoryId repository) {
        return new RunNames(repository, Optional.empty(), Optional.empty());
    }

    String of(Run run) {
        String name = pipeline.or(() -> run.selector().flatMap(Selector::pipeline))
                .map(p -> " " + p)
                .orElse("");
        String on = target.or(run::target).map(t -> " on " + t).orElse("");
        return "#" + run.number() + name + on + " of " + repository;
    }
}
