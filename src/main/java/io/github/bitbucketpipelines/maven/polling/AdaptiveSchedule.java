package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State.Phase;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.polling.History.Past;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Polls one run often when an event is likely, and seldom when it is not, by the formulas of the package documentation. */
final class AdaptiveSchedule implements Schedule {
    /** Price of a request, in seconds of delay. Source: a choice; all else follows from it. */
    private static final double PRICE = 0.1;
    /** Requests left for the run, of its hour or the account's, below which the price rises. Source: replay. */
    private static final double SCARCE = 70;
    /** Median of an unknown duration, in seconds; a run is long from five times as much. Source: replay. */
    static final double UNKNOWN_MEDIAN = 120;
    /** Median of the time before a step starts, in seconds. Source: recorded runs of Bitbucket. */
    private static final double QUEUE_MEDIAN = 12;
    /** Worth of a second before a step's change is shown, in those of the end. Source: replay: 15 s on average. */
    private static final double STEP_WORTH = 0.03;
    /** The latest first poll, in seconds. Source: a run with an invalid definition ends at once. */
    private static final double MAX_FIRST = 5;
    /** Requests of one run in an hour, half of them at once. Source: a third of an account's, less the last poll. */
    private static final double MAX_PER_HOUR = 290;

    private final History history;
    private final LongFunction<List<Step>> stepsOf;
    private final LongSupplier sent;
    private final LongSupplier left;
    private long counted;
    private Instant paid = Instant.MIN;
    private Optional<Instant> heldSince = Optional.empty();
    private Instant origin = Instant.MIN;
    private int completedBefore;
    private Optional<List<Step>> earlierSteps = Optional.empty();

    AdaptiveSchedule(History history, LongFunction<List<Step>> stepsOf, LongSupplier sent, LongSupplier left) {
        this.history = history;
        this.stepsOf = stepsOf;
        this.sent = sent;
        this.left = left;
    }

    @Override
    public Schedule following(
            Supplier<History> known, LongFunction<List<Step>> steps, LongSupplier requests, LongSupplier quota) {
        return new AdaptiveSchedule(known.get(), steps, requests, quota);
    }

    @Override
    public Duration next(Run run, List<Step> steps, Instant start, Instant now, Instant latest) {
        double maxFirst = paid.equals(Instant.MIN) ? MAX_FIRST : Double.MAX_VALUE;
        double interval = 7200 / MAX_PER_HOUR;
        double allowed = allowed(now, interval);
        double shared = Math.max(1, SCARCE / Math.max(1, left.getAsLong()));
        double scarcity = Math.max(shared, SCARCE / Math.max(1, allowed));
        // Where the account's requests are scarce, the bounds grow with the interval.
        double min = shared * seconds(MIN_INTERVAL);
        double max = shared * Math.min(between(now, latest), maxFirst);
        List<Event> events = events(run, steps, start, now);
        double width = min / 10;
        int parts = 0;
        for (double polls = 0; polls < scarcity && parts * width < max; parts++) {
            double at = between(start, now) + (parts + 0.5) * width;
            double urgency = events.stream()
                    .mapToDouble(event -> event.worth() * event.hazard(at))
                    .sum();
            polls += width * Math.sqrt(urgency / (2 * PRICE));
        }
        double wait = Math.max(min, Math.min(parts * width, max));
        return Duration.ofMillis(Math.round(1000 * Math.max(wait, -allowed * interval)));
    }

