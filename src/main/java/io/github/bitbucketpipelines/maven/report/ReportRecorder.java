package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Failure;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import io.github.bitbucketpipelines.maven.run.ChildFailure;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Listens to the events of a run and has its files written: the receipt as soon as there is a run, the reports when the
 * outcome is known or the build is killed. A report that can't be written is a warning, and never changes the verdict.
 * Thread-safe: a shutdown hook calls it from another thread.
 */
public final class ReportRecorder implements Consumer<RunEvent> {
    /** Skew up to which the clocks count as equal: the Date header that measures it has a precision of one second. */
    private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(2);

    private ReportContext context;
    private final Set<Format> formats;
    private final ReportWriter writer;
    private final Dependencies dependencies;

    private final Map<String, LogTail> logTails = new HashMap<>();
    private final Map<String, Integer> logAttempts = new HashMap<>();
    private final Map<String, Step> steps = new HashMap<>();
    private boolean completedAtStart;
    private boolean finished;
    private Optional<Run> run = Optional.empty();
    private Optional<Instant> detected = Optional.empty();

    /** When the end was known, or when bytes of a log arrived after that. */
    private Optional<Instant> lastRead = Optional.empty();

    private Optional<Duration> typicalDuration = Optional.empty();
    private Optional<String> missingSteps = Optional.empty();
    private RunOutputs outputs = RunOutputs.NONE;

    /**
     * What a recorder gets from its environment.
     *
     * @param requests the number of requests to Bitbucket's API so far
     * @param clockLead how far Bitbucket's clock is ahead of {@code clock}; negative where it is behind
     * @param masker of the connection; it knows the secured variables once they are sent
     * @param warnings receives single lines
     */
    public record Dependencies(
            Clock clock,
            LongSupplier requests,
            Supplier<Duration> clockLead,
            SecretMasker masker,
            Consumer<String> warnings) {}

    /** Creates a recorder; it writes its first file when there is a run. */
    public ReportRecorder(ReportContext context, Path outputDirectory, Set<Format> formats, Dependencies dependencies) {
        this.context = context;
        this.formats = Set.copyOf(formats);
        this.writer =
                new ReportWriter(ReportPaths.of(outputDirectory, context.build().executionId()), formats);
        this.dependencies = dependencies;
    }

