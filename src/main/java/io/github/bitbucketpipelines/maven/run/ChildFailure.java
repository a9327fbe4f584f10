package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The child pipeline in which a step of a run failed. Bitbucket does not link the two: it is found by commit, number and time.
 *
 * @param parentStep the step of the watched run
 * @param runs the child's run, its child's run, and so on; at least one
 * @param failedSteps those of the last of these runs
 * @param others runs that may be the child in place of the first
 */
public record ChildFailure(Step parentStep, List<Run> runs, List<Step> failedSteps, List<Run> others) {
    /** Copies the lists. */
    public ChildFailure {
        runs = List.copyOf(runs);
        failedSteps = List.copyOf(failedSteps);
        others = List.copyOf(others);
    }

    /** The run in which a step of its own failed. */
    public Run run() {
        return runs.get(runs.size() - 1);
    }

    /** Describes it: {@code child pipeline #43 FAILED in step 'Push image'}. */
    public String describe() {
        String numbers = runs.stream().map(child -> "#" + child.number()).collect(Collectors.joining(" > "));
        String steps = failedSteps.stream()
                .limit(VerdictMessages.MAX_STEP_NAMES)
                .map(step -> "'" + step.displayName() + "'")
                .collect(Collectors.joining(", "));
        String alternatives = others.stream()
                .limit(VerdictMessages.MAX_STEP_NAMES)
                .map(other -> "#" + other.number())
                .collect(Collectors.joining(" or "));
        return "child pipeline " + numbers + " " + run().state().label()
                + (steps.isEmpty() ? "" : " in step " + steps)
                + (alternatives.isEmpty() ? "" : " (it may also be " + alternatives + ")");
    }
}
