package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunGoalTest {
    private final GoalHarness maven;

    RunGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void runTriggersAndPassesWhenThePipelineIsSuccessful() {
        System.err.println(maven.execute("run"));
    }
}
