package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.console.Terminal;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.run.ConcurrentRunException;
import io.github.bitbucketpipelines.maven.run.InDoubtException;
import io.github.bitbucketpipelines.maven.run.RunNotFoundException;
import io.github.bitbucketpipelines.maven.session.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.MavenCredentials;
import io.github.bitbucketpipelines.maven.session.MavenOutput;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.ReactorTurn;
import io.github.bitbucketpipelines.maven.session.ReactorTurn.Reactor;
import io.github.bitbucketpipelines.maven.session.RehearsalOptions;
import io.github.bitbucketpipelines.maven.session.Resolved;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import io.github.bitbucketpipelines.maven.session.UnknownParameterCheck;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.PluginManagement;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * What all goals share: where Bitbucket is and who we are to it, whose turn it is in the reactor, and what becomes of
 * errors. First everything that the user gave is checked, in every module; only then something is done.
 */
abstract class AbstractPipelinesMojo extends AbstractMojo {
    private static final String API_URL = "https://api.bitbucket.org/2.0";
    private static final String SERVER_ID = "bitbucket.org";
    private static final String REHEARSAL = "[rehearsal] ";
    private static final PrintStream STANDARD_ERROR =
            new PrintStream(new FileOutputStream(FileDescriptor.err), true, Charset.defaultCharset());

    private final SettingsDecrypter settingsDecrypter;

    @Parameter(defaultValue = "${session}", readonly = true, required = true)
    private MavenSession session;

    @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
    private MojoExecution execution;

    @Parameter(defaultValue = "${project}", readonly = true, required = true)
    private MavenProject project;

    /**
     * The workspace's id, or its UUID in braces. Default: the workspace of the POM's scm section, else of the git remote
     * {@code origin}, if that is on bitbucket.org.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.workspace")
    private String workspace;

    /**
     * The repository's slug, or its UUID in braces, or {@code workspace/slug}. Default: as for the workspace.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.repository")
    private String repository;

    /**
     * The id of the server in settings.xml with the credentials: username (the Atlassian account's e-mail) and
     * password (an API token); or only a password (an access token of a repository, project or workspace).
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.serverId", defaultValue = SERVER_ID)
    private String serverId;

    /**
     * The base of Bitbucket's REST API. Plain http is refused, except to this machine.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.apiUrl", defaultValue = API_URL)
    private String apiUrl;

    /**
     * Does nothing at all if {@code true}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.skip", defaultValue = "false")
    private String skip;

    /**
     * In which module of a multi-module build an execution that many of them inherit does its work: {@code last} (after
     * all the others have come that far), {@code first}, or {@code every}.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.reactor", defaultValue = "last")
    private String reactor;

    /**
     * Rehearses: does everything against a Bitbucket embedded in the plugin, without network and without credentials.
     * The value is the result that the run shall have (SUCCESSFUL, FAILED, ERROR, STOPPED, EXPIRED), or {@code true} for
     * SUCCESSFUL. Default: no rehearsal.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.rehearse")
    private String rehearse;

    AbstractPipelinesMojo(SettingsDecrypter settingsDecrypter) {
        this.settingsDecrypter = settingsDecrypter;
    }

    /** What is left to do when everything that the user gave is checked. */
    @FunctionalInterface
    interface GoalTask {
        void run(BitbucketConnection connection)
                throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /** Checks what the user gave; nothing is sent yet. */
    abstract GoalTask prepare(RepositoryId repository, TargetResolver places) throws MojoExecutionException;

