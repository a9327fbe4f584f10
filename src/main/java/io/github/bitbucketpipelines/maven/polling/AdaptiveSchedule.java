package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * Asks often when an end is likely, and seldom when it is not. Watches one run.
 *
 * <p>With a history the pace follows the hazard of {@link EndTimes}: it is chosen so that the delay between the end and
 * our noticing keeps to its aim, or, where that costs too much, so that the questions keep to their budget. Without one
 * the pace is in proportion to the time that has passed. Either way steps that are still to come put off the end, and
 * have to be shown themselves.
 */
final class AdaptiveSchedule implements Schedule {
    /** The aim with a history: a mean delay of this, or of this part of the time that has passed, in seconds. */
    private static final double DELAY = 1;

    private static final double RELATIVE_DELAY = 0.0025;

    /** What of the aim is aimed at: the runs do not know our model. */
    private static final double CAUTION = 0.75;

    /** The pace without a history, in seconds, or as a part of what has passed. */
    private static final double UNKNOWN_PACE = 5.5;

    private static final double UNKNOWN_RELATIVE_PACE = 1 / 54.0;

    /** A run of one step has no steps to come that would save questions: it is asked a little less, soon. */
    private static final double ONE_STEP_PACE = 5.8;

    private static final double LONGEST_ONE_STEP_PACE = 7.3;

    /** The pace at which steps are shown without a history. */
    private static final double UNKNOWN_STEP_PACE = 26;

    /** What is still to come is thought to take so much of what the same number of steps has taken. */
    private static final double COMING = 0.75;

    /** The pace at which steps are shown, as long as more of them are to come. */
    private static final double STEP_PACE = 20;

    private static final double RELATIVE_STEP_PACE = 0.04;

    /** While steps are still to come, an end (a failure, mostly) is so much less likely. */
    private static final double EARLY_END = 0.1;

    /** A run whose bitbucket-pipelines.yml is broken is over at once: the first look, without a history, is for it. */
    private static final double AT_ONCE = 0.2;

    /** When somebody likes to hear that all is well, in a run long enough to wonder. */
    private static final double FIRST_LOOK = 5;

    private static final double LONG = 40;

    private static final double QUEUE_PACE = 5;
    private static final double LONGEST_QUEUE_PACE = 20;
    private static final double HELD_PACE = 10;
    private static final double LONGEST_HELD_PACE = 60;
    private static final double LONGEST_PACE = 60;

    /**
     * No more than 300 requests an hour: 135 at will, and one more each 22 seconds. Most are asked when the end is near; with
     * fewer at will, the runs that outlast their median would have none left.
     */
    private static final double AT_WILL = 135;

    private static final double SECONDS_PER_REQUEST = 22;

    /** Where history says that the run should be over with this certainty, it lies. */
    private static final double LIE = 0.01;

    /** Nine of ten runs that had not ended at the last look have ended by the next one. */
    private static final double OVER_BY_NOW = 0.1;

    /** The steps of earlier runs are worth asking for in a run that usually takes so long; one run's for each of these. */
    private static final double WORTH_ASKING = 100;

    private static final double EACH_PAST_RUN = 300;
    private static final int MOST_PAST_RUNS = 3;

    /**
     * The aim for a step's change, in seconds, or as a part of the time that has passed. The mean over all changes is about
     * half of it, because the run's end, a change of the last step, is seen sooner.
     */
    private static final double STEP_DELAY = 20;

    private static final double RELATIVE_STEP_DELAY = 0.04;

    /** The pace at which steps are shown whose times are known. */
    private static final double KNOWN_STEP_PACE = 75;

    /** The part of what is left that may be spent before the last step begins: the most of it is for the end. */
    private static final double BEFORE_THE_LAST = 0.3;

    /** The part of the whole allowance that is left for the end, whatever else was asked. */
    private static final double KEPT = 0.3;

    /** What outlasting the plan costs, by the square of the spread. */
    private static final double LATE = 120;

    /** But no more than so many requests. */
    private static final double LATEST = 4;

    /** How finely a plan sums up what is ahead. */
    private static final int GRID = 160;

