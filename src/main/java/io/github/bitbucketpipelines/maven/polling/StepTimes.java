package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What lies between the ends of a run's steps, in the order in which they end: of steps that run one after the other, what
 * each takes; of parallel ones, by how much the next one is later. Time in which nothing ran, because a person had to
 * come, is left out.
 *
 * @param seconds one for each step
 */
record StepTimes(List<Double> seconds) {
    /** Nothing is quicker. */
    private static final double LEAST = 0.1;

    StepTimes {
        seconds = List.copyOf(seconds);
    }

    /** Of the steps that are over; empty where Bitbucket does not tell the times of one of them. */
    static Optional<StepTimes> of(List<Step> steps) {
        List<Step> over =
                steps.stream().filter(step -> step.state().isCompleted()).toList();
        if (over.stream()
                .anyMatch(step -> step.started().isEmpty() || step.completed().isEmpty())) {
            return Optional.empty();
        }
        List<Step> ordered = over.stream()
                .sorted(Comparator.comparing(step -> step.completed().orElseThrow()))
                .toList();
        List<Double> seconds = new ArrayList<>();
        Instant before = Instant.MIN;
        for (Step step : ordered) {
            Instant begun =
                    step.started().get().isAfter(before) ? step.started().get() : before;
            Instant end = step.completed().get();
            seconds.add(Math.max(LEAST, Duration.between(begun, end).toMillis() / 1000.0));
            before = end;
        }
        return Optional.of(new StepTimes(seconds));
    }

    /** The means of several runs that had this many steps, all of them over; empty where there is none. */
    static Optional<StepTimes> mean(List<List<Step>> runs, int steps) {
        List<StepTimes> known = runs.stream()
                .flatMap(run -> of(run).stream())
                .filter(times -> times.seconds().size() == steps)
                .toList();
        if (known.isEmpty()) {
            return Optional.empty();
        }
        List<Double> means = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            int which = i;
            means.add(known.stream()
                    .mapToDouble(times -> times.seconds().get(which))
                    .average()
                    .orElseThrow());
        }
        return Optional.of(new StepTimes(means));
    }

    /** All of them, from one to before another. */
    double sum(int from, int to) {
        return seconds.subList(from, to).stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }
}
