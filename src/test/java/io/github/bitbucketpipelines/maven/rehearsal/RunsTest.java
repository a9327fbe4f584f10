package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunsTest extends EmbeddedBitbucketTestBase {

    private String state(EmbeddedRun run) {
        return describe(client.get(runPath(run)).json().get("state"));
    }

    private List<String> steps(EmbeddedRun run) {
        List<String> states = new ArrayList<>();
        client.get(runPath(run) + "/steps/")
                .json()
                .get("values")
                .forEach(step -> states.add(describe(step.get("state"))));
        return states;
    }

    private static String describe(JsonNode state) {
        String more =
                state.at("/stage/name").asText() + state.at("/result/name").asText();
        return state.get("name").asText() + (more.isEmpty() ? "" : "/" + more);
    }

    @Test
    void runPassesThroughAllStatesWithTheClock() {
        EmbeddedRun run = started(RunScript.of(
                        StepScript.named("Build").lasting(Duration.ofMinutes(2)),
                        StepScript.unnamed().queued(Duration.ofSeconds(30)).lasting(Duration.ofMinutes(1)))
                .parsing(Duration.ofSeconds(1))
                .pending(Duration.ofSeconds(9)));

        assertThat(state(run)).isEqualTo("PARSING/PARSING");
        assertThat(steps(run)).isEmpty();
        clock.forward(Duration.ofSeconds(1));
        assertThat(state(run)).isEqualTo("PENDING/PENDING");
        assertThat(steps(run)).containsExactly("PENDING", "PENDING");
        clock.forward(Duration.ofSeconds(9));
        assertThat(state(run)).isEqualTo("IN_PROGRESS/RUNNING");
        assertThat(steps(run)).containsExactly("IN_PROGRESS", "PENDING");
        clock.forward(Duration.ofMinutes(2));
        assertThat(steps(run)).containsExactly("COMPLETED/SUCCESSFUL", "READY");
        clock.forward(Duration.ofSeconds(30));
        assertThat(steps(run)).containsExactly("COMPLETED/SUCCESSFUL", "IN_PROGRESS");
        clock.forward(Duration.ofHours(1));
        assertThat(state(run)).isEqualTo("COMPLETED/SUCCESSFUL");

        JsonNode json = client.get(runPath(run)).json();
        assertThat(json.get("duration_in_seconds").asInt())
                .as("without the queue")
                .isEqualTo(210);
        assertThat(OffsetDateTime.parse(json.get("completed_on").asText()).toInstant())
                .isEqualTo(run.createdOn().plusSeconds(220))
                .isEqualTo(run.endsOn().orElseThrow());
        JsonNode second = client.get(stepPath(run, 1)).json();
        assertThat(second.has("name")).isFalse();
        assertThat(second.get("duration_in_seconds").asInt()).isEqualTo(60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUCCESSFUL", "FAILED", "ERROR", "STOPPED", "EXPIRED", "MELTED"})
    void runEndsWithTheResultOfItsScript(String result) {
        EmbeddedRun run = started(RunScript.ending(result));
        clock.forward(Duration.ofSeconds(1));

        assertThat(state(run)).isEqualTo("COMPLETED/" + result);
        JsonNode resultJson = client.get(runPath(run)).json().at("/state/result");
        assertThat(resultJson.get("type").asText()).isEqualTo("pipeline_state_completed_" + result.toLowerCase());
        assertThat(resultJson.has("error")).isEqualTo(result.equals("ERROR"));
        assertThat(resultJson.has("terminator")).isEqualTo(result.equals("STOPPED"));
        assertThat(steps(run)).containsExactly("COMPLETED/SUCCESSFUL", "COMPLETED/" + result);
    }

    @Test
    void parallelStepsFinishAfterAFailureAndLaterOnesAreNotRun() {
        EmbeddedRun run = started(RunScript.of(
                StepScript.named("Fails").ending("FAILED").lasting(Duration.ofMinutes(1)),
                StepScript.named("Beside").parallel().lasting(Duration.ofMinutes(3)),
                StepScript.named("After")));
        clock.forward(Duration.ofMinutes(2));
        assertThat(state(run)).isEqualTo("IN_PROGRESS/RUNNING");
        assertThat(steps(run)).containsExactly("COMPLETED/FAILED", "IN_PROGRESS", "PENDING");
        clock.forward(Duration.ofMinutes(2));
        assertThat(state(run)).isEqualTo("COMPLETED/FAILED");
        assertThat(steps(run)).containsExactly("COMPLETED/FAILED", "COMPLETED/SUCCESSFUL", "COMPLETED/NOT_RUN");
        JsonNode notRun = client.get(stepPath(run, 2)).json();
        assertThat(notRun.has("started_on")).isFalse();
        assertThat(notRun.has("completed_on")).isTrue();
    }

    @Test
    void stepCanStartAtAGivenTime() {
        EmbeddedRun run = started(RunScript.of(
                StepScript.named("Long").lasting(Duration.ofMinutes(10)),
                StepScript.named("Later").startingAt(Duration.ofMinutes(5)).lasting(Duration.ofMinutes(1))));
        clock.forward(Duration.ofSeconds(331));
        assertThat(steps(run)).containsExactly("IN_PROGRESS", "IN_PROGRESS");
    }

    @Test
    void manualStepPausesTheRunUntilItIsStarted() {
        EmbeddedRun run = started(RunScript.of(
                StepScript.named("Build"),
                StepScript.named("Deploy").manual(Duration.ofHours(2)).lasting(Duration.ofHours(1))));
        clock.forward(Duration.ofHours(1));
        assertThat(state(run)).isEqualTo("IN_PROGRESS/PAUSED");
        assertThat(steps(run)).containsExactly("COMPLETED/SUCCESSFUL", "PENDING/PAUSED");
        assertThat(client.get(stepPath(run, 1)).json().at("/trigger/type").asText())
                .isEqualTo("pipeline_step_trigger_manual");
        clock.forward(Duration.ofMinutes(90));
        assertThat(state(run)).isEqualTo("IN_PROGRESS/RUNNING");
        clock.forward(Duration.ofHours(1));
        assertThat(state(run)).isEqualTo("COMPLETED/SUCCESSFUL");
    }

    @Test
    void manualStepAndHaltLastForEverByDefault() {
        EmbeddedRun paused = started(RunScript.of(
                StepScript.named("Build"), StepScript.named("Deploy").manual()));
        EmbeddedRun halted = started(RunScript.successful().halted());
        clock.forward(Duration.ofDays(30));
        assertThat(state(paused)).isEqualTo("IN_PROGRESS/PAUSED");
        assertThat(paused.endsOn()).isEmpty();
        assertThat(state(halted)).isEqualTo("IN_PROGRESS/HALTED");
        assertThat(steps(halted)).containsExactly("PENDING", "PENDING");
    }

    @Test
    void haltCanEnd() {
        EmbeddedRun run = started(RunScript.successful().halted(Duration.ofMinutes(5)));
        clock.forward(Duration.ofMinutes(4));
        assertThat(state(run)).isEqualTo("IN_PROGRESS/HALTED");
        clock.forward(Duration.ofMinutes(2));
        assertThat(state(run)).isEqualTo("COMPLETED/SUCCESSFUL");
    }

    @Test
    void runOfAnInvalidFileHasNoStepsAndEndsBeforeItsCreation() {
        EmbeddedRun run = started(RunScript.broken());
        clock.forwardMillis(50);
        JsonNode json = client.get(runPath(run)).json();
        assertThat(describe(json.get("state"))).isEqualTo("COMPLETED/FAILED");
        assertThat(json.get("duration_in_seconds").asInt()).isZero();
        assertThat(Duration.between(
                        OffsetDateTime.parse(json.get("created_on").asText()),
                        OffsetDateTime.parse(json.get("completed_on").asText())))
                .isEqualTo(Duration.ofMillis(-16));
        assertThat(steps(run)).isEmpty();
    }

    @Test
    void errorHasKeyAndMessage() {
        EmbeddedRun run = started(RunScript.error("no.definition", "No matching pipeline definition"));
        clock.forwardMillis(50);
        assertThat(client.get(runPath(run))
                        .json()
                        .at("/state/result/error/message")
                        .asText())
                .isEqualTo("No matching pipeline definition");
    }

    @Test
    void unknownStateCanBeReportedForAnInterval() {
        EmbeddedRun run = started(RunScript.successful()
                .lasting(Duration.ofMinutes(2))
                .showing(Duration.ofSeconds(10), Duration.ofSeconds(20), ScriptedState.inStage("THAWING", "SLOWLY")));
        clock.forward(Duration.ofSeconds(10));
        assertThat(state(run)).isEqualTo("THAWING/SLOWLY");
        clock.forward(Duration.ofSeconds(10));
        assertThat(state(run)).isNotEqualTo("THAWING/SLOWLY");
    }

    @Test
    void scriptIsScaledToTheNanosecond() {
        Duration odd = Duration.ofSeconds(61, 7);
        EmbeddedRun run =
                started(RunScript.successful().then(StepScript.named("Third")).lasting(odd));
        assertThat(run.endsOn()).contains(run.createdOn().plus(odd));
    }

    @Test
    void stopTakesEffectAfterADelay() {
        EmbeddedRun run = started(RunScript.of(
                        StepScript.named("Build"),
                        StepScript.named("Test").lasting(Duration.ofMinutes(9)),
                        StepScript.named("Deploy"))
                .stopping(Duration.ofSeconds(3)));
        clock.forward(Duration.ofMinutes(1));
        assertThat(client.post(runPath(run) + "/stopPipeline", "").status()).isEqualTo(204);
        assertThat(state(run)).isEqualTo("IN_PROGRESS/RUNNING");
        clock.forward(Duration.ofSeconds(3));
        assertThat(state(run)).isEqualTo("COMPLETED/STOPPED");
        assertThat(steps(run)).containsExactly("COMPLETED/SUCCESSFUL", "COMPLETED/STOPPED", "COMPLETED/NOT_RUN");
        assertThat(client.get(runPath(run))
                        .json()
                        .at("/state/result/terminator/uuid")
                        .asText())
                .isEqualTo(bitbucket.account().uuid());

        Client.Reply again = client.post(runPath(run) + "/stopPipeline", "");
        assertThat(again.status()).isEqualTo(400);
        assertThat(again.detail())
                .isEqualTo("Cannot stop pipeline result that is already complete with status STOPPED");
        assertThat(run.stopRequests()).isEqualTo(2);
    }

    @Test
    void queuedRunCanBeStopped() {
        EmbeddedRun run = started(RunScript.successful().pending(Duration.ofHours(1)));
        clock.forward(Duration.ofMinutes(1));
        client.post(runPath(run) + "/stopPipeline", "");
        clock.forward(Duration.ofMinutes(1));
        assertThat(steps(run)).containsOnly("COMPLETED/NOT_RUN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PAUSED", "HALTED"})
    void heldRunIgnoresAStop(String stage) {
        StepScript deploy = StepScript.named("Deploy");
        EmbeddedRun run = started(RunScript.of(stage.equals("PAUSED") ? deploy.manual() : deploy.halted()));
        clock.forward(Duration.ofMinutes(1));
        assertThat(client.post(runPath(run) + "/stopPipeline", "").status()).isEqualTo(204);
        clock.forward(Duration.ofMinutes(9));
        assertThat(state(run)).isEqualTo("IN_PROGRESS/" + stage);
    }

    @Test
    void runIsFoundByNumberAndByUuid() {
        EmbeddedRun run = started(RunScript.successful());
        String bare = run.uuid().substring(1, 37);
        String repository = "/repositories/" + encoded(shop.workspaceUuid()) + "/" + encoded(shop.uuid());

        assertThat(client.get(repository + "/pipelines/%7B" + bare + "%7D/")
                        .json()
                        .get("build_number")
                        .asInt())
                .isEqualTo(1);
        assertThat(client.get("/repositories/%7B%7D/" + encoded(shop.uuid()) + "/pipelines/1")
                        .status())
                .isEqualTo(200);
        Client.Reply withoutBraces = client.get(PIPELINES + "/" + bare);
        assertThat(withoutBraces.status()).isEqualTo(404);
        assertThat(withoutBraces.detail()).isEqualTo("The value provided is not a valid uuid.");
        assertThat(client.get(PIPELINES + "/99").detail())
                .isEqualTo("Pipeline with build number '99' not found in repository " + shop.uuid());
    }

    private static String encoded(String uuid) {
        return uuid.replace("{", "%7B").replace("}", "%7D");
    }

    @Test
    void timesHaveThreeToNineDigitsAndEitherOffset() {
        List<String> times = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            times.add(client.get(runPath(started(RunScript.successful())))
                    .json()
                    .get("created_on")
                    .asText());
        }
        assertThat(times)
                .contains("2026-11-23T10:00:00.000Z", "2026-11-23T10:00:00.000000000+00:00")
                .allSatisfy(time ->
                        assertThat(OffsetDateTime.parse(time).toInstant()).isEqualTo(clock.instant()));
    }

    @Test
    void runsOfOtherUsersAndThePastCanBeAdded() {
        shop.history("main", Optional.of("deploy"), List.of(Duration.ofMinutes(4), Duration.ofMinutes(6)));
        EmbeddedRun pushed = shop.push("main", RunScript.successful());
        Instant monday = Instant.parse("2026-11-16T03:00:00Z");
        shop.place(
                "SCHEDULED",
                "main",
                Optional.empty(),
                EmbeddedAccount.person("Night"),
                monday,
                RunScript.ending("FAILED"));

        assertThat(bitbucket.created()).isZero();
        assertThat(shop.runs())
                .extracting(run -> run.state().name())
                .containsExactly("COMPLETED", "COMPLETED", "PARSING", "COMPLETED");
        assertThat(client.get(runPath(pushed)).json().at("/trigger/type").asText())
                .isEqualTo("pipeline_trigger_push");
        JsonNode first = client.get(PIPELINES + "/1").json();
        assertThat(Duration.between(
                        OffsetDateTime.parse(first.get("created_on").asText()),
                        OffsetDateTime.parse(first.get("completed_on").asText())))
                .isEqualTo(Duration.ofMinutes(4));
    }
}
