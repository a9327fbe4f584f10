package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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
