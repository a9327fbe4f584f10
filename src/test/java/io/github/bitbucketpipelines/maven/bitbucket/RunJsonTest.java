package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.State.ErrorDetail;
import io.github.bitbucketpipelines.maven.pipeline.State.Unfinished;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunJsonTest {
    private static final SecretMasker NONE = new SecretMasker(List.of());
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");
    private static final String HASH = "0123456789abcdef0123456789abcdef01234567";

    /** In the shape of Bitbucket's responses; names and numbers are made up. */
    static final String RUN = """
        {"type": "pipeline", "uuid": "{6d3a0a6e-6a0b-4c62-8f0c-111111111111}", "build_number": 42, "run_number": 1,
         "repository": {"type": "repository", "name": "Shop", "full_name": "acme/shop", "uuid": "{r}"},
         "state": {"name": "COMPLETED", "type": "pipeline_state_completed",
                   "result": {"name": "STOPPED", "type": "pipeline_state_completed_stopped",
                              "error": {"key": "k", "message": "m"},
                              "terminator": {"display_name": "Jane", "uuid": "{t}"}}},
         "target": {"type": "pipeline_ref_target", "ref_type": "branch", "ref_name": "feature/x",
                    "selector": {"type": "custom", "pattern": "deploy"},
                    "commit": {"type": "commit", "hash": "%s", "links": {}}},
         "trigger": {"name": "MANUAL", "type": "pipeline_trigger_manual"},
         "creator": {"type": "user", "uuid": "{c}", "display_name": "Jane", "links": {"self": {"href": "x"}}},
         "created_on": "2026-11-23T10:00:00.123456789Z", "completed_on": "2026-11-23T10:00:00.107+00:00",
         "duration_in_seconds": 61, "build_seconds_used": 30, "labels": {}, "links": {"steps": {"href": "y"}}}\
        """.formatted(HASH);

    private static JsonNode json(String text) throws IOException {
        return MAPPER.readTree(text.replace('\'', '"'));
    }

    private static Run run() throws IOException {
        return RunJson.run(MAPPER.readTree(RUN), SHOP, NONE).orElseThrow();
    }

    private static Run with(String field, String value) throws IOException {
        ObjectNode run = (ObjectNode) MAPPER.readTree(RUN);
        run.set(field, json(value));
        return RunJson.run(run, SHOP, NONE).orElseThrow();
    }

    @Test
    void everyFieldOfARunIsRead() throws IOException {
        Run run = run();

        assertThat(run.number()).isEqualTo(42);
        assertThat(run.uuid()).isEqualTo("{6d3a0a6e-6a0b-4c62-8f0c-111111111111}");
        assertThat(run.url()).hasToString("https://bitbucket.org/acme/shop/pipelines/results/42");
        assertThat(run.state())
                .isEqualTo(new Completed(
                        Result.Known.STOPPED,
                        Optional.of(new ErrorDetail(Optional.of("k"), Optional.of("m"))),
                        Optional.of("Jane")));
        assertThat(run.target()).contains(new Target.Branch("feature/x", Optional.empty()));
        assertThat(run.commit()).contains(HASH);
        assertThat(run.selector()).contains(Selector.custom("deploy"));
        assertThat(run.trigger()).contains("MANUAL");
        assertThat(run.creator()).contains(new Account(Optional.of("{c}"), Optional.of("Jane")));
        assertThat(run.created()).contains(Instant.parse("2026-11-23T10:00:00.123456789Z"));
        assertThat(run.completed()).contains(Instant.parse("2026-11-23T10:00:00.107Z"));
        assertThat(run.duration()).contains(Duration.ofSeconds(61));
    }

    @Test
    void onlyNumberUuidAndStateAreIndispensable() throws IOException {
        Run run = RunJson.run(json("{'build_number': 1, 'uuid': '{a-1}', 'state': {'name': 'PENDING'}}"), SHOP, NONE)
                .orElseThrow();

        assertThat(run.url()).hasToString("https://bitbucket.org/acme/shop/pipelines/results/1");
        assertThat(List.of(
                        run.target(),
                        run.commit(),
                        run.selector(),
                        run.trigger(),
                        run.creator(),
                        run.created(),
                        run.completed(),
                        run.duration()))
                .allMatch(Optional::isEmpty);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'PARSING','stage':{'name':'PARSING','type':'pipeline_state_parsing_parsing'}} | PARSING",
                "{'name':'PENDING'} | PENDING",
                "{'name':'PENDING','stage':null} | PENDING",
                "{'name':'PENDING','stage':{'name':'PENDING'}} | PENDING",
                "{'name':'PENDING','stage':{'name':'PAUSED'}} | PAUSED",
                "{'name':'PENDING','stage':{'name':'HALTED','reason':{}}} | HALTED",
                "{'name':'READY'} | READY",
                "{'name':'IN_PROGRESS'} | IN_PROGRESS",
                "{'name':'IN_PROGRESS','stage':{'name':'RUNNING'}} | IN_PROGRESS",
                "{'name':'IN_PROGRESS','stage':{'name':'PAUSED'}} | PAUSED",
                "{'name':'IN_PROGRESS','stage':{'name':'HALTED'}} | HALTED",
                "{'name':'IN_PROGRESS','stage':{'name':'CLONING'}} | CLONING",
                "{'type':'pipeline_state_in_progress','stage':{'type':'pipeline_state_in_progress_paused'}} | PAUSED",
                "{'type':'pipeline_state_in_progress','stage':{'type':'pipeline_state_in_progress_running'}} |"
                        + " IN_PROGRESS",
                "{'type':'pipeline_step_state_pending','stage':{'type':'pipeline_step_state_pending_halted'}} | HALTED",
                "{'name':'PAUSED'} | PAUSED",
            })
    void statesOnRecordAreKnown(String state, Unfinished expected) throws IOException {
        assertThat(RunJson.state(json(state), NONE)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'DREAMING'} | DREAMING",
                "{'name':'IN_PROGRESS','stage':{'name':'DREAMING'}} | IN_PROGRESS/DREAMING",
                "{'name':'DREAMING','stage':{'name':'RUNNING'}} | DREAMING/RUNNING",
                "{'name':'completed'} | completed",
                "{'type':'pipeline_state_dreaming'} | DREAMING",
            })
    void anUnknownStateIsKeptAndIsNotTheEnd(String state, String label) throws IOException {
        State read = RunJson.state(json(state), NONE).orElseThrow();

        assertThat(read.label()).isEqualTo(label);
        assertThat(read.isCompleted()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "[]",
                "7",
                "'COMPLETED'",
                "{'name':7}",
                "{'name':null}",
                "{'name':' '}",
                "{'type':'x'}"
            })
    void aStateWithoutANameIsNone(String state) throws IOException {
        assertThat(RunJson.state(json(state), NONE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'SUCCESSFUL'} | SUCCESSFUL",
                "{'name':'FAILED'} | FAILED",
                "{'type':'pipeline_state_completed_expired'} | EXPIRED",
                "{'type':'pipeline_step_state_completed_not_run'} | NOT_RUN",
                "{'name':'WONDERFUL'} | WONDERFUL",
                "{'name':'successful'} | successful",
                "{'name':'SUCC\\u200BESSFUL'} | SUCCESSFUL?",
                "{'name':'SUCCESSFUL\\u202E'} | SUCCESSFUL?",
                "{'name':'\\u001B[0mSUCCESSFUL'} | SUCCESSFUL?",
                "{'name':'SUCCESSFUL? Or. Not'} | SUCCESSFUL?_Or._Not",
                "null | (no result)",
                "{} | (no result)",
                "[{'name':'SUCCESSFUL'}] | (no result)",
                "{'name':1} | (no result)",
            })
    void anEndHasItsResultAndWithoutOneIsNoSuccess(String result, String name) throws IOException {
        State state = RunJson.state(json("{'name':'COMPLETED','result':" + result + "}"), NONE)
                .orElseThrow();

        assertThat(state.finalResult().orElseThrow().name()).isEqualTo(name);
        assertThat(state.finalResult().orElseThrow().equals(Result.Known.SUCCESSFUL))
                .isEqualTo(name.equals("SUCCESSFUL"));
    }

    /** What is left of a name that had to be changed is no other name. */
    @ParameterizedTest
    @ValueSource(strings = {"COMPLETED\\u200B", "\\u0000COMPLETED", "COMPLETED\\n"})
    void nameWithInvisibleCharactersIsNoEnd(String name) throws IOException {
        State state = RunJson.state(json("{'name':'" + name + "','result':{'name':'SUCCESSFUL'}}"), NONE)
                .orElseThrow();

        assertThat(state.isCompleted()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "{'type':'pipeline_ref_target','ref_type':'tag','ref_name':'v1'} | tag v1",
                "{'type':'pipeline_ref_target','ref_type':'annotated_tag','ref_name':'v1'} | tag v1",
                "{'type':'pipeline_ref_target','ref_type':'named_branch','ref_name':'x'} | branch x",
                "{'ref_type':'BRANCH','ref_name':'x'} | branch x",
                "{'type':'pipeline_commit_target','commit':{'hash':'0123456789abcdef'}} | commit 0123456789ab",
                "{'commit':{'hash':'0123456789abcdef'}} | commit 0123456789ab",
                "{'type':'pipeline_pullrequest_target','pullrequest':{'id':7},'source':'x'} | pull request 7",
                "{'pullrequest':{'id':7}} | pull request 7",
                "{'type':'pipeline_pullrequest_target','pullrequest':{'id':'7'}} | -",
                "{'type':'pipeline_ref_target','ref_type':'bookmark','ref_name':'x'} | -",
                "{'type':'pipeline_dream_target','ref_type':'branch','ref_name':'x'} | -",
                "{'type':'pipeline_ref_target','ref_type':'branch'} | -",
                "{'commit':{'hash':'; rm -rf'}} | -",
                "7 | -",
                "null | -",
            })
    void everyKindOfTargetIsReadAndAnyOtherIsAbsent(String target, String expected) throws IOException {
        assertThat(with("target", target).target().map(Object::toString)).isEqualTo(Optional.ofNullable(expected));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "'2026-11-23T10:00:00Z', 2026-11-23T10:00:00Z",
                "'2026-11-23T10:00:00.123Z', 2026-11-23T10:00:00.123Z",
                "'2026-11-23T10:00:00.123456+00:00', 2026-11-23T10:00:00.123456Z",
                "'2026-11-23T11:30:00.1+01:30', 2026-11-23T10:00:00.1Z",
                "'2026-11-23', -",
                "'+999999999-01-01T00:00:00Z', -",
                "'1066-10-14T00:00:00Z', -",
                "1700000000, -",
                "null, -",
                "'', -"
            })
    void timesComeInSeveralSpellings(String time, Instant expected) throws IOException {
        String value = time.matches("null|\\d+") ? time : "'" + time + "'";
        assertThat(with("created_on", value).created()).isEqualTo(Optional.ofNullable(expected));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "0, PT0S",
                "-3, PT0S",
                "442, PT7M22S",
                "1.9, PT1S",
                "1e300, -",
                "99999999999, -",
                "null, -",
                "true, -",
                "'7', -"
            })
    void durationsAreNeverNegativeNorAbsurd(String duration, Duration expected) throws IOException {
        String value = duration.equals("7") ? "'7'" : duration;
        assertThat(with("duration_in_seconds", value).duration()).isEqualTo(Optional.ofNullable(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'Acme/Shop' | https://bitbucket.org/Acme/Shop/pipelines/results/42",
                "'evil.example/x/y' | https://bitbucket.org/acme/shop/pipelines/results/42",
                "'../..' | https://bitbucket.org/acme/shop/pipelines/results/42",
                "'acme' | https://bitbucket.org/acme/shop/pipelines/results/42",
                "'a b/c?d#e' | https://bitbucket.org/acme/shop/pipelines/results/42",
                "7 | https://bitbucket.org/acme/shop/pipelines/results/42",
            })
    void theWebPageIsOnBitbucketWhateverTheResponseSays(String fullName, String url) throws IOException {
        String value = fullName.equals("7") ? "7" : "'" + fullName.replace("'", "") + "'";
        assertThat(with("repository", "{'full_name': " + value + "}").url()).hasToString(url);
    }

    @Test
    void theWebPageOfARepositoryKnownByUuidIsEncoded() throws IOException {
        RepositoryId byUuid =
                new RepositoryId("{11111111-2222-3333-4444-555555555555}", "{66666666-2222-3333-4444-555555555555}");
        assertThat(RunJson.run(json("{'build_number': 1, 'uuid': '{a-1}', 'state': {'name': 'PENDING'}}"), byUuid, NONE)
                        .orElseThrow()
                        .url())
                .hasToString("https://bitbucket.org/%7B11111111-2222-3333-4444-555555555555%7D/"
                        + "%7B66666666-2222-3333-4444-555555555555%7D/pipelines/results/1");
    }

    @Test
    void textIsPrintable() throws IOException {
        assertThat(with("creator", "{'display_name': '\\u001b[31mJa\\nne\\u202e'}")
                        .creator()
                        .orElseThrow()
                        .name())
                .contains("Ja ne");
        assertThat(with("state", "{'name': 'A\\u001b[2JB'}").state().label()).isEqualTo("AB?");
    }

    /** Whatever a response says, it is a run or it is none, in bounded time; nothing else ever comes out. */
    @Test
    @Timeout(60)
    void aSpoiltResponseIsARunOrNone() throws IOException {
        Random random = new Random(20261123);
        int runs = 0;
        for (int i = 0; i < 20_000; i++) {
            JsonNode spoilt = MAPPER.readTree(RUN);
            for (int n = random.nextInt(3) + 1; n > 0; n--) {
                spoil(spoilt, random);
            }
            Optional<Run> run = RunJson.run(spoilt, SHOP, NONE);
            RunJson.step(spoilt, 1, NONE);
            RunJson.creator(spoilt, NONE);
            if (run.isPresent()) {
                runs++;
                assertThat(run.get().url().toString()).startsWith("https://bitbucket.org/");
                assertThat(run.get().toString()).doesNotContain("\u001b", "\n", "\u202e");
                assertThat(run.get().duration().orElse(Duration.ZERO)).isGreaterThanOrEqualTo(Duration.ZERO);
            }
        }
        assertThat(runs).isBetween(5_000, 19_999);
    }

    /** The same, below the tree: bytes that are changed, dropped, doubled and cut off. */
    @Test
    @Timeout(60)
    void spoiltBytesAreAnObjectOrNone() {
        Random random = new Random(42);
        int whole = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = RUN.getBytes(StandardCharsets.UTF_8);
            for (int n = random.nextInt(3) + 1; n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            Optional<JsonNode> json = Json.read(cut);
            json.flatMap(tree -> RunJson.run(tree, SHOP, NONE));
            Json.uuidOf(cut).ifPresent(uuid -> assertThat(Json.isUuid(uuid)).isTrue());
            whole += json.isPresent() ? 1 : 0;
        }
        assertThat(whole).isBetween(500, 19_000);
    }

    /** Makes one value somewhere another one. */
    static void spoil(JsonNode root, Random random) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(root, objects);
        ObjectNode object = objects.get(random.nextInt(objects.size()));
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        if (names.isEmpty()) {
            return;
        }
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(12)) {
            case 0 -> object.remove(name);
            case 1 -> object.putNull(name);
            case 2 -> object.put(name, random.nextLong());
            case 3 -> object.put(name, random.nextDouble() * Math.pow(10, random.nextInt(600) - 300));
            case 4 -> object.put(name, "");
            case 5 -> object.put(name, "x\u001b[2J\n\u202e".repeat(random.nextInt(2_000)));
            case 6 -> object.put(name, random.nextBoolean());
            case 7 -> object.set(name, object.arrayNode().add(object.path(name).deepCopy()));
            case 8 ->
                object.set(
                        name,
                        root.path(random.nextBoolean() ? "state" : "target").deepCopy());
            case 9 -> object.put(name, new BigInteger(300, random));
            case 10 ->
                object.put(name, String.valueOf((char) random.nextInt(0x10000)).repeat(3));
            default -> object.putObject(name).put("name", "COMPLETED").put("type", "pipeline_state_completed");
        }
    }

    private static void collect(JsonNode node, List<ObjectNode> objects) {
        if (node instanceof ObjectNode object) {
            objects.add(object);
        }
        if (node.isObject() || node instanceof ArrayNode) {
            node.forEach(child -> collect(child, objects));
        }
    }
}
