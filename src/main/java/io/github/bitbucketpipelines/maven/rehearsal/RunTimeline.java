package io.github.bitbucketpipelines.maven.rehearsal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A script with computed times: when each step starts and ends, when the run is held, and when it ends. All times count
 * from the run's creation. The state of a run is a function of this and of the time, so that no thread has to wait.
 */
record RunTimeline(
        RunScript script,
        Duration begin,
        List<Span> spans,
        List<Wait> waits,
        Optional<Duration> end,
        ScriptedState.Result result) {

    /** Times of a step. A step that is not run has an end only; a step that is never reached has no times. */
    record Span(
            StepScript step,
            Optional<Duration> ready,
            Optional<Duration> started,
            Optional<Duration> ended,
            ScriptedState.Result result,
            Optional<Wait> held) {

        ScriptedState at(Duration time) {
            if (reached(ended, time)) {
                return ScriptedState.completed(result);
            }
            if (reached(started, time)) {
                if (time.compareTo(attemptStarted(time).plus(step.duration())) >= 0) {
                    return ScriptedState.completed(ScriptedState.Result.of("FAILED"));
                }
                return ScriptedState.named("IN_PROGRESS");
            }
            if (reached(ready, time)) {
                return ScriptedState.named("READY");
            }
            return held.filter(wait -> wait.holdsAt(time))
                    .map(wait -> ScriptedState.inStage("PENDING", wait.stage()))
                    .orElse(ScriptedState.named("PENDING"));
        }

        boolean runsAt(Duration time) {
            return reached(ready, time) && !reached(ended, time);
        }

        /** The number of failed attempts before the one at this time. */
        private int attemptsBefore(Duration time) {
            if (step.failedAttempts() == 0 || !reached(started, time)) {
                return 0;
            }
            long elapsed = time.minus(started.get()).toMillis();
            return (int) Math.min(
                    step.failedAttempts(),
                    elapsed / step.duration().plus(RETRY_DELAY).toMillis());
        }

        /** The number of the attempt at this time. */
        int attempt(Duration time) {
            return step.firstAttempt() + attemptsBefore(time);
        }

        /** When the attempt at this time started. */
        Duration attemptStarted(Duration time) {
            return started.orElse(time).plus(step.duration().plus(RETRY_DELAY).multipliedBy(attemptsBefore(time)));
        }

        /** The length of the log so far: it grows evenly over the duration of the step. */
        long logLength(Duration time) {
            if (!reached(started, time) || step.log().isEmpty()) {
                return 0;
            }
            long length = step.log().get().length();
            Duration until = ended.filter(end -> end.compareTo(time) < 0).orElse(time);
            Duration running = until.minus(attemptStarted(until));
            if (running.compareTo(step.duration()) >= 0) {
                return length;
            }
            double share = (double) running.toNanos() / step.duration().toNanos();
            return Math.min(length, (long) (length * share));
        }
    }

    /** How long an attempt is FAILED before the next one starts. */
    private static final Duration RETRY_DELAY = Duration.ofSeconds(2);

    /** An interval in which the run is held; without an end it is held for ever. */
    record Wait(String stage, Duration from, Optional<Duration> until) {

        boolean holdsAt(Duration time) {
            return time.compareTo(from) >= 0 && !reached(until, time);
        }
    }

    static boolean reached(Optional<Duration> moment, Duration time) {
        return moment.filter(at -> at.compareTo(time) <= 0).isPresent();
    }

    /** Computes the times of a script. */
    static RunTimeline of(RunScript script) {
        Builder builder = new Builder(script);
        script.steps().forEach(builder::add);
        return builder.timeline();
    }

    /** Computes the times step by step. */
    private static final class Builder {

        private final RunScript script;
        private final Duration begin;
        private final List<Span> spans = new ArrayList<>();
        private final List<Wait> waits = new ArrayList<>();
        private final Duration first;
        private Duration previous;
        private Duration allDone;
        private boolean blocked;
        private Optional<Span> failed = Optional.empty();

        Builder(RunScript script) {
            this.script = script;
            begin = script.parsing().plus(script.pending());
            first = script.hold()
                    .map(hold -> hold(hold, begin))
                    .flatMap(Wait::until)
                    .orElse(begin);
            previous = first;
            allDone = first;
        }

        void add(StepScript step) {
            Duration start = step.offset().map(first::plus).orElse(step.startsWithPrevious() ? previous : allDone);
            if (blocked) {
                spans.add(never(step, Optional.empty()));
            } else if (step.isSkipped()) {
                spans.add(notExecuted(step, start, step.result()));
            } else if (step.isFinal()) {
                spans.add(run(step, start, Optional.empty()));
            } else if (reached(failed.flatMap(Span::ended), start)) {
                spans.add(notRun(step, start));
            } else {
                Optional<Wait> held = step.hold().map(hold -> hold(hold, start));
                spans.add(
                        blocked
                                ? never(step, held)
                                : run(step, held.flatMap(Wait::until).orElse(start), held));
            }
        }

        private Wait hold(StepScript.Hold hold, Duration from) {
            Wait wait = new Wait(hold.stage(), from, hold.lasting().map(from::plus));
            waits.add(wait);
            blocked = wait.until().isEmpty();
            return wait;
        }

        private Span run(StepScript step, Duration ready, Optional<Wait> held) {
            Duration started = ready.plus(step.queued());
            Duration ended = started.plus(step.duration().plus(RETRY_DELAY).multipliedBy(step.failedAttempts()))
                    .plus(step.duration());
            Span span =
                    new Span(step, Optional.of(ready), Optional.of(started), Optional.of(ended), step.result(), held);
            previous = ready;
            if (ended.compareTo(allDone) > 0) {
                allDone = ended;
            }
            if (!step.result().isSuccessful()
                    && !step.isFailureIgnored()
                    && !reached(failed.flatMap(Span::ended), ended)) {
                failed = Optional.of(span);
            }
            return span;
        }

        RunTimeline timeline() {
            ScriptedState.Result worst = failed.map(Span::result).orElseGet(ScriptedState.Result::successful);
            return new RunTimeline(
                    script,
                    begin,
                    List.copyOf(spans),
                    List.copyOf(waits),
                    Optional.of(allDone).filter(end -> !blocked),
                    script.result().orElse(worst));
        }
    }

    private static Span never(StepScript step, Optional<Wait> held) {
        return new Span(step, Optional.empty(), Optional.empty(), Optional.empty(), step.result(), held);
    }

    private static Span notRun(StepScript step, Duration when) {
        return notExecuted(step, when, ScriptedState.Result.of(ScriptedState.Result.NOT_RUN));
    }

    private static Span notExecuted(StepScript step, Duration when, ScriptedState.Result result) {
        return new Span(step, Optional.empty(), Optional.empty(), Optional.of(when), result, Optional.empty());
    }

    /**
     * Returns a copy that is stopped at this time: running steps are STOPPED, later steps are NOT_RUN, and final steps run
     * before the run ends.
     */
    RunTimeline stopped(Duration when, EmbeddedAccount terminator) {
        if (reached(end, when)) {
            return this;
        }
        Duration[] done = {when};
        List<Span> stoppedSpans = spans.stream()
                .map(span -> {
                    if (reached(span.ended(), when)) {
                        return span;
                    }
                    if (span.step().isFinal()) {
                        Duration start = done[0];
                        done[0] = start.plus(span.step().duration());
                        return new Span(
                                span.step(),
                                Optional.of(start),
                                Optional.of(start),
                                Optional.of(done[0]),
                                span.step().result(),
                                Optional.empty());
                    }
                    return reached(span.started(), when)
                            ? new Span(
                                    span.step(),
                                    span.ready(),
                                    span.started(),
                                    Optional.of(when),
                                    ScriptedState.Result.of(ScriptedState.Result.STOPPED),
                                    span.held())
                            : notRun(span.step(), when);
                })
                .toList();
        List<Wait> earlierWaits =
                waits.stream().filter(wait -> wait.from().compareTo(when) < 0).toList();
        return new RunTimeline(
                script,
                begin,
                stoppedSpans,
                earlierWaits,
                Optional.of(done[0]),
                ScriptedState.Result.stoppedBy(terminator));
    }

    /** Returns the state of the run at a time. */
    ScriptedState at(Duration time) {
        for (RunScript.StateOverride override : script.overrides()) {
            if (time.compareTo(override.from()) >= 0 && time.compareTo(override.until()) < 0) {
                return override.state();
            }
        }
        if (reached(end, time)) {
            return ScriptedState.completed(result);
        }
        if (time.compareTo(script.parsing()) < 0) {
            return ScriptedState.inStage("PARSING", "PARSING");
        }
        if (time.compareTo(begin) < 0) {
            return ScriptedState.inStage("PENDING", "PENDING");
        }
        boolean hasRunningStep = spans.stream().anyMatch(span -> span.runsAt(time));
        return waits.stream()
                .filter(wait -> !hasRunningStep && wait.holdsAt(time))
                .findFirst()
                .map(wait -> ScriptedState.inStage("IN_PROGRESS", wait.stage()))
                .orElse(ScriptedState.inStage("IN_PROGRESS", "RUNNING"));
    }

    /** Whether nothing changed in this time before a moment, and nothing will change in this time after it. */
    boolean isQuiet(Duration moment, Duration before, Duration after) {
        return Stream.of(
                        Stream.of(begin),
                        end.stream(),
                        waits.stream().flatMap(wait -> Stream.concat(Stream.of(wait.from()), wait.until().stream())),
                        spans.stream()
                                .flatMap(span -> Stream.of(span.ready(), span.started(), span.ended())
                                        .flatMap(Optional::stream)))
                .flatMap(times -> times)
                .noneMatch(time -> time.compareTo(moment.minus(before)) > 0 && time.compareTo(moment.plus(after)) < 0);
    }

    /** Returns when it ends, or from when on it is held for ever. */
    Duration horizon() {
        return end.or(() -> waits.stream()
                        .filter(wait -> wait.until().isEmpty())
                        .map(Wait::from)
                        .findFirst())
                .orElse(begin);
    }
}