    private final History history;
    private final Optional<EndTimes> ends;
    private final LongFunction<List<Step>> stepsOf;
    private final LongSupplier asked;

    private double allowance = AT_WILL;
    private long counted;
    private double countedAt;
    private boolean hasLooked;
    private double heldSince = -1;
    private double heldBefore;
    private double doneSince = -1;
    private Optional<Situation> plannedFor = Optional.empty();
    private double pace;
    private boolean hasAskedForSteps;
    private int pastRuns;
    private Optional<StepTimes> past = Optional.empty();

    /**
     * Makes one.
     *
     * @param stepsOf the steps of an earlier run, by its build number; asks Bitbucket
     * @param asked how many requests the run has cost so far, those before the first look too
     */
    AdaptiveSchedule(History history, LongFunction<List<Step>> stepsOf, LongSupplier asked) {
        this.history = history;
        this.stepsOf = stepsOf;
        this.ends = history.past().isEmpty() ? Optional.empty() : Optional.of(EndTimes.of(history));
        this.asked = asked;
    }

    @Override
    public Duration next(Run run, List<Step> steps, Instant triggered, Instant now) {
        double elapsed = Math.max(0, seconds(triggered, now));
        Progress progress = Progress.of(run, steps);
        boolean mayBeOverAtOnce =
                !hasLooked && ends.map(known -> known.median() <= DELAY).orElse(true);
        double wait =
                mayBeOverAtOnce ? AT_ONCE : Math.max(MIN_INTERVAL.toSeconds(), wish(run, steps, progress, elapsed));
        hasLooked = true;
        return Duration.ofMillis(Math.round(1000 * Math.max(wait, untilAllowed(elapsed))));
    }

    /** How far the steps are. */
    private record Progress(boolean isHeld, boolean hasStarted, int completed, int ahead, int all) {
        static Progress of(Run run, List<Step> steps) {
            int completed = 0;
            int running = 0;
            boolean held = run.state().isIn(State.Phase.HELD);
            for (Step step : steps) {
                completed += step.state().isCompleted() ? 1 : 0;
                running += step.state().isIn(State.Phase.RUNNING) ? 1 : 0;
                held |= step.state().isIn(State.Phase.HELD);
            }
            return new Progress(
                    held && running == 0,
                    running + completed > 0,
                    completed,
                    steps.size() - completed - running,
                    steps.size());
        }
    }

    /** What a pace is planned for: it is planned anew when this changes. */
    private record Situation(boolean isKnownByItsSteps, int steps, int completed, boolean moreToCome) {}

    private double wish(Run run, List<Step> steps, Progress progress, double elapsed) {
        if (progress.isHeld()) {
            heldSince = heldSince < 0 ? elapsed : heldSince;
            return clamp((elapsed - heldSince) / 10, HELD_PACE, LONGEST_HELD_PACE);
        }
        if (heldSince >= 0) {
            heldBefore += elapsed - heldSince;
            heldSince = -1;
        }
        if (progress.all() > 0 && progress.completed() == progress.all()) {
            // Its steps are over: the run will be, any moment.
            doneSince = doneSince < 0 ? elapsed : doneSince;
            return clamp((elapsed - doneSince) / 2, 1, QUEUE_PACE);
        }
        if (hasLooked && !progress.hasStarted()) {
            return clamp(elapsed / 4, QUEUE_PACE, LONGEST_QUEUE_PACE);
        }
        Optional<StepForecast> forecast = forecast(run, steps, progress);
        if (forecast.isPresent() && forecast.get().next().survival(elapsed) > LIE) {
            return bySteps(forecast.get(), progress, elapsed);
        }
        double ran = Math.max(0, elapsed - heldBefore - longQueue(run, steps));
        return forecast.isEmpty() && ends.isPresent() && ends.get().survival(ran) > LIE
                ? byHistory(ends.get(), progress, ran, elapsed)
                : withoutHistory(progress, elapsed);
    }

