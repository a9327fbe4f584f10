package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.report.Format;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import io.github.bitbucketpipelines.maven.run.WatchOptions.Logs;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnHalted;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.run.InterruptHook.OnInterrupt;
import io.github.bitbucketpipelines.maven.session.run.OutputConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.Parameter;

/** Declares the parameters of the goals that watch a run and pass or fail the build by its result. */
abstract class AbstractWatchingMojo extends AbstractRecordingMojo {
    private static final String TIMEOUT = "1h";
    private static final String APPEAR_TIMEOUT = "1m";
    private static final String SUCCESSFUL = "SUCCESSFUL";
    private static final int MAX_LOG_LINES = 1_000_000;

    /**
     * The time limit from the trigger to the end of the run: {@code 90s}, {@code 30m}, {@code 1h30m}, {@code PT30M}, or
     * a number of seconds. The goal {@code wait} counts from the beginning of its wait.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.timeout", defaultValue = TIMEOUT)
    private String timeout;

    /**
     * The time limit from the trigger (of {@code wait}: from the beginning of its wait) to the start of the first step:
     * a duration as for {@code timeout}. Default: only {@code timeout} limits it.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.queueTimeout")
    private String queueTimeout;

    /**
     * The delay between two polls: {@code auto}, which adapts it to the run, or a duration of at least one second.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.pollInterval", defaultValue = "auto")
    private String pollInterval;

    /**
     * What to do at the time limit: {@code fail} the build and leave the run running, {@code stop} the run and then
     * fail, or {@code warn} and pass the build.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onTimeout", defaultValue = "fail")
    private String onTimeout;

    /**
     * What to do when the build is interrupted (Ctrl-C, SIGTERM from Jenkins): {@code leave} the run running, or
     * {@code stop} it.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onInterrupt", defaultValue = "leave")
    private String onInterrupt;

    /**
     * What to do when the next step is a manual one, which a person must start (Bitbucket's web page calls such a run
     * successful): {@code wait}, {@code fail}, or {@code succeed}, which counts only where every step that is left is
     * manual.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onPaused", defaultValue = "wait")
    private String onPaused;

    /**
     * What to do when Bitbucket has halted the run (another run uses the deployment environment, or the build minutes
     * are used up): {@code fail} after 2 minutes; {@code wait}; or {@code auto}, which waits where
     * bitbucket-pipelines.yml of the run's commit has a concurrency group, since Bitbucket then resumes the run by itself,
     * and else fails.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.onHalted", defaultValue = "auto")
    private String onHalted;

    /**
     * The results that pass the build, separated by commas, in any case of letters. Every other result, known or not, fails it.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.successfulResults", defaultValue = SUCCESSFUL)
    private String successfulResults;

    /**
     * Warns instead of failing the build where the run's result would fail it.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.failureIgnore", defaultValue = "false")
    private String failureIgnore;

    /**
     * The logs to show: {@code none}; {@code failed}, the end of each failed step's log; {@code all}, every step's log
     * while it grows.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.logs", defaultValue = "failed")
    private String logs;

    /**
     * The number of lines to show of a failed step's log.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.logLines", defaultValue = "100")
    private String logLines;

    /**
     * How to show progress: {@code auto}, a status block that is redrawn each second if the terminal supports it, else
     * plain lines with a heartbeat; {@code plain}, always those lines; {@code none}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.progress", defaultValue = "auto")
    private String progress;

    /**
     * The reports of the run to write into {@code outputDirectory}, separated by commas: {@code json} (the result, for
     * scripts), {@code junit} (its steps and its tests, for Jenkins and GitLab), {@code html} (one page, for people);
     * or {@code none}, which writes only the receipt.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.reports", defaultValue = "json,junit,html")
    private String reports;

    /**
     * How long something may take to appear: a duration as for {@code timeout}. For {@code outputs} and
     * {@code downloads} it counts from the end of the run. For {@code wait} it is also the time for a run that was not
     * triggered by this plugin, such as one that a push starts; two unfinished runs that match are an error that lists both.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.appearTimeout", defaultValue = APPEAR_TIMEOUT)
    private String appearTimeout;

    /**
     * The values that the run must hand to the build: lines {@code ::output KEY=VALUE} in the logs of its steps. Entries
     * are separated by commas, or are nested elements, in which commas are part of the entry: {@code KEY} of any step,
     * {@code KEY@Step name} of that step alone, {@code KEY=default}. Each becomes the property
     * {@code bitbucket.output.KEY} for later plugins and modules. A value that does not come, or that two steps give
     * differently, fails the build. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.outputs")
    private List<String> outputs;

    /**
     * The files of the repository's Downloads that the run has made, to be fetched into {@code downloads} of
     * {@code outputDirectory} after a successful run. Entries are separated by commas, or are nested elements. A name may
     * have {@literal @}{run.number}, {@literal @}{run.uuid}, {@literal @}{run.commit} and {@literal @}{output.KEY} in it.
     * A file that does not come, or that may be of an earlier run, fails the build. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.downloads")
    private List<String> downloads;

    AbstractWatchingMojo(MavenServices services) {
        super(services);
    }

    /** Parses the parameters. */
    final WatchConfig toWatchConfig(GoalContext context) throws MojoExecutionException {
        WatchOptions options = new WatchOptions(
                ParameterParser.parseDuration("timeout", timeout, TIMEOUT),
                ParameterParser.parseDuration("queueTimeout", queueTimeout),
                ParameterParser.parseEnum("onTimeout", onTimeout, OnTimeout.FAIL),
                ParameterParser.parseEnum("onPaused", onPaused, OnPaused.WAIT),
                ParameterParser.parseEnum("onHalted", onHalted, OnHalted.AUTO),
                ParameterParser.parseEnum("logs", logs, Logs.FAILED),
                toLogLines());
        Set<String> successful = Arrays.stream(ParameterParser.optional(successfulResults)
                        .orElse(SUCCESSFUL)
                        .split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                // Bitbucket's known ones are in capitals; an unknown one counts as it is written.
                .flatMap(name -> Stream.of(name, name.toUpperCase(Locale.ROOT)))
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
                schedule(context),
                ParameterParser.parseEnum("onInterrupt", onInterrupt, OnInterrupt.LEAVE),
                ParameterParser.parseEnum("progress", progress, Progress.AUTO),
                ParameterParser.parse("reports", reports, Format::parse).orElse(Set.of(Format.values())),
                OutputConfig.parse(context, outputs, downloads, toAppearTimeout()));
    }

