package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.console.Colours;
import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.console.PlanProgress;
import io.github.bitbucketpipelines.maven.console.StatusBlock;
import io.github.bitbucketpipelines.maven.console.Terminal;
import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.report.BuildFacts;
import io.github.bitbucketpipelines.maven.report.EarlierFiles;
import io.github.bitbucketpipelines.maven.report.KeptReceipts;
import io.github.bitbucketpipelines.maven.report.Receipt;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.VariableResolver;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorGuard;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.logging.Log;
import org.apache.maven.project.MavenProject;

/** Provides what Maven gives to one execution of a goal: session, project, log, directories, shared parameters. */
public final class GoalContext {
    private final MavenSession session;
    private final MojoExecution execution;
    private final MavenProject project;
    private final Optional<StatusBlock> block;
    private final Output output;
    private final GoalParameters parameters;
    private final ReactorGuard guard;
    private final ExecutionFiles files;
    private Optional<FailureRecorder> failures = Optional.empty();

    /** What keeps the execution from its files. */
    private Optional<String> obstacle = Optional.empty();

    private Optional<Checkout> checkout = Optional.empty();
    private Optional<BuildFacts> buildFacts = Optional.empty();

    /** The context of all runs, where this is that of one of several. */
    private final Optional<GoalContext> all;

    private final Optional<String> runId;

    /** What shows all of several runs. */
    private volatile Optional<PlanProgress> progress = Optional.empty();

    /** The number of one of several runs, once it is known. */
    private volatile Optional<Long> runNumber = Optional.empty();

    public GoalContext(
            MavenSession session,
            MojoExecution execution,
            MavenProject project,
            Log log,
            GoalParameters parameters,
            ReactorGuard guard) {
        this.guard = guard;
        this.session = session;
        this.execution = execution;
        this.project = project;
        this.block = StatusBlock.of(terminal(), isParallel());
        Output console = new MavenOutput(log);
        Output plain = block.map(shown -> shown.above(console))
                .orElse(console)
                .mapped(SessionContext.of(session).masker()::mask);
        this.output = parameters.isRehearsal() ? plain.mapped(RehearsalText::of) : plain;
        this.parameters = parameters;
        this.all = Optional.empty();
        this.runId = Optional.empty();
        this.files = new ExecutionFiles(SessionContext.of(session).locks(), output::warn);
    }

    private GoalContext(GoalContext all, String runId, GoalParameters parameters) {
        this.guard = all.guard;
        this.session = all.session;
        this.execution = all.execution;
        this.project = all.project;
        // Several runs share one block, which is that of the execution.
        this.block = Optional.empty();
        this.parameters = parameters;
        this.all = Optional.of(all);
        this.runId = Optional.of(runId);
        this.files = all.files;
        this.output = all.output.mapped(this::named);
        this.checkout = Optional.of(all.checkout());
    }

    /**
     * Returns the context of one of several runs. Its files are those of an execution {@code EXECUTION-ID.ID}, and each of
     * its lines names it.
     *
     * @param parameters of the run, where it has its own
     */
    public GoalContext forRun(String id, GoalParameters parameters) {
        return new GoalContext(this, id, parameters);
    }

    /** Returns the id of one of several runs; empty for an execution of one run. */
    public Optional<String> runId() {
        return runId;
    }

    /** From now on the progress of several runs is shown by this; it is to be closed. */
    public void show(PlanProgress all) {
        progress = Optional.of(all);
    }

    /** Returns what shows all runs, where this is the context of one of several. */
    public Optional<PlanProgress> progressOfAll() {
        return all.flatMap(context -> context.progress);
    }

    /** From now on each line of one of several runs has its number. */
    public void named(Run run) {
        runNumber = Optional.of(run.number());
    }

    private String named(String line) {
        String number = runNumber.map(known -> "#" + known + " ").orElse("");
        // Where the id is the number, it is not repeated.
        String id = number.equals("#" + runId.orElseThrow() + " ") ? "" : runId.get() + " ";
        return id + (line.startsWith(number) ? "" : number) + line;
    }

