package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bitbucket, or something before it, says that the run of a receipt is not there. */
class MissingRunGoalTest {
    private final GoalHarness maven;

    MissingRunGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private enum NotFound {
        OF_BITBUCKET("application/json", "{\"error\":{\"message\":\"Not found\",\"detail\":\"%s\"}}"),
        OF_A_GATEWAY("text/html", "<html>404 Not Found<hr>nginx</html>");

        private final String type;
        private final String text;

        NotFound(String type, String text) {
            this.type = type;
            this.text = text;
        }

        Response of(int number) {
            return Response.of(
                    404,
                    type,
                    text.formatted("Pipeline with build number '" + number + "' not found in repository {x}"));
        }
    }

    /** Of this number of reads of a run, none finds it. */
    private void miss(int number, NotFound response, int reads) {
        AtomicInteger left = new AtomicInteger(reads);
        maven.bitbucket()
                .intercept((request, next) -> request.method().equals("GET")
                                && request.path().endsWith("/pipelines/" + number)
                                && left.getAndDecrement() > 0
                        ? response.of(number)
                        : next.proceed());
    }

    private static RunScript lasting(String result, Duration time) {
        return RunScript.of(StepScript.named("Build").lasting(time).ending(result));
    }

    private void triggerBesideARunOfAPush() {
        maven.shop().push("main", lasting("SUCCESSFUL", Duration.ofMinutes(2)));
        maven.time().forward(Duration.ofSeconds(30));
        maven.shop().next(lasting("FAILED", Duration.ofMinutes(3)));
        maven.bitbucket().listLag(Duration.ofSeconds(10));
        maven.execute("trigger").passed();
    }

    @ParameterizedTest
    @EnumSource
    void runOfThisBuildIsReadAgainWhereOneReplicaDoesNotHaveIt(NotFound response) {
        triggerBesideARunOfAPush();
        miss(43, response, 1);

        assertThat(maven.execute("wait").failure()).contains("Pipeline #43 ", "FAILED");
    }

    @Test
    void runOfThisBuildThatStaysMissingIsNotReplacedByAnotherOne() {
        triggerBesideARunOfAPush();
        miss(43, NotFound.OF_BITBUCKET, 1_000);

        assertThat(maven.execute("wait").error())
                .contains("Bitbucket does not have #43 of acme/shop", "which this build has triggered");
    }

    @ParameterizedTest
    @EnumSource
    void unfinishedRunIsReadAgainBeforeAnotherOneIsTriggered(NotFound response) {
        leaveAnUnfinishedRun();
        miss(42, response, 1);

        assertThat(maven.execute("run").failure()).contains("#42", "onUnfinished=fail");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void gatewayThatDoesNotFindTheUnfinishedRunIsNoReasonToTriggerAnotherOne() {
        leaveAnUnfinishedRun();
        miss(42, NotFound.OF_A_GATEWAY, 1_000);

        assertThat(maven.execute("run").error()).contains("It is not known whether #42 has ended");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void runThatBitbucketDoesNotHaveAnyMoreIsAWarningAndAnotherOneIsTriggered() {
        leaveAnUnfinishedRun();
        miss(42, NotFound.OF_BITBUCKET, 1_000);

        GoalResult second = maven.execute("run");

        second.passed();
        assertThat(second.warnings()).contains("Bitbucket no longer has the run of the receipt");
        assertThat(maven.triggers()).hasSize(2);
    }

    private void leaveAnUnfinishedRun() {
        maven.shop().next(lasting("SUCCESSFUL", Duration.ofMinutes(10)));
        maven.property("bitbucket.timeout", "5s").execute("run").failure();
        maven.newBuild().without("bitbucket.timeout");
    }
}
