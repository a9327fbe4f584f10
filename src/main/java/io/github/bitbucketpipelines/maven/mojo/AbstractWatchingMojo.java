package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.console.StatusLine;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.report.Format;
import io.github.bitbucketpipelines.maven.report.ReportRecorder;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.session.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.InterruptHook;
import io.github.bitbucketpipelines.maven.session.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.RunProperties;
import io.github.bitbucketpipelines.maven.session.SessionContext;
import io.github.bitbucketpipelines.maven.session.SessionPaths;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/** The goals that wait for a run, and fail the build for its result. */
abstract class AbstractWatchingMojo extends AbstractRecordingMojo {
    private static final String TIMEOUT = "1h";
    private static final String SUCCESSFUL = "SUCCESSFUL";

    /**
     * How long to wait, from the trigger to the end of the run: {@code 90s}, {@code 30m}, {@code 1h30m}, {@code PT30M}, or
     * a number of seconds. {@code wait} did not trigger the run: it counts from when it begins to wait.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.timeout", defaultValue = TIMEOUT)
    private String timeout;

    /**
     * How long to wait, from the trigger (of {@code wait}: from when it begins to wait) to the first step that runs; a
     * duration as for {@code timeout}. Default: as long as {@code timeout} allows.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.queueTimeout")
    private String queueTimeout;

    /**
     * How often to ask Bitbucket: {@code auto}, which follows the run, or a duration of at least one second.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.pollInterval", defaultValue = "auto")
    private String pollInterval;

    /**
     * What to do when the time is over: {@code fail} the build and leave the run going, {@code stop} the run and then
     * fail, or {@code warn} and let the build go on.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onTimeout", defaultValue = "fail")
    private String onTimeout;

    /**
     * What to do when the build is killed (Ctrl-C, SIGTERM from Jenkins): {@code leave} the run going, or {@code stop} it.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onInterrupt", defaultValue = "leave")
    private String onInterrupt;

    /**
     * What to do when only a manual step is left, which a person must start (Bitbucket's web page calls such a run
     * successful): {@code wait}, {@code fail} or {@code succeed}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onPaused", defaultValue = "wait")
    private String onPaused;

    /**
     * What to do when Bitbucket holds the run back (another run has the deployment environment, or the build minutes are
     * used up): {@code fail} after 2 minutes of it, or {@code wait}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onHalted", defaultValue = "fail")
    private String onHalted;

    /**
     * The results that let the build go on, separated by commas. Every other one, known or not, fails it.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.successfulResults", defaultValue = SUCCESSFUL)
    private String successfulResults;

    /**
     * Warn, where the build would fail because of the run's result.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.failureIgnore", defaultValue = "false")
    private String failureIgnore;

    /**
     * Which logs to show: {@code none}; {@code failed}, the end of each failed step's log; {@code all}, every step's log, as
     * it grows.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.logs", defaultValue = "failed")
    private String logs;

    /**
     * How many lines of a failed step's log to show.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.logLines", defaultValue = "100")
    private String logLines;

    /**
     * How to show what goes on: {@code auto}, a live line where the terminal can be reached safely, else plain lines and
     * a sign of life now and then; {@code plain}, those lines always; {@code none}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.progress", defaultValue = "auto")
    private String progress;

    /**
     * Which reports of the run to write into {@code outputDirectory}, separated by commas: {@code json} (the result, for
     * scripts), {@code junit} (its steps and its tests, for Jenkins and GitLab), {@code html} (one page, for people); or
     * {@code none}, which leaves nothing but the receipt.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.reports", defaultValue = "json,junit,html")
    private String reports;

    /** At the end of the time this much is left for what the report is still to learn. */
    private static final Duration REPORT_GRACE = Duration.ofMillis(4_500);

    AbstractWatchingMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    enum Progress {
        AUTO,
        PLAIN,
        NONE
    }

    /** How to wait, checked. */
    record WatchConfig(
            WatchOptions options,
            Verdict.Policy policy,
            Schedule schedule,
            OnInterrupt onInterrupt,
            Progress progress,
            Set<Format> reports) {}