    /** The events that a poll may find, by the state of the run, in seconds since its start. */
    private List<Event> events(Run run, List<Step> steps, Instant start, Instant now) {
        Instant created = run.created().orElse(start);
        List<Step> running = select(steps, step -> step.state().isIn(Phase.RUNNING));
        List<Step> completed = select(steps, step -> step.state().isCompleted());
        List<Step> held = select(steps, step -> step.state().isIn(Phase.HELD));
        if (running.isEmpty() && (run.state().isIn(Phase.HELD) || !held.isEmpty())) {
            heldSince = heldSince.or(() -> Optional.of(now));
            return List.of(unknown(between(start, heldSince.get()), UNKNOWN_MEDIAN, 1));
        }
        // The time held does not count; another attempt, whose steps run again, starts anew.
        Duration heldFor = heldSince.map(since -> Duration.between(since, now)).orElse(Duration.ZERO);
        origin = completed.size() < completedBefore ? now : (origin.isAfter(start) ? origin : start).plus(heldFor);
        heldSince = Optional.empty();
        completedBefore = completed.size();
        double lastEnd = times(completed, Step::completed, created).max().orElse(0);
        if (!steps.isEmpty() && completed.size() == steps.size()) {
            return List.of(unknown(lastEnd, seconds(MIN_INTERVAL), 1));
        }
        Event whole = new Event(between(start, origin), history.past(), Past::whole, UNKNOWN_MEDIAN, 1);
        if (running.isEmpty()) {
            return List.of(whole, unknown(lastEnd, QUEUE_MEDIAN, STEP_WORTH));
        }
        double began = times(running, Step::started, created).min().orElse(0);
        if (steps.size() == 1) {
            return List.of(new Event(began, history.past(), Past::running, UNKNOWN_MEDIAN, 1));
        }
        double worth = running.size() + completed.size() < steps.size() ? STEP_WORTH : 1;
        if (history.past().isEmpty()) {
            return List.of(stepsEnd(running, completed, began, worth));
        }
        if (running.size() == 1 && seconds(history.usual().orElseThrow()) >= 5 * UNKNOWN_MEDIAN) {
            ToDoubleFunction<Past> failed = past -> past.failed() ? past.whole() : Double.POSITIVE_INFINITY;
            Event failure = new Event(whole.origin(), history.past(), failed, UNKNOWN_MEDIAN, 1);
            return List.of(stepsEnd(running, completed, began, worth), failure);
        }
        List<Event> events = new ArrayList<>(List.of(whole));
        times(running, Step::started, created)
                .forEach(time -> events.add(unknown(time, UNKNOWN_MEDIAN, STEP_WORTH / running.size())));
        return events;
    }

    /** The end of the running steps by their span in the most similar run; without pending steps it is the run's end. */
    private Event stepsEnd(List<Step> running, List<Step> completed, double began, double worth) {
        Optional<Past> similar = history.past().stream().max(Comparator.comparingDouble(Past::weight));
        earlierSteps = earlierSteps.or(() -> similar.map(past -> stepsOf.apply(past.number())));
        List<Step> ended = earlierSteps.orElse(List.of());
        List<String> names = running.stream().map(Step::displayName).toList();
        List<Step> same = select(ended, step -> names.contains(step.displayName()));
        OptionalDouble from = times(same, Step::started, Instant.EPOCH).min();
        OptionalDouble to =
                times(worth < 1 ? same : ended, Step::completed, Instant.EPOCH).max();
        if (from.isEmpty() || to.isEmpty()) {
            DoubleStream durations = completed.stream()
                    .mapToDouble(step -> seconds(step.duration().orElse(Duration.ZERO)));
            return unknown(began, durations.average().orElse(UNKNOWN_MEDIAN), worth);
        }
        double span = to.getAsDouble() - from.getAsDouble();
        double ratio = span / Math.max(0.1, similar.orElseThrow().running());
        return new Event(began, history.past(), past -> ratio * past.running(), span, worth);
    }

    private static Event unknown(double origin, double median, double worth) {
        return new Event(origin, List.of(), Past::whole, median, worth);
    }

    private static List<Step> select(List<Step> steps, Predicate<Step> condition) {
        return steps.stream().filter(condition).toList();
    }

    private static DoubleStream times(List<Step> steps, Function<Step, Optional<Instant>> time, Instant from) {
        return steps.stream().flatMap(step -> time.apply(step).stream()).mapToDouble(at -> between(from, at));
    }

    /** Returns how many requests the run may send now, beside the two of a poll; negative after too many. */
    private double allowed(Instant now, double interval) {
        Instant hourAgo = now.minusSeconds(3600);
        paid = (paid.isAfter(hourAgo) ? paid : hourAgo)
                .plusMillis(Math.round(1000 * interval * (sent.getAsLong() - counted)));
        counted = sent.getAsLong();
        return between(paid, now) / interval - 2;
    }

    private static double between(Instant from, Instant to) {
        return seconds(Duration.between(from, to));
    }

    static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}
