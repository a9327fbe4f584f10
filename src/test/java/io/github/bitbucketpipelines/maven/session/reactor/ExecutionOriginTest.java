package io.github.bitbucketpipelines.maven.session.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.project.MavenProject;
import org.junit.jupiter.api.Test;

class ExecutionOriginTest {
    @Test
    void originIsTheTopmostPomThatMavenMergesIntoTheExecution() {
        int compared = 0;
        for (int seed = 0; seed < 1_000; seed++) {
            PomTree tree = PomTree.random(new Random(seed));
            for (MavenProject module : tree.modules()) {
                for (PluginExecution execution : PomTree.executions(module)) {
                    assertThat(new ExecutionOrigin(ReactorAdvice.PLUGIN, execution.getId()).of(module))
                            .as("seed %s, module %s, execution %s of%n%s", seed, module, execution.getId(), tree)
                            .isEqualTo("g:" + PomTree.origin(execution) + ":pom:1");
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(3_000);
    }
}
