package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.OncePerSession;
import io.github.bitbucketpipelines.maven.session.context.RehearsalOptions;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.failure.MessageLines;
import io.github.bitbucketpipelines.maven.session.failure.MissingCredentialsException;
import io.github.bitbucketpipelines.maven.session.failure.UnexpectedFailure;
import io.github.bitbucketpipelines.maven.session.parameter.MisplacedParameterCheck;
import io.github.bitbucketpipelines.maven.session.parameter.OverriddenProperties;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterCheck;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.PlanCheck;
import io.github.bitbucketpipelines.maven.session.parameter.RawConfiguration;
import io.github.bitbucketpipelines.maven.session.parameter.RepeatedElementCheck;
import io.github.bitbucketpipelines.maven.session.parameter.RunsCheck;
import io.github.bitbucketpipelines.maven.session.parameter.UnknownParameterCheck;
import io.github.bitbucketpipelines.maven.session.plan.PlanConfig;
import io.github.bitbucketpipelines.maven.session.plan.PlanGoal;
import io.github.bitbucketpipelines.maven.session.plan.PlanOperation;
import io.github.bitbucketpipelines.maven.session.plan.PlanParser;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorMode;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorTask;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.reactor.TypedExecution;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.repository.RepositoryAccess;
import io.github.bitbucketpipelines.maven.session.repository.SourceLog;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * Executes a goal in two phases. The first checks all parameters and the credentials, in every module, and sends
 * nothing; the second runs the task, in the module that the reactor selects.
 */
public final class GoalExecutor {
    private final GoalContext context;
    private final SettingsDecrypter decrypter;

    public GoalExecutor(GoalContext context, SettingsDecrypter decrypter) {
        this.context = context;
        this.decrypter = decrypter;
    }

    /**
     * Executes the goal, unless it is skipped or another module executes it.
     *
     * @param reactor the parameter, not yet parsed
     * @throws MissingCredentialsException if no usable credentials are found
     */
    public void execute(String reactor, ReactorMode defaultMode, Goal goal)
            throws MojoExecutionException, MojoFailureException {
        MessageLines.run(() -> executeUnlessSkipped(reactor, defaultMode, goal::begin, () -> prepare(goal)));
    }

    /**
     * Executes a goal that has several runs; else as the other method.
     *
     * @throws MissingCredentialsException if no usable credentials are found for one of them
     */
    public void execute(String reactor, ReactorMode defaultMode, PlanGoal goal)
            throws MojoExecutionException, MojoFailureException {
        MessageLines.run(() -> executeUnlessSkipped(
                reactor,
                defaultMode,
                all -> PlanFiles.begin(
                        all, goal.outputDirectory(all), goal.parameters().entries()),
                () -> prepare(goal)));
    }

    /** Executes a goal that checks several runs, and triggers none; else as the other methods. */
    public void execute(String reactor, ReactorMode defaultMode, PlanCheck goal)
            throws MojoExecutionException, MojoFailureException {
        MessageLines.run(() -> executeUnlessSkipped(reactor, defaultMode, any -> {}, () -> prepare(goal)));
    }

    /** The first phase of a goal. */
    @FunctionalInterface
    private interface Preparation {
        PreparedGoal run() throws MojoExecutionException;
    }

    private void executeUnlessSkipped(
            String reactor, ReactorMode defaultMode, Consumer<GoalContext> begin, Preparation preparation)
            throws MojoExecutionException, MojoFailureException {
        Output output = context.output();
        Optional<String> skipped = SkipSwitch.reason(context);
        if (skipped.isPresent()) {
            report(overridden().of("skip").stream().toList());
            output.info(skipped.get());
            context.guard().skip(context.project(), context.execution(), output);
            return;
        }
        SessionContext shared = SessionContext.of(context.session());
        context.enterFiles();
        try {
            executeChecked(reactor, defaultMode, begin, preparation, shared);
        } finally {
            context.leaveFiles();
        }
    }

