package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * When the next step ends, by what steps took in earlier runs. How slow a day it is shows in the steps that are over; half
 * of what runs differ by is thought to be common to all steps of one.
 *
 * @param next when the step that ends next does, in seconds since the run was created
 * @param end when the run does
 * @param isLast whether these are the same
 */
record StepForecast(EndTimes next, EndTimes end, boolean isLast) {
    /** A run that differs by so many times what is usual is of another scale altogether: history lies. */
    private static final double LIE = 6;

    private static final double LEAST_SPREAD = 0.04;
    private static final double LARGEST_SPREAD = 1;

    /** The longest queue that history is thought to know, as a part of the whole. */
    private static final double QUEUE = 0.2;

    /**
     * Where the run stands.
     *
     * @param past of as many steps as this run has
     * @param runs how many runs that is the mean of
     * @param usual what runs take in all
     * @return empty before a step has begun, after the last has ended, and where Bitbucket tells no times
     */
    static Optional<StepForecast> of(StepTimes past, int runs, EndTimes usual, Run run, List<Step> steps) {
        Optional<StepTimes> over = StepTimes.of(steps);
        Optional<Instant> begun =
                steps.stream().flatMap(step -> step.started().stream()).min(Instant::compareTo);
        OptionalDouble origin = origin(run, steps);
        if (over.isEmpty() || begun.isEmpty() || origin.isEmpty()) {
            return Optional.empty();
        }
        int all = past.seconds().size();
        int completed = over.get().seconds().size();
        double whole = past.sum(0, all);
        double queue = Math.min(QUEUE * usual.median(), since(run, begun.get()));
        double expected = (usual.median() - queue) / whole;
        double spread = Math.max(LEAST_SPREAD, usual.spread());
        double known = past.sum(0, completed);
        double slower = completed == 0 ? 0 : Math.log(over.get().sum(0, completed) / (expected * known));
        double believed = Math.abs(slower) > LIE * spread ? 1 : known / (known + whole);
        double scale = expected * Math.exp(believed * slower);

        double squares = past.seconds().stream()
                .mapToDouble(each -> each / whole)
                .map(share -> share * share)
                .sum();
        double own = spread * spread / 2 / squares * (1 + 1.0 / runs);
        double common = spread * spread / 2 * (1 - believed);
        double each = Math.min(LARGEST_SPREAD, Math.sqrt(own + common));
        double next = past.seconds().get(completed) * scale;
        double left = past.sum(completed, all) * scale;
        double togetherSquared = past.seconds().subList(completed, all).stream()
                .mapToDouble(seconds -> seconds * scale / left)
                .map(share -> share * share)
                .sum();
        return Optional.of(new StepForecast(
                EndTimes.after(origin.getAsDouble(), next, each),
                EndTimes.after(origin.getAsDouble(), left, each * Math.sqrt(togetherSquared)),
                completed == all - 1));
    }

    /** How much it is worth to ask then: the chance per second of either end, each by what delay it may be seen with. */
    double urgency(double seconds, double stepDelay, double endDelay) {
        double step = isLast ? 0 : next.hazard(seconds) / stepDelay;
        return step + end.hazard(seconds) / endDelay;
    }

    /** From when the next end counts: a step's beginning, or the end before it if that is later. */
    private static OptionalDouble origin(Run run, List<Step> steps) {
        boolean someRuns = steps.stream().anyMatch(step -> step.state().isIn(State.Phase.RUNNING));
        boolean someAreAhead = steps.stream().anyMatch(step -> !step.state().isCompleted());
        if (!someAreAhead || run.created().isEmpty()) {
            return OptionalDouble.empty();
        }
        return steps.stream()
                .filter(step -> someRuns || step.state().isCompleted())
                .flatMap(step -> (step.state().isCompleted() ? step.completed() : step.started()).stream())
                .mapToDouble(at -> since(run, at))
                .max();
    }

    private static double since(Run run, Instant at) {
        return Duration.between(run.created().orElse(at), at).toMillis() / 1000.0;
    }
}
