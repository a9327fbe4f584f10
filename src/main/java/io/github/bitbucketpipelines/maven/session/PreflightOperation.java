package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.console.StandardOutput;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.preflight.Finding;
import io.github.bitbucketpipelines.maven.preflight.Finding.Status;
import io.github.bitbucketpipelines.maven.preflight.Finding.Subject;
import io.github.bitbucketpipelines.maven.preflight.FindingsJson;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Checks that Bitbucket will accept a trigger, writes the findings, and fails the build if it will not.
 *
 * @param outputFile where the findings are written, in place of Maven's log or standard output
 */
public record PreflightOperation(
        GoalContext context,
        RepositoryId repository,
        TriggerRequest request,
        OutputFormat format,
        Optional<OutputFile> outputFile)
        implements GoalTask {
    /** How many findings the failure repeats; the log has all of them. */
    private static final int MAX_REPEATED = 4;

    /** A parameter of the goals that run a pipeline; it needs a scope of its own. */
    private static final String DOWNLOADS = "downloads";

    /** The time limit of the goal. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    @Override
    public void run(BitbucketConnection connection) throws MojoExecutionException, MojoFailureException {
        TimeLimit limit = TimeLimit.in(connection.clock(), TIMEOUT);
        List<Finding> findings =
                new ArrayList<>(Preflight.of(connection.pipelines(), connection.repositoryClient(), request, limit));
        boolean areCredentialsValid = findings.get(0).status() == Status.OK;
        if (areCredentialsValid
                && new RawConfiguration(context.session(), context.execution(), context.project())
                        .isSetAnywhere(DOWNLOADS)) {
            findings.addAll(Preflight.ofDownloads(connection.downloads(), limit));
        }
        write(findings);
        List<Finding> failed = findings.stream()
                .filter(finding -> finding.status() == Status.FAILED)
                .toList();
        if (!failed.isEmpty()) {
            throw new MojoFailureException("A run would fail, for "
                    + (failed.size() == 1 ? "one reason:" : failed.size() + " reasons:")
                    + failed.stream()
                            .limit(MAX_REPEATED)
                            .map(finding ->
                                    System.lineSeparator() + Marks.CURRENT.format(Status.FAILED, finding.text()))
                            .collect(Collectors.joining())
                    + (failed.size() > MAX_REPEATED
                            ? " (and " + (failed.size() - MAX_REPEATED) + " more, see above)"
                            : ""));
        }
    }

    /** Writes that nothing can be checked without credentials, and returns the failure. */
    public MojoFailureException withoutCredentials(MissingCredentialsException e) throws MojoExecutionException {
        write(List.of(
                // The failure has the whole message, with the lines to add to settings.xml.
                Subject.CREDENTIALS.failed(e.summary()),
                Subject.CREDENTIALS.unknown("Remaining checks skipped: without credentials Bitbucket shows nothing")));
        return new MojoFailureException(MessageLines.format("A run would fail: " + e.text()));
    }

    private void write(List<Finding> findings) throws MojoExecutionException {
        if (outputFile.isPresent()) {
            outputFile
                    .get()
                    .write(
                            format == OutputFormat.JSON
                                    ? List.of(FindingsJson.of(repository, findings))
                                    : findings.stream()
                                            .map(finding -> Marks.SYMBOLS.format(finding.status(), finding.text()))
                                            .toList());
        } else if (format == OutputFormat.JSON) {
            StandardOutput.print(FindingsJson.of(repository, findings));
        } else {
            findings.forEach(finding -> print(context.output(), finding.status(), finding.text()));
        }
    }

    private static void print(Output output, Status status, String text) {
        String line = Marks.CURRENT.format(status, text);
        switch (status) {
            case OK -> output.info(line);
            case FAILED -> output.error(line);
            case UNKNOWN -> output.warn(line);
        }
    }

    /** The marks before findings: symbols where the console's charset has them, else words. */
    private enum Marks {
        SYMBOLS("✓", "✗", "?"),
        WORDS("[ok]", "[wrong]", "[unknown]");

        private static final Marks CURRENT = forConsole();

        private final String ok;
        private final String failed;
        private final String unknown;

        Marks(String ok, String failed, String unknown) {
            this.ok = ok;
            this.failed = failed;
            this.unknown = unknown;
        }

        private static Marks forConsole() {
            String charset = System.getProperty(
                    "stdout.encoding",
                    System.getProperty(
                            "sun.stdout.encoding", Charset.defaultCharset().name()));
            boolean hasSymbols = Charset.isSupported(charset)
                    && Charset.forName(charset).newEncoder().canEncode("✓✗");
            return hasSymbols ? SYMBOLS : WORDS;
        }

        String format(Status status, String text) {
            return switch (status) {
                        case OK -> ok;
                        case FAILED -> failed;
                        case UNKNOWN -> unknown;
                    }
                    + " " + text;
        }
    }
}
