package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import java.io.IOException;
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
import java.util.stream.Stream;

/**
 * Hears what happens to a run and writes it down: the receipt as soon as there is a run, the reports when it is known how
 * it ended, or when the build is killed. A report that can't be written is a warning, and never changes the verdict.
 * Thread-safe: a build is killed on another thread.
 */
public final class ReportRecorder implements Consumer<RunEvent> {
    /** A Date header counts whole seconds: smaller differences between the clocks are none. */
    private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(2);

    private final ReportContext about;
    private final Set<Format> formats;
    private final ReportPaths files;
    private final Dependencies dependencies;

    private final Map<String, LogTail> logTails = new HashMap<>();
    private final Map<String, Step> steps = new HashMap<>();
    private final List<Path> written = new ArrayList<>();
    private final SecretMasker secrets = new SecretMasker(List.of());
    private boolean wasOver;
    private boolean finished;
    private Optional<Run> run = Optional.empty();
    private Optional<Instant> noticed = Optional.empty();
    private Optional<Duration> usual = Optional.empty();

    /**
     * What a report asks of its surroundings.
     *
     * @param requests how many went to Bitbucket's API so far
     * @param clockLead how far Bitbucket's clock is ahead of this one
     * @param warnings gets harmless lines
     */
    public record Dependencies(
            Clock clock, LongSupplier requests, Supplier<Duration> clockLead, Consumer<String> warnings) {}

    /** Writes nothing yet. */
    public ReportRecorder(ReportContext about, Path outputDirectory, Set<Format> formats, Dependencies around) {
        this.about = about;
        this.formats = Set.copyOf(formats);
        this.files = new ReportPaths(outputDirectory, about.executionId());
        this.dependencies = around;
    }

