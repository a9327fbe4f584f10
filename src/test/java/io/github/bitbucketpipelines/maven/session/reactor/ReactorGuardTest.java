package io.github.bitbucketpipelines.maven.session.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.apache.maven.execution.AbstractExecutionListener;
import org.apache.maven.execution.BuildFailure;
import org.apache.maven.execution.ExecutionEvent;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReactorGuardTest {
    private static final BuildPlans ALL = module -> List.of(Reactors.bound("deploy"));

    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    private final List<String> triggers = Collections.synchronizedList(new ArrayList<>());

    private ReactorGuard guard(MavenSession session, BuildPlans plans) {
        return ReactorGuard.of(session, plans, () -> new WarningLog(warnings));
    }

    private void enter(MavenSession session, BuildPlans plans, MavenProject module, ReactorMode mode, String value)
            throws MojoExecutionException, MojoFailureException {
        guard(session, plans)
                .enter(
                        module,
                        Reactors.bound("deploy"),
                        new ReactorTask(
                                mode,
                                Reactors.values(Map.of("variable WHAT", value)),
                                true,
                                () -> triggers.add(module.getArtifactId())),
                        new WarningLog(warnings));
    }

    private static void end(MavenSession session) {
        session.getRequest().getExecutionListener().sessionEnded(null);
    }

    @Test
    void lastThreadRunsTheWorkOfTheLastModule() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 200; round++) {
                triggers.clear();
                buildInParallel(threads);
                assertThat(triggers).containsExactly("d");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void concurrentBuildOfMaven4IsAWarning() throws Exception {
        MavenSession session = Reactors.session("a");
        session.getRequest().setBuilderId("concurrent");

        enter(session, ALL, session.getProjects().get(0), ReactorMode.AUTO, "x");

        assertThat(triggers).containsExactly("a");
        assertThat(warnings).singleElement().asString().contains("-b concurrent", "not tested");
    }

    @Test
    void typedGoalInAConcurrentBuildOfMaven4IsAWarning() throws Exception {
        MavenSession session = Reactors.session("a");
        session.getRequest().setBuilderId("concurrent");

        enterTyped(session, () -> triggers.add("typed"));

        assertThat(triggers).containsExactly("typed");
        assertThat(warnings).singleElement().asString().contains("-b concurrent");
    }

    private void enterTyped(MavenSession session, ReactorTask.Work work)
            throws MojoExecutionException, MojoFailureException {
        guard(session, ALL)
                .enter(
                        session.getProjects().get(0),
                        Reactors.mojo("default-cli", MojoExecution.Source.CLI),
                        new ReactorTask(ReactorMode.AUTO, new SentValues(), true, work),
                        new WarningLog(warnings));
    }

    private void buildInParallel(ExecutorService threads) throws Exception {
        MavenSession session = Reactors.session("a", "b", "c", "d");
        CyclicBarrier start = new CyclicBarrier(4);
        List<Future<?>> modules = new ArrayList<>();
        for (MavenProject module : session.getProjects()) {
            modules.add(threads.submit(() -> {
                start.await();
                enter(session, ALL, module, ReactorMode.LAST, module.getArtifactId());
                return null;
            }));
        }
        for (Future<?> module : modules) {
            module.get();
        }
        end(session);
        assertThat(session.getResult().hasExceptions()).isFalse();
    }

    @Test
    void goalThatIsConstructedButNotExecutedFailsTheBuildBeforeMavenHearsOfTheEnd() {
        MavenSession session = Reactors.session("a", "b");
        List<Boolean> seen = new ArrayList<>();
        session.getRequest().setExecutionListener(new AbstractExecutionListener() {
            @Override
            public void sessionEnded(ExecutionEvent event) {
                seen.add(session.getResult().hasExceptions());
            }

            @Override
            public void projectStarted(ExecutionEvent event) {
                seen.add(false);
            }
        });
        guard(session, ALL);
        guard(session, ALL);
        session.getRequest().getExecutionListener().projectStarted(null);
        end(session);
        assertThat(seen).containsExactly(false, true);
        assertThat(session.getResult().getExceptions())
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("execution 'deploy' (run) was not done", "a, b", "runAlways");
    }

    @Test
    void goalThatIsNotExecutedIsAWarningTooWhereFailNeverKeepsTheExitCodeAtZero() {
        MavenSession session = Reactors.session(
                MavenExecutionRequest.REACTOR_FAIL_NEVER,
                List.of("deploy"),
                List.of(Reactors.module("a", "deploy"), Reactors.module("b", "deploy")));
        guard(session, ALL);

        end(session);

        assertThat(session.getResult().getExceptions()).hasSize(1);
        assertThat(warnings).singleElement().asString().contains("execution 'deploy' (run) was not done");
    }

    @Test
    void failedBuildHasItsErrorAndNoWarning() {
        MavenSession session = Reactors.session("a");
        guard(session, ALL);

        end(session);

        assertThat(session.getResult().getExceptions()).hasSize(1);
        assertThat(warnings).isEmpty();
    }

    @Test
    void cachedGoalThatIsSkippedByPropertyFailsNothing() {
        MavenSession session = Reactors.session("a", "b");
        session.getUserProperties().setProperty("bitbucket.skip.run", "true");
        guard(session, ALL);
        end(session);
        assertThat(session.getResult().hasExceptions()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "bitbucket.skip, true, false",
        "bitbucket.skip, ' TRUE ', false",
        "bitbucket.skip, yes, true",
        "bitbucket.skip.run, true, false",
        "bitbucket.skip.stop, true, true"
    })
    void cachedGoalThatAPropertyOfItsModuleSkipsFailsNothing(String property, String value, boolean fails) {
        MavenSession session = Reactors.session("a");
        session.getProjects().get(0).getProperties().setProperty(property, value);
        guard(session, ALL);

        end(session);

        assertThat(session.getResult().hasExceptions()).isEqualTo(fails);
    }

    @ParameterizedTest
    @CsvSource({"deploy, true, false", "deploy, false, true", "deploy, ' ', true", "other, true, true"})
    void cachedGoalThatItsExecutionSkipsFailsNothing(String id, String value, boolean fails) {
        Xpp3Dom configuration = new Xpp3Dom("configuration");
        configuration.addChild(new Xpp3Dom("skip"));
        configuration.getChild("skip").setValue(value);
        MavenProject module = Reactors.module("a", "deploy", "other");
        module.getBuild().getPlugins().get(0).getExecutions().stream()
                .filter(execution -> execution.getId().equals(id))
                .forEach(execution -> execution.setConfiguration(configuration));
        MavenSession session =
                Reactors.session(MavenExecutionRequest.REACTOR_FAIL_FAST, List.of("deploy"), List.of(module));
        guard(session, ALL);

        end(session);

        assertThat(session.getResult().hasExceptions()).isEqualTo(fails);
    }

    @Test
    void informativeGoalMayBeCached() {
        MavenSession session = Reactors.session("a");
        MojoExecution status = Reactors.bound("deploy");
        status.getMojoDescriptor().setGoal("status");
        guard(session, module -> List.of(status));
        end(session);
        assertThat(session.getResult().hasExceptions()).isFalse();
    }

    @Test
    void moduleWhosePlanIsUnknownIsAwaitedAndTheWorkIsDoneAtTheEndIfItDoesNotCome() throws Exception {
        MavenSession session = Reactors.session(
                MavenExecutionRequest.REACTOR_FAIL_FAST,
                List.of("deploy"),
                List.of(Reactors.module("a", "deploy"), Reactors.module("b", "deploy")));
        BuildPlans plans = module -> {
            if (module.getArtifactId().equals("b")) {
                throw new IllegalStateException("its plugin is not built yet");
            }
            return List.of(Reactors.bound("deploy"));
        };
        enter(session, plans, session.getProjects().get(0), ReactorMode.AUTO, "x");
        assertThat(triggers).isEmpty();
        end(session);
        end(session);
        assertThat(triggers).containsExactly("a");
        assertThat(session.getResult().hasExceptions()).isFalse();
    }

    @Test
    void lastModuleThatSkipsItselfRunsTheWorkOfTheLastOneThatDoesNot() throws Exception {
        MavenSession session = Reactors.session("a", "b", "c");
        enter(session, ALL, session.getProjects().get(0), ReactorMode.LAST, "a");
        enter(session, ALL, session.getProjects().get(1), ReactorMode.LAST, "b");
        guard(session, ALL).skip(session.getProjects().get(2), Reactors.bound("deploy"), new WarningLog(warnings));
        end(session);
        assertThat(triggers).containsExactly("b");
        assertThat(session.getResult().hasExceptions()).isFalse();
    }

    @Test
    void modulesThatNoPlanNamesAreStillOne() throws Exception {
        // As in a lifecycle that another goal forks.
        MavenSession session = Reactors.session(
                MavenExecutionRequest.REACTOR_FAIL_FAST,
                List.of("other:goal"),
                List.of(Reactors.module("a", "deploy"), Reactors.module("b", "deploy")));
        BuildPlans none = module -> List.of();
        enter(session, none, session.getProjects().get(0), ReactorMode.AUTO, "x");
        enter(session, none, session.getProjects().get(1), ReactorMode.AUTO, "x");
        assertThat(triggers).containsExactly("b");
    }

    @Test
    void workThatFailsAtTheEndFailsTheBuild() throws Exception {
        MavenSession session = Reactors.session(
                MavenExecutionRequest.REACTOR_FAIL_FAST,
                List.of("deploy"),
                List.of(Reactors.module("a", "deploy"), Reactors.module("b", "deploy")));
        BuildPlans plans = module -> {
            throw new IllegalStateException("unknown");
        };
        guard(session, plans)
                .enter(
                        session.getProjects().get(0),
                        Reactors.bound("deploy"),
                        new ReactorTask(ReactorMode.LAST, new SentValues(), false, () -> {
                            throw new MojoFailureException("the run failed");
                        }),
                        new WarningLog(warnings));
        end(session);
        assertThat(session.getResult().getExceptions())
                .singleElement()
                .isInstanceOf(MojoFailureException.class)
                .extracting(Throwable::getMessage)
                .isEqualTo("the run failed");
    }

    @Test
    void nothingRunsAfterAFailureAndFailNeverIsWarned() throws Exception {
        MavenSession session = Reactors.session(
                MavenExecutionRequest.REACTOR_FAIL_NEVER,
                List.of("deploy"),
                List.of(Reactors.module("a", "deploy"), Reactors.module("b", "deploy")));
        MavenProject failed = session.getProjects().get(0);
        session.getResult().addException(new MojoFailureException("tests failed"));
        session.getResult().addBuildSummary(new BuildFailure(failed, 1, new MojoFailureException("tests failed")));
        enter(session, ALL, session.getProjects().get(1), ReactorMode.EVERY, "x");
        enterTyped(session, () -> triggers.add("typed"));
        assertThat(triggers).isEmpty();
        end(session);
        assertThat(warnings).hasSize(2).allMatch(warning -> warning.contains("since a failed"));
    }

    @Test
    void modulesThatComeAfterTheRunAreWarnedOf() throws Exception {
        MavenSession session = Reactors.session("root", "a", "b");
        enter(
                session,
                module -> module.getArtifactId().equals("root") ? List.of(Reactors.bound("deploy")) : List.of(),
                session.getProjects().get(0),
                ReactorMode.AUTO,
                "x");
        assertThat(triggers).containsExactly("root");
        assertThat(warnings).singleElement().asString().contains("a, b", "warnIfNotLast");
    }

    @Test
    void modulesThatComeAfterTheFirstOneAreNotWarnedOfInTheModeFirst() throws Exception {
        MavenSession session = Reactors.session("a", "b");

        enter(session, ALL, session.getProjects().get(0), ReactorMode.FIRST, "x");

        assertThat(triggers).containsExactly("a");
        assertThat(warnings).isEmpty();
    }

    @Test
    void moduleThatThePlanDidNotNameIsNotRunAgainAndOtherValuesFailTheBuild() throws Exception {
        MavenSession session = Reactors.session("a", "b", "c");
        BuildPlans ofA = module -> module.getArtifactId().equals("a") ? List.of(Reactors.bound("deploy")) : List.of();
        enter(session, ofA, session.getProjects().get(0), ReactorMode.AUTO, "x");
        warnings.clear();

        enter(session, ofA, session.getProjects().get(1), ReactorMode.AUTO, "x");

        assertThat(triggers).containsExactly("a");
        assertThat(warnings).singleElement().asString().contains("has run with the values of a", "did not name.");
        assertThatThrownBy(() -> enter(session, ofA, session.getProjects().get(2), ReactorMode.AUTO, "y"))
                .isInstanceOf(MojoExecutionException.class)
                .hasMessageContaining("This module's values are others");
        assertThat(triggers).containsExactly("a");
    }

    @Test
    void executionForEveryModuleFailsTheBuildWhereOneIsMissing() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        enter(session, ALL, session.getProjects().get(0), ReactorMode.EVERY, "x");

        end(session);

        assertThat(triggers).containsExactly("a");
        assertThat(session.getResult().getExceptions())
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("was not done: the build plan has it in b");
    }

    @Test
    void goalsThatPublishAfterTheRunAreWarnedOf() throws Exception {
        List<MojoExecution> plan = List.of(
                goal("org.apache.maven.plugins", "maven-deploy-plugin", "deploy-file", "before"),
                Reactors.bound("deploy"),
                goal("org.apache.maven.plugins", "maven-deploy-plugin", "deploy", "default-deploy"),
                goal("org.apache.maven.plugins", "maven-deploy-plugin", "help", "help"),
                goal("com.acme", "other", "deploy", "other"));
        MavenSession session = Reactors.session("a");

        enter(session, module -> plan, session.getProjects().get(0), ReactorMode.AUTO, "x");

        assertThat(triggers).containsExactly("a");
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("before maven-deploy-plugin:deploy (default-deploy) in this module");
    }

    @Test
    void onlyWhatFollowsTheSameExecutionIsWarnedOf() throws Exception {
        MojoExecution status = Reactors.bound("deploy");
        status.getMojoDescriptor().setGoal("status");
        List<MojoExecution> plan = List.of(
                status,
                Reactors.bound("other"),
                goal("com.acme", "bitbucket-pipelines-maven-plugin", "run", "deploy"),
                goal("com.google.cloud.tools", "jib-maven-plugin", "build", "image"),
                Reactors.bound("deploy"));
        MavenSession session = Reactors.session("a");

        enter(session, module -> plan, session.getProjects().get(0), ReactorMode.AUTO, "x");

        assertThat(triggers).containsExactly("a");
        assertThat(warnings).isEmpty();
    }

    private static MojoExecution goal(String groupId, String artifactId, String goal, String id) {
        MojoExecution execution = Reactors.bound(id);
        execution.getMojoDescriptor().setGoal(goal);
        execution.getMojoDescriptor().getPluginDescriptor().setGroupId(groupId);
        execution.getMojoDescriptor().getPluginDescriptor().setArtifactId(artifactId);
        execution.getPlugin().setGroupId(groupId);
        execution.getPlugin().setArtifactId(artifactId);
        return execution;
    }

    @Test
    void workIsDoneWithThePluginsClassLoaderAndTheThreadKeepsItsOwn() throws Exception {
        MavenSession session = Reactors.session("a");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader ofMaven = new URLClassLoader(new URL[0], before)) {
            thread.setContextClassLoader(ofMaven);
            List<ClassLoader> seen = new ArrayList<>();
            guard(session, ALL)
                    .enter(
                            session.getProjects().get(0),
                            Reactors.bound("deploy"),
                            new ReactorTask(
                                    ReactorMode.AUTO,
                                    new SentValues(),
                                    true,
                                    () -> seen.add(thread.getContextClassLoader())),
                            new WarningLog(warnings));
            assertThat(seen).containsExactly(ReactorGuard.class.getClassLoader());
            assertThat(thread.getContextClassLoader()).isSameAs(ofMaven);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void pendingExecutionsAreThoseThatThePlansStillHave() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        ReactorGuard guard = guard(session, ALL);
        assertThat(guard.pending(Set.of("run"))).containsExactly("deploy");
        for (MavenProject module : session.getProjects()) {
            enter(session, ALL, module, ReactorMode.AUTO, "x");
        }
        assertThat(guard.pending(Set.of("run"))).isEmpty();
    }

    @Test
    void executionThatRunsInEveryModuleIsPendingUntilTheLast() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        ReactorGuard guard = guard(session, ALL);

        enter(session, ALL, session.getProjects().get(0), ReactorMode.EVERY, "x");
        assertThat(guard.pending(Set.of("run"))).containsExactly("deploy");

        enter(session, ALL, session.getProjects().get(1), ReactorMode.EVERY, "x");
        assertThat(guard.pending(Set.of("run"))).isEmpty();
    }

    @Test
    void executionIsSkippedOnlyWhereEachModuleThatHasItSkipsIt() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        ReactorGuard guard = guard(session, ALL);
        assertThat(guard.skipped(Set.of("run"))).isEmpty();

        guard.skip(session.getProjects().get(0), Reactors.bound("deploy"), new WarningLog(warnings));
        assertThat(guard.skipped(Set.of("run"))).isEmpty();
        assertThat(guard.pending(Set.of("run"))).containsExactly("deploy");

        guard.skip(session.getProjects().get(1), Reactors.bound("deploy"), new WarningLog(warnings));
        assertThat(guard.skipped(Set.of("run"))).containsExactly("deploy");
        assertThat(guard.skipped(Set.of("trigger"))).isEmpty();
        assertThat(guard.pending(Set.of("run"))).isEmpty();
    }

    @Test
    void executionThatOneModuleSkipsAndAnotherOneRunsIsNotSkipped() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        ReactorGuard guard = guard(session, ALL);
        guard.skip(session.getProjects().get(0), Reactors.bound("deploy"), new WarningLog(warnings));
        enter(session, ALL, session.getProjects().get(1), ReactorMode.AUTO, "x");

        assertThat(guard.skipped(Set.of("run"))).isEmpty();
    }

    @Test
    void fileHasOneWriter() {
        MavenSession session = Reactors.session("a", "b");
        ReactorGuard guard = guard(session, ALL);
        Path file = Path.of("target", "deploy.json");
        MojoExecution execution = Reactors.bound("deploy");
        assertThat(ReactorGuard.claimFile(session, file, session.getProjects().get(0), execution))
                .isEmpty();
        assertThat(ReactorGuard.claimFile(session, file, session.getProjects().get(0), execution))
                .isEmpty();
        assertThat(ReactorGuard.claimFile(
                        session, file.toAbsolutePath(), session.getProjects().get(1), execution))
                .get()
                .asString()
                .contains("execution 'deploy' (run) in a");
    }

    @Test
    void classRealmsShareOneReactor() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        List<String> lines = new ArrayList<>();
        for (MavenProject module : session.getProjects()) {
            inOwnRealm().accept(session, new Object[] {module, lines});
        }
        assertThat(lines).containsExactly("b");
        end(session);
        assertThat(session.getResult().getExceptions()).isEmpty();
    }

    /** {@link RealmModule}, and all of this package, loaded anew. */
    @SuppressWarnings("unchecked")
    private static BiConsumer<MavenSession, Object[]> inOwnRealm() throws ReflectiveOperationException {
        URL[] urls = {
            ReactorGuard.class.getProtectionDomain().getCodeSource().getLocation(),
            RealmModule.class.getProtectionDomain().getCodeSource().getLocation()
        };
        ClassLoader realm = new URLClassLoader(urls, ReactorGuardTest.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                synchronized (getClassLoadingLock(name)) {
                    if (!name.startsWith(ReactorGuard.class.getPackageName())) {
                        return super.loadClass(name, resolve);
                    }
                    Class<?> loaded = findLoadedClass(name);
                    return loaded == null ? findClass(name) : loaded;
                }
            }
        };
        Class<?> type = realm.loadClass(RealmModule.class.getName());
        assertThat(type).isNotSameAs(RealmModule.class);
        return (BiConsumer<MavenSession, Object[]>)
                type.getDeclaredConstructor().newInstance();
    }

    @Test
    void typedExecutionThatNoPomHasIsRefused() {
        MavenProject root = Reactors.module("root", "deploy-to-production");
        MavenSession session = Reactors.session(
                MavenExecutionRequest.REACTOR_FAIL_FAST, List.of(), List.of(root, Reactors.module("a", "release")));
        TypedExecution check =
                new TypedExecution(session, (name, names) -> names.stream().findFirst());
        assertThat(check.problem(root, Reactors.mojo("deploy-to-prodution", MojoExecution.Source.CLI)))
                .get()
                .asString()
                .contains("Did you mean 'deploy-to-production'?", "the POM of root");
        assertThat(check.problem(root, Reactors.mojo("release", MojoExecution.Source.CLI)))
                .get()
                .asString()
                .contains("It is in a", "-pl :a");
        for (String fine : List.of("deploy-to-production", "default-cli")) {
            assertThat(check.problem(root, Reactors.mojo(fine, MojoExecution.Source.CLI)))
                    .isEqualTo(Optional.empty());
        }
    }

    @Test
    void modulesThatDifferInTheModeAreRefused() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        enter(session, ALL, session.getProjects().get(0), ReactorMode.LAST, "x");
        assertThatThrownBy(() -> enter(session, ALL, session.getProjects().get(1), ReactorMode.FIRST, "x"))
                .isInstanceOf(MojoExecutionException.class)
                .hasMessageContaining("first in b; last in a");
        assertThat(triggers).isEmpty();
    }

    @Test
    void valuesThatDifferAreNamedAndSecuredOnesNotShown() throws Exception {
        MavenSession session = Reactors.session("a", "b");
        for (MavenProject module : session.getProjects()) {
            boolean isLast = module.getArtifactId().equals("b");
            ReactorTask goal = new ReactorTask(
                    ReactorMode.AUTO,
                    new SentValues()
                            .add("variable WHAT", module.getArtifactId())
                            .addSecured("variable TOKEN", "s3cret-" + module.getArtifactId())
                            .add("branch", "main"),
                    true,
                    () -> triggers.add("x"));
            ReactorGuard guard = guard(session, ALL);
            if (isLast) {
                assertThatThrownBy(() -> guard.enter(module, Reactors.bound("deploy"), goal, new WarningLog(warnings)))
                        .hasMessageContaining("variable TOKEN (in a; in b)")
                        .hasMessageContaining("variable WHAT ('a' in a; 'b' in b)")
                        .hasMessageContaining("reactor=last")
                        .hasMessageContaining("reactor=every")
                        .hasMessageNotContaining("s3cret")
                        .hasMessageNotContaining("branch");
            } else {
                guard.enter(module, Reactors.bound("deploy"), goal, new WarningLog(warnings));
            }
        }
        assertThat(triggers).isEmpty();
    }
}