    @Override
    public synchronized void accept(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            context = context.with(triggered.request());
            start(triggered.run());
        } else if (event instanceof RunEvent.RunChanged changed) {
            observe(changed.run());
        } else if (event instanceof RunEvent.StepChanged changed) {
            observe(changed.run());
            steps.put(changed.step().uuid(), changed.step());
        } else if (event instanceof RunEvent.Polled polled) {
            polled.forecast().usual().ifPresent(this::setTypicalDuration);
        } else if (event instanceof RunEvent.Heartbeat heartbeat) {
            observe(heartbeat.run());
            heartbeat.steps().forEach(step -> steps.put(step.uuid(), step));
        } else if (event instanceof RunEvent.LogAppended appended) {
            Step step = appended.step();
            Integer before = logAttempts.put(step.uuid(), step.attempt());
            if (before != null && before < step.attempt()) {
                // The log of an attempt starts anew.
                logTails.remove(step.uuid());
            }
            logTail(step.uuid()).add(bounded(appended.lines()));
            if (lastRead.isPresent()) {
                lastRead = Optional.of(dependencies.clock().instant());
            }
        } else if (event instanceof RunEvent.FailedStepLogTail read) {
            logTails.remove(read.step().uuid());
            logTail(read.step().uuid()).add(bounded(read.lines()));
        } else if (event instanceof RunEvent.StepsRead read) {
            missingSteps = read.gap();
        } else if (event instanceof RunEvent.ChildLogTail read) {
            logTail(read.child().parentStep().uuid()).add(bounded(read.lines()));
        }
    }

    private LogTail logTail(String step) {
        if (!logTails.containsKey(step)) {
            logTails.put(step, new LogTail());
            logTails.values().forEach(tail -> tail.limitTo(logTails.size()));
        }
        return logTails.get(step);
    }

    /** Starts with a run, triggered or found: writes the receipt, and removes the reports of an earlier run. */
    public synchronized void start(Run found) {
        run = Optional.of(found);
        completedAtStart = found.state().isCompleted();
        writer.writeReceipt(snapshot(found, List.of(), Outcome.GOING, Optional.empty()), dependencies.warnings());
        writer.removeEarlierReports(dependencies.warnings());
    }

    /** Sets what is known of the pipeline of a run that this execution does not trigger, on-demand or not. */
    public synchronized void setRequested(Optional<String> pipeline, Optional<Fingerprint> content) {
        context = context.ofPipeline(pipeline).with(content);
    }

    /** Sets how long such a run usually takes from its creation to its end, by the recent runs. */
    public synchronized void setTypicalDuration(Duration duration) {
        typicalDuration = Optional.of(duration);
    }

    /** Sets what the run has handed to the build; the time that took does not shorten that of the tests. */
    public synchronized void setOutputs(RunOutputs handed) {
        outputs = handed;
        lastRead = lastRead.map(time -> dependencies.clock().instant());
    }

    /**
     * Writes the reports of a watched run.
     *
     * @param tests provides the tests that the steps published; {@link TestReportsClient#none()} sends no request
     * @param timeout for reading those tests; they have at most {@link TestCollector#MAX_DURATION} since the end of the run
     *     was known, or since bytes of its logs arrived
     */
    public void finish(WatchResult result, Verdict verdict, TestReportsClient tests, Duration timeout) {
        Outcome outcome = outcome(result);
        List<StepSnapshot> snapshots;
        Duration testsTimeout;
        synchronized (this) {
            observe(result.run());
            testsTimeout = Durations.shorter(timeout, remainingAfterEnd());
            snapshots = stepSnapshots(result.run(), result.steps(), children(result));
        }
        // Without the lock: a shutdown hook must not wait for these requests.
        if (outcome != Outcome.UNSEEN && (formats.contains(Format.JUNIT) || formats.contains(Format.HTML))) {
            snapshots = new TestCollector(tests, dependencies.clock(), dependencies.warnings(), testsTimeout)
                    .collect(result.run().number(), snapshots).stream()
                            .map(this::masked)
                            .toList();
        }
        synchronized (this) {
            finished = true;
            if (result instanceof WatchResult.Ended ended) {
                missingSteps = ended.unreadSteps();
            }
            writer.write(snapshot(result.run(), snapshots, outcome, Optional.of(verdict)), dependencies.warnings());
        }
    }

    /**
     * Writes the reports of what is known when the build is killed, without any request. Does nothing before
     * {@link #start} and after {@link #finish}.
     *
     * @param masker of the connection; it knows the secured variables once they are sent
     * @param warnings receives what could not be written, in place of the usual consumer
     */
    public synchronized void interrupted(Consumer<String> warnings) {
        run.filter(last -> !finished).ifPresent(last -> {
            List<Step> observed = new ArrayList<>(steps.values());
            observed.sort(Comparator.comparingInt(Step::position));
            Verdict unknown = new Verdict(
                    Verdict.Decision.UNKNOWN,
                    List.of(
                            "The build was killed while it waited for pipeline #" + last.number()
                                    + "; this is what was known then.",
                            last.url().toString()),
                    true);
            writer.write(
                    snapshot(last, stepSnapshots(last, observed, List.of()), Outcome.INTERRUPTED, Optional.of(unknown)),
                    warnings);
        });
    }

    /** The report for people: the page, else the JUnit XML, else the JSON; empty where none was written. */
    public synchronized Optional<Path> primaryReport() {
        return writer.primaryReport();
    }

    private Duration remainingAfterEnd() {
        Instant now = dependencies.clock().instant();
        return Duration.between(now, lastRead.orElse(now).plus(TestCollector.MAX_DURATION));
    }

    private void observe(Run current) {
        run = Optional.of(current);
        if (current.state().isCompleted() && lastRead.isEmpty()) {
            lastRead = Optional.of(dependencies.clock().instant());
        }
        if (current.state().isCompleted() && detected.isEmpty() && !completedAtStart) {
            detected = Optional.of(dependencies.clock().instant());
        }
    }

    private RunSnapshot snapshot(
            Run current, List<StepSnapshot> snapshots, Outcome outcome, Optional<Verdict> verdict) {
        Duration lead = dependencies.clockLead().get();
        Duration skew = lead.abs().compareTo(MAX_CLOCK_SKEW) < 0 ? Duration.ZERO : lead;
        return new RunSnapshot(
                context,
                current,
                snapshots,
                outcome,
                dependencies.clock().instant().plus(skew),
                verdict,
                detected.map(time -> time.plus(skew)),
                OptionalLong.of(dependencies.requests().getAsLong()),
                typicalDuration,
                missingSteps,
                outputs);
    }

    private static List<ChildFailure> children(WatchResult result) {
        return result instanceof WatchResult.Ended ended ? ended.children() : List.of();
    }

    private List<StepSnapshot> stepSnapshots(Run current, List<Step> observed, List<ChildFailure> children) {
        return observed.stream()
                .map(step -> new StepSnapshot(
                        step,
                        logTail(step),
                        TestReportsClient.TestCases.NONE,
                        Map.of(),
                        Failure.of(current, step, observed),
                        children.stream()
                                .filter(child -> child.parentStep().uuid().equals(step.uuid()))
                                .findFirst()))
                .toList();
    }

    private List<String> logTail(Step step) {
        LogTail tail = logTails.get(step.uuid());
        return tail == null ? List.of() : sanitized(tail.lines());
    }

    /** Masks secrets that a test printed. Bitbucket masks secured variables only in their plain form. */
    private StepSnapshot masked(StepSnapshot step) {
        Map<Integer, List<String>> outputs = new HashMap<>();
        step.outputs().forEach((index, lines) -> outputs.put(index, sanitized(lines)));
        return step.withTests(step.tests(), outputs);
    }

    /** A log has millions of lines, and a report few of them: only a long line is sanitized at once. */
    private List<String> bounded(List<String> lines) {
        return lines.stream()
                .map(line -> line.length() > TextSanitizer.MAX_LINE_CHARACTERS
                        ? dependencies.masker().sanitizeLogLine(line)
                        : line)
                .toList();
    }

    private List<String> sanitized(List<String> lines) {
        return lines.stream().map(dependencies.masker()::sanitizeLogLine).toList();
    }

    private static Outcome outcome(WatchResult result) {
        if (result instanceof WatchResult.Abandoned abandoned) {
            return switch (abandoned.reason()) {
                case TIMEOUT -> Outcome.TIMEOUT;
                case QUEUE_TIMEOUT -> Outcome.QUEUE_TIMEOUT;
                case PAUSED -> Outcome.PAUSED;
                case HALTED -> Outcome.HALTED;
            };
        }
        return result instanceof WatchResult.Ended ? Outcome.OVER : Outcome.UNSEEN;
    }
}