    final WatchConfig watchConfig() throws MojoExecutionException {
        WatchOptions options = new WatchOptions(
                ParameterParser.parseDuration("timeout", timeout, TIMEOUT),
                ParameterParser.parseDuration("queueTimeout", queueTimeout),
                ParameterParser.parseEnum("onTimeout", onTimeout, OnTimeout.FAIL),
                ParameterParser.parseEnum("onPaused", onPaused, OnPaused.WAIT),
                ParameterParser.parseEnum("onHalted", onHalted, OnHalted.FAIL),
                ParameterParser.parseEnum("logs", logs, Logs.FAILED),
                Math.toIntExact(Math.min(
                        ParameterParser.parseNumber("logLines", logLines, 1).orElse(100L), 1_000_000)));
        Set<String> successful = Arrays.stream(ParameterParser.optional(successfulResults)
                        .orElse(SUCCESSFUL)
                        .split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
        if (successful.isEmpty()) {
            throw ParameterParser.invalid("successfulResults", "it names no result; the usual one is SUCCESSFUL");
        }
        return new WatchConfig(
                options,
                new Verdict.Policy(
                        successful,
                        ParameterParser.parseBoolean("failureIgnore", failureIgnore),
                        options.onTimeout(),
                        options.onPaused()),
                schedule(),
                ParameterParser.parseEnum("onInterrupt", onInterrupt, OnInterrupt.LEAVE),
                ParameterParser.parseEnum("progress", progress, Progress.AUTO),
                ParameterParser.parse("reports", reports, Format::parse).orElse(Set.of(Format.values())));
    }

    private Schedule schedule() throws MojoExecutionException {
        if (ParameterParser.optional(pollInterval).orElse("auto").equalsIgnoreCase("auto")) {
            // A rehearsal is there to be looked at: it lasts a few seconds, and its questions cost nothing.
            return isRehearsal() ? Schedule.every(Schedule.SHORTEST) : Schedule.auto();
        }
        Duration pace =
                ParameterParser.parseDuration("pollInterval", pollInterval).orElseThrow();
        if (pace.compareTo(Schedule.SHORTEST) < 0) {
            throw ParameterParser.invalid(
                    "pollInterval", "'" + pollInterval + "' is less than 1s, the shortest pace there is");
        }
        return Schedule.every(pace);
    }

    /** What writes the receipt and the reports of a run. */
    final ReportRecorder report(BitbucketConnection connection, RunLabel names, WatchConfig waiting) {
        ReportRecorder.Dependencies around = new ReportRecorder.Dependencies(
                connection.clock(),
                connection::requests,
                () -> connection.serverClock().skew().orElse(Duration.ZERO),
                log()::warn);
        return new ReportRecorder(about(names, executionId()), outputDirectory(), waiting.reports(), around);
    }

    /** What tells people about the run; with a live line where that is wanted, and can be drawn. */
    final ConsoleListener console(RunLabel names, WatchConfig waiting) {
        boolean wanted = waiting.progress() == Progress.AUTO && log().isInfoEnabled();
        return new ConsoleListener(
                log(),
                names,
                waiting.policy().successfulResults(),
                waiting.progress() == Progress.NONE,
                wanted
                        ? StatusLine.of(terminal(), session().getRequest().getDegreeOfConcurrency() > 1)
                        : Optional.empty());
    }

    /** Hears of everything first: the receipt before anything else; whatever happens now, the run can be found again. */
    final Consumer<RunEvent> reportListener(ReportRecorder report, InterruptHook hook, Consumer<RunEvent> next) {
        return event -> {
            report.accept(event);
            if (event instanceof RunEvent.Triggered triggered) {
                SessionContext.of(session()).addReceipt(receipt().file());
                hook.started(triggered.run());
            }
            next.accept(event);
        };
    }

    /** The reports of a build that is killed. */
    final void writePartialReport(ReportRecorder report) {
        report.interrupted(shutdownLog());
        report.primaryReport()
                .ifPresent(file -> shutdownLog().accept("Report: " + SessionPaths.display(session(), file)));
    }

    /** Watches a run to its end. */
    final WatchResult watch(RunLifecycle runner, Run run, Instant begin, WatchConfig waiting)
            throws InterruptedException {
        RunProperties.set(session(), run);
        return runner.watch(run, begin, waiting.schedule(), waiting.options());
    }

    /**
     * Writes the reports, and turns the ending into a build that goes on or fails.
     *
     * @param begin from when the time limits count: they hold for the reports, too
     */
    final void conclude(
            WatchResult ending,
            RunLabel names,
            WatchConfig waiting,
            ReportRecorder report,
            BitbucketConnection connection,
            Instant begin)
            throws MojoExecutionException, MojoFailureException {
        RunProperties.set(session(), ending.run());
        Verdict verdict = Verdict.of(ending, names.of(ending.run()), waiting.policy());
        Instant last = begin.plus(waiting.options().timeout()).plus(REPORT_GRACE);
        report.finish(
                ending,
                verdict,
                connection.testReports(),
                Duration.between(connection.clock().instant(), last));
        report.primaryReport().ifPresent(file -> log().info("Report: " + SessionPaths.display(session(), file)));
        String text = String.join(System.lineSeparator(), verdict.lines())
                + (verdict.canResume()
                        ? System.lineSeparator() + "To wait for it again: "
                                + waitCommand(names.repository(), ending.run())
                        : "");
        switch (verdict.decision()) {
            case PASS -> log().info(verdict.lines().get(0));
            case WARN -> text.lines().forEach(log()::warn);
            case FAIL -> throw new MojoFailureException(text);
            case UNKNOWN -> throw new MojoExecutionException(text);
        }
    }
}
