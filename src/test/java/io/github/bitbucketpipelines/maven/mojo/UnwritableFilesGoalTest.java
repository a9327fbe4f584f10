package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A full disk, a read-only directory, or a file in the place of {@code target}: said, and the verdict is that of the run. */
class UnwritableFilesGoalTest {
    private final GoalHarness maven;
    private final Path target;
    private boolean isMounted;

    UnwritableFilesGoalTest(@TempDir Path directory) throws IOException {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        target = directory.resolve("target");
    }

    @AfterEach
    void close() throws Exception {
        maven.close();
        if (isMounted) {
            assertThat(mount("umount", target.toString())).isZero();
        }
    }

    /** Why nothing can be written. */
    enum Obstacle {
        FILE_IN_ITS_PLACE,
        FULL,
        READ_ONLY
    }

    private static int mount(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private void prevent(Obstacle obstacle) throws IOException, InterruptedException {
        if (obstacle == Obstacle.FILE_IN_ITS_PLACE) {
            Files.writeString(target, "no directory");
            return;
        }
        Files.createDirectories(target);
        isMounted = mount("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", target.toString()) == 0;
        assumeTrue(isMounted, "this user can't mount");
        if (obstacle == Obstacle.READ_ONLY) {
            assertThat(mount("mount", "-o", "remount,ro", target.toString())).isZero();
            return;
        }
        Files.createDirectories(maven.outputDirectory());
        try (OutputStream out = Files.newOutputStream(target.resolve("others"))) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("space");
        }
    }

    private static void assertSaid(List<String> log) {
        assertThat(log)
                .anyMatch(line -> line.startsWith("[WARNING] The receipt ")
                        && line.contains(" could not be written: ")
                        && line.endsWith("If this build is killed, no later one finds the run by it."))
                .anyMatch(line -> line.startsWith("[WARNING] The report ") && line.contains("default-cli.html"))
                .noneMatch(line -> line.contains("\tat "));
    }

    @ParameterizedTest
    @EnumSource
    void runThatSucceedsPassesWithWarnings(Obstacle obstacle) throws Exception {
        prevent(obstacle);

        assertSaid(maven.execute("run").passed());

        assertThat(maven.triggers()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void runThatFailsFailsTheBuildWithItsOwnMessage(Obstacle obstacle) throws Exception {
        prevent(obstacle);
        maven.shop().next(RunScript.ending("FAILED"));

        GoalResult result = maven.execute("run");

        assertThat(result.failure()).contains("#42", "FAILED");
        assertSaid(result.log());
    }

    @ParameterizedTest
    @EnumSource
    void failureBeforeTheTriggerKeepsItsMessage(Obstacle obstacle) throws Exception {
        prevent(obstacle);
        maven.withoutServers();

        assertThat(maven.execute("run").error()).contains("settings.xml");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void logsEndInOneError(Obstacle obstacle) throws Exception {
        maven.property(
                "bitbucket.outputDirectory", maven.root().resolve("other").toString());
        maven.execute("run").passed();
        prevent(obstacle);

        maven.newBuild().without("bitbucket.outputDirectory").property("bitbucket.number", "42");

        assertThat(maven.execute("logs").error()).startsWith("The logs could not be written into ");
    }
}