    @Override
    public final void execute() throws MojoExecutionException, MojoFailureException {
        if (ParameterParser.parseBoolean("skip", skip)) {
            log().info("Skipped: bitbucket.skip is true.");
            return;
        }
        UnknownParameterCheck names = UnknownParameterCheck.of(execution);
        names.checkConfiguration(rawConfigurations());
        names.checkProperties(session.getUserProperties()).forEach(log()::warn);
        names.findMisspelled(project.getProperties()).forEach(log()::warn);
        Reactor reactor = reactor();
        Optional<RehearsalOptions> rehearsing = RehearsalOptions.of(rehearse, List.of(directory(), rootDirectory()));
        ApiUrl api = ParameterParser.parse("apiUrl", apiUrl, ApiUrl::of).orElseGet(() -> ApiUrl.of(API_URL));

        TargetResolver places = new TargetResolver(session, project, directory());
        RepositoryId where = places.repository(workspace, repository);
        GoalTask work = prepare(where, places);
        Optional<Resolved<Credentials>> credentials = Optional.empty();
        if (rehearsing.isEmpty()) {
            requireOnline();
            credentials = Optional.of(credentials());
        }

        ReactorTurn.Turn turn = new ReactorTurn(session, execution, project).take(reactor);
        turn.why().ifPresent(log()::info);
        if (!turn.isOurs()) {
            return;
        }
        places.sources().forEach(log()::info);
        credentials.ifPresent(found -> log().debug("Credentials from " + found.source()));
        try (BitbucketConnection connection = rehearsing.isPresent()
                ? BitbucketConnection.rehearsal(rehearsing.get(), session, where)
                : BitbucketConnection.open(api, credentials.orElseThrow().value(), session, where)) {
            work.run(connection);
        } catch (ConcurrentRunException e) {
            throw new MojoFailureException(e.getMessage());
        } catch (InDoubtException e) {
            throw new MojoExecutionException(e.getMessage()
                    + e.candidates().stream()
                            .findFirst()
                            .map(run -> " To wait for one of them: " + waitCommand(where, run))
                            .orElse(""));
        } catch (PipelinesException | RunNotFoundException e) {
            throw new MojoExecutionException(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MojoExecutionException("Interrupted while waiting for Bitbucket");
        }
    }

    /** What the POM has: Maven leaves what no parameter fits out of what it gives to a goal. */
    private List<Xpp3Dom> rawConfigurations() {
        String key = execution.getGroupId() + ":" + execution.getArtifactId();
        PluginManagement management = project.getPluginManagement();
        return Stream.of(
                        project.getPlugin(key),
                        management == null ? null : management.getPluginsAsMap().get(key))
                .filter(Objects::nonNull)
                .flatMap(plugin -> Stream.of(
                        plugin.getConfiguration(),
                        Optional.ofNullable(plugin.getExecutionsAsMap().get(execution.getExecutionId()))
                                .map(PluginExecution::getConfiguration)
                                .orElse(null)))
                .filter(Objects::nonNull)
                .map(Xpp3Dom.class::cast)
                .toList();
    }

    /** In which module to work. */
    Reactor reactor() throws MojoExecutionException {
        return ParameterParser.parseEnum("reactor", reactor, Reactor.LAST);
    }

    private Resolved<Credentials> credentials() throws MojoExecutionException, MojoFailureException {
        try {
            return new MavenCredentials(session, settingsDecrypter)
                    .resolve(ParameterParser.optional(serverId).orElse(SERVER_ID));
        } catch (MojoExecutionException e) {
            onMissingCredentials(e);
            throw e;
        }
    }

    /** There are no credentials, or none that can be used; what is thrown here is told in place of that. */
    void onMissingCredentials(MojoExecutionException why) throws MojoFailureException {}

    private void requireOnline() throws MojoExecutionException {
        if (session.isOffline()) {
            throw new MojoExecutionException("Maven is offline (-o, or <offline> in settings.xml), and this goal needs"
                    + " Bitbucket; nothing was done. Leave -o out, or rehearse with -Dbitbucket.rehearse");
        }
    }

    /** The command that waits for a run, from anywhere: it names what is not as usual. */
    final String waitCommand(RepositoryId repository, Run run) {
        return "mvn bitbucket-pipelines:wait -Dbitbucket.number=" + run.number() + " -Dbitbucket.repository="
                + repository.fullName()
                + nonDefault("serverId", serverId, SERVER_ID)
                + nonDefault("apiUrl", apiUrl, API_URL);
    }

    private static String nonDefault(String parameter, String value, String usual) {
        return ParameterParser.optional(value)
                .filter(text -> !text.equals(usual))
                .map(text -> " -Dbitbucket." + parameter + "=" + (text.matches("[^\\s'\"]+") ? text : "'" + text + "'"))
                .orElse("");
    }

    /** Whether nothing is real. */
    final boolean isRehearsal() {
        return ParameterParser.optional(rehearse)
                .filter(text -> !text.equalsIgnoreCase("false"))
                .isPresent();
    }

    /** Maven's log; in a rehearsal every line says so. */
    final Output log() {
        Output output = new MavenOutput(getLog());
        return isRehearsal() ? output.prefixed(REHEARSAL) : output;
    }

    /**
     * Prints a line while the JVM goes down: Maven's Log may be closed by then, and Maven 4 closes System.err with it, so
     * that this speaks to the process's own standard error.
     */
    final Consumer<String> shutdownLog() {
        String before = "[WARNING] " + (isRehearsal() ? REHEARSAL : "");
        return line -> STANDARD_ERROR.println(before + line);
    }

    /** The terminal that Maven was started on. */
    final Terminal terminal() {
        return new Terminal(
                session.getRequest().isInteractiveMode(), session.getUserProperties(), session.getSystemProperties());
    }

    final MavenSession session() {
        return session;
    }

    final String executionId() {
        return execution.getExecutionId();
    }

    /** Where the goal works: the module's directory, or the current one where there is no POM. */
    final Path directory() {
        return project.getFile() == null
                ? Path.of(session.getRequest().getBaseDirectory())
                : project.getBasedir().toPath();
    }

    /** The top of the build: bitbucket-pipelines.yml lies there. */
    private Path rootDirectory() {
        return session.getRequest().getMultiModuleProjectDirectory() == null
                ? directory()
                : session.getRequest().getMultiModuleProjectDirectory().toPath();
    }
}
