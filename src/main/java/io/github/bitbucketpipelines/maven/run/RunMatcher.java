package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Matches runs against a target and a pipeline, and formats lists of runs. */
final class RunMatcher {
    private RunMatcher() {}

    /** The same ref without its commit. */
    static Target withoutCommit(Target target) {
        if (target instanceof Target.Branch branch) {
            return new Target.Branch(branch.name(), Optional.empty());
        }
        if (target instanceof Target.Tag tag) {
            return new Target.Tag(tag.name(), Optional.empty());
        }
        return target instanceof Target.PullRequest pullRequest ? new Target.PullRequest(pullRequest.id()) : target;
    }

    /**
     * Whether a run is of this repository, by the names in the web pages.
     *
     * @param listed runs of the repository: where it was renamed, they have its new name
     */
    static boolean isOfRepository(Run run, RepositoryId repository, List<Run> listed) {
        // By UUIDs, the names of the repository are not known.
        return repository.fullName().contains("{")
                || Stream.concat(
                                Stream.of(repository.fullName()),
                                listed.stream().map(RunMatcher::repository))
                        .anyMatch(name -> repository(run).equalsIgnoreCase(name));
    }

    /** The name of the run's repository, as in its web page. */
    static String repository(Run run) {
        return run.url().getPath().replaceFirst("^/", "").replaceFirst("/pipelines/results/.*", "");
    }

    /** Formats at most ten runs, each on a line of its own that begins with a line separator. */
    static String format(List<Run> runs) {
        return runs.stream()
                .limit(10)
                .map(run -> System.lineSeparator() + "  #" + run.number()
                        + run.selector()
                                .flatMap(Selector::pipeline)
                                .map(name -> " " + name)
                                .orElse("")
                        + run.target().map(target -> " on " + target).orElse("")
                        + ", " + run.state().label() + ", " + run.url())
                .collect(Collectors.joining());
    }
}
