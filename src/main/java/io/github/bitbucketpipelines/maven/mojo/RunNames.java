package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.Optional;

/**
 * What a run is called in all that people read: {@code #42 deploy on branch main of acme/shop}.
 *
 * @param pipeline as asked for; else what the run says
 * @param target as asked for; else what the run says
 */
record RunNames(RepositoryId repository, Optional<String> pipeline, Optional<Target> target) {
    String of(Run run) {
        String name = pipeline.or(() -> run.selector().flatMap(Selector::pipeline))
                .map(p -> " " + p)
                .orElse("");
        String on = target.or(run::target).map(t -> " on " + t).orElse("");
        return "#" + run.number() + name + on + " of " + repository;
    }
}