    private void executeChecked(
            String reactor,
            ReactorMode defaultMode,
            Consumer<GoalContext> begin,
            Preparation preparation,
            SessionContext shared)
            throws MojoExecutionException, MojoFailureException {
        begin.accept(context);
        OutputFile.removeEarlier(context);
        shared.secrets(context.session(), decrypter);
        try {
            ReactorTask task = checked(shared.masker(), () -> {
                context.requireFiles();
                checkConfiguration();
                ReactorMode mode = ParameterParser.parseEnum("reactor", reactor, defaultMode);
                PreparedGoal prepared = preparation.run();
                return new ReactorTask(mode, prepared.sent(), prepared.warnIfNotLast(), () -> perform(prepared));
            });
            context.guard().enter(context.project(), context.execution(), task, context.output());
        } catch (MojoExecutionException e) {
            throw recorded(e);
        } catch (MojoFailureException e) {
            throw recorded(e);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            throw recorded(UnexpectedFailure.of(e, context.output(), List.of()));
        }
    }

    private <E extends Exception> E recorded(E e) {
        context.failures().ifPresent(recorder -> recorder.failed(e));
        return e;
    }

    /** Another module's thread may call this when the goal has ended here. */
    private void perform(PreparedGoal prepared) throws MojoExecutionException, MojoFailureException {
        context.enterFiles();
        try {
            context.requireFiles();
            prepared.perform();
        } finally {
            context.leaveFiles();
        }
    }

    @FunctionalInterface
    private interface Check {
        ReactorTask run() throws MojoExecutionException;
    }

    /** Runs the check; a message may have the value of a parameter, into which a POM can put a password. */
    private static ReactorTask checked(SecretMasker masker, Check check) throws MojoExecutionException {
        try {
            return check.run();
        } catch (MissingCredentialsException e) {
            throw e;
        } catch (MojoExecutionException e) {
            throw new MojoExecutionException(masker.mask(e.getMessage()));
        }
    }

    private void checkConfiguration() throws MojoExecutionException {
        Optional<String> typed = new TypedExecution(context.session(), NameSuggestion::closest)
                .problem(context.project(), context.execution());
        if (typed.isPresent()) {
            throw new MojoExecutionException(typed.get());
        }
        UnknownParameterCheck check = UnknownParameterCheck.of(context.execution());
        Output output = context.output();
        RawConfiguration configuration =
                new RawConfiguration(context.session(), context.execution(), context.project());
        check.checkConfiguration(configuration.all());
        configuration.checkResolved(
                context.isRehearsal()
                        ? Set.of()
                        : SessionContext.of(context.session()).rehearsedProperties());
        new RepeatedElementCheck(context.project(), context.execution()).check();
        new RunsCheck(context.project(), context.execution()).check();
        report(overridden().all());
        new ParameterCheck(context.session(), context.execution(), context.directory())
                .check(context::secretIn)
                .forEach(warning -> OncePerSession.run(context.session(), warning, () -> output.warn(warning)));
        Properties started = BuildProperties.started(context.session());
        check.checkProperties(started).forEach(output::warn);
        check.checkWithoutPrefix(started, this::isUsed, context.execution().getSource() == MojoExecution.Source.CLI)
                .forEach(output::warn);
        MisplacedParameterCheck misplaced = new MisplacedParameterCheck(context.session(), context.execution());
        misplaced.check().forEach(output::warn);
        misplaced
                .checkConfiguration()
                .forEach(warning -> OncePerSession.run(context.session(), warning, () -> output.warn(warning)));
        check.findMisspelled(context.project().getProperties()).forEach(output::warn);
    }

    /** Whether the POM gives a parameter this value, by {@code <tag>${tag}</tag>} for example, or hands it on in a variable. */
    private boolean isUsed(String parameter, String value) {
        return Stream.of(parameter, "variables", "securedVariables")
                        .flatMap(name -> RawConfiguration.element(context.execution(), name).stream())
                        .anyMatch(element -> hasText(element, value))
                || value.equals(context.project().getProperties().getProperty("bitbucket." + parameter));
    }

