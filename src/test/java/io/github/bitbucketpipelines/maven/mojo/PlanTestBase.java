package io.github.bitbucketpipelines.maven.mojo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;

/** Executes plans: execution {@code release} of the goal {@code run}, in repositories acme/api, acme/web and acme/docs. */
abstract class PlanTestBase {
    final GoalHarness maven;

    PlanTestBase(Path directory) {
        maven = new GoalHarness(directory).without("bitbucket.repository").property("bitbucket.branch", "main");
        for (String slug : List.of("api", "web", "docs")) {
            repository(slug).branch("main", GoalHarness.HEAD).customPipeline("deploy");
        }
    }

    @AfterEach
    void close() throws IOException {
        maven.close();
    }

    final EmbeddedRepository repository(String slug) {
        return maven.bitbucket().repository("acme", slug);
    }

    /** Writes the POM, and begins another build. */
    final void prepare(String configuration) {
        maven.project(GoalHarness.execution("release", "run", configuration)).newBuild();
    }

    final GoalResult execute(String configuration) {
        prepare(configuration);
        return maven.execute("run", "root", "release");
    }

    /** An element of the parameter {@code runs}; the id is the name of the repository. */
    static String run(String id, String elements) {
        return "<run><id>" + id + "</id><repository>acme/" + id + "</repository>" + elements + "</run>";
    }

    static RunScript lasting(Duration time) {
        return RunScript.of(StepScript.named("Deploy").lasting(time));
    }

    /** The file of the plan. */
    final JsonNode plan() throws IOException {
        return new ObjectMapper().readTree(maven.written("release.json"));
    }

    /** The properties that later plugins see. */
    final Properties properties() {
        return maven.session().getProjects().get(0).getProperties();
    }
}
