package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trigger that Bitbucket refuses is explained as {@code preflight} would, and nothing hides the refusal itself. */
class RefusedTriggerGoalTest {
    private final GoalHarness maven;

    RefusedTriggerGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop()
                .customPipeline("deploy-to-production")
                .file("bitbucket-pipelines.yml", InvokerBitbucket.DEFINITION);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void misspelledPipelineIsNamedWithTheOneThatIsMeant(String goal) {
        maven.property("bitbucket.pipeline", "deploy-to-prodution");

        assertThat(maven.execute(goal).error())
                .contains("Bitbucket responded with 400", "Nothing was triggered")
                .contains("has no pipeline 'deploy-to-prodution' under custom: did you mean 'deploy-to-production'?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void unknownPipelineIsNamedWithThoseThatAreThere(String goal) {
        maven.property("bitbucket.pipeline", "nightly");

        assertThat(maven.execute(goal).error())
                .contains("has no pipeline 'nightly' under custom; it has ", "deploy-to-production");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void branchThatIsNotThereMayNotBePushed(String goal) {
        maven.property("bitbucket.branch", "feature/new");

        assertThat(maven.execute(goal).error())
                .contains("Bitbucket responded with 404", "Nothing was triggered")
                .contains("There is no branch feature/new; was it pushed?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void checksThatFailDoNotHideTheRefusal(String goal) {
        maven.property("bitbucket.pipeline", "nightly");
        maven.bitbucket().intercept((request, next) -> {
            boolean isCheck =
                    request.method().equals("GET") && !maven.triggers().isEmpty();
            return isCheck ? Response.of(500) : next.proceed();
        });

        assertThat(maven.execute(goal).error())
                .contains("Bitbucket responded with 400 (Requested selector is not found", "Nothing was triggered")
                .doesNotContain("under custom");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void repositoryThatIsNotThereIsReportedOnce(String goal) {
        maven.property("bitbucket.repository", "acme/gone");

        assertThat(maven.execute(goal).error())
                .containsOnlyOnce("Could not list the runs of acme/gone")
                .containsOnlyOnce("There is no repository acme/gone")
                .containsOnlyOnce("The credentials themselves are valid.")
                .contains("Nothing was triggered");
    }
}