    private static boolean hasText(Xpp3Dom element, String text) {
        return text.equals(element.getValue())
                || Stream.of(element.getChildren()).anyMatch(child -> hasText(child, text));
    }

    private OverriddenProperties overridden() {
        return new OverriddenProperties(context.session(), context.execution(), context.project());
    }

    /** Fails for the properties that were typed for this goal and have no effect, and warns of the others. */
    private void report(List<OverriddenProperties.Overridden> overridden) throws MojoExecutionException {
        List<String> failing = overridden.stream()
                .filter(OverriddenProperties.Overridden::fails)
                .map(OverriddenProperties.Overridden::text)
                .toList();
        if (!failing.isEmpty()) {
            throw new MojoExecutionException(
                    String.join(System.lineSeparator(), failing) + System.lineSeparator() + "Nothing was done.");
        }
        overridden.forEach(property -> OncePerSession.run(
                context.session(), property.text(), () -> context.output().warn(property.text())));
    }

    private PreparedGoal prepare(Goal goal) throws MojoExecutionException {
        Optional<RehearsalOptions> rehearsal = context.rehearsal();
        SourceLog sources = new SourceLog();
        RepositoryAccess access =
                RepositoryAccess.resolve(context, goal.parameters(context), decrypter, rehearsal, sources);
        GoalTask task = goal.prepare(context, access.repository(), access.targets());
        Function<Optional<TriggerRequest>, BitbucketConnection> connections = access.connections();
        GoalTask rehearsed = RehearsedTask.of(context, task, rehearsal);
        AtomicReference<Optional<RepositoryMove>> move = new AtomicReference<>(Optional.empty());
        return new PreparedGoal(
                context.output(),
                sources,
                task.sent(),
                task.warnIfNotLast(),
                () -> {
                    try (BitbucketConnection connection = connections.apply(RehearsedTask.request(task))) {
                        try {
                            rehearsed.run(connection);
                        } finally {
                            move.set(connection.move());
                        }
                    }
                },
                move::get,
                context.waitCommand(access.repository()),
                context.isRehearsal(),
                context.failures());
    }

    private PreparedGoal prepare(PlanGoal goal) throws MojoExecutionException {
        Optional<RehearsalOptions> rehearsal = context.rehearsal();
        SourceLog sources = new SourceLog();
        PlanConfig config = new PlanParser(context, goal.parameters())
                .parse(
                        goal.watch(context),
                        goal.outputDirectory(context),
                        run -> RepositoryAccess.resolve(run, decrypter, rehearsal, sources));
        PlanOperation operation = new PlanOperation(context, config);
        return new PreparedGoal(
                context.output(),
                sources,
                operation.sent(),
                operation.warnIfNotLast(),
                operation::run,
                Optional::empty,
                context.waitCommand(config.runs().get(0).access().repository()),
                context.isRehearsal(),
                context.failures());
    }

    private PreparedGoal prepare(PlanCheck goal) throws MojoExecutionException {
        Optional<RehearsalOptions> rehearsal = context.rehearsal();
        SourceLog sources = new SourceLog();
        List<PlanParser.Requested> runs = new PlanParser(context, goal.parameters())
                .requests(any -> {}, run -> RepositoryAccess.resolve(run, decrypter, rehearsal, sources));
        PlanPreflight preflight = new PlanPreflight(
                runs,
                new PreflightReport(
                        context,
                        ParameterParser.parseEnum("format", goal.format(), OutputFormat.TABLE),
                        OutputFile.of(context, goal.outputFile())));
        return new PreparedGoal(
                context.output(),
                sources,
                new SentValues(),
                false,
                preflight::run,
                Optional::empty,
                context.waitCommand(runs.get(0).access().repository()),
                context.isRehearsal(),
                context.failures());
    }
}
