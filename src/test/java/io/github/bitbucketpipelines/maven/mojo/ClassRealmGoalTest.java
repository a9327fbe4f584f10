package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A module with a build extension, or whose plugin has a dependency of its own, loads the plugin's classes again. */
class ClassRealmGoalTest {
    private final Realm other = new Realm();
    private final GoalHarness maven;

    ClassRealmGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() throws IOException {
        maven.close();
        other.close();
    }

    @Test
    void runThatIsTriggeredInOneRealmIsAwaitedInAnother() {
        maven.execute("trigger").passed();
        // The other realm has a clock of its own, by which the run would not end.
        maven.time().forward(Duration.ofHours(1));

        assertThat(maven.loadedBy(other).execute("wait").passed())
                .anyMatch(line -> line.contains("Pipeline #42 on branch main of acme/shop is SUCCESSFUL"));
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void eachRealmTriggersItsOwnRun() {
        maven.module("a", GoalHarness.execution("one", "trigger", ""));
        maven.module("b", GoalHarness.execution("two", "trigger", ""));

        maven.execute("trigger", "a", "one").passed();
        maven.loadedBy(other).execute("trigger", "b", "two").passed();

        assertThat(maven.triggers()).hasSize(2);
        assertThat((Set<?>) shared("claims")).hasSize(2);
        assertThat((Map<?, ?>) shared("rateLimits")).hasSize(1);
    }

    private Object shared(String name) {
        return maven.repositorySession().getData().get("io.github.bitbucketpipelines:session:1:" + name);
    }

    @Test
    void rehearsedRunOfOneRealmIsAwaitedInAnother() {
        maven.inTrueTime().property("bitbucket.rehearse", "true");
        maven.execute("trigger").passed();

        assertThat(maven.loadedBy(other).execute("wait").passed()).anyMatch(line -> line.contains("is SUCCESSFUL"));
        assertThat(maven.triggers()).isEmpty();
    }

    /** Loads the plugin's classes itself, and all others from the tests' class loader. */
    private static final class Realm extends URLClassLoader {
        Realm() {
            super(
                    new URL[] {
                        AbstractPipelinesMojo.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                    },
                    GoalHarness.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (!name.startsWith("io.github.bitbucketpipelines.maven.")) {
                    return super.loadClass(name, resolve);
                }
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }
}