    /** Returns Maven's session. */
    public MavenSession session() {
        return session;
    }

    /** Returns the execution of the goal. */
    public MojoExecution execution() {
        return execution;
    }

    /** Returns the module. */
    public MavenProject project() {
        return project;
    }

    /** Returns the parameters that all goals share. */
    public GoalParameters parameters() {
        return parameters;
    }

    /** Returns the guard of the session. */
    public ReactorGuard guard() {
        return guard;
    }

    /** Says why this execution may trigger nothing any more, since a module has failed; empty while it may. */
    public Optional<String> prevention() {
        return guard.prevention(project, execution);
    }

    /** Returns Maven's log; in a rehearsal every line has a prefix that says so. */
    public Output output() {
        return output;
    }

    /** Returns the id of the execution; that of one of several runs ends in the run's id. */
    public String executionId() {
        return execution.getExecutionId() + runId.map(id -> "." + id).orElse("");
    }

    /** Whether the goal talks to the Bitbucket embedded in the plugin. */
    public boolean isRehearsal() {
        return parameters.isRehearsal();
    }

    /** Returns the ids of executions of these goals that still have to run in this build. */
    public List<String> pending(Set<String> goals) {
        return guard.pending(goals);
    }

    /** Returns the terminal on which Maven was started. */
    public Terminal terminal() {
        return new Terminal(
                session.getRequest().isInteractiveMode() && new MavenColours().areEnabled(),
                session.getUserProperties(),
                session.getSystemProperties());
    }

    /** Returns the block of lines above which {@link #output} prints; empty where the terminal can't show one. */
    public Optional<StatusBlock> statusBlock() {
        return block;
    }

    /** Returns Maven's colours; none where text may not have colours. */
    public Colours colours() {
        return terminal().isColoured() ? new MavenColours() : Colours.NONE;
    }

    /** Whether Maven builds modules in parallel. */
    public boolean isParallel() {
        return session.getRequest().getDegreeOfConcurrency() > 1;
    }

    /** Returns the module's directory; without a POM the current directory. */
    public Path directory() {
        return project.getFile() == null
                ? Path.of(session.getRequest().getBaseDirectory())
                : project.getBasedir().toPath();
    }

    /** Returns the git checkout of {@link #directory}, where git tracks the module's POM. */
    public Checkout checkout() {
        if (checkout.isEmpty()) {
            checkout = Optional.of(Checkout.at(
                    directory(), Optional.ofNullable(project.getFile()).map(File::getName)));
        }
        return checkout.get();
    }

    /** Returns what reports contain about the build. The first call starts git. */
    public synchronized BuildFacts buildFacts() {
        if (buildFacts.isEmpty()) {
            buildFacts = Optional.of(
                    all.isPresent() ? all.get().buildFacts().of(executionId()) : new BuildFactsReader(this).read());
        }
        return buildFacts.get();
    }

    /** Returns the environment that Maven started with; in an IDE or a Maven daemon the JVM has another one. */
    public Map<String, String> environment() {
        Properties system = session.getSystemProperties();
        return system.stringPropertyNames().stream()
                .filter(name -> name.startsWith("env."))
                .collect(Collectors.toMap(name -> name.substring("env.".length()), system::getProperty));
    }

    /** Returns the root of the build, where bitbucket-pipelines.yml is. */
    Path rootDirectory() {
        return session.getRequest().getMultiModuleProjectDirectory() == null
                ? directory()
                : session.getRequest().getMultiModuleProjectDirectory().toPath();
    }

    /** Returns what the parameter {@code rehearse} configures; empty where the goal is not rehearsed. */
    public Optional<RehearsalOptions> rehearsal() throws MojoExecutionException {
        return RehearsalOptions.of(
                parameters.rehearse(),
                Stream.of(Optional.of(directory()), Optional.of(rootDirectory()), repositoryDirectory())
                        .flatMap(Optional::stream)
                        .toList());
    }