    /** What earlier steps took is asked for once, when this run has steps, and is long enough to gain by it. */
    private Optional<StepForecast> forecast(Run run, List<Step> steps, Progress progress) {
        if (!hasAskedForSteps
                && progress.all() > 1
                && ends.isPresent()
                && ends.get().median() >= WORTH_ASKING) {
            hasAskedForSteps = true;
            List<List<Step>> runs =
                    history.alike((int) clamp(ends.get().median() / EACH_PAST_RUN, 1, MOST_PAST_RUNS)).stream()
                            .map(stepsOf::apply)
                            .toList();
            pastRuns = runs.size();
            past = StepTimes.mean(runs, progress.all());
        }
        return past.filter(known -> known.seconds().size() == progress.all())
                .flatMap(known -> StepForecast.of(known, pastRuns, ends.orElseThrow(), run, steps));
    }

    /** History knows the usual queue; what it took longer this time does not bring the end nearer. */
    private double longQueue(Run run, List<Step> steps) {
        Optional<Instant> started =
                steps.stream().flatMap(step -> step.started().stream()).min(Instant::compareTo);
        double queued = started.isPresent() && run.created().isPresent()
                ? seconds(run.created().get(), started.get())
                : 0;
        double usual = ends.map(EndTimes::median).orElse(0.0) / 5 + FIRST_LOOK;
        return Math.max(0, queued - usual);
    }

    private double withoutHistory(Progress progress, double elapsed) {
        double first = progress.all() == 1
                ? clamp(ONE_STEP_PACE + elapsed / 60, ONE_STEP_PACE, LONGEST_ONE_STEP_PACE)
                : UNKNOWN_PACE;
        double usual = Math.max(first, elapsed * UNKNOWN_RELATIVE_PACE);
        double coming = COMING * elapsed * progress.ahead() / (progress.completed() + 1);
        return Math.min(Math.max(usual, Math.min(coming, 6 * usual)), longest(progress, elapsed, UNKNOWN_STEP_PACE));
    }

    private double byHistory(EndTimes usual, Progress progress, double ran, double elapsed) {
        Optional<Situation> situation =
                Optional.of(new Situation(false, progress.all(), progress.completed(), progress.ahead() > 0));
        if (!situation.equals(plannedFor) && (plannedFor.isEmpty() || usual.survival(ran) >= 0.5)) {
            plannedFor = situation;
            double median = usual.median();
            DoubleUnaryOperator longest =
                    at -> at < 0.8 * median && (progress.ahead() > 0 || progress.all() == 0 && at < 0.7 * median)
                            ? Math.max(STEP_PACE, RELATIVE_STEP_PACE * at)
                            : longestOfTheLastStep();
            pace = new Plan(usual, at -> usual.hazard(at) / aim(at), longest, ran).withinBudget(budget());
        }
        double longest = !hasLooked && usual.median() > LONG ? FIRST_LOOK : longest(progress, elapsed, STEP_PACE);
        double gate = progress.ahead() > 0 ? EARLY_END : 1;
        return travel(usual, at -> gate * usual.hazard(at) / aim(at), longest, ran);
    }

    private double bySteps(StepForecast forecast, Progress progress, double elapsed) {
        EndTimes next = forecast.next();
        DoubleUnaryOperator urgency = at -> forecast.urgency(at, stepAim(at), aim(at));
        double longest = forecast.isLast() ? longestOfTheLastStep() : longestOfAKnownStep(elapsed);
        Optional<Situation> situation =
                Optional.of(new Situation(true, progress.all(), progress.completed(), !forecast.isLast()));
        if (!situation.equals(plannedFor)) {
            plannedFor = situation;
            Plan plan = new Plan(next, urgency, at -> longest, elapsed);
            pace = plan.withinBudget(forecast.isLast() ? budget() : budget() * BEFORE_THE_LAST);
        }
        return travel(next, urgency, longest, elapsed);
    }

    /** How long until it is time for a question: the speed is in proportion to the root of the urgency. */
    private double travel(EndTimes end, DoubleUnaryOperator urgency, double longest, double from) {
        double travelled = 0;
        double wait = 0;
        while (wait < longest) {
            double at = from + wait;
            double speed = Math.sqrt(urgency.applyAsDouble(at)) / pace;
            if (end.survival(at) < OVER_BY_NOW * end.survival(from)) {
                return wait + aim(at) / 2;
            }
            double stride = clamp(0.2 / speed, 0.2, Math.max(0.2, Math.min(longest / 8, end.resolution())));
            if (travelled + speed * stride >= 1) {
                return wait + (1 - travelled) / speed;
            }
            travelled += speed * stride;
            wait += stride;
        }
        return longest;
    }