    @Override
    public synchronized void accept(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered) {
            triggered.request().secrets().forEach(secrets::add);
            start(triggered.run());
        } else if (event instanceof RunEvent.RunChanged changed) {
            observe(changed.run());
        } else if (event instanceof RunEvent.StepChanged changed) {
            observe(changed.run());
            steps.put(changed.step().uuid(), changed.step());
        } else if (event instanceof RunEvent.Polled looked) {
            looked.forecast().usual().ifPresent(this::setTypicalDuration);
        } else if (event instanceof RunEvent.Heartbeat going) {
            observe(going.run());
            going.steps().forEach(step -> steps.put(step.uuid(), step));
        } else if (event instanceof RunEvent.LogAppended grew) {
            logTails.computeIfAbsent(grew.step().uuid(), uuid -> new LogTail()).add(grew.lines());
        } else if (event instanceof RunEvent.FailedStepLogTail end) {
            LogTail whole = new LogTail();
            whole.add(end.lines());
            logTails.put(end.step().uuid(), whole);
        }
    }

    /** There is a run, triggered or found: writes the receipt, and removes the reports of an earlier one. */
    public synchronized void start(Run found) {
        run = Optional.of(found);
        wasOver = found.state().isCompleted();
        RunSnapshot facts = snapshot(found, List.of(), Outcome.GOING, Optional.empty());
        write("receipt", files.json(), () -> ResultJson.of(facts), dependencies.warnings());
        written.clear();
        try {
            files.removeReports();
        } catch (IOException | RuntimeException e) {
            // A directory that can't be read is a RuntimeException while it is listed.
            dependencies.warnings().accept("The reports of an earlier run could not be removed: " + why(e));
        }
    }

    /** How long such a run takes from its creation to its end, by the recent ones. */
    public synchronized void setTypicalDuration(Duration duration) {
        usual = Optional.of(duration);
    }

    /**
     * Writes the reports.
     *
     * @param tests asked for what the steps published, within bounds; {@link TestReportsClient#none()} asks nothing
     * @param limit how long that may take at the most
     */
    public void finish(WatchResult ending, Verdict verdict, TestReportsClient tests, Duration limit) {
        Outcome outcome = outcome(ending);
        List<StepSnapshot> seen;
        synchronized (this) {
            observe(ending.run());
            seen = stepSnapshots(ending.steps());
        }
        // Not while others wait for this: a build may be killed in the meantime.
        boolean ask = outcome != Outcome.UNSEEN && (formats.contains(Format.JUNIT) || formats.contains(Format.HTML));
        List<StepSnapshot> filled = ask
                ? new TestCollector(tests, dependencies.clock(), dependencies.warnings(), limit)
                        .collect(ending.run().number(), seen).stream()
                                .map(this::masked)
                                .toList()
                : seen;
        synchronized (this) {
            finished = true;
            write(snapshot(ending.run(), filled, outcome, Optional.of(verdict)), dependencies.warnings());
        }
    }

    /**
     * The build is killed: writes what is known, asks nobody.
     *
     * @param warnings hears of what could not be written, in place of the usual ones
     */
    public synchronized void interrupted(Consumer<String> warnings) {
        run.filter(last -> !finished).ifPresent(last -> {
            List<Step> known = new ArrayList<>(steps.values());
            known.sort(Comparator.comparingInt(Step::position));
            write(snapshot(last, stepSnapshots(known), Outcome.INTERRUPTED, Optional.empty()), warnings);
        });
    }

    /** The report to look at: the page, else the JUnit XML, else the JSON; empty where none was written. */
    public synchronized Optional<Path> primaryReport() {
        return Stream.of(files.html(), files.junit(), files.json())
                .filter(written::contains)
                .findFirst();
    }

    private void observe(Run now) {
        run = Optional.of(now);
        if (now.state().isCompleted() && noticed.isEmpty() && !wasOver) {
            noticed = Optional.of(dependencies.clock().instant());
        }
    }

    private void write(RunSnapshot facts, Consumer<String> warnings) {
        written.clear();
        if (formats.contains(Format.JSON)) {
            write("report", files.json(), () -> ResultJson.of(facts), warnings);
        }
        if (formats.contains(Format.JUNIT)) {
            write("report", files.junit(), () -> JUnitXml.ofSteps(facts), warnings);
            for (StepSnapshot step : facts.steps()) {
                if (!step.tests().cases().isEmpty()) {
                    Path file = files.junit(step.step().position());
                    write("report", file, () -> JUnitXml.ofTests(facts, step), warnings);
                }
            }
        }
        if (formats.contains(Format.HTML)) {
            write("report", files.html(), () -> HtmlPage.of(facts), warnings);
        }
    }

    private void write(String what, Path file, Supplier<String> text, Consumer<String> warnings) {
        try {
            ReportPaths.write(file, text.get());
            written.add(file);
        } catch (IOException | RuntimeException e) {
            // A RuntimeException is a mistake of ours: no reason to fail a release that went well.
            warnings.accept("The " + what + " " + file + " could not be written: " + why(e));
        }
    }

    private static String why(Exception e) {
        return e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private RunSnapshot snapshot(Run now, List<StepSnapshot> seen, Outcome outcome, Optional<Verdict> verdict) {
        Duration lead = dependencies.clockLead().get();
        Duration ahead = lead.abs().compareTo(MAX_CLOCK_SKEW) < 0 ? Duration.ZERO : lead;
        return new RunSnapshot(
                about,
                now,
                seen,
                outcome,
                dependencies.clock().instant().plus(ahead),
                verdict,
                noticed.map(at -> at.plus(ahead)),
                OptionalLong.of(dependencies.requests().getAsLong()),
                usual);
    }

    private List<StepSnapshot> stepSnapshots(List<Step> known) {
        return known.stream()
                .map(step -> new StepSnapshot(step, logTail(step), TestReportsClient.TestCases.NONE, Map.of()))
                .toList();
    }

    private List<String> logTail(Step step) {
        LogTail end = logTails.get(step.uuid());
        return end == null ? List.of() : end.lines().stream().map(secrets::mask).toList();
    }

    /** Bitbucket masks secured variables; but not what a script made of them, and not where it failed to. */
    private StepSnapshot masked(StepSnapshot step) {
        Map<Integer, List<String>> outputs = new HashMap<>();
        step.outputs()
                .forEach((place, lines) ->
                        outputs.put(place, lines.stream().map(secrets::mask).toList()));
        return new StepSnapshot(step.step(), step.logTail(), step.tests(), outputs);
    }

    private static Outcome outcome(WatchResult ending) {
        if (ending instanceof WatchResult.Abandoned gaveUp) {
            return switch (gaveUp.reason()) {
                case TIMEOUT -> Outcome.TIMEOUT;
                case QUEUE_TIMEOUT -> Outcome.QUEUE_TIMEOUT;
                case PAUSED -> Outcome.PAUSED;
                case HALTED -> Outcome.HALTED;
            };
        }
        return ending instanceof WatchResult.Ended ? Outcome.OVER : Outcome.UNSEEN;
    }
}