    /** Returns the directory with {@code .git}, where Bitbucket reads bitbucket-pipelines.yml; Maven may be below it. */
    private Optional<Path> repositoryDirectory() {
        return Stream.iterate(directory().toAbsolutePath(), Objects::nonNull, Path::getParent)
                .filter(path -> Files.exists(path.resolve(".git")))
                .findFirst();
    }

    /** Returns the value of a file parameter; empty if it is absent or blank. */
    public Optional<Path> file(File given) {
        // Maven resolves a blank value to the module's own directory.
        return Optional.ofNullable(given)
                .map(File::toPath)
                .filter(path -> !directory().equals(path));
    }

    /**
     * Returns the variables of a trigger: those of the file, of the POM's configuration and of properties.
     *
     * @param warnings receives a warning for each variable that may not be what is meant
     * @throws MojoExecutionException if a variable or the file is invalid, or a plain variable has a credential in it
     */
    public List<Variable> variables(
            Map<String, String> plain, Map<String, String> secured, File file, Consumer<String> warnings)
            throws MojoExecutionException {
        return resolvedVariables(plain, secured, file, warnings).variables();
    }

    /** As {@link #variables}, with what each value comes from. */
    public VariableResolver resolvedVariables(
            Map<String, String> plain, Map<String, String> secured, File file, Consumer<String> warnings)
            throws MojoExecutionException {
        VariableResolver resolver =
                VariableResolver.of(file(file), plain, secured, BuildProperties.of(session, project));
        SecretMasker masker = SessionContext.of(session).masker();
        resolver.variables().stream()
                .filter(Variable::secured)
                .filter(variable ->
                        runId.isEmpty() || !resolver.isConfigured(variable.key()) || !isReference(variable.value()))
                .map(Variable::value)
                .forEach(masker::add);
        resolver.checkClear(this::secretIn);
        resolver.warnings().forEach(warnings);
        return resolver;
    }

    /**
     * Reads the file of the parameter {@code pipelineFile}, once; empty if it is absent.
     *
     * @throws MojoExecutionException if it can't be read, is not UTF-8, or has a credential in it
     */
    public Optional<PipelineContent> pipelineContent(File given) throws MojoExecutionException {
        Optional<Path> file = file(given);
        return file.isPresent()
                ? Optional.of(PipelineFile.read(this, directory().resolve(file.get())))
                : Optional.empty();
    }

    /** Whether a value is an output of another run, and nothing else: then its name is no secret, and its value comes later. */
    private static boolean isReference(String value) {
        return value.strip().matches("@\\{[^{}@]*}");
    }

    /** Names the credential that is in a text; empty if none is. */
    public Optional<String> secretIn(String text) {
        return SessionContext.of(session).secrets().ownerOf(text, parameters.effectiveServerId());
    }

    /** Returns the output directory; by default {@code target/bitbucket-pipelines} in {@link #directory}. */
    public Path outputDirectory(File given) {
        // Without a POM, ${project.build.directory} does not exist, and Maven leaves the expression unresolved.
        return file(given)
                .filter(path -> !path.toString().contains("${"))
                .map(directory()::resolve)
                .orElseGet(() -> directory().resolve("target").resolve("bitbucket-pipelines"));
    }

    /** From now on a failure of this execution is recorded in its output directory. */
    public void recordFailures(Path outputDirectory) {
        failures = Optional.of(new FailureRecorder(this, outputDirectory));
    }

    /**
     * Takes the files of this execution; they are kept from other builds until {@link #leaveFiles}.
     *
     * @return whether this build has them
     */
    public boolean take(Path outputDirectory) {
        GoalContext owner = all.orElse(this);
        Optional<String> problem = files.take(new Receipt(outputDirectory, executionId()).file(), executionId());
        owner.obstacle = owner.obstacle.or(() -> problem);
        return problem.isEmpty();
    }