    private double longest(Progress progress, double elapsed, double stepPace) {
        boolean moreToShow = progress.ahead() > 0 || progress.all() == 0;
        return moreToShow ? Math.max(stepPace, elapsed * RELATIVE_STEP_PACE) : longestOfTheLastStep();
    }

    /** Early in a run history may yet turn out to lie. */
    private static double longestOfAKnownStep(double elapsed) {
        return Math.max(clamp(2 * elapsed, STEP_PACE, KNOWN_STEP_PACE), elapsed * RELATIVE_STEP_PACE);
    }

    /** Nothing is expected before its end: what is asked meanwhile is asked because history may lie. */
    private double longestOfTheLastStep() {
        return ends.map(known -> clamp(known.median() / 4, STEP_PACE, LONGEST_PACE))
                .orElse(LONGEST_PACE);
    }

    /**
     * Finds the constant of the pace, anew whenever the steps tell something: the mean delay in units of its aim is half
     * of that constant times the integral of survival · √urgency, the number of questions is that integral by the
     * constant, where nothing else makes us ask more often.
     */
    private static final class Plan {
        private final double[] ending = new double[GRID];
        private final double[] showing = new double[GRID];
        private double integral;

        Plan(EndTimes end, DoubleUnaryOperator urgency, DoubleUnaryOperator longest, double from) {
            double ahead = Math.max(end.median() - from, end.resolution());
            double stride = ahead * 2.5 / GRID;
            for (int i = 0; i < GRID; i++) {
                double at = from + (i + 0.5) * stride;
                double survival = end.survival(at) / end.survival(from);
                ending[i] = survival * Math.sqrt(urgency.applyAsDouble(at)) * stride;
                showing[i] = survival * stride / longest.applyAsDouble(at);
                integral += ending[i];
            }
        }

        /** What meets the aim, or costs no more than this. */
        double withinBudget(double budget) {
            double pace = 2 * CAUTION / integral;
            for (int i = 0; i < 40 && questions(pace) > budget; i++) {
                pace *= 1.15;
            }
            return pace;
        }

        private double questions(double pace) {
            double sum = 0;
            for (int i = 0; i < GRID; i++) {
                sum += Math.max(ending[i] / pace, showing[i]);
            }
            return sum;
        }
    }

    /** Whatever else was asked, such as logs that are followed, some of it is kept for the end. */
    private double budget() {
        double allowed = allowed(ends.orElseThrow());
        return Math.max(Math.max(1.5, allowed * KEPT), allowed - asked.getAsLong());
    }

    /**
     * What a run of this length may cost until its end is seen: a third of what asking every 5 seconds costs, or, where it is
     * short, as much. A plan overstates a little what a long run will cost. The more runs differ, and the less is known of
     * their steps, the more of them outlast the plan.
     */
    private double allowed(EndTimes usual) {
        double seconds = usual.median();
        double late = Math.min(LATEST, LATE * usual.spread() * usual.spread()) + (past.isPresent() ? 0 : 0.4);
        return seconds >= 280 ? seconds / 13.25 - 1.6 - late : seconds / 4.7 - 0.5;
    }

    private static double aim(double elapsed) {
        return Math.max(DELAY, RELATIVE_DELAY * elapsed);
    }

    private static double stepAim(double elapsed) {
        return Math.max(STEP_DELAY, RELATIVE_STEP_DELAY * elapsed);
    }

    /** How long to wait for the allowance of the hour; a look costs two requests at the most, beside those for logs. */
    private double untilAllowed(double elapsed) {
        long now = asked.getAsLong();
        allowance = Math.min(AT_WILL, allowance + (elapsed - countedAt) / SECONDS_PER_REQUEST) - (now - counted);
        counted = now;
        countedAt = elapsed;
        return allowance >= 2 ? 0 : (2 - allowance) * SECONDS_PER_REQUEST;
    }

    private static double clamp(double value, double least, double most) {
        return Math.max(least, Math.min(most, value));
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
