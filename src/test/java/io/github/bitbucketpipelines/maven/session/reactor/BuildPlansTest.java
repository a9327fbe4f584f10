package io.github.bitbucketpipelines.maven.session.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.lifecycle.MavenExecutionPlan;
import org.apache.maven.project.MavenProject;
import org.junit.jupiter.api.Test;

class BuildPlansTest {
    private final List<String> calculated = new ArrayList<>();

    /** Maven's part: notes the current project and the tasks. */
    private final LifecycleExecutor lifecycle = (LifecycleExecutor) Proxy.newProxyInstance(
            LifecycleExecutor.class.getClassLoader(),
            new Class<?>[] {LifecycleExecutor.class},
            (proxy, method, args) -> {
                MavenSession session = (MavenSession) args[0];
                calculated.add(session.getCurrentProject().getArtifactId() + ": "
                        + String.join(
                                " ",
                                Arrays.stream((Object[]) args[2])
                                        .map(Object::toString)
                                        .toList()));
                return new MavenExecutionPlan(List.of(), null);
            });

    private static MavenSession session(String... tasks) {
        return Reactors.session(
                MavenExecutionRequest.REACTOR_FAIL_FAST,
                List.of(tasks),
                List.of(Reactors.module("root"), Reactors.module("a")));
    }

    @Test
    void planIsThatOfTheModuleForThePhasesAlone() throws Exception {
        MavenSession session = session("clean", "versions:set", "before:deploy", "deploy");
        MavenProject current = session.getCurrentProject();

        BuildPlans.of(session, lifecycle).of(session.getProjects().get(1));

        assertThat(calculated).containsExactly("a: clean before:deploy deploy");
        assertThat(session.getCurrentProject()).isSameAs(current);
    }

    @Test
    void goalsAloneHaveNoPlan() throws Exception {
        MavenSession session = session("bitbucket-pipelines:run");

        assertThat(BuildPlans.of(session, lifecycle).of(session.getProjects().get(1)))
                .isEmpty();
        assertThat(calculated).isEmpty();
    }

    @Test
    void defaultGoalCountsWhereNoTaskIsTyped() throws Exception {
        MavenSession session = session();
        session.getProjects().get(0).getBuild().setDefaultGoal(" clean  deploy ");

        BuildPlans.of(session, lifecycle).of(session.getProjects().get(1));

        assertThat(calculated).containsExactly("a: clean deploy");
    }

    @Test
    void typedTasksReplaceTheDefaultGoal() throws Exception {
        MavenSession session = session("verify");
        session.getProjects().get(0).getBuild().setDefaultGoal("deploy");

        BuildPlans.of(session, lifecycle).of(session.getProjects().get(1));

        assertThat(calculated).containsExactly("a: verify");
    }
}