    /** Begins to work with the files of this execution, those that were taken before too. */
    public void enterFiles() {
        Optional<String> problem = files.enter();
        obstacle = obstacle.or(() -> problem);
    }

    /** Ends the work with the files of this execution. */
    public void leaveFiles() {
        files.leave();
    }

    /** Makes a change of a receipt of another execution, unless another build works with it. */
    public void change(Path receipt, Runnable change) {
        ExecutionFiles.change(SessionContext.of(session).locks(), KeptReceipts.original(receipt), change);
    }

    /**
     * Checks that this execution has its files to itself.
     *
     * @throws MojoExecutionException if another build works with them
     */
    public void requireFiles() throws MojoExecutionException {
        Optional<String> problem = all.orElse(this).obstacle;
        if (problem.isPresent()) {
            throw ParameterParser.invalid("outputDirectory", problem.get() + ". Nothing was triggered here");
        }
    }

    /** Removes the logs of an earlier run, once in a build. */
    public void removeEarlierLogs(Path outputDirectory) {
        OncePerSession.run(
                session,
                "logs " + outputDirectory.toAbsolutePath().normalize(),
                () -> EarlierFiles.removeLogs(outputDirectory, output::warn));
    }

    /**
     * Claims this execution's receipt: two executions that write one file would lose one of two runs. Call it before
     * the trigger.
     *
     * @throws MojoExecutionException if another execution, or this one in another module, has the file in this build
     */
    public void claimReceipt(Path outputDirectory) throws MojoExecutionException {
        take(outputDirectory);
        requireFiles();
        Path receipt = new Receipt(outputDirectory, executionId()).file();
        Optional<String> owner = receiptOwner(outputDirectory);
        if (owner.isPresent()) {
            throw ParameterParser.invalid(
                    "outputDirectory",
                    "the " + owner.get() + " has written " + display(receipt) + " in this build, and this execution"
                            + " would replace it. Nothing was triggered here. Let each module have a directory of its"
                            + " own, such as ${project.build.directory}/bitbucket-pipelines, and each execution an id"
                            + " of its own");
        }
    }

    /** Claims this execution's receipt, unless another execution has it; returns that one. */
    Optional<String> receiptOwner(Path outputDirectory) {
        return ReactorGuard.claimFile(session, new Receipt(outputDirectory, executionId()).file(), project, execution);
    }

    /** Claims a file, or a directory of files, unless another execution of this build has written it; returns that one. */
    public Optional<String> claim(Path file) {
        return ReactorGuard.claimFile(session, file, project, execution);
    }

    /** Makes the call that triggers a run; explains a refusal, and records whether it is in doubt which run is its own. */
    public Run triggering(BitbucketConnection connection, TriggerRequest request, FailureRecorder.Trigger trigger)
            throws InterruptedException {
        FailureRecorder.Trigger explained = () -> RefusedTrigger.explain(connection, request, trigger);
        return failures.isPresent() ? failures.get().trigger(explained) : explained.run();
    }

    /** Returns what records a failure of this execution; empty for a goal that writes no files of its own. */
    public Optional<FailureRecorder> failures() {
        return failures;
    }

    /**
     * Returns the file as users see it: relative to the directory in which Maven was started, where it is below that.
     */
    public Path display(Path file) {
        return SessionPaths.display(session, file);
    }

    /**
     * Returns a log for use while the JVM shuts down. It writes to the standard error of the process: Maven's Log may
     * be closed by then, and Maven 4 closes System.err with it.
     */
    public Consumer<String> shutdownLog() {
        return line -> StandardError.print("[WARNING] " + (isRehearsal() ? RehearsalText.of(line) : line));
    }

    /** Returns a function that formats the command that waits for a run of this repository. */
    public Function<Run, String> waitCommand(RepositoryId repository) {
        return new GoalCommands(this, repository)::waitFor;
    }
}
