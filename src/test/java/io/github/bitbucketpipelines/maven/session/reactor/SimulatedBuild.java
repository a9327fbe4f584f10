package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.maven.execution.BuildFailure;
import org.apache.maven.execution.BuildSuccess;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * A build of a {@link PomTree}, by Maven's rules: a module is built once its parent is; it runs what its effective POM
 * binds to the phases that were called for, phase by phase; a failure stops the build, or the modules below, or nothing.
 * Other modules' steps come between those of a module where the build has threads.
 */
final class SimulatedBuild {
    private static final List<String> LIFECYCLE = List.of("validate", "compile", "verify", "install", "deploy");

    /** What happens in one module. */
    private static final class Progress {
        final List<PluginExecution> plan = new ArrayList<>();
        int next;
        boolean isStarted;
        boolean isOver;
        boolean isFailed;
    }

    /** One run of the prepared work. */
    record Trigger(String value, String module) {}

    /** What is known, from outside the guard, of one execution of the reactor. */
    static final class Witness {
        ReactorMode mode;
        boolean differs;
        final List<String> arrived = new ArrayList<>();
        final List<String> skipped = new ArrayList<>();
        final List<String> cached = new ArrayList<>();
        final List<Trigger> triggers = new ArrayList<>();
    }

    final Map<String, Witness> witnesses = new TreeMap<>();
    final List<String> warnings = new ArrayList<>();
    /** What the guard failed the build with. */
    final List<String> reasons = new ArrayList<>();

    final List<MavenProject> modules;
    final boolean failsNever;
    boolean hasFailedModule;
    boolean hasFailedOtherwise;

    private final Random random;
    private final Map<MavenProject, Progress> progress = new LinkedHashMap<>();
    private final Map<String, String> modeOf = new HashMap<>();
    private final TreeSet<String> unplanned = new TreeSet<>();
    private final MavenSession session;
    private final int threads;
    private final boolean isFast;
    private final boolean hasCache;

    SimulatedBuild(PomTree tree, Random random) {
        this.random = random;
        modules = tree.modules();
        threads = random.nextInt(2) == 0 ? 1 : 3;
        List<String> goals = List.of(List.of("verify"), List.of("deploy"), List.of("verify", "deploy"))
                .get(random.nextInt(3));
        String behavior = List.of(
                        MavenExecutionRequest.REACTOR_FAIL_FAST,
                        MavenExecutionRequest.REACTOR_FAIL_AT_END,
                        MavenExecutionRequest.REACTOR_FAIL_NEVER)
                .get(random.nextInt(3));
        failsNever = behavior.equals(MavenExecutionRequest.REACTOR_FAIL_NEVER);
        isFast = behavior.equals(MavenExecutionRequest.REACTOR_FAIL_FAST);
        hasCache = random.nextInt(8) == 0;
        session = Reactors.session(behavior, goals, modules);
        for (MavenProject module : modules) {
            Progress state = new Progress();
            goals.forEach(goal -> bound(module, goal).forEach(state.plan::add));
            progress.put(module, state);
            if (random.nextInt(10) == 0) {
                unplanned.add(module.getId());
            }
        }
    }

    /** What Maven runs in a module for a phase, in the order of the phases. */
    private static List<PluginExecution> bound(MavenProject module, String goal) {
        List<PluginExecution> bound = new ArrayList<>();
        for (String phase : LIFECYCLE.subList(0, LIFECYCLE.indexOf(goal) + 1)) {
            for (PluginExecution execution : PomTree.executions(module)) {
                String own = execution.getPhase() == null ? "deploy" : execution.getPhase();
                if (own.equals(phase)) {
                    bound.add(execution);
                }
            }
        }
        return bound;
    }

    boolean isGreen() {
        return !session.getResult().hasExceptions();
    }

    void run() {
        boolean isHalted = false;
        while (!isHalted) {
            List<MavenProject> ready = ready();
            if (ready.isEmpty()) {
                break;
            }
            MavenProject module = ready.get(random.nextInt(ready.size()));
            step(module, progress.get(module));
            isHalted = isFast && hasFailedModule && progress.values().stream().noneMatch(p -> p.isStarted && !p.isOver);
        }
        if (hasCache) {
            // What a cache restored, Maven has calculated the plan of.
            unplanned.clear();
        }
        if (session.getRequest().getExecutionListener() != null) {
            session.getRequest().getExecutionListener().sessionEnded(null);
        }
        session.getResult().getExceptions().stream()
                .filter(MojoExecutionException.class::isInstance)
                .forEach(e -> reasons.add(e.getMessage()));
    }

