package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameter {@code pipelineFile}: a file of the project that is sent with the trigger. */
class PipelineFileGoalTest {
    private static final String YAML = """
        pipelines:
          default:
            - step:
                name: Check it
                script: [echo größer]
          custom:
            deploy:
              - variables:
                  - name: REGION
                    default: eu
                    allowed-values: [eu, us]
                  - name: VALUE
                    default: ""
              - step:
                  name: Deploy it
                  script: [./deploy.sh]
        """;
    private static final String VALUE = "a-value-that-no-log-may-show";

    private final GoalHarness maven;

    PipelineFileGoalTest(@TempDir Path directory) throws IOException {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().file("bitbucket-pipelines.yml", "pipelines: {default: [{step: {script: [x]}}]}");
        file("ci/release.yml", YAML);
        maven.property("bitbucket.pipelineFile", "ci/release.yml");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private void file(String name, String text) throws IOException {
        Path file = maven.root().resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private RecordedRequest trigger() {
        return maven.triggers().get(maven.triggers().size() - 1);
    }

    private JsonNode receipt() throws IOException {
        return new ObjectMapper().readTree(maven.written("default-cli.json"));
    }

    private void nothingWasSent(String error, String... texts) {
        assertThat(error).contains(texts);
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void fileIsSentAsItIs(String goal) throws Exception {
        GoalResult result = maven.execute(goal);

        result.passed();
        assertThat(maven.bitbucket().created()).isOne();
        assertThat(maven.shop().lastRun().definition()).contains(YAML);
        assertThat(trigger().body()).isEqualTo(YAML);
        assertThat(trigger().header("Content-Type")).contains("application/yaml");
        assertThat(trigger().query())
                .isEqualTo("target.type=pipeline_ref_target&target.ref_type=branch&target.ref_name=main");
        String fingerprint = "ci/release.yml (SHA-256 " + sha256(YAML) + ")";
        assertThat(result.console())
                .contains("[INFO] Sent " + fingerprint
                        + " with the trigger: it is used instead of bitbucket-pipelines.yml, for this run alone");
        assertThat(receipt().at("/pipelineFile/name").asText()).isEqualTo("ci/release.yml");
        assertThat(receipt().at("/pipelineFile/sha256").asText()).isEqualTo(sha256(YAML));
    }

    @Test
    void pipelineAndVariablesAreParametersOfTheUrlThatNothingShows() throws Exception {
        maven.property("bitbucket.pipeline", "deploy")
                .property("bitbucket.variable.REGION", "us")
                .property("bitbucket.variable.VALUE", VALUE + " & größer=[x]");

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(maven.shop().lastRun().target().customPipeline()).contains("deploy");
        assertThat(maven.shop().lastRun().variable("VALUE")).contains(VALUE + " & größer=[x]");
        assertThat(maven.shop().lastRun().variable("REGION")).contains("us");
        assertThat(trigger().query()).contains("variables%5B0%5D.key=", VALUE).doesNotContain("[", "secured");
        assertThat(trigger().toString()).doesNotContain(VALUE);
        assertThat(result.console()).doesNotContain(VALUE, "variables%5B", "?target");
        for (String report : List.of("default-cli.json", "default-cli.html")) {
            assertThat(maven.written(report)).doesNotContain(VALUE, "variables%5B");
        }
        assertThat(maven.written("default-cli.html")).contains("ci/release.yml (SHA-256 " + sha256(YAML) + ")");
        // The command that triggers the same once more would run the repository's own pipeline.
        assertThat(receipt().at("/commands/logs").asText()).isNotEmpty();
        assertThat(receipt().at("/commands/again").isMissingNode()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"400,application/json", "502,text/html", "307,text/plain", "201,application/json"})
    void noFailureShowsTheUrl(int status, String type) {
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.variable.VALUE", VALUE);
        maven.property("bitbucket.timeout", "2m");
        maven.bitbucket().intercept((request, next) -> {
            if (!request.method().equals("POST")) {
                return next.proceed();
            }
            return Response.of(status, type, "{}")
                    .header("Location", maven.bitbucket().apiUrl() + "/x?" + request.query());
        });

        GoalResult result = maven.execute("run");

        assertThat(result.exception()).isPresent();
        assertThat(result.console() + result.exception().orElseThrow().getMessage())
                .doesNotContain(VALUE, "variables%5B");
    }

    @Test
    void connectionThatBreaksDoesNotShowTheUrl() {
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.variable.VALUE", VALUE);
        maven.bitbucket().intercept((request, next) -> {
            if (request.method().equals("POST")) {
                throw new IOException("a lost response");
            }
            return next.proceed();
        });

        GoalResult result = maven.execute("run");

        assertThat(result.exception().orElseThrow().getMessage()).contains("5 triggers were lost");
        assertThat(result.console() + result.exception().orElseThrow().getMessage())
                .doesNotContain(VALUE, "variables%5B");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "preflight"})
    void securedVariablesAreRefused(String goal) {
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.securedVariable.VALUE", VALUE);

        nothingWasSent(
                maven.execute(goal).error(),
                "Parameter 'securedVariables': with a pipelineFile",
                "VALUE can't be sent",
                "part of a URL");
    }

    @Test
    void securedVariablesOfThePomAreRefused() {
        maven.project(GoalHarness.execution(
                "release",
                "run",
                "<pipeline>deploy</pipeline><securedVariables><VALUE>" + VALUE + "</VALUE></securedVariables>"));

        nothingWasSent(maven.newBuild().execute("run", "root", "release").error(), "VALUE can't be sent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "preflight"})
    void longQueryIsRefusedBeforeAnythingIsSent(String goal) {
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.variable.VALUE", "ä".repeat(1_400));

        nothingWasSent(
                maven.execute(goal).error(),
                "Parameter 'pipelineFile' (-Dbitbucket.pipelineFile):",
                "at most 8000 are sent",
                "fewer or shorter variables");
    }

    @Test
    void queryOfEightThousandCharactersIsSent() {
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.variable.VALUE", "");
        maven.execute("trigger").passed();
        int rest = trigger().query().length();

        maven.newBuild().property("bitbucket.variable.VALUE", "x".repeat(8_000 - rest));
        maven.property("bitbucket.onUnfinished", "start").execute("trigger").passed();
        assertThat(trigger().query()).hasSize(8_000);

        maven.newBuild().property("bitbucket.variable.VALUE", "x".repeat(8_001 - rest));
        assertThat(maven.execute("trigger").error()).contains("8001 characters");
        assertThat(maven.bitbucket().created()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void brokenFileIsNotSent(String goal) throws IOException {
        file("ci/release.yml", "pipelines:\n  default: [\n");

        nothingWasSent(
                maven.execute(goal).error(),
                "Parameter 'pipelineFile' (-Dbitbucket.pipelineFile): ci/release.yml, line 3: it is not valid YAML");
    }

    @Test
    void fileMustBeInUtf8() throws IOException {
        Files.write(maven.root().resolve("ci/release.yml"), "# größer\n".getBytes(StandardCharsets.ISO_8859_1));

        nothingWasSent(maven.execute("run").error(), "ci/release.yml is not in UTF-8");
    }

    @Test
    void fileMustExist() {
        maven.property("bitbucket.pipelineFile", "ci/none.yml");

        nothingWasSent(maven.execute("run").error(), "ci/none.yml does not exist");
        nothingWasSent(maven.newBuild().execute("preflight").error(), "ci/none.yml does not exist");
    }

    @Test
    void directoryIsNoFile() {
        maven.property("bitbucket.pipelineFile", "ci");

        nothingWasSent(maven.execute("run").error(), "ci is not a file");
    }

    @Test
    void credentialInTheFileIsRefused() throws IOException {
        file("ci/release.yml", YAML + "# " + GoalHarness.API_TOKEN + "\n");

        nothingWasSent(maven.execute("run").error(), "ci/release.yml contains", "in the clear");
    }

    @Test
    void whatTheFileDoesNotDefineIsNotTriggered() {
        maven.property("bitbucket.pipeline", "deplyo");
        nothingWasSent(
                maven.execute("run").error(),
                "ci/release.yml has no pipeline 'deplyo' under custom: did you mean 'deploy'?");

        maven.newBuild().property("bitbucket.pipeline", "deploy").property("bitbucket.variable.REGION", "asia");
        nothingWasSent(maven.execute("run").error(), "Variable REGION has a value that the pipeline does not allow");

        maven.newBuild().without("bitbucket.pipeline").without("bitbucket.variable.REGION");
        maven.without("bitbucket.branch").property("bitbucket.tag", "v1.0.0");
        nothingWasSent(maven.execute("run").error(), "No definition of ci/release.yml is for tag v1.0.0");
    }

    @Test
    void definitionOfAPullRequestIsBitbucketsToSelect() throws IOException {
        file("ci/release.yml", "pipelines: {pull-requests: {'**': [{step: {script: [x]}}]}}");
        maven.shop().pullRequest(3, "topic", GoalHarness.HEAD, "main", GoalHarness.HEAD);

        maven.without("bitbucket.branch")
                .property("bitbucket.pullRequest", "3")
                .execute("run")
                .passed();

        assertThat(trigger().query())
                .contains("target.pullrequest.id=3", "target.selector.pattern=%2A%2A", "target.source=topic");
    }

    @Test
    void preflightChecksTheFileInsteadOfTheRepositorys() throws IOException {
        maven.property("bitbucket.pipeline", "deploy");
        GoalResult result = maven.execute("preflight");
        result.passed();
        assertThat(result.console())
                .contains("ci/release.yml can be read; it is used instead of bitbucket-pipelines.yml")
                .contains("Pipeline deploy is there")
                .contains("Whether the credentials may write to branch main: an on-demand pipeline requires it")
                .doesNotContain("bitbucket-pipelines.yml is there");
        assertThat(maven.bitbucket().requests())
                .noneMatch(request -> request.path().contains("/src/"));

        maven.newBuild().property("bitbucket.pipeline", "nightly");
        assertThat(maven.execute("preflight").failure())
                .contains("ci/release.yml has no pipeline 'nightly' under custom; it has deploy");

        file("ci/release.yml", "- a list\n");
        assertThat(maven.newBuild().execute("preflight").failure())
                .contains("ci/release.yml, line 1: the file must be a mapping");
        assertThat(maven.bitbucket().created()).isZero();
    }

    @Test
    void preflightReportsTheFileBesideABranchThatIsNotThere() {
        maven.property("bitbucket.branch", "none").property("bitbucket.pipeline", "nightly");

        assertThat(maven.execute("preflight").failure())
                .contains("There is no branch none")
                .contains("ci/release.yml has no pipeline 'nightly' under custom; it has deploy");
    }

    @Test
    void branchThatIsReadOnlyIsExplained() {
        maven.shop().makeReadOnly("main");

        assertThat(maven.execute("run").error())
                .contains("An on-demand pipeline also requires the permission to write to the branch");
        assertThat(maven.bitbucket().created()).isZero();
    }

    @Test
    void runOfALostResponseIsSearchedForAndNothingIsSentTwice() throws Exception {
        loseResponses();

        GoalResult result = maven.execute("run");

        assertThat(result.error()).contains("one run may be the one that it created", "#42");
        assertThat(maven.bitbucket().created()).isOne();
        assertThat(receipt().at("/pipelineFile/sha256").asText()).isEqualTo(sha256(YAML));
    }

    private void loseResponses() {
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (request.method().equals("POST")) {
                throw new IOException("a lost response");
            }
            return response;
        });
    }

    /** It is not documented what Bitbucket shows as the selector of an on-demand run. */
    @Test
    void runOfAnotherSelectorIsNeverTriggeredTwiceNorTakenForOurs() throws Exception {
        maven.shop().next(RunScript.successful().definition("custom", "on-demand"));
        loseResponses();

        assertThat(maven.execute("run").error()).contains("one run may be the one that it created", "#42");

        assertThat(maven.bitbucket().created()).isOne();
        assertThat(receipt().at("/outcome").asText()).isEqualTo("IN_DOUBT");
        assertThat(receipt().at("/pipelineFile/name").asText()).isEqualTo("ci/release.yml");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void intentOfAKilledBuildNamesTheFile(boolean isOfOtherSelector) throws Exception {
        RunScript script = RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10)));
        maven.shop().next(isOfOtherSelector ? script.definition("custom", "on-demand") : script);
        Path receipt = maven.outputDirectory().resolve("default-cli.json");
        AtomicReference<String> intent = new AtomicReference<>();
        maven.bitbucket().intercept((request, next) -> {
            if (request.method().equals("POST")) {
                intent.set(Files.readString(receipt));
            }
            return next.proceed();
        });
        maven.execute("trigger").passed();
        assertThat(intent.get()).contains("TRIGGERING", sha256(YAML));
        Files.writeString(receipt, intent.get());

        maven.newBuild().without("bitbucket.pipelineFile").without("bitbucket.branch");
        maven.project(GoalHarness.execution("later", "wait", "<receipt>default-cli</receipt>"));
        GoalResult result = maven.execute("wait", "root", "later");

        if (isOfOtherSelector) {
            assertThat(result.error()).contains("This run names another pipeline, but may be the one of", "#42");
        } else {
            result.passed();
            assertThat(maven.written("later.json")).contains(sha256(YAML));
            assertThat(maven.written("default-cli.json")).contains(sha256(YAML), "SUCCESSFUL");
        }
    }

    @Test
    void receiptKeepsTheFileWhenLaterGoalsWriteIt() throws Exception {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        maven.execute("trigger").passed();

        maven.newBuild().without("bitbucket.pipelineFile").without("bitbucket.branch");
        maven.project(GoalHarness.execution("later", "wait", "<receipt>default-cli</receipt>"));
        maven.execute("wait", "root", "later").passed();

        assertThat(receipt().at("/result").asText()).isEqualTo("SUCCESSFUL");
        assertThat(receipt().at("/pipelineFile/sha256").asText()).isEqualTo(sha256(YAML));
        assertThat(maven.written("later.json")).contains(sha256(YAML));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void unfinishedRunOfAnotherFileIsSaidToBeThat(String goal) throws Exception {
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10))));
        maven.execute("trigger").passed();
        file("ci/release.yml", YAML + "# changed\n");
        maven.newBuild().property("bitbucket.onUnfinished", "wait");

