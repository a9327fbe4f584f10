package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RehearsalTest {

    private static final PipelinesFile FILE = PipelinesFile.read("""
        pipelines:
          default:
            - step: {name: Check, script: [./check]}
          branches:
            release/*:
              - step: {name: Build, script: [./build]}
              - parallel:
                  - step: {name: Unit, script: [./unit]}
                  - step: {name: Browser, script: [./browser]}
              - step: {name: Publish, trigger: manual, script: [./publish]}
              - step: {script: [./announce]}
          custom:
            deploy:
              - step: {name: Deploy, script: [./deploy]}
        """);

    private final ManualClock clock = new ManualClock();
    private Rehearsal rehearsal = rehearsal(Optional.of(FILE), "SUCCESSFUL");

    private Rehearsal rehearsal(Optional<PipelinesFile> file, String result) {
        return Rehearsal.start(clock, file, "acme", "shop", result, Rehearsal.USUAL_LENGTH);
    }

    private void restart(Optional<PipelinesFile> file, String result) {
        rehearsal.close();
        rehearsal = rehearsal(file, result);
    }

    @AfterEach
    void closeRehearsal() {
        rehearsal.close();
    }

    private Client.Reply trigger(String refType, String name, String selector) {
        return new Client(rehearsal.bitbucket())
                .post("/repositories/acme/shop/pipelines", """
                    {"target":{"type":"pipeline_ref_target","ref_type":"%s","ref_name":"%s"%s}}\
                    """.formatted(refType, name, selector));
    }

    private static String custom(String name) {
        return ",\"selector\":{\"type\":\"custom\",\"pattern\":\"" + name + "\"}";
    }

    private JsonNode get(String path) {
        return new Client(rehearsal.bitbucket())
                .get("/repositories/acme/shop/pipelines/1" + path)
                .json();
    }

    private List<String> steps() {
        List<String> names = new ArrayList<>();
        get("/steps")
                .get("values")
                .forEach(step -> names.add(step.path("name").asText("-") + " "
                        + step.at("/state/name").asText() + " "
                        + step.at("/state/result/name").asText()));
        return names;
    }

    private String logOfLastStep() {
        List<String> uuids = rehearsal.repository().lastRun().stepUuids();
        String uuid = uuids.get(uuids.size() - 1).replace("{", "%7B").replace("}", "%7D");
        Client client = new Client(rehearsal.bitbucket());
        return client.getWithout(client.get("/repositories/acme/shop/pipelines/1/steps/" + uuid + "/log")
                        .header("Location"))
                .text();
    }

    @Test
    void branchRunsItsDefinitionAndIsPausedAtTheManualStep() {
        assertThat(trigger("branch", "release/2", "").status()).isEqualTo(201);
        clock.forward(Duration.ofMillis(1700));
        assertThat(steps())
                .containsExactly(
                        "Build COMPLETED SUCCESSFUL",
                        "Unit IN_PROGRESS ",
                        "Browser IN_PROGRESS ",
                        "Publish PENDING ",
                        "- PENDING ");
        clock.forward(Duration.ofMillis(1300));
        assertThat(get("").at("/state/stage/name").asText()).isEqualTo("PAUSED");
        assertThat(get("/steps").at("/values/3/trigger/type").asText()).isEqualTo("pipeline_step_trigger_manual");
        clock.forward(Rehearsal.MANUAL_DELAY);
        assertThat(steps()).contains("Publish IN_PROGRESS ", "- PENDING ");
        clock.forward(Duration.ofSeconds(1));
        assertThat(get("").at("/state/result/name").asText()).isEqualTo("SUCCESSFUL");
        assertThat(get("").at("/target/selector").toString())
                .isEqualTo("{\"type\":\"branches\",\"pattern\":\"release/*\"}");
        assertThat(logOfLastStep()).contains("rehearsal");
    }

    @Test
    void pausedRunIsStuckAtItsFirstManualStep() {
        restart(Optional.of(FILE), "PAUSED");
        trigger("branch", "release/2", "");
        clock.forward(Rehearsal.USUAL_LENGTH);
        assertThat(rehearsal.isStuck()).isFalse();
        clock.forward(Rehearsal.MANUAL_DELAY);
        assertThat(rehearsal.isStuck()).isTrue();
        clock.forward(Duration.ofDays(30));
        assertThat(get("").at("/state/stage/name").asText()).isEqualTo("PAUSED");
        assertThat(steps()).contains("Browser COMPLETED SUCCESSFUL", "Publish PENDING ", "- PENDING ");
    }

    @Test
    void stepThatNeverEndsComesBeforeTheManualOneAndCanBeStopped() {
        restart(Optional.of(FILE), "TIMEOUT");
        trigger("branch", "release/2", "");
        clock.forward(Duration.ofDays(30));
        assertThat(rehearsal.isStuck()).isTrue();
        assertThat(steps()).contains("Browser IN_PROGRESS ", "Publish PENDING ");
        new Client(rehearsal.bitbucket()).post("/repositories/acme/shop/pipelines/1/stopPipeline", "");
        assertThat(rehearsal.isStuck()).isFalse();
        clock.forward(Duration.ofSeconds(1));
        assertThat(get("").at("/state/result/name").asText()).isEqualTo("STOPPED");
        assertThat(rehearsal.isStuck()).isFalse();
    }

    @Test
    void haltedRunHasNoStepThatStarted() {
        restart(Optional.of(FILE), "HALTED");
        trigger("branch", "main", "");
        clock.forward(Duration.ofDays(30));
        assertThat(get("").at("/state/stage/name").asText()).isEqualTo("HALTED");
        assertThat(steps()).containsExactly("Check PENDING ");
    }

    @Test
    void resultIsThatOfTheLastStepBeforeTheManualOne() {
        restart(Optional.of(FILE), "FAILED");
        trigger("branch", "release/2", "");
        clock.forward(Rehearsal.USUAL_LENGTH);
        assertThat(steps())
                .containsExactly(
                        "Build COMPLETED SUCCESSFUL",
                        "Unit COMPLETED SUCCESSFUL",
                        "Browser COMPLETED FAILED",
                        "Publish COMPLETED NOT_RUN",
                        "- COMPLETED NOT_RUN");
    }

    @Test
    void runWithoutResponseIsThere() {
        restart(Optional.of(FILE), "LOST");
        assertThatThrownBy(() -> trigger("branch", "main", "")).isInstanceOf(UncheckedIOException.class);
        assertThat(rehearsal.repository().runs()).hasSize(1);
    }

    @Test
    void earlierRunsAreOfTheSameTargetAndAboutAsLong() {
        rehearsal.addHistory(new Target.Tag("v1", Optional.empty()), Optional.of("deploy"));
        assertThat(rehearsal.repository().runs()).hasSize(5).allSatisfy(run -> {
            assertThat(run.state().result()).contains(ScriptedState.Result.successful());
            assertThat(run.target().refName()).contains("v1");
            assertThat(run.target().customPipeline()).contains("deploy");
            assertThat(Duration.between(run.createdOn(), run.endsOn().orElseThrow()))
                    .isBetween(Duration.ofMillis(3600), Duration.ofMillis(4400));
        });
        assertThat(rehearsal.isStuck()).isFalse();
    }

    @Test
    void pullRequestHasNoEarlierRuns() {
        rehearsal.addHistory(new Target.PullRequest(12), Optional.empty());
        assertThat(rehearsal.repository().runs()).isEmpty();
    }

    @Test
    void otherBranchesRunTheDefaultPipeline() {
        trigger("branch", "main", "");
        clock.forward(Rehearsal.USUAL_LENGTH);
        assertThat(steps()).containsExactly("Check COMPLETED SUCCESSFUL");
        assertThat(get("").at("/target/selector").toString()).isEqualTo("{\"type\":\"default\"}");
    }

    @Test
    void onlyCustomPipelinesOfTheFileAreAccepted() {
        assertThat(trigger("branch", "main", custom("deploy")).status()).isEqualTo(201);
        clock.forward(Rehearsal.USUAL_LENGTH);
        assertThat(steps()).containsExactly("Deploy COMPLETED SUCCESSFUL");
        assertThat(trigger("branch", "main", custom("nope")).detail())
                .isEqualTo("Requested selector is not found in bitbucket-pipelines.yml.");
    }

    @Test
    void tagWithoutDefinitionEndsInError() {
        trigger("tag", "v1", "");
        clock.forward(Rehearsal.USUAL_LENGTH);
        assertThat(get("").at("/state/result/error/message").asText()).isEqualTo("No matching pipeline definition");
    }

    @Test
    void pullRequestRunsWhateverTheFileDefines() {
        Client client = new Client(rehearsal.bitbucket());
        JsonNode pullRequest =
                client.get("/repositories/acme/shop/pullrequests/12").json();
        Client.Reply reply = client.post("/repositories/acme/shop/pipelines", """
            {"target":{"type":"pipeline_pullrequest_target","source":%s,"destination":%s,"commit":{"hash":%s},
            "destination_commit":{"hash":%s},"pullrequest":{"id":12}}}\
            """.formatted(
                        pullRequest.at("/source/branch/name"), pullRequest.at("/destination/branch/name"),
                        pullRequest.at("/source/commit/hash"), pullRequest.at("/destination/commit/hash")));
        assertThat(reply.status()).isEqualTo(201);
        clock.forward(Rehearsal.USUAL_LENGTH);
        assertThat(get("").at("/state/result/name").asText()).isEqualTo("SUCCESSFUL");
        assertThat(steps()).hasSize(3);
    }

    @Test
    void runWithoutAFileHasTheDefaultSteps() {
        restart(Optional.empty(), "SUCCESSFUL");
        assertThat(trigger("tag", "v1", custom("anything")).status()).isEqualTo(201);
        clock.forward(Rehearsal.USUAL_LENGTH);
        assertThat(steps())
                .containsExactly(
                        "Build COMPLETED SUCCESSFUL", "Test COMPLETED SUCCESSFUL", "Deploy COMPLETED SUCCESSFUL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILED", "ERROR", "STOPPED", "EXPIRED", "MELTED"})
    void runEndsWithTheRequestedResult(String result) {
        restart(Optional.empty(), result);
        trigger("branch", "main", "");
        clock.forward(Rehearsal.USUAL_LENGTH.minusMillis(1));
        assertThat(get("").at("/state/name").asText()).isEqualTo("IN_PROGRESS");
        clock.forward(Duration.ofMillis(1));
        assertThat(get("").at("/state/result/name").asText()).isEqualTo(result);
        assertThat(get("").at("/state/result").has("error")).isEqualTo(result.equals("ERROR"));
        assertThat(get("").at("/state/result").has("terminator")).isEqualTo(result.equals("STOPPED"));
        assertThat(steps())
                .containsExactly(
                        "Build COMPLETED SUCCESSFUL", "Test COMPLETED SUCCESSFUL", "Deploy COMPLETED " + result);
        assertThat(logOfLastStep().lines())
                .hasSizeBetween(15, 25)
                .anyMatch(line -> line.contains(result))
                .last()
                .asString()
                .contains("This is a rehearsal");
    }
}
