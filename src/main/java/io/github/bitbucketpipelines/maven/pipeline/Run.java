package io.github.bitbucketpipelines.maven.pipeline;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One run of a pipeline, as Bitbucket's response describes it. Fields that the response lacks are absent.
 *
 * @param number the build number
 * @param uuid with its braces
 * @param url the run's web page
 * @param target absent where it is of a kind we do not know
 * @param commit the commit it builds, whatever the target
 * @param selector absent while bitbucket-pipelines.yml is not parsed yet
 * @param trigger {@code MANUAL}, {@code PUSH}, {@code SCHEDULED}, {@code PARENT_STEP}, or what else came
 * @param duration the time it ran, the queue left out
 */
public record Run(
        long number,
        String uuid,
        URI url,
        State state,
        Optional<Target> target,
        Optional<String> commit,
        Optional<Selector> selector,
        Optional<String> trigger,
        Optional<Account> creator,
        Optional<Instant> created,
        Optional<Instant> completed,
        Optional<Duration> duration) {
    /**
     * Whether it may be of this custom pipeline; empty for runs of no custom pipeline. True while the run's selector is not
     * known.
     */
    public boolean mayBeOfPipeline(Optional<String> pipeline) {
        return selector.isEmpty()
                || selector.flatMap(Selector::pipeline)
                        .map(TextSanitizer::name)
                        .equals(pipeline.map(TextSanitizer::name));
    }

    /**
     * Returns the repository by the name that Bitbucket's response gives it: after a rename or a transfer, the new one.
     *
     * @param requested returned where the names differ only in case, or it is given by UUIDs
     */
    public RepositoryId repository(RepositoryId requested) {
        String[] path = url.getPath().split("/");
        if (requested.fullName().contains("{")
                || path.length < 3
                || requested.fullName().equalsIgnoreCase(path[1] + "/" + path[2])
                || !RepositoryId.isWorkspace(path[1])
                || !RepositoryId.isSlug(path[2])) {
            return requested;
        }
        return new RepositoryId(path[1], path[2]);
    }

    /** Returns the same run in another state, which was derived from its steps. */
    public Run withState(State other) {
        return new Run(
                number, uuid, url, other, target, commit, selector, trigger, creator, created, completed, duration);
    }
}
