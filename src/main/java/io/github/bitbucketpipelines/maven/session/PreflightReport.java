package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.console.StandardOutput;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.preflight.Finding;
import io.github.bitbucketpipelines.maven.preflight.Finding.Status;
import io.github.bitbucketpipelines.maven.preflight.Finding.Subject;
import io.github.bitbucketpipelines.maven.preflight.FindingsJson;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Writes the findings of a check of one or several runs, and fails the build where something is wrong.
 *
 * @param outputFile where the findings are written, in place of Maven's log or standard output
 */
record PreflightReport(GoalContext context, OutputFormat format, Optional<OutputFile> outputFile) {
    /** How many findings the failure repeats; the log has all of them. */
    private static final int MAX_REPEATED = 4;

    /** The time limit of all checks. */
    static final Duration TIMEOUT = Duration.ofMinutes(2);

    /**
     * The findings of one run.
     *
     * @param id of one of several runs
     */
    record Checked(Optional<String> id, RepositoryId repository, List<Finding> findings) {
        /** Returns the same of a rehearsal, which must not pass for a check. */
        private Checked ofRehearsal() {
            Finding notice = Subject.CONNECTION.unknown(
                    "Nothing was checked on Bitbucket: this is a rehearsal, in which credentials, repository, branch"
                            + " and commit are made up. Remove bitbucket.rehearse to check them");
            return new Checked(
                    id,
                    repository,
                    Stream.concat(findings.stream(), Stream.of(notice)).toList());
        }

        /** Returns the findings, with the id of the run in front. */
        private List<Finding> named() {
            return findings.stream()
                    .map(finding -> new Finding(
                            finding.subject(),
                            finding.status(),
                            id.map(run -> run + ": ").orElse("") + finding.text()))
                    .toList();
        }
    }

    /** Returns that nothing can be checked without credentials. */
    static List<Finding> withoutCredentials(MissingCredentialsException e) {
        return List.of(
                // The failure of a single run has the whole message, with the lines to add to settings.xml.
                Subject.CREDENTIALS.failed(e.summary()),
                Subject.CREDENTIALS.unknown("Remaining checks skipped: without credentials Bitbucket shows nothing"));
    }

    /**
     * Writes all findings.
     *
     * @throws MojoFailureException if something is wrong
     */
    void write(List<Checked> runs) throws MojoExecutionException, MojoFailureException {
        show(runs);
        List<Finding> failed = runs.stream()
                .flatMap(run -> run.named().stream())
                .filter(finding -> finding.status() == Status.FAILED)
                .toList();
        // Of several runs, the first fault of each is repeated at least.
        long repeated = Math.max(MAX_REPEATED, runs.size() > 1 ? failed.size() : 0);
        if (!failed.isEmpty()) {
            throw new MojoFailureException((runs.size() > 1 ? "The runs would fail, for " : "A run would fail, for ")
                    + (failed.size() == 1 ? "one reason:" : failed.size() + " reasons:")
                    + failed.stream()
                            .limit(repeated)
                            .map(finding ->
                                    System.lineSeparator() + Marks.CURRENT.format(Status.FAILED, finding.text()))
                            .collect(Collectors.joining())
                    + (failed.size() > repeated ? " (and " + (failed.size() - repeated) + " more, see above)" : ""));
        }
    }

    /** Writes all findings, and passes. */
    void show(List<Checked> checked) throws MojoExecutionException {
        List<Checked> runs = context.isRehearsal()
                ? checked.stream().map(Checked::ofRehearsal).toList()
                : checked;
        List<Finding> findings =
                runs.stream().flatMap(run -> run.named().stream()).toList();
        if (outputFile.isPresent()) {
            outputFile
                    .get()
                    .write(
                            format == OutputFormat.JSON
                                    ? List.of(json(runs))
                                    : findings.stream()
                                            .map(finding -> Marks.SYMBOLS.format(finding.status(), finding.text()))
                                            .toList());
            // Of a build that passes, the file may stay unread.
            findings.stream()
                    .filter(finding -> finding.status() == Status.UNKNOWN)
                    .forEach(finding -> print(context.output(), finding.status(), finding.text()));
        } else if (format == OutputFormat.JSON) {
            StandardOutput.print(json(runs));
        } else {
            findings.forEach(finding -> print(context.output(), finding.status(), finding.text()));
        }
    }

    private static String json(List<Checked> runs) {
        Checked first = runs.get(0);
        if (first.id().isEmpty()) {
            return FindingsJson.of(first.repository(), first.findings());
        }
        return FindingsJson.of(runs.stream()
                .map(run -> new FindingsJson.OfRun(run.id().orElseThrow(), run.repository(), run.findings()))
                .toList());
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
