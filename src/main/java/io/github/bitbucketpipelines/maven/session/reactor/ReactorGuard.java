package io.github.bitbucketpipelines.maven.session.reactor;

import io.github.bitbucketpipelines.maven.console.Output;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.BuildFailure;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.project.MavenProject;

/**
 * Sees to it that an execution which several modules of a build have runs once, with the right values, or that the build
 * fails. Goals call it where they are constructed ({@link #of}), and where they are executed ({@link #enter} or
 * {@link #skip}). Thread-safe; all instances of a session share one state, whichever class realm loaded them.
 *
 * <p>A goal that a build cache skips is constructed, but not executed. This is why construction is enough to have the end
 * of the session watched: what the build plan has, and what did not run by then, fails the build.
 */
public final class ReactorGuard {
    private static final Set<String> TRIGGERING = Set.of("run", "trigger", "rerun");

    /** The goals that must not be missing at the end of the session; the others only inform. */
    private static final Set<String> OBLIGATORY = Set.of("run", "trigger", "wait", "rerun", "stop");

    private final MavenSession session;
    private final BuildPlans plans;
    private final SharedLedger ledger;

    private ReactorGuard(MavenSession session, BuildPlans plans) {
        this.session = session;
        this.plans = plans;
        this.ledger = SharedLedger.of(session.getRepositorySession());
    }

    /**
     * The guard of a session; the first call of a session begins to watch for its end.
     *
     * @param log what to log with when the session ends
     */
    public static ReactorGuard of(MavenSession session, LifecycleExecutor lifecycle, Supplier<Output> log) {
        return of(session, BuildPlans.of(session, lifecycle), log);
    }

    static ReactorGuard of(MavenSession session, BuildPlans plans, Supplier<Output> log) {
        ReactorGuard guard = new ReactorGuard(session, plans);
        synchronized (guard.ledger.lock()) {
            if (guard.ledger.isFirst("listener")) {
                SessionEndListener.chain(session.getRequest(), event -> guard.end(log.get()));
            }
        }
        return guard;
    }

    /**
     * The goal has checked its parameters. Does its work, or that of another module, or nothing, and logs why.
     *
     * @throws MojoExecutionException if the modules contradict each other; or from the work
     * @throws MojoFailureException from the work
     */
    public void enter(MavenProject project, MojoExecution execution, ReactorTask goal, Output log)
            throws MojoExecutionException, MojoFailureException {
        if (execution.getSource() == MojoExecution.Source.CLI) {
            enterTyped(execution, goal, log);
            return;
        }
        ExecutionKey key = ReactorAdvice.key(project, execution);
        Fact.Arrived arrival =
                new Fact.Arrived(project.getId(), goal.mode(), goal.values().toMap());
        Decision decision;
        synchronized (ledger.lock()) {
            decision = settlement(key).arrive(arrival, failure());
            if (ledger.facts(key).stream().noneMatch(arrival::isOfSameModule)) {
                ledger.add(key, arrival);
                ledger.keepWork(key, project.getId(), work(key, project, goal, log));
            }
            begin(key, decision);
        }
        follow(key, decision, log);
    }

    /** The goal is skipped by its own parameters. Where it was the last one awaited, another module's work is done. */
    public void skip(MavenProject project, MojoExecution execution, Output log)
            throws MojoExecutionException, MojoFailureException {
        if (execution.getSource() == MojoExecution.Source.CLI) {
            return;
        }
        ExecutionKey key = ReactorAdvice.key(project, execution);
        Fact.Skipped skip = new Fact.Skipped(project.getId());
        Decision decision;
        synchronized (ledger.lock()) {
            decision = settlement(key).skip(skip, failure());
            ledger.add(key, skip);
            begin(key, decision);
        }
        follow(key, decision, log);
    }

    /** The ids of executions of some goals that still have to run in this session, as far as Maven's build plans say. */
    public List<String> pending(Set<String> goals) {
        synchronized (ledger.lock()) {
            return executions(goals).stream()
                    .filter(key -> settlement(key).isPending(skipped(key)))
                    .map(ExecutionKey::id)
                    .toList();
        }
    }

    /** The ids of executions of some goals that do not run in this session, since their parameters skip them. */
    public List<String> skipped(Set<String> goals) {
        synchronized (ledger.lock()) {
            return executions(goals).stream()
                    .filter(key -> settlement(key).isSkipped(skipped(key)))
                    .map(ExecutionKey::id)
                    .toList();
        }
    }

