package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Says what the failure of a step means while the run goes on. Bitbucket's response shows neither failure strategies nor
 * which steps are final: after a failure, final steps still run, and all steps do where the failure is ignored or retried.
 */
final class FailureWatch {
    private final Consumer<RunEvent> events;
    private final Set<String> reported = new HashSet<>();
    private boolean isFailureReported;

    FailureWatch(Consumer<RunEvent> events) {
        this.events = events;
    }

    /** Whether the run may succeed in spite of this step's failure. */
    boolean isOpen(Run run, Step step, List<Step> steps) {
        return step.isFailureIgnored(run)
                || step.hasFailed() && !run.state().isCompleted() && !isDecided(steps) && hasUnfinished(steps);
    }

    /** Emits, once for each failure, whether the run will fail, and what still runs. */
    void report(Run run, List<Step> steps) {
        if (run.state().isCompleted() || isFailureReported || !hasUnfinished(steps)) {
            return;
        }
        List<Step> failed = Step.failures(steps);
        if (failed.isEmpty()) {
            return;
        }
        String name = "#" + run.number();
        if (isDecided(steps)) {
            isFailureReported = true;
            events.accept(new RunEvent.Warning(name + " will fail: " + names(failed)
                    + (failed.size() == 1 ? " has" : " have") + " failed. Its final steps still run: "
                    + names(unfinished(steps)) + "."));
            return;
        }
        List<Step> fresh = failed.stream()
                .filter(step -> reported.add(step.uuid() + " " + step.attempt()))
                .toList();
        if (!fresh.isEmpty()) {
            events.accept(new RunEvent.Warning(name + " goes on after the failure of " + names(fresh)
                    + ": it will fail, unless bitbucket-pipelines.yml has that failure ignored or retried. Not over"
                    + " yet: "
                    + names(unfinished(steps)) + "."));
        }
    }

    /** Steps that are left out after a failure show that it counts. */
    private static boolean isDecided(List<Step> steps) {
        return steps.stream()
                .anyMatch(step -> step.state()
                        .finalResult()
                        .filter(Result.Known.NOT_RUN::equals)
                        .isPresent());
    }

    private static boolean hasUnfinished(List<Step> steps) {
        return steps.stream().anyMatch(step -> !step.state().isCompleted());
    }

    /** The running steps; all that are not completed where none runs. */
    private static List<Step> unfinished(List<Step> steps) {
        List<Step> unfinished =
                steps.stream().filter(step -> !step.state().isCompleted()).toList();
        List<Step> running = unfinished.stream()
                .filter(step -> step.state().isIn(State.Phase.RUNNING))
                .toList();
        return running.isEmpty() ? unfinished : running;
    }

    private static String names(List<Step> steps) {
        int more = steps.size() - VerdictMessages.MAX_STEP_NAMES;
        return (steps.size() == 1 ? "step " : "steps ")
                + steps.stream()
                        .limit(VerdictMessages.MAX_STEP_NAMES)
                        .map(step -> "'" + step.displayName() + "'")
                        .collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
