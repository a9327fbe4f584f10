package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
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
    void branchRunsItsDefinitionWithoutManualSteps() {
        assertThat(trigger("branch", "release/2", "").status()).isEqualTo(201);
        clock.forward(Duration.ofMillis(2500));
        assertThat(steps())
                .containsExactly(
                        "Build COMPLETED SUCCESSFUL", "Unit IN_PROGRESS ", "Browser IN_PROGRESS ", "- PENDING ");
        clock.forward(Duration.ofMillis(1500));
        assertThat(get("").at("/state/result/name").asText()).isEqualTo("SUCCESSFUL");
        assertThat(get("").at("/target/selector").toString())
                .isEqualTo("{\"type\":\"branches\",\"pattern\":\"release/*\"}");
        assertThat(logOfLastStep()).contains("rehearsal").contains("Omitted manual steps: Publish");
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
