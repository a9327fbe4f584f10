package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Finds the child pipelines in which steps failed. A step that runs a child pipeline has no log of its own, and does not name
 * the child: that is a run of the same commit with the trigger PARENT_STEP and a greater number, created while the step ran.
 */
final class ChildFinder {
    /** A child pipeline may run another one; deeper ones are not searched. */
    private static final int MAX_DEPTH = 3;

    /** The tolerance between the times of a step and of a run, both by Bitbucket's clock. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private final PipelinesClient pipelines;
    private final Retrier retrier;
    private final Instant limit;

    /**
     * Creates a finder; it sends no request.
     *
     * @param limit of all requests together
     */
    ChildFinder(PipelinesClient pipelines, Retrier retrier, Instant limit) {
        this.pipelines = pipelines;
        this.retrier = retrier;
        this.limit = limit;
    }

    /**
     * Finds the children of failed steps.
     *
     * @throws PipelinesException if the runs can't be listed
     */
    List<ChildFailure> find(Run run, List<Step> steps) throws InterruptedException {
        List<Step> failed = Step.failures(steps);
        if (failed.isEmpty() || run.commit().isEmpty()) {
            return List.of();
        }
        List<Run> candidates = retrier.call(
                "the child pipelines",
                limit,
                timeout -> pipelines.withTimeout(timeout).listChildren(run));
        List<ChildFailure> found = new ArrayList<>();
        for (Step step : failed) {
            Optional<ChildFailure> child = find(step, step, candidates, List.of(), 1);
            child.ifPresent(found::add);
        }
        return found;
    }

    private Optional<ChildFailure> find(Step parent, Step step, List<Run> candidates, List<Run> before, int depth)
            throws InterruptedException {
        List<Run> matching = candidates.stream()
                .filter(run -> !before.contains(run) && hasFailed(run) && isWithin(run, step))
                .sorted(Comparator.comparing((Run run) -> distance(run, step)).thenComparing(Run::number))
                .toList();
        if (matching.isEmpty()) {
            return Optional.empty();
        }
        Run child = matching.get(0);
        List<Run> runs = new ArrayList<>(before);
        runs.add(child);
        List<Step> failed = Step.failures(steps(child));
        if (depth < MAX_DEPTH) {
            for (Step inner : failed) {
                Optional<ChildFailure> deeper = find(parent, inner, candidates, runs, depth + 1);
                if (deeper.isPresent()) {
                    List<Run> known = deeper.get().runs();
                    return Optional.of(
                            new ChildFailure(parent, known, deeper.get().failedSteps(), without(matching, known)));
                }
            }
        }
        return Optional.of(new ChildFailure(parent, runs, failed, without(matching, runs)));
    }

    private static List<Run> without(List<Run> runs, List<Run> others) {
        return runs.stream().filter(run -> !others.contains(run)).toList();
    }

    private List<Step> steps(Run child) throws InterruptedException {
        try {
            return retrier.call(
                    "the steps of the child pipeline",
                    limit,
                    timeout -> pipelines.withTimeout(timeout).listSteps(child));
        } catch (PipelinesException e) {
            // The child is named without its steps.
            return List.of();
        }
    }

    private static boolean hasFailed(Run run) {
        return run.state().finalResult().filter(result -> result.isFailure()).isPresent();
    }

    private static boolean isWithin(Run run, Step step) {
        return run.created()
                .filter(created -> step.started()
                        .filter(started -> created.isBefore(started.minus(TOLERANCE)))
                        .isEmpty())
                .filter(created -> step.completed()
                        .filter(completed -> created.isAfter(completed.plus(TOLERANCE)))
                        .isEmpty())
                .isPresent();
    }

    private static Duration distance(Run run, Step step) {
        return step.started()
                .flatMap(started -> run.created()
                        .map(created -> Duration.between(started, created).abs()))
                .orElse(Duration.ZERO);
    }
}
