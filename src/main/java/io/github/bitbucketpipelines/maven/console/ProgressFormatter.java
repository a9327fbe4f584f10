package io.github.bitbucketpipelines.maven.console;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.polling.Forecast;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Formats the progress of a run as one line: {@code #42 IN_PROGRESS  2m 10s  step 2 of 3: Deploy  [######....]  about
 * 1m 20s left}.
 */
final class ProgressFormatter {
    private static final int BAR_WIDTH = 10;

    private ProgressFormatter() {}

    static String format(Run run, List<Step> steps, Forecast forecast) {
        List<String> parts = new ArrayList<>();
        parts.add("#" + run.number() + (wasPolled(run, steps) ? " " + state(run, steps) : ""));
        parts.add(Durations.format(forecast.elapsed()));
        current(steps)
                .ifPresent(step ->
                        parts.add("step " + step.position() + " of " + steps.size() + ": " + step.displayName()));
        Optional<String> waitReason = waitReason(run, steps);
        if (waitReason.isPresent()) {
            parts.add(waitReason.get());
        } else {
            forecast.done().ifPresent(done -> parts.add(bar(done)));
            forecast.left().ifPresent(left -> parts.add("about " + Durations.format(rounded(left)) + " left"));
            forecast.overtime()
                    .filter(ProgressFormatter::isSignificant)
                    .ifPresent(over -> parts.add(Durations.format(rounded(over)) + " longer than usual"));
        }
        return String.join("  ", parts);
    }

    /** Whether the run was polled: the response to its trigger has no state. */
    private static boolean wasPolled(Run run, List<Step> steps) {
        return !steps.isEmpty() || run.state() != State.Unfinished.PARSING;
    }

    private static boolean isAnyRunning(List<Step> steps) {
        return steps.stream().anyMatch(step -> step.state().isIn(State.Phase.RUNNING));
    }

    /** Returns the state's name; all states of a running run or step are IN_PROGRESS. */
    private static String state(Run run, List<Step> steps) {
        return isAnyRunning(steps)
                        || run.state() instanceof State.Unfinished unfinished && unfinished.isIn(State.Phase.RUNNING)
                ? State.Unfinished.IN_PROGRESS.label()
                : run.state().label();
    }

    private static Optional<Step> current(List<Step> steps) {
        return steps.stream()
                .filter(step -> step.state().isIn(State.Phase.RUNNING))
                .findFirst()
                .or(() -> steps.stream()
                        .filter(step -> !step.state().isCompleted())
                        .findFirst());
    }

    private static Optional<String> waitReason(Run run, List<Step> steps) {
        if (isAnyRunning(steps)) {
            return Optional.empty();
        }
        if (run.state() == State.Unfinished.PAUSED) {
            return Optional.of("a person must start its manual step");
        }
        if (run.state() == State.Unfinished.HALTED) {
            return Optional.of("Bitbucket holds it back");
        }
        boolean waitsForRunner = current(steps)
                .filter(step -> step.state().isIn(State.Phase.QUEUED))
                .isPresent();
        return waitsForRunner ? Optional.of("waits for a runner") : Optional.empty();
    }

    private static String bar(double done) {
        int full = (int) (done * BAR_WIDTH);
        return "[" + "#".repeat(full) + ".".repeat(BAR_WIDTH - full) + "]";
    }

    /** Rounds to the precision of a forecast: 5 s below a minute, 10 s below ten, else a minute. */
    private static Duration rounded(Duration time) {
        long step =
                time.compareTo(Duration.ofMinutes(1)) < 0 ? 5 : time.compareTo(Duration.ofMinutes(10)) < 0 ? 10 : 60;
        return Duration.ofSeconds(Math.max(step, Math.round(time.toSeconds() / (double) step) * step));
    }

    private static boolean isSignificant(Duration over) {
        return over.compareTo(Duration.ofSeconds(10)) >= 0;
    }
}