    private int toLogLines() throws MojoExecutionException {
        long lines = ParameterParser.parseNumber("logLines", logLines, 1).orElse(100L);
        if (lines > MAX_LOG_LINES) {
            throw ParameterParser.invalid("logLines", "'" + lines + "' is more than " + MAX_LOG_LINES);
        }
        return (int) lines;
    }

    final Duration toAppearTimeout() throws MojoExecutionException {
        return ParameterParser.parseDuration("appearTimeout", appearTimeout, APPEAR_TIMEOUT);
    }

    private Schedule schedule(GoalContext context) throws MojoExecutionException {
        if (ParameterParser.optional(pollInterval).orElse("auto").equalsIgnoreCase("auto")) {
            return context.isRehearsal() ? AbstractWatchingMojo::nextInRehearsal : Schedule.auto();
        }
        Duration interval =
                ParameterParser.parseDuration("pollInterval", pollInterval).orElseThrow();
        if (interval.compareTo(Schedule.MIN_INTERVAL) < 0) {
            throw ParameterParser.invalid("pollInterval", "'" + pollInterval + "' is less than 1s, the minimum");
        }
        return Schedule.every(interval);
    }

    /** A rehearsed run changes for seconds, and its requests have no limit; after that only a time limit is left. */
    private static Duration nextInRehearsal(
            Run run, List<Step> steps, Instant triggered, Instant now, Instant heartbeat) {
        return Duration.between(triggered, now).compareTo(Duration.ofMinutes(1)) < 0
                ? Schedule.MIN_INTERVAL
                : Duration.ofMinutes(2);
    }
}