    /**
     * The other modules that have the same execution, where it runs once for all of them; those that this build leaves out
     * ({@code -pl}) are among them. Which of them it ran in may differ from build to build.
     */
    public List<MavenProject> sharing(MavenProject project, MojoExecution execution) {
        if (execution.getSource() == MojoExecution.Source.CLI) {
            return List.of();
        }
        ExecutionKey key = ReactorAdvice.key(project, execution);
        synchronized (ledger.lock()) {
            if (ledger.facts(key).stream()
                    .anyMatch(fact -> fact instanceof Fact.Arrived arrived && arrived.mode() == ReactorMode.EVERY)) {
                return List.of();
            }
        }
        return Stream.of(session.getAllProjects(), session.getProjects())
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .distinct()
                .filter(other -> !other.equals(project)
                        && ReactorAdvice.execution(other, key).isPresent()
                        && ReactorAdvice.key(other, execution).equals(key))
                .toList();
    }

    /**
     * Claims a file for an execution in a module, before anything is sent: two writers of one file would lose one of two
     * receipts.
     *
     * @return which execution, in which module, has claimed the file before; empty if none has
     */
    public static Optional<String> claimFile(
            MavenSession session, Path file, MavenProject project, MojoExecution execution) {
        SharedLedger ledger = SharedLedger.of(session.getRepositorySession());
        String claimant = "execution '" + execution.getExecutionId() + "' (" + execution.getGoal() + ") in "
                + project.getArtifactId() + " (" + project.getId() + ")";
        synchronized (ledger.lock()) {
            return Optional.of(ledger.ownerOf(withoutCase(file.toAbsolutePath().normalize()), claimant))
                    .filter(owner -> !owner.equals(claimant));
        }
    }

