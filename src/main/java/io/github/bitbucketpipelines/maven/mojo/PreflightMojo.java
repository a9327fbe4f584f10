package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.preflight.Finding;
import io.github.bitbucketpipelines.maven.preflight.Finding.Status;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.ReactorTurn.Reactor;
import io.github.bitbucketpipelines.maven.session.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import java.io.File;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.inject.Inject;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * Looks at once, before anything is built, whether a later {@code run} with the same configuration will be accepted:
 * credentials and their scopes, repository, Pipelines enabled, branch or tag or commit or pull request,
 * bitbucket-pipelines.yml and the pipeline in it, variables. Tells all that is wrong at once, and what to do; what
 * Bitbucket does not tell is said to be unknown, and fails nothing. Triggers nothing.
 *
 * @since 1.0.0
 */
@Mojo(name = "preflight", defaultPhase = LifecyclePhase.VALIDATE, requiresProject = false, threadSafe = true)
public final class PreflightMojo extends AbstractTargetMojo {
    /** How many findings the failure repeats; all are in the log. */
    private static final int MAX_REPEATED = 4;

    /**
     * Variables for the pipeline: an element for each, with its key as name. On the command line:
     * {@code -Dbitbucket.variable.KEY=value}, which wins. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter
    private Map<String, String> variables;

    /**
     * Variables whose values Bitbucket masks in its logs. On the command line:
     * {@code -Dbitbucket.securedVariable.KEY=value}, which wins, and which Maven does not print under {@code -X}, as it
     * does with the POM's configuration. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter
    private SecuredVariables securedVariables;

    /**
     * A file of variables, in UTF-8: Java properties if its name ends in {@code .properties}, else .env. The weakest of
     * the three. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.variablesFile")
    private File variablesFile;

    /**
     * In which module of a multi-module build an execution that many of them inherit does its work: {@code last}, {@code
     * first} (of use before anything is built), or {@code every}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.reactor", defaultValue = "first")
    private String reactor;

    /** Maven gives what it needs. */
    @Inject
    public PreflightMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    /** In the last module everything else would be built and deployed. */
    @Override
    Reactor reactor() throws MojoExecutionException {
        return ParameterParser.parseEnum("reactor", reactor, Reactor.FIRST);
    }

    @Override
    GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException {
        TriggerRequest request = request(places, variablesFile, variables, securedVariables);
        return connection -> conclude(Preflight.of(connection.pipelines(), connection.repositoryClient(), request));
    }

    @Override
    void onMissingCredentials(MojoExecutionException why) throws MojoFailureException {
        // The failure has all of it, with the lines to add to settings.xml.
        log().error(Marks.CURRENT.of(Status.FAILED) + " "
                + why.getMessage().lines().findFirst().orElse(""));
        log().warn(Marks.CURRENT.of(Status.UNKNOWN)
                + " All else: not looked at, since without credentials Bitbucket shows" + " nothing");
        throw new MojoFailureException("A run would fail: " + why.getMessage());
    }

    private void conclude(List<Finding> findings) throws MojoFailureException {
        for (Finding finding : findings) {
            String line = Marks.CURRENT.of(finding.status()) + " " + finding.text();
            switch (finding.status()) {
                case OK -> log().info(line);
                case FAILED -> log().error(line);
                case UNKNOWN -> log().warn(line);
            }
        }
        List<Finding> wrong = findings.stream()
                .filter(finding -> finding.status() == Status.FAILED)
                .toList();
        if (!wrong.isEmpty()) {
            throw new MojoFailureException("A run would fail, for "
                    + (wrong.size() == 1 ? "one reason:" : wrong.size() + " reasons:")
                    + wrong.stream()
                            .limit(MAX_REPEATED)
                            .map(finding ->
                                    System.lineSeparator() + Marks.CURRENT.of(Status.FAILED) + " " + finding.text())
                            .collect(Collectors.joining())
                    + (wrong.size() > MAX_REPEATED
                            ? " (and " + (wrong.size() - MAX_REPEATED) + " more, see above)"
                            : ""));
        }
    }

    /** The signs of the list, as far as the console has them. */
    private enum Marks {
        SIGNS("✓", "✗", "?"),
        WORDS("[ok]", "[wrong]", "[unknown]");

        private static final Marks CURRENT = forConsole();

        private final String ok;
        private final String failed;
        private final String unknown;

        Marks(String right, String wrong, String unknown) {
            this.ok = right;
            this.failed = wrong;
            this.unknown = unknown;
        }

        /** Where the console can't show them all three would be a question mark. */
        private static Marks forConsole() {
            String charset = System.getProperty(
                    "stdout.encoding",
                    System.getProperty(
                            "sun.stdout.encoding", Charset.defaultCharset().name()));
            boolean shows = Charset.isSupported(charset)
                    && Charset.forName(charset).newEncoder().canEncode("✓✗");
            return shows ? SIGNS : WORDS;
        }

        String of(Status mark) {
            return switch (mark) {
                case OK -> ok;
                case FAILED -> failed;
                case UNKNOWN -> unknown;
            };
        }
    }
}
