package io.github.bitbucketpipelines.maven.session.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.junit.jupiter.api.Test;

class OriginalConfigurationsTest {
    @Test
    void noConfigurationThatMavenMergesIntoTheExecutionIsMissed() {
        int compared = 0;
        for (int seed = 0; seed < 500; seed++) {
            PomTree tree = PomTree.random(new Random(seed));
            for (MavenProject module : tree.modules()) {
                for (PluginExecution execution : PomTree.executions(module)) {
                    MojoExecution mojo = Reactors.bound(execution.getId());
                    Set<String> original = new TreeSet<>();
                    new OriginalConfigurations(module, mojo)
                            .all()
                            .forEach(configuration -> marks(configuration).forEach(original::add));
                    assertThat(original)
                            .as("seed %s, module %s, execution %s of%n%s", seed, module, execution.getId(), tree)
                            .containsAll(marks((Xpp3Dom) execution.getConfiguration())
                                    .toList());
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(1_500);
    }

    private static Stream<String> marks(Xpp3Dom configuration) {
        return Stream.ofNullable(configuration.getChild("marks"))
                .flatMap(marks -> Arrays.stream(marks.getChildren()))
                .map(Xpp3Dom::getName);
    }
}