    /** Some file systems know no case, and take two forms of one character for one. */
    private static String withoutCase(Path file) {
        String name = Normalizer.normalize(file.getFileName().toString(), Normalizer.Form.NFC);
        return file.resolveSibling(name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT))
                .toString();
    }

    /** Whether Maven 4 builds with {@code -b concurrent}: it leaves out what is bound to test, verify and install then. */
    public boolean isConcurrentBuild() {
        return "concurrent".equals(session.getRequest().getBuilderId());
    }

    /**
     * Says why an execution that has begun may trigger nothing any more: a module has failed since. Empty if none has. The way
     * in which Maven goes on after a failure makes no difference.
     */
    public Optional<String> prevention(MavenProject project, MojoExecution execution) {
        return failure()
                .map(failure -> execution.getSource() == MojoExecution.Source.CLI
                        ? notAfter(execution, failure)
                        : ExecutionSettlement.notAfter(
                                ReactorAdvice.key(project, execution).label(), failure));
    }

    private static String notAfter(MojoExecution typed, String failure) {
        return ExecutionSettlement.notAfter("goal " + typed.getGoal(), failure);
    }

    /** A goal typed on the command line runs in the top-level project alone: no other module is awaited. */
    private void enterTyped(MojoExecution execution, ReactorTask goal, Output log)
            throws MojoExecutionException, MojoFailureException {
        Optional<String> prevention = failure().map(failure -> notAfter(execution, failure));
        if (prevention.isPresent()) {
            log.warn(prevention.get());
            return;
        }
        warnOfConcurrentBuild(execution.getGoal(), log);
        goal.work().perform();
    }

    /** The work with what its thread needs, in JDK types: another class realm may call it. */
    private Callable<Void> work(ExecutionKey key, MavenProject project, ReactorTask goal, Output log) {
        ClassLoader realm = getClass().getClassLoader();
        boolean isLast = goal.mode() == ReactorMode.LAST || goal.mode() == ReactorMode.AUTO;
        return () -> {
            warnOfConcurrentBuild(key.goal(), log);
            if (goal.warnIfNotLast()) {
                if (isLast) {
                    warnOfLaterModules(key, project, log);
                }
                warnOfPublishing(key, project, log);
            }
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(realm);
            try {
                goal.work().perform();
            } finally {
                thread.setContextClassLoader(before);
            }
            return null;
        };
    }

    private void warnOfLaterModules(ExecutionKey key, MavenProject here, Output log) {
        List<ReactorModule> later;
        synchronized (ledger.lock()) {
            Set<String> settled = ledger.facts(key).stream().map(Fact::module).collect(Collectors.toSet());
            settled.add(here.getId());
            later = advice().modules(project ->
                    !settled.contains(project.getId()) && session.getResult().getBuildSummary(project) == null);
        }
        if (!later.isEmpty()) {
            log.warn("The " + key.label() + " runs before other modules of this build are done: "
                    + ReactorModule.names(later) + ". What they build or publish may be missing. Declare the execution"
                    + " where they inherit it (without <inherited>false</inherited>), or"
                    + " in the last module of the build; or set"
                    + " <warnIfNotLast>false</warnIfNotLast>.");
        }
    }

    private void warnOfConcurrentBuild(String goal, Output log) {
        if (TRIGGERING.contains(goal) && isConcurrentBuild()) {
            log.warn("Maven builds with -b concurrent, in which 'deploy' contains neither tests nor what is bound to"
                    + " verify or install: goal " + goal
                    + " starts a pipeline for a build that was not tested.");
        }
    }

    private void warnOfPublishing(ExecutionKey key, MavenProject here, Output log) {
        List<String> later = PublishingGoals.after(key, plans, here);
        if (!later.isEmpty()) {
            log.warn("The " + key.label() + " runs before " + String.join(", ", later)
                    + " in this module: what the pipeline needs may not be published yet. Declare this plugin after"
                    + " that one in the POM, or bind it to a later phase; or set"
                    + " <warnIfNotLast>false</warnIfNotLast>.");
        }
    }

    private void begin(ExecutionKey key, Decision decision) {
        if (decision instanceof Decision.Run run) {
            ledger.add(key, new Fact.Performed(run.module().id()));
        }
    }

    private void follow(ExecutionKey key, Decision decision, Output log)
            throws MojoExecutionException, MojoFailureException {
        if (decision instanceof Decision.Run run) {
            if (!run.message().isEmpty()) {
                log.info(run.message());
            }
            perform(key, run);
        } else if (decision instanceof Decision.NotHere notHere) {
            log.info(notHere.message());
        } else if (decision instanceof Decision.Warned warned) {
            log.warn(warned.message());
        } else if (decision instanceof Decision.Failed failed) {
            throw new MojoExecutionException(failed.message());
        }
    }

    private void perform(ExecutionKey key, Decision.Run run) throws MojoExecutionException, MojoFailureException {
        Callable<Void> work;
        synchronized (ledger.lock()) {
            work = ledger.takeWork(key, run.module().id());
        }
        try {
            work.call();
        } catch (MojoExecutionException | MojoFailureException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The session ends: whatever is open is settled now. */
    private void end(Output log) {
        Optional<String> failure = failure();
        List<Exception> failed = new ArrayList<>();
        List<Runnable> open = new ArrayList<>();
        synchronized (ledger.lock()) {
            ReactorAdvice.complete(ledger.advice(this::makeAdvice), session.getProjects(), plans);
            for (ExecutionKey key : executions(OBLIGATORY)) {
                Decision decision = settlement(key).end(failure, failsNever(), skipped(key));
                if (decision instanceof Decision.Failed red) {
                    failed.add(new MojoExecutionException(red.message()));
                } else if (decision instanceof Decision.Run) {
                    open.add(() -> performAtEnd(key, decision, log));
                } else if (decision instanceof Decision.Warned warned) {
                    log.warn(warned.message());
                }
            }
        }
        failed.forEach(exception -> fail(exception, log));
        open.forEach(Runnable::run);
    }

    private void performAtEnd(ExecutionKey key, Decision decision, Output log) {
        if (failure().isPresent()) {
            return;
        }
        synchronized (ledger.lock()) {
            begin(key, decision);
        }
        try {
            follow(key, decision, log);
        } catch (MojoExecutionException | MojoFailureException | RuntimeException e) {
            fail(e, log);
        }
    }

    private void fail(Exception exception, Output log) {
        session.getResult().addException(exception);
        if (failsNever()) {
            log.warn(exception.getMessage());
        }
    }

    private boolean failsNever() {
        return MavenExecutionRequest.REACTOR_FAIL_NEVER.equals(
                session.getRequest().getReactorFailureBehavior());
    }

    /** Which modules have failed, for a message; empty if the build has no failure. */
    private Optional<String> failure() {
        if (!session.getResult().hasExceptions()) {
            return Optional.empty();
        }
        List<ReactorModule> failed =
                advice().modules(project -> session.getResult().getBuildSummary(project) instanceof BuildFailure);
        return Optional.of(failed.isEmpty() ? "another part of this build" : ReactorModule.names(failed));
    }

    /** The modules of a build whose own parameters skip an execution. */
    private Set<String> skipped(ExecutionKey key) {
        SkipParameter parameter = new SkipParameter(session);
        return session.getProjects().stream()
                .filter(project -> parameter.isSet(project, key, ReactorAdvice.execution(project, key)))
                .map(MavenProject::getId)
                .collect(Collectors.toSet());
    }

    /** The executions that there are facts of, or that are expected, in a stable order. */
    private List<ExecutionKey> executions(Set<String> goals) {
        Set<ExecutionKey> keys = new HashSet<>(ledger.executions());
        keys.addAll(advice().expected());
        return keys.stream()
                .filter(key -> goals.contains(key.goal()))
                .sorted(Comparator.comparing(ExecutionKey::encode))
                .toList();
    }

    private ExecutionSettlement settlement(ExecutionKey key) {
        return new ExecutionSettlement(key, advice().members(key), ledger.facts(key));
    }

    private ReactorAdvice advice() {
        synchronized (ledger.lock()) {
            return new ReactorAdvice(session.getProjects(), ledger.advice(this::makeAdvice));
        }
    }

    private Map<String, Set<String>> makeAdvice() {
        return ReactorAdvice.make(session.getProjects(), plans);
    }
}
