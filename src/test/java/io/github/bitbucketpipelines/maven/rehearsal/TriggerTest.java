package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TriggerTest extends EmbeddedBitbucketTestBase {

    private static final String UNKNOWN = "9999999999999999999999999999999999999999";

    private static String ref(String type, String name, String more) {
        return "{'target':{'type':'pipeline_ref_target','ref_type':'%s','ref_name':'%s'%s}}"
                .formatted(type, name, more)
                .replace('\'', '"');
    }

    private static String target(String properties) {
        return ("{'target':{" + properties + "}}").replace('\'', '"');
    }

    @Test
    void triggeredRunIsParsingWithoutASelector() {
        Client.Reply reply = client.post(PIPELINES, TRIGGER_MAIN);

        assertThat(reply.status()).isEqualTo(201);
        JsonNode run = reply.json();
        assertThat(run.at("/state/name").asText()).isEqualTo("PARSING");
        assertThat(run.at("/state/type").asText()).isEqualTo("pipeline_state_parsing");
        assertThat(run.at("/state/stage/type").asText()).isEqualTo("pipeline_state_parsing_parsing");
        assertThat(run.at("/target/selector").isNull()).isTrue();
        assertThat(run.get("build_number").asInt()).isEqualTo(1);
        assertThat(run.at("/trigger/name").asText()).isEqualTo("MANUAL");
        assertThat(run.at("/creator/uuid").asText())
                .isEqualTo(bitbucket.account().uuid());
        assertThat(run.at("/target/commit/hash").asText()).isEqualTo(MAIN);
        assertThat(run.get("completed_on").isNull()).isTrue();
        assertThat(client.get(reply.header("Location")).json().get("uuid")).isEqualTo(run.get("uuid"));
        assertThat(bitbucket.created()).isEqualTo(1);
    }

    @Test
    void trailingSlashIsIgnored() {
        assertThat(client.post(PIPELINES + "/", TRIGGER_MAIN).status()).isEqualTo(201);
    }

    @Test
    void requestedTagCommitAndCustomPipelineAreUsed() {
        client.post(PIPELINES, ref("tag", "v1", ""));
        assertThat(shop.lastRun().target().refType()).contains("tag");
        assertThat(shop.lastRun().target().commit()).isEqualTo(MAIN);

        client.post(PIPELINES, ref("branch", "main", ",'commit':{'type':'commit','hash':'" + FEATURE + "'}"));
        assertThat(shop.lastRun().target().commit())
                .as("Bitbucket does not check that it is on that branch")
                .isEqualTo(FEATURE);

        client.post(PIPELINES, ref("branch", "main", ",'selector':{'type':'custom','pattern':'deploy'}"));
        assertThat(shop.lastRun().target().customPipeline()).contains("deploy");
        clock.forwardMillis(60);
        assertThat(client.get(runPath(shop.lastRun()))
                        .json()
                        .at("/target/selector")
                        .toString())
                .isEqualTo("{\"type\":\"custom\",\"pattern\":\"deploy\"}");
    }

    private static final String YAML = "pipelines: {custom: {deploy: [{variables: [{name: A, allowed-values: [x, y]}]},"
            + " {step: {script: [x]}}]}}";
    private static final String ON_MAIN = "target.type=pipeline_ref_target&target.ref_type=branch&target.ref_name=main";
    private static final String DEPLOY = ON_MAIN + "&target.selector.type=custom&target.selector.pattern=deploy";

    private Client.Reply onDemand(String query, String yaml) {
        return client.postWithout(
                PIPELINES + "?" + query,
                yaml,
                "Content-Type",
                "application/yaml",
                "Authorization",
                "Bearer " + bitbucket.token());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "variables%5B0%5D.key=A&variables%5B0%5D.value=x",
                "variables%5b0%5d.value=x&variables%5b0%5d.key=A"
            })
    void onDemandPipelineIsTriggeredByItsYaml(String variables) {
        Client.Reply reply = onDemand(DEPLOY + "&" + variables, YAML);

        assertThat(reply.status()).isEqualTo(201);
        assertThat(shop.lastRun().definition()).contains(YAML);
        assertThat(shop.lastRun().target().customPipeline()).contains("deploy");
        assertThat(shop.lastRun().variables()).containsExactly(new Variable("A", "x", false));
    }

    /** The JDK's client accepts no URL with brackets, which curl sends as they are. */
    @Test
    void bracketsOfAnOnDemandPipelineMayBeRaw() throws Exception {
        URI api = bitbucket.apiUrl();
        try (Socket socket = new Socket(api.getHost(), api.getPort())) {
            byte[] body = YAML.getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream()
                    .write(("POST " + api.getPath() + PIPELINES + "?" + DEPLOY
                                    + "&variables[0].key=A&variables[0].value=y&variables[0].secured=true HTTP/1.1\r\nHost: "
                                    + api.getAuthority() + "\r\nAuthorization: Bearer " + bitbucket.token()
                                    + "\r\nContent-Type: application/yaml\r\nConnection: close\r\nContent-Length: "
                                    + body.length + "\r\n\r\n" + YAML)
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 201");
        }
        assertThat(shop.lastRun().variables()).containsExactly(new Variable("A", "y", true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ON_MAIN + "&target.ref_nam=main",
                ON_MAIN + "&target.ref_name=main",
                ON_MAIN + "&variables%5B1%5D.key=A&variables%5B1%5D.value=x",
                ON_MAIN + "&variables%5B0%5D.key=A",
                ON_MAIN + "&variables%5B0%5D.key=A&variables%5B0%5D.value=x&variables%5B0%5D.secured=yes",
                ON_MAIN + "&variables.0.key=A",
                "target.type=pipeline_commit_target&target.commit.hash=1111111111111111111111111111111111111111"
            })
    void onDemandPipelineNeedsItsParameters(String query) {
        Client.Reply reply = onDemand(query, YAML);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.detail()).isEqualTo("The request body contains invalid properties");
    }

    @Test
    void onDemandPipelineMustBeDefinedByItsYaml() {
        assertThat(onDemand(DEPLOY, "pipelines: [").detail()).isEqualTo("The supplied YAML is not valid");
        assertThat(onDemand(DEPLOY, "").detail()).isEqualTo("The supplied YAML is not valid");
        assertThat(onDemand(DEPLOY.replace("=deploy", "=other"), YAML).detail())
                .contains("Requested selector is not found");
        assertThat(onDemand(DEPLOY + "&variables%5B0%5D.key=A&variables%5B0%5D.value=z", YAML)
                        .detail())
                .contains("variable A is not among its allowed-values");
        shop.makeReadOnly("main");
        assertThat(onDemand(DEPLOY, YAML).status()).isEqualTo(403);
        assertThat(client.post(PIPELINES, TRIGGER_MAIN).status()).isEqualTo(201);
        assertThat(bitbucket.created()).isEqualTo(1);
    }

    @Test
    void commitTargetNeedsASelector() {
        String commit = "'type':'pipeline_commit_target','commit':{'hash':'" + MAIN + "'}";

        assertThat(client.post(PIPELINES, target(commit)).detail())
                .isEqualTo("The request body contains invalid properties");
        assertThat(client.post(PIPELINES, target(commit + ",'selector':{'type':'default'}"))
                        .status())
                .isEqualTo(201);
        assertThat(shop.lastRun().target().refName()).isEmpty();
    }

    @Test
    void pullRequestTargetIsBuiltFromItsResource() {
        JsonNode pullRequest =
                client.get("/repositories/acme/shop/pullrequests/7").json();
        String body = target("""
            'type':'pipeline_pullrequest_target','source':'%s','destination':'%s','commit':{'hash':'%s'},
            'destination_commit':{'hash':'%s'},'pullrequest':{'id':'7'},
            'selector':{'type':'pull-requests','pattern':'**'}\
            """.formatted(
                        pullRequest.at("/source/branch/name").asText(),
                        pullRequest.at("/destination/branch/name").asText(),
                        pullRequest.at("/source/commit/hash").asText(),
                        pullRequest.at("/destination/commit/hash").asText()));

        JsonNode run = client.post(PIPELINES, body).json();

        assertThat(run.at("/target/type").asText()).isEqualTo("pipeline_pullrequest_target");
        assertThat(run.at("/target/source").asText()).isEqualTo("feature/x");
        assertThat(run.at("/target/pullrequest/id").asInt()).isEqualTo(7);
        assertThat(shop.lastRun().target().pullRequest())
                .contains(new RunTarget.PullRequest(7, "feature/x", FEATURE, "main", MAIN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "destination", "commit", "destination_commit", "pullrequest"})
    void incompletePullRequestTargetIsRejected(String part) {
        String body = target("""
            'type':'pipeline_pullrequest_target','source':'feature/x','destination':'main',
            'commit':{'hash':'%s'},'destination_commit':{'hash':'%s'},'pullrequest':{'id':7}\
            """.formatted(FEATURE, MAIN));
        assertThat(client.post(PIPELINES, body).status()).isEqualTo(201);

        Client.Reply reply = client.post(PIPELINES, body.replace('"' + part + "\":", "\"other\":"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.detail()).isEqualTo("The request body contains invalid properties");
    }

    @Test
    void backendErrorHasADetailAndNoType() {
        Client.Reply reply =
                client.post(PIPELINES, ref("branch", "main", ",'selector':{'type':'custom','pattern':'nope'}"));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().has("type")).isFalse();
        assertThat(reply.json().at("/error/message").asText()).isEqualTo("Bad request");
        assertThat(reply.detail()).isEqualTo("Requested selector is not found in bitbucket-pipelines.yml.");
        assertThat(bitbucket.created()).isZero();
        assertThat(shop.runs()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "branch | gone | ''                          | Could not find last reference for branch gone",
                "tag    | gone | ''                          | Could not find last reference for tag gone",
                "branch | main | ,'commit':{}                | Could not find the revision",
                "branch | main | ,'commit':{'hash':''}       | Could not find the revision",
                "branch | main | ,'commit':{'hash':'1111111'}| Could not find the revision",
                "branch | main | ,'commit':{'hash':'" + UNKNOWN + "'} | Could not find the revision"
            },
            quoteCharacter = '~')
    void missingRefsAreNotFound(String type, String name, String more, String detail) {
        Client.Reply reply = client.post(PIPELINES, ref(type, name, more.equals("''") ? "" : more));

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.json().at("/error/message").asText()).isEqualTo("Not found");
        assertThat(reply.detail()).isEqualTo(detail);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'target':null}",
                "{'target':{}}",
                "{'target':{'ref_type':'branch','ref_name':'main'}}",
                "{'target':{'type':'pipeline_ref_target','ref_type':'head','ref_name':'main'}}",
                "{'target':{'type':'pipeline_ref_target','ref_type':'branch'}}",
                "{'target':{'type':'pipeline_ref_target','ref_type':'branch','ref_name':'main',"
                        + "'selector':{'type':'custom'}}}",
                "{'target':{'type':'pipeline_ref_target','ref_type':'branch','ref_name':'main',"
                        + "'selector':{'type':'weekly','pattern':'x'}}}"
            })
    void invalidPropertiesAreRejected(String body) {
        Client.Reply reply = client.post(PIPELINES, body.replace('\'', '"'));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.detail()).isEqualTo("The request body contains invalid properties");
        assertThat(bitbucket.created()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'KEY':'value'}", "[{'key':'1ST','value':'x'}]", "[{'key':'A-B','value':'x'}]",
                        "[{'key':'','value':'x'}]",
                "[{'value':'x'}]", "[{'key':'A'}]", "[{'key':'A','value':1}]", "[{'key':'A','value':null}]",
                "[{'key':'A','value':'x','secured':'yes'}]", "['A=x']"
            })
    void malformedVariablesAreRejected(String variables) {
        String body = TRIGGER_MAIN
                .replaceFirst("}$", ",'variables':" + variables + "}")
                .replace('\'', '"');

        assertThat(client.post(PIPELINES, body).status()).isEqualTo(400);
    }

    @Test
    void variablesAreKeptForTestsButNotReturned() throws Exception {
        String value = "a \"b\"\n=&\uD83D\uDE80";
        var body = Client.JSON.readTree(TRIGGER_MAIN).deepCopy();
        var variables = ((com.fasterxml.jackson.databind.node.ObjectNode) body).putArray("variables");
        variables.addObject().put("key", "TEXT").put("value", value);
        variables.addObject().put("key", "EMPTY").put("value", "").put("secured", true);

        Client.Reply reply = client.post(PIPELINES, body.toString());

        EmbeddedRun run = shop.lastRun();
        assertThat(run.variables())
                .containsExactly(new Variable("TEXT", value, false), new Variable("EMPTY", "", true));
        assertThat(run.variable("TEXT")).contains(value);
        assertThat(reply.json().has("variables")).isFalse();
        assertThat(client.get(runPath(run) + "?fields=%2Bvariables").json().has("variables"))
                .isFalse();
        assertThat(reply.json().get("has_variables").asBoolean()).isFalse();
    }

    @Test
    void bodyMustBeJsonWithItsContentType() {
        String authorization = "Bearer " + bitbucket.token();

        assertThat(client.post(PIPELINES, TRIGGER_MAIN + "}")
                        .json()
                        .at("/error/data/key")
                        .asText())
                .isEqualTo("unexpected.response.body");
        assertThat(client.post(PIPELINES, "").status()).isEqualTo(400);
        assertThat(client.postWithout(
                                PIPELINES, TRIGGER_MAIN, "Authorization", authorization, "Content-Type", "text/plain")
                        .status())
                .isEqualTo(400);
        assertThat(bitbucket.created()).isZero();
    }

    @Test
    void triggerIsRejectedIfPipelinesIsDisabled() {
        shop.pipelinesEnabled(false);

        assertThat(client.post(PIPELINES, TRIGGER_MAIN).status()).isEqualTo(400);
    }

    @Test
    void equalTriggersCreateSeparateRuns() {
        shop.nextBuildNumber(41);
        client.post(PIPELINES, TRIGGER_MAIN);
        client.post(PIPELINES, TRIGGER_MAIN);

        assertThat(shop.runs()).extracting(EmbeddedRun::buildNumber).containsExactly(41, 42);
        assertThat(bitbucket.created()).isEqualTo(2);
    }

    @Test
    void everythingExistsDoesNotIncludeCustomPipelines() {
        bitbucket.repository("acme", "any").everythingExists();

        String path = "/repositories/acme/any/pipelines";
        assertThat(client.post(path, ref("tag", "whatever", "")).status()).isEqualTo(201);
        assertThat(client.post(path, ref("branch", "main", ",'commit':{'hash':'" + UNKNOWN + "'}"))
                        .status())
                .isEqualTo(201);
        assertThat(client.get("/repositories/acme/any/pullrequests/5")
                        .json()
                        .at("/source/branch/name")
                        .asText())
                .isEqualTo("pull-request-5");
        assertThat(client.post(path, ref("branch", "main", ",'selector':{'type':'custom','pattern':'deploy'}"))
                        .status())
                .isEqualTo(400);
    }
}
