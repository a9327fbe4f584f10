package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.definition.FailureStrategy;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Says what the failure of a step means while the run goes on. Bitbucket's response shows neither failure strategies nor
 * which steps are final: after a failure, final steps still run, and all steps do where the failure is ignored or retried.
 * The strategy is that of the file that defines the run, which is read at the first failure. It is only shown: the run's
 * result decides.
 */
final class FailureWatch {
    /** The longest time for the file: the next poll waits for it. */
    private static final Duration MAX_TIME = Duration.ofSeconds(5);

    /** How often there is as much time. */
    private static final Duration LIMIT_INTERVAL = Duration.ofSeconds(30);

    private final PipelinesClient pipelines;
    private final Consumer<RunEvent> events;
    private final FailureStrategies strategies;
    private final TimeLimit limit;
    private final Clock clock;
    private TimeLimit requestLimit;
    private Instant nextLimit = Instant.MIN;
    private final Map<String, FailureStrategies.Known> known = new HashMap<>();
    private final Set<String> reported = new HashSet<>();
    private boolean isFailureReported;

    /**
     * Creates one for one run; it sends nothing yet.
     *
     * @param limit of the run
     */
    FailureWatch(RunContext context, FailureStrategies strategies, TimeLimit limit) {
        this.pipelines = context.pipelines();
        this.events = context.events();
        this.strategies = strategies;
        this.limit = limit;
        this.requestLimit = limit;
        this.clock = context.clock();
    }

    /** Whether the run may succeed in spite of this step's failure. */
    boolean isOpen(Run run, Step step, List<Step> steps) {
        return step.isFailureIgnored(run)
                || step.hasFailed()
                        && !run.state().isCompleted()
                        && !isDecided(steps)
                        && hasUnfinished(steps)
                        && strategy(run, step, steps) != FailureStrategy.FAIL;
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
        if (isDecided(steps)) {
            isFailureReported = true;
            events.accept(new RunEvent.Warning(
                    willFail(run, failed) + ". Its final steps still run: " + names(unfinished(steps)) + "."));
            return;
        }
        Map<FailureStrategy, List<Step>> fresh = failed.stream()
                .filter(step -> reported.add(step.uuid() + " " + step.attempt()))
                .collect(Collectors.groupingBy(step -> strategy(run, step, steps)));
        fresh.forEach((strategy, ofStrategy) -> events.accept(new RunEvent.Warning(
                meaning(run, strategy, ofStrategy) + " Not over yet: " + names(unfinished(steps)) + ".")));
    }

    private String meaning(Run run, FailureStrategy strategy, List<Step> failed) {
        String file = known.get(failed.get(0).uuid()).file();
        String goesOn = "#" + run.number() + " goes on after the failure of " + names(failed) + ": ";
        return switch (strategy) {
            case FAIL -> willFail(run, failed) + ", which " + file + " has neither ignored nor retried.";
            case IGNORE -> goesOn + file + " has that failure ignored.";
            case RETRY -> goesOn + "it will fail, unless a later attempt succeeds; " + file + " has it retried.";
            case UNKNOWN -> goesOn + "it will fail, unless " + file + " has that failure ignored or retried.";
        };
    }

    private static String willFail(Run run, List<Step> failed) {
        return "#" + run.number() + " will fail: " + names(failed) + (failed.size() == 1 ? " has" : " have")
                + " failed";
    }

    private FailureStrategy strategy(Run run, Step step, List<Step> steps) {
        return known.computeIfAbsent(step.uuid(), uuid -> find(run, step, steps, requestLimit()))
                .strategy();
    }

    /** Steps that fail at the same time share one limit: the polls of the run go on. */
    private TimeLimit requestLimit() {
        Instant now = clock.instant();
        if (!now.isBefore(nextLimit)) {
            nextLimit = now.plus(LIMIT_INTERVAL);
            requestLimit = limit.atMost(MAX_TIME);
        }
        return requestLimit;
    }

    /** The response to a trigger has no selector yet, and a poll may read only the steps. */
    private FailureStrategies.Known find(Run run, Step step, List<Step> steps, TimeLimit ofRequests) {
        Run parsed = run;
        if (run.selector().isEmpty() && !ofRequests.hasPassed()) {
            try {
                parsed = pipelines.withTimeout(ofRequests.remaining()).getRun(run);
            } catch (PipelinesException e) {
                // The strategy is not known then.
            }
        }
        return strategies.of(parsed, step, steps, ofRequests);
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
