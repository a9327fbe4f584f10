package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The goal {@code rerun}: target, definition and commit of an earlier run once more, as a new run. */
class RerunGoalTest {
    private static final String OTHER = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private static final RunScript FOR_EVER =
            RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(9)));

    private final GoalHarness maven;

    RerunGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    @BeforeEach
    void repositoryHasTwoPipelines() {
        maven.shop().customPipeline("deploy").customPipeline("nightly");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    /** Lets a run end, and the branch move on. */
    private void earlier(String trigger, Optional<String> pipeline, RunScript script) {
        maven.shop()
                .place(
                        trigger,
                        "main",
                        pipeline,
                        EmbeddedAccount.person("Another Person"),
                        maven.time().instant(),
                        script);
        maven.time().forward(Duration.ofHours(1));
        maven.shop().branch("main", OTHER);
    }

    private void failedDeployment() {
        earlier("MANUAL", Optional.of("deploy"), RunScript.ending("FAILED"));
    }

    private static String json(Response response) throws IOException {
        byte[] bytes = response.bytes();
        return new String(
                "gzip".equals(response.headers().get("Content-Encoding"))
                        ? new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes()
                        : bytes,
                StandardCharsets.UTF_8);
    }

    private static Response with(Response response, String json) {
        Map<String, String> headers = new HashMap<>(response.headers());
        headers.remove("Content-Encoding");
        return new Response(
                200, headers, Response.of(200, "application/json", json).body());
    }

    private JsonNode sent() throws IOException {
        return new ObjectMapper().readTree(maven.triggers().get(0).body());
    }

    @Test
    void failedRunIsRepeatedWithItsTargetPipelineAndCommit() throws IOException {
        failedDeployment();
        maven.property("bitbucket.number", "42");

        GoalResult result = maven.execute("rerun");

        assertThat(result.passed())
                .contains(
                        "[INFO] Repeating pipeline #42 deploy on branch main of acme/shop, FAILED (number)",
                        "[INFO] https://bitbucket.org/acme/shop/pipelines/results/42",
                        "[INFO] Pipeline #43 deploy on branch main at 5f0c1d2e3f40 of acme/shop is SUCCESSFUL");
        assertThat(sent().at("/target/ref_name").asText()).isEqualTo("main");
        assertThat(sent().at("/target/commit/hash").asText()).isEqualTo(GoalHarness.HEAD);
        assertThat(sent().at("/target/selector").toString()).isEqualTo("{\"type\":\"custom\",\"pattern\":\"deploy\"}");
        assertThat(maven.triggers()).hasSize(1);
        assertThat(maven.written("default-cli.json")).contains("\"number\" : 43", "\"result\" : \"SUCCESSFUL\"");
        assertThat(maven.session().getProjects().get(0).getProperties()).containsEntry("bitbucket.run.number", "43");
    }

    @Test
    void newRunThatFailsFailsTheBuild() {
        failedDeployment();
        maven.shop().next(RunScript.ending("FAILED"));
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("rerun").failure()).contains("#43", "ended FAILED");
    }

    @Test
    void variablesAreThoseOfTheConfigurationAndAWarningSaysSo() throws IOException {
        failedDeployment();
        maven.property("bitbucket.number", "42")
                .property("bitbucket.variable.VERSION", "7")
                .property("bitbucket.securedVariable.PIN", "none-may-show-4711")
                .secret("none-may-show-4711");

        assertThat(maven.execute("rerun").warnings())
                .contains("does not return the variables of #42", "configuration: ", "VERSION", "PIN")
                .contains("does not show whether #42 was an on-demand pipeline");
        assertThat(maven.shop().lastRun().variable("VERSION")).hasValue("7");
    }

    @ParameterizedTest
    @CsvSource({"MANUAL, true", "SCHEDULED, true", "PUSH, false"})
    void runThatMayHaveHadVariablesIsAWarning(String trigger, boolean isWarning) {
        earlier(trigger, Optional.empty(), RunScript.ending("FAILED"));
        maven.property("bitbucket.number", "42");

        GoalResult result = maven.execute("rerun");

        result.passed();
        assertThat(result.warnings().contains("the new run has none")).isEqualTo(isWarning);
    }

    @Test
    void runOfAPushIsRepeatedWithItsOwnDefinition() throws IOException {
        earlier("PUSH", Optional.empty(), RunScript.ending("FAILED").definition("branches", "ma*"));
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute("rerun").passed())
                .contains("[INFO] Repeating pipeline #42 on branch main of acme/shop, FAILED"
                        + " (the newest of branch main of acme/shop)");
        assertThat(sent().at("/target/selector").toString()).isEqualTo("{\"type\":\"branches\",\"pattern\":\"ma*\"}");
        assertThat(sent().at("/target/commit/hash").asText()).isEqualTo(GoalHarness.HEAD);
    }

    @Test
    void newestRunOfThePipelineIsRepeated() {
        failedDeployment();
        earlier("MANUAL", Optional.of("nightly"), RunScript.successful());
        maven.property("bitbucket.pipeline", "deploy");

        assertThat(maven.execute("rerun").passed()).anyMatch(line -> line.contains("Repeating pipeline #42 deploy"));
    }

    @Test
    void runOfATagIsRepeated() throws IOException {
        maven.property("bitbucket.tag", "v1.0.0").execute("run").passed();
        maven.shop().tag("v1.0.0", OTHER);

        maven.newBuild().execute("rerun").passed();

        JsonNode body = new ObjectMapper().readTree(maven.triggers().get(1).body());
        assertThat(body.at("/target/ref_type").asText()).isEqualTo("tag");
        assertThat(body.at("/target/commit/hash").asText()).isEqualTo(GoalHarness.HEAD);
    }

    @Test
    void runOfACommitIsRepeated() throws IOException {
        maven.shop().commit(OTHER);
        maven.property("bitbucket.commit", OTHER)
                .property("bitbucket.pipeline", "deploy")
                .execute("run")
                .passed();

        maven.newBuild().execute("rerun").passed();

        JsonNode body = new ObjectMapper().readTree(maven.triggers().get(1).body());
        assertThat(body.at("/target/type").asText()).isEqualTo("pipeline_commit_target");
        assertThat(body.at("/target/commit/hash").asText()).isEqualTo(OTHER);
        assertThat(body.at("/target/selector/pattern").asText()).isEqualTo("deploy");
    }

    @Test
    void runOfAPullRequestIsRepeatedWithItsOwnCommit() throws IOException {
        maven.shop().pullRequest(7, "feature", OTHER, "main", GoalHarness.HEAD);
        maven.property("bitbucket.pullRequest", "7").execute("run").passed();
        maven.shop().commit(OTHER).pullRequest(7, "feature", "b".repeat(40), "main", GoalHarness.HEAD);

        GoalResult result = maven.newBuild()
                .without("bitbucket.pullRequest")
                .property("bitbucket.number", "42")
                .execute("rerun");

        assertThat(result.passed()).anyMatch(line -> line.contains("#43 on pull request 7 at aaaaaaaaaaaa"));
        JsonNode body = new ObjectMapper().readTree(maven.triggers().get(1).body());
        assertThat(body.at("/target/type").asText()).isEqualTo("pipeline_pullrequest_target");
        assertThat(body.at("/target/commit/hash").asText()).isEqualTo(OTHER);
        assertThat(body.at("/target/pullrequest/id").asInt()).isEqualTo(7);
    }

    @Test
    void unfinishedRerunOfAPullRequestIsNotTriggeredTwice() {
        maven.shop().pullRequest(7, "feature", OTHER, "main", GoalHarness.HEAD);
        maven.property("bitbucket.pullRequest", "7").execute("run").passed();
        maven.without("bitbucket.pullRequest").property("bitbucket.number", "42");
        maven.shop().next(FOR_EVER);
        maven.newBuild().property("bitbucket.timeout", "1m").execute("rerun").failure();

        assertThat(maven.newBuild().execute("rerun").failure())
                .contains(
                        "Pipeline #43 on pull request 7",
                        "Execution 'default-cli' triggered it, or waited for it, before");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runOfAReceiptIsRepeated() {
        maven.shop().next(RunScript.ending("FAILED"));
        maven.project(GoalHarness.execution("release", "run", "<branch>main</branch>"))
                .newBuild()
                .execute("run", "root", "release")
                .failure();

        assertThat(maven.newBuild()
                        .property("bitbucket.receipt", "release")
                        .execute("rerun")
                        .passed())
                .anyMatch(line -> line.contains("Repeating pipeline #42") && line.contains("release.json"));
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void runOfItsOwnReceiptIsRepeated() throws IOException {
        failedDeployment();
        maven.property("bitbucket.number", "42").execute("rerun").passed();

        maven.newBuild().without("bitbucket.number").property("bitbucket.receipt", "default-cli");

        assertThat(maven.execute("rerun").passed()).anyMatch(line -> line.contains("Repeating pipeline #43 deploy"));
        assertThat(maven.written("default-cli.json")).contains("\"number\" : 44");
    }

    @Test
    void receiptOfSeveralRunsIsRefusedAndOneOfThemIsRepeated() {
        maven.project(GoalHarness.execution(
                        "release",
                        "run",
                        "<branch>main</branch><runs><run><id>api</id></run><run><id>web</id></run></runs>"))
                .newBuild()
                .execute("run", "root", "release")
                .passed();

        assertThat(maven.newBuild()
                        .property("bitbucket.receipt", "release")
                        .execute("rerun")
                        .error())
                .contains("Parameter 'receipt'", "several runs", "-Dbitbucket.receipt=release.ID");
        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.newBuild()
                        .property("bitbucket.receipt", "release.web")
                        .execute("rerun")
                        .passed())
                .anyMatch(line -> line.contains("Repeating pipeline #") && line.contains("release.web.json"));
    }

    @Test
    void withoutASelectionNothingIsTriggered() {
        failedDeployment();

        assertThat(maven.execute("rerun").error()).contains("Parameter 'number'", "which run is to be repeated");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void runThatIsNotThereIsAnError() {
        maven.property("bitbucket.number", "4711");
        assertThat(maven.execute("rerun").error()).contains("4711");

        maven.without("bitbucket.number").property("bitbucket.branch", "main");
        assertThat(maven.newBuild().execute("rerun").error()).contains("No run of branch main");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void numberOfARunThatTheOtherParametersDoNotNameIsAnError() {
        failedDeployment();
        maven.property("bitbucket.number", "42").property("bitbucket.pipeline", "nightly");

        assertThat(maven.execute("rerun").error()).contains("Parameter 'number'", "#42 is not a run of nightly");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"number, 42", "branch, main"})
    void unfinishedRunIsNotRepeated(String parameter, String value) {
        maven.shop().push("main", FOR_EVER);
        maven.time().forward(Duration.ofMinutes(1));
        maven.property("bitbucket." + parameter, value);

        assertThat(maven.execute("rerun").failure())
                .contains(
                        "Pipeline #42 on branch main of acme/shop has not ended: it is IN_PROGRESS",
                        "To wait for it: ",
                        "\"-Dbitbucket.onUnfinished=start\"");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void unfinishedRunIsUsedOrRepeatedWhereConfigured() {
        maven.shop().push("main", RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(30))));
        maven.time().forward(Duration.ofMinutes(1));
        maven.property("bitbucket.number", "42").property("bitbucket.onUnfinished", "start");

        maven.execute("rerun").passed();
        assertThat(maven.triggers()).hasSize(1);

        GoalResult waited =
                maven.newBuild().property("bitbucket.onUnfinished", "wait").execute("rerun");
        assertThat(waited.passed())
                .contains("[INFO] Pipeline #42 on branch main at 5f0c1d2e3f40 of acme/shop is SUCCESSFUL");
        assertThat(waited.warnings()).contains("it is used instead of a new run (onUnfinished=wait)");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void childPipelineIsRefusedAndItsParentNamed() {
        earlier("MANUAL", Optional.of("deploy"), RunScript.ending("FAILED"));
        maven.shop().branch("main", GoalHarness.HEAD);
        earlier("PARENT_STEP", Optional.of("nightly"), RunScript.ending("FAILED"));
        maven.property("bitbucket.number", "43");

        assertThat(maven.execute("rerun").error())
                .contains("#43", "child pipeline", "#42", ":rerun \"-Dbitbucket.number=42\"");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "selector | does not name its pipeline",
                "commit   | does not name its commit",
                "ref_name | does not name its target"
            })
    void runOfWhichSomethingIsNotKnownIsRefused(String lacking, String reason) {
        failedDeployment();
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return request.path().endsWith("/pipelines/42")
                    ? with(response, json(response).replace("\"" + lacking + "\"", "\"unknown\""))
                    : response;
        });
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("rerun").error()).contains("#42", reason, "Nothing was triggered");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void definitionThatIsNoneOfTheFileIsRefused() {
        earlier("MANUAL", Optional.empty(), RunScript.ending("FAILED").definition("on-demand", "x"));
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("rerun").error()).contains("#42", "'on-demand: x'", "Nothing was triggered");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void lostResponseDoesNotTriggerTwice() {
        failedDeployment();
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (request.method().equals("POST")) {
                throw new IOException("The response is lost");
            }
            return response;
        });
        maven.property("bitbucket.number", "42");

        GoalResult result = maven.execute("rerun");

        assertThat(result.error()).contains("#43", "-Dbitbucket.number=43");
        assertThat(result.warnings()).contains("response to the trigger was lost");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void busyPipelineIsRespected() {
        failedDeployment();
        maven.shop()
                .place(
                        "MANUAL",
                        "main",
                        Optional.of("deploy"),
                        EmbeddedAccount.person("Another Person"),
                        maven.time().instant(),
                        FOR_EVER);
        maven.property("bitbucket.number", "42").property("bitbucket.onBusy", "fail");

        assertThat(maven.execute("rerun").ending()).contains("onBusy=fail", "#43");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void executionOfSeveralModulesRunsOnceAndIsSkippedByItsOwnProperty() {
        failedDeployment();
        maven.project("<modules><module>a</module></modules>"
                        + GoalHarness.execution("again", "rerun", "<number>42</number>"))
                .module("a", "")
                .newBuild();

        maven.execute("rerun", "root", "again").passed();
        maven.execute("rerun", "a", "again").passed();
        assertThat(maven.triggers()).hasSize(1);

        maven.newBuild().property("bitbucket.skip.rerun", "true");
        assertThat(maven.execute("rerun", "root", "again").passed())
                .contains("[INFO] Skipped: bitbucket.skip.rerun is true.");
        assertThat(maven.triggers()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"number, 42", "branch, main", "pipeline, deploy"})
    void rehearsalRepeatsARunThatItHasMadeUp(String parameter, String value) {
        maven.property("bitbucket." + parameter, value).property("bitbucket.rehearse", "true");

        GoalResult result = maven.execute("rerun");

        assertThat(result.passed())
                .anyMatch(line -> line.contains("[rehearsal] Repeating pipeline #5"))
                .anyMatch(line -> line.contains("[rehearsal] Triggered pipeline #6"));
        assertThat(result.warnings()).contains("goal rerun was rehearsed");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void onDemandRunIsRepeatedWithItsFileOnly() throws IOException {
        Files.writeString(
                maven.root().resolve("release.yml"), "pipelines:\n  default:\n    - step:\n        script: [a]\n");
        maven.property("bitbucket.branch", "main").property("bitbucket.pipelineFile", "release.yml");
        maven.execute("run").passed();
        maven.newBuild()
                .without("bitbucket.pipelineFile")
                .without("bitbucket.branch")
                .property("bitbucket.number", "42");

        assertThat(maven.execute("rerun").error())
                .contains("it was an on-demand pipeline, of release.yml (SHA-256 ")
                .contains("Nothing was triggered.")
                .contains("-Dbitbucket.pipelineFile");
        assertThat(maven.triggers()).hasSize(1);

        maven.newBuild().property("bitbucket.pipelineFile", "release.yml");
        maven.execute("rerun").passed();
        assertThat(maven.triggers()).hasSize(2);
        assertThat(maven.triggers().get(1).body())
                .isEqualTo(maven.triggers().get(0).body());
    }
}