        GoalResult result = maven.execute(goal);

        result.passed();
        assertThat(result.warnings())
                .contains("It runs by ci/release.yml (SHA-256 " + sha256(YAML)
                        + "), and not by ci/release.yml (SHA-256 " + sha256(YAML + "# changed\n") + ")");
        assertThat(receipt().at("/pipelineFile/sha256").asText()).isEqualTo(sha256(YAML));
        assertThat(maven.bitbucket().created()).isOne();
    }

    @Test
    void rehearsalRunsTheStepsOfTheFile() throws Exception {
        file("bitbucket-pipelines.yml", "pipelines: {default: [{step: {name: Not this, script: [x]}}]}");
        maven.property("bitbucket.pipeline", "deploy").property("bitbucket.rehearse", "true");

        GoalResult result = maven.execute("run");

        result.passed();
        assertThat(result.console())
                .contains("Its steps are those of ci/release.yml", "Deploy it", "Sent ci/release.yml")
                .doesNotContain("Not this", "earlier runs");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void fileMayBeginWithAByteOrderMark() throws Exception {
        file("ci/release.yml", "\uFEFF" + YAML);

        maven.execute("run").passed();

        assertThat(maven.shop().lastRun().definition()).contains("\uFEFF" + YAML);
        assertThat(receipt().at("/pipelineFile/sha256").asText()).isEqualTo(sha256("\uFEFF" + YAML));
    }

    @Test
    void modulesOfOneExecutionMayHaveCopiesOfOneFile() throws Exception {
        modules(YAML);

        maven.execute("run", "root", "release").passed();
        maven.execute("run", "one", "release").passed();

        assertThat(maven.bitbucket().created()).isOne();
    }

    @Test
    void modulesOfOneExecutionMustSendTheSameFile() throws Exception {
        modules(YAML + "# changed\n");

        maven.execute("run", "root", "release").passed();

        nothingWasSent(
                maven.execute("run", "one", "release").error(),
                "pipelineFile (in root; in one)",
                "Nothing was triggered");
    }

    private void modules(String ofModule) throws IOException {
        maven.project(GoalHarness.execution("release", "run", "")).module("one", "");
        file("one/ci/release.yml", ofModule);
        maven.newBuild();
    }

    @Test
    void eachOfSeveralRunsMayHaveItsOwn() throws Exception {
        file("ci/other.yml", "pipelines: {default: [{step: {name: Other, script: [x]}}]}");
        maven.without("bitbucket.pipelineFile")
                .project(
                        GoalHarness.execution(
                                "release",
                                "run",
                                "<pipelineFile>ci/release.yml</pipelineFile><parallel>1</parallel><runs><run><id>a</id></run>"
                                        + "<run><id>b</id><needs>a</needs><pipelineFile>ci/other.yml</pipelineFile></run></runs>"));

        maven.newBuild().execute("run", "root", "release").passed();

        assertThat(maven.shop().runs())
                .extracting(run -> run.definition().orElseThrow())
                .containsExactly(YAML, Files.readString(maven.root().resolve("ci/other.yml")));
        assertThat(maven.written("release.a.json")).contains(sha256(YAML));
        assertThat(maven.written("release.b.json")).contains("\"name\" : \"ci/other.yml\"");
    }

    @ParameterizedTest
    @CsvSource({
        "<pipelineFile>ci/none.yml</pipelineFile>,ci/none.yml does not exist",
        "<pipeline>x</pipeline><pipelineFile>ci/release.yml</pipelineFile>,has no pipeline 'x'",
        "<pipelineFile>ci/release.yml</pipelineFile><securedVariables><KEY>x</KEY></securedVariables>,KEY can't be sent"
    })
    void runIsNamedWhoseFileIsWrong(String elements, String problem) {
        maven.without("bitbucket.pipelineFile")
                .project(GoalHarness.execution(
                        "release", "run", "<runs><run><id>a</id></run><run><id>b</id>" + elements + "</run></runs>"));

        nothingWasSent(maven.newBuild().execute("run", "root", "release").error(), "Run 'b': ", problem);
    }
}
