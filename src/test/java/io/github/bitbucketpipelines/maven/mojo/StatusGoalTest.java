package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusGoalTest {
    private final GoalHarness maven;

    StatusGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void newestRunsAreATable() {
        history();

        assertThat(maven.execute("status").passed())
                .anyMatch(line -> line.matches("\\[INFO] RUN +RESULT +TARGET +PIPELINE +CREATOR +STARTED +DURATION"))
                .anyMatch(line -> line.matches("\\[INFO] #44 +SUCCESSFUL +main +nightly .* 53m 20s"))
                .anyMatch(line -> line.matches("\\[INFO] #43 +SUCCESSFUL +main +- .* 2m 13s"))
                .noneMatch(line -> line.contains("\u001B"));
    }

    @Test
    void jsonGoesToStandardOutputAlone() throws Exception {
        history();
        maven.property("bitbucket.format", "json")
                .property("bitbucket.limit", "2")
                .property("bitbucket.branch", "main");

        GoalResult result = maven.execute("status");

        assertThat(result.passed()).noneMatch(line -> line.startsWith("[INFO]"));
        JsonNode runs = new ObjectMapper().readTree(result.output());
        assertThat(runs.findValuesAsText("number")).containsExactly("44", "43");
        assertThat(runs.get(1).get("url").asText()).endsWith("/results/43");
    }

    @Test
    void runsAreThoseOfWhatIsGiven() {
        history();
        maven.property("bitbucket.pipeline", "nightly");

        assertThat(maven.execute("status").passed())
                .anyMatch(line -> line.contains("#44"))
                .noneMatch(line -> line.contains("#43"));
    }

    @Test
    void noRunAtAllAndNoneOfWhatIsGivenAreSaid() {
        assertThat(maven.execute("status").passed())
                .anyMatch(line -> line.startsWith("[INFO] There is no ") && line.contains("acme/shop"));

        maven.property("bitbucket.branch", "release");
        assertThat(maven.execute("status").passed())
                .anyMatch(line -> line.startsWith("[INFO] There is no such ") && line.contains("acme/shop"));
    }

    @Test
    void reportOfAnEarlierBuildIsNamed() {
        maven.property("bitbucket.branch", "main").execute("run").passed();

        assertThat(maven.newBuild().execute("status").passed())
                .contains("[INFO] Report of #42: " + Path.of("target/bitbucket-pipelines/default-cli.html"));
    }

    private void history() {
        maven.shop().history("main", Optional.empty(), List.of(Duration.ofSeconds(42), Duration.ofSeconds(200)));
        maven.shop().history("main", Optional.of("nightly"), List.of(Duration.ofMinutes(80)));
    }
}
