package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which runs are meant by a target and a pipeline, and how several of them are told to people. */
final class RunMatcher {
    private RunMatcher() {}

    /** The same ref, whatever commit of it. */
    static Target withoutCommit(Target target) {
        if (target instanceof Target.Branch branch) {
            return new Target.Branch(branch.name(), Optional.empty());
        }
        return target instanceof Target.Tag tag ? new Target.Tag(tag.name(), Optional.empty()) : target;
    }

    /** Whether a run follows this custom pipeline, or, where none is named, no custom one; unknown counts as yes. */
    static boolean mayMatchPipeline(Run run, Optional<String> pipeline) {
        return run.selector().isEmpty()
                || run.selector().flatMap(Selector::pipeline).equals(pipeline.map(TextSanitizer::singleLine));
    }

    /** One run to a line. */
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
