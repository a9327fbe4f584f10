package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The steps of one run, over all lists that were read of them: a step that Bitbucket has shown stays known where a later list
 * lacks it. Not thread-safe.
 */
final class KnownSteps {
    private List<Step> steps = List.of();
    private Optional<String> gap = Optional.empty();
    private int incompleteLists;

    /** The known steps, in order. */
    List<Step> steps() {
        return steps;
    }

    /** What the last list lacked, in words; empty where it was complete. */
    Optional<String> gap() {
        return gap;
    }

    /** The number of lists in a row that were not complete. */
    int incompleteLists() {
        return incompleteLists;
    }

    /**
     * Takes a list of all steps.
     *
     * @throws IncompleteStepsException if it lacks steps that are known, the others are taken; or has none where the run's
     *     state shows that there are some
     */
    void update(Run run, List<Step> read) {
        boolean isShort = read.size() < steps.size();
        Optional<String> lack = isShort
                ? Optional.of("the list is not complete: Bitbucket gave " + read.size() + " of the " + steps.size()
                        + " steps that it gave before")
                : Optional.of(run)
                        .filter(any -> read.isEmpty())
                        .flatMap(KnownSteps::signOfSteps)
                        .map(sign -> "the list is not complete: Bitbucket gave none, but the run " + sign);
        steps = isShort ? merged(read) : withAttempts(read);
        gap = lack;
        incompleteLists = gap.isPresent() ? incompleteLists + 1 : 0;
        if (gap.isPresent()) {
            throw new IncompleteStepsException(
                    "Could not read the steps of run #" + run.number() + ": " + gap.get(), gap.get(), steps);
        }
    }

    /** Takes what was read of a list that is not complete. */
    void update(IncompleteStepsException incomplete) {
        steps = merged(incomplete.steps());
        gap = Optional.of(incomplete.gap());
        incompleteLists++;
    }

    /**
     * What shows that the run has steps, in words: it has worked, or its definition is parsed. That of a broken
     * bitbucket-pipelines.yml takes no time.
     */
    private static Optional<String> signOfSteps(Run run) {
        if (run.state().isCompleted()) {
            return run.duration()
                    .filter(time -> time.toSeconds() > 0)
                    .map(time -> "has taken " + time.toSeconds() + " s");
        }
        boolean mayHaveNone = run.state() == State.Unfinished.PARSING || run.state() == State.Unfinished.PENDING;
        return mayHaveNone ? Optional.empty() : Optional.of("is " + run.state().label());
    }

    private List<Step> merged(List<Step> read) {
        Map<String, Step> known = new HashMap<>();
        steps.forEach(step -> known.put(step.uuid(), step));
        List<Step> all = new ArrayList<>();
        for (Step step : withAttempts(read)) {
            Step before = known.remove(step.uuid());
            all.add(before == null ? step : step.withPosition(before.position()));
        }
        all.addAll(known.values());
        all.sort(Comparator.comparingInt(Step::position));
        return List.copyOf(all);
    }

    /** Counts the attempts of a step that runs again where Bitbucket does not. */
    private List<Step> withAttempts(List<Step> read) {
        Map<String, Step> known = new HashMap<>();
        steps.forEach(step -> known.put(step.uuid(), step));
        return read.stream()
                .map(step -> {
                    Step before = known.get(step.uuid());
                    if (before == null || step.attempt() > before.attempt()) {
                        return step;
                    }
                    // By its start: a replica that lags behind shows an earlier state of the same attempt.
                    boolean runsAgain = step.started()
                            .filter(start ->
                                    before.started().filter(start::isAfter).isPresent())
                            .isPresent();
                    return step.withAttempt(before.attempt() + (runsAgain ? 1 : 0));
                })
                .toList();
    }
}
