package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In which modules of a reactor an execution that they all inherit does its work. */
class ReactorGoalTest {
    private static final List<String> MODULES = List.of("root", "one", "two");
    private static final String CONSTANT = "<branch>main</branch><variables><MODULE>any</MODULE></variables>";
    private static final String CONFIGURATION = CONSTANT.replace("any", "${project.artifactId}");

    private final GoalHarness maven;

    ReactorGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    @BeforeEach
    void threeModulesInheritOneExecution() {
        maven.project(GoalHarness.execution("release", "run", CONFIGURATION))
                .module("one", "")
                .module("two", "");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void lastModuleRunsItWhereAllWouldSendTheSame() {
        maven.project(GoalHarness.execution("release", "run", CONSTANT));

        inAllModules("run");

        assertThat(maven.triggers()).hasSize(1);
        maven.endBuild();
        assertThat(maven.session().getResult().getExceptions()).isEmpty();
    }

    @Test
    void differentValuesAreAnErrorThatNamesThemAndBothWaysOut() {
        maven.execute("run", "root", "release").passed();
        maven.execute("run", "one", "release").passed();

        assertThat(maven.execute("run", "two", "release").error())
                .contains("variable MODULE", "'root' in root", "'one' in one", "last", "every");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void outputsThatTheLastModuleDoesNotRequestAreAnError() {
        maven.project(GoalHarness.execution("release", "run", CONSTANT))
                .module("one", GoalHarness.execution("release", "run", "<outputs>URL</outputs>"));
        maven.execute("run", "root", "release").passed();
        maven.execute("run", "one", "release").passed();

        assertThat(maven.execute("run", "two", "release").error())
                .contains("outputs (none in root, two; 'URL' in one)", "last", "every");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void executionThatHadItsTurnNowhereFailsTheBuildAtItsEnd() {
        maven.project(GoalHarness.execution("release", "run", CONSTANT));
        maven.execute("run", "root", "release").passed();

        maven.endBuild();

        assertThat(maven.session().getResult().getExceptions())
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("'release'", "one", "two");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void lastModuleRunsItWhereConfigured() {
        maven.property("bitbucket.reactor", "last");
        assertThat(maven.execute("run", "root", "release").passed())
                .singleElement()
                .asString()
                .contains("'release'", "awaited: one, two");
        maven.execute("run", "one", "release").passed();
        assertThat(maven.triggers()).isEmpty();

        assertThat(maven.execute("run", "two", "release").passed())
                .anyMatch(line -> line.contains("with the values of module two: the last"));
        assertThat(modules()).containsExactly("two");
    }

    @Test
    void firstModuleRunsItWhereConfigured() {
        maven.property("bitbucket.reactor", "first");

        inAllModules("run");

        assertThat(modules()).containsExactly("root");
    }

    @Test
    void everyModuleRunsItWhereConfigured() {
        maven.property("bitbucket.reactor", "every");

        inAllModules("run");

        assertThat(modules()).containsExactly("root", "one", "two");
    }

    @Test
    void oneOfTheModulesThatAreBuiltSideBySideRunsItWithTheLastOnesValues() throws Exception {
        maven.property("bitbucket.reactor", "last");
        maven.session();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<GoalResult>> results = new ArrayList<>();
            for (String module : MODULES) {
                results.add(threads.submit(() -> maven.execute("run", module, "release")));
            }
            for (Future<GoalResult> result : results) {
                result.get().passed();
            }
        } finally {
            threads.shutdown();
        }

        assertThat(modules()).containsExactly("two");
    }

    @Test
    void nothingIsTriggeredOnceAModuleHasFailed() {
        maven.execute("run", "root", "release").passed();
        maven.execute("run", "one", "release").passed();
        maven.session().getResult().addException(new IllegalStateException("A test of module one failed"));

        assertThat(maven.execute("run", "two", "release").passed()).anyMatch(line -> line.contains("has failed"));
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void moduleThatSkipsDoesNotCount() {
        maven.property("bitbucket.reactor", "last");
        maven.module("two", "<properties><bitbucket.skip>true</bitbucket.skip></properties>");

        maven.execute("run", "root", "release").passed();
        maven.execute("run", "one", "release").passed();
        assertThat(modules()).isEmpty();

        assertThat(maven.execute("run", "two", "release").passed()).anyMatch(line -> line.contains("bitbucket.skip"));
        assertThat(modules()).containsExactly("one");
    }

    @Test
    void phaseThatComesTwiceRunsItOnce() {
        maven.property("bitbucket.reactor", "last");
        inAllModules("run");

        assertThat(maven.execute("run", "two", "release").passed()).anyMatch(line -> line.contains("'release'"));
        assertThat(modules()).containsExactly("two");
    }

    @Test
    void moduleAloneRunsIt() {
        maven.module("one", GoalHarness.execution("own", "run", CONFIGURATION));

        maven.execute("run", "one", "own").passed();

        assertThat(modules()).containsExactly("one");
    }

    @Test
    void typedGoalRunsInTheRootAlone() {
        maven.property("bitbucket.branch", "main").execute("run").passed();

        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void parametersAreCheckedInEveryModule() {
        maven.module("one", "<properties><bitbucket.timeout>soon</bitbucket.timeout></properties>");

        maven.execute("run", "root", "release").passed();

        assertThat(maven.execute("run", "one", "release").error()).startsWith("Parameter 'timeout'");
    }

    @Test
    void preflightRunsInTheFirstModule() {
        maven.project(GoalHarness.execution("check", "preflight", "<branch>main</branch>"));

        maven.execute("preflight", "root", "check");
        int requests = maven.bitbucket().requests().size();
        maven.execute("preflight", "one", "check").passed();

        assertThat(requests).isPositive();
        assertThat(maven.bitbucket().requests()).hasSize(requests);
    }

    private void inAllModules(String goal) {
        for (String module : MODULES) {
            maven.execute(goal, module, "release").passed();
        }
    }

    /** The modules that triggered a run. */
    private List<String> modules() {
        return maven.shop().runs().stream()
                .map(run -> run.variable("MODULE").orElseThrow())
                .toList();
    }
}