    /** The modules with a step to do: those in work, and the next ones in the order of the reactor. */
    private List<MavenProject> ready() {
        List<MavenProject> ready = new ArrayList<>(modules.stream()
                .filter(module -> progress.get(module).isStarted && !progress.get(module).isOver)
                .toList());
        for (MavenProject module : modules) {
            Progress state = progress.get(module);
            Progress parent = progress.get(module.getParent());
            if (ready.size() < threads
                    && !state.isStarted
                    && !(isFast && hasFailedModule)
                    && (parent == null || parent.isOver && !parent.isFailed)) {
                ready.add(module);
            }
        }
        return ready;
    }

    private void step(MavenProject module, Progress state) {
        if (!state.isStarted && hasCache && random.nextInt(2) == 0) {
            state.isStarted = true;
            cached(module, state);
            return;
        }
        state.isStarted = true;
        try {
            if (random.nextInt(60) == 0) {
                hasFailedOtherwise = true;
                throw new MojoFailureException("tests failed");
            }
            if (state.next < state.plan.size()) {
                execute(module, state.plan.get(state.next++));
            } else {
                state.isOver = true;
                session.getResult().addBuildSummary(new BuildSuccess(module, 1));
            }
        } catch (MojoExecutionException | MojoFailureException e) {
            state.isOver = true;
            state.isFailed = true;
            hasFailedModule = true;
            session.getResult().addException(e);
            session.getResult().addBuildSummary(new BuildFailure(module, 1, e));
        }
    }

    /** A build cache constructs the goals, and executes none of them. */
    private void cached(MavenProject module, Progress state) {
        for (PluginExecution execution : state.plan) {
            guard();
            if (!isConfiguredToSkip(execution)) {
                witness(execution).cached.add(module.getId());
            }
        }
        state.isOver = true;
        session.getResult().addBuildSummary(new BuildSuccess(module, 1));
    }

    private void execute(MavenProject module, PluginExecution execution)
            throws MojoExecutionException, MojoFailureException {
        ReactorGuard guard = guard();
        Witness witness = witness(execution);
        boolean isAgain = witness.arrived.contains(module.getId()) || witness.skipped.contains(module.getId());
        if (isConfiguredToSkip(execution) || skipsAtRunTime(module, execution)) {
            if (!isAgain) {
                witness.skipped.add(module.getId());
            }
            guard.skip(module, Reactors.bound(execution.getId()), log());
            return;
        }
        if (!isAgain) {
            witness.arrived.add(module.getId());
        }
        String value = witness.differs ? module.getArtifactId() : "same";
        guard.enter(
                module,
                Reactors.bound(execution.getId()),
                new ReactorTask(witness.mode, new SentValues().add("variable WHAT", value), true, () -> {
                    witness.triggers.add(new Trigger(value, module.getId()));
                    if (random.nextInt(20) == 0) {
                        hasFailedOtherwise = true;
                        throw new MojoFailureException("the run failed");
                    }
                }),
                log());
    }

    private ReactorGuard guard() {
        return ReactorGuard.of(session, this::plan, this::log);
    }

    private List<MojoExecution> plan(MavenProject module) throws MojoExecutionException {
        if (unplanned.contains(module.getId())) {
            throw new MojoExecutionException("a plugin of this build is not built yet");
        }
        return progress.get(module).plan.stream()
                .map(execution -> Reactors.bound(execution.getId()))
                .toList();
    }

    private static boolean isConfiguredToSkip(PluginExecution execution) {
        return ((Xpp3Dom) execution.getConfiguration()).getChild("skip") != null;
    }

    /** As where another plugin of the module sets the property: the same each time, and not to be seen in the POM. */
    private boolean skipsAtRunTime(MavenProject module, PluginExecution execution) {
        return modeOf.computeIfAbsent(
                        "skip " + module.getId() + execution.getId(), any -> String.valueOf(random.nextInt(6) == 0))
                .equals("true");
    }

    private Witness witness(PluginExecution execution) {
        return witnesses.computeIfAbsent(execution.getId() + " of " + PomTree.origin(execution), any -> {
            Witness witness = new Witness();
            witness.mode = ReactorMode.values()[random.nextInt(4)];
            witness.differs = random.nextBoolean();
            return witness;
        });
    }

    private WarningLog log() {
        return new WarningLog(warnings);
    }

    /** The ids in the order of the reactor. */
    List<String> inOrder(List<String> ids) {
        return modules.stream().map(MavenProject::getId).filter(ids::contains).toList();
    }
}
