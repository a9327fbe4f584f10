package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunListTest extends EmbeddedBitbucketTestBase {

    private List<Integer> numbers(String query) {
        List<Integer> numbers = new ArrayList<>();
        client.get(PIPELINES + query)
                .json()
                .get("values")
                .forEach(run -> numbers.add(run.get("build_number").asInt()));
        return numbers;
    }

    private void place(int count) {
        for (int i = 0; i < count; i++) {
            shop.push("main", RunScript.successful());
            clock.forward(Duration.ofMinutes(1));
        }
    }

    @Test
    void oldestRunsAreListedFirstByDefault() {
        place(3);
        assertThat(numbers("")).containsExactly(1, 2, 3);
        assertThat(numbers("/?sort=-created_on")).containsExactly(3, 2, 1);
        assertThat(numbers("?sort=-run_creation_date&pagelen=1")).containsExactly(3);
    }

    @Test
    void pagesLinkToTheNextPage() {
        place(23);
        JsonNode first = client.get(PIPELINES + "?sort=-created_on&page=1").json();
        assertThat(first.get("values")).hasSize(10);
        assertThat(first.get("size").asInt()).isEqualTo(23);
        assertThat(first.has("previous")).isFalse();
        JsonNode third = client.get(client.get(first.get("next").asText())
                        .json()
                        .get("next")
                        .asText())
                .json();
        assertThat(third.get("values")).hasSize(3);
        assertThat(third.get("page").asInt()).isEqualTo(3);
        assertThat(third.has("next")).isFalse();
        assertThat(third.at("/values/2/build_number").asInt()).isEqualTo(1);
        assertThat(numbers("?page=9")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"?pagelen=101", "?pagelen=0", "?page=x"})
    void invalidPagesAreRejected(String query) {
        assertThat(client.get(PIPELINES + query).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "PARSING, 1",
        "PENDING, 2",
        "BUILDING, 3",
        "PAUSED, 4",
        "HALTED, 5",
        "PASSED, 6",
        "FAILED, 7",
        "ERROR, 8",
        "STOPPED, 9",
        "UNKNOWN, 10"
    })
    void statusFilterHasItsOwnNames(String status, int number) {
        Duration forEver = Duration.ofDays(9);
        shop.push("main", RunScript.successful().parsing(forEver));
        shop.push("main", RunScript.successful().pending(forEver));
        shop.push("main", RunScript.of(StepScript.named("Build").lasting(forEver)));
        shop.push("main", RunScript.of(StepScript.named("Deploy").manual()));
        shop.push("main", RunScript.successful().halted());
        for (String result : List.of("SUCCESSFUL", "FAILED", "ERROR", "STOPPED", "EXPIRED")) {
            shop.push("main", RunScript.ending(result));
        }
        clock.forward(Duration.ofMinutes(1));
        assertThat(numbers("?status=" + status)).containsExactly(number);
    }

    @Test
    void filtersAreCombinedWithAndRepeatedOnesWithOr() {
        place(1);
        shop.push("feature/x", RunScript.ending("FAILED"));
        EmbeddedRun custom = started(RunScript.successful());
        shop.place("MANUAL", "main", Optional.of("deploy"), bitbucket.account(), clock.instant(), RunScript.broken());
        clock.forward(Duration.ofMinutes(1));

        assertThat(numbers("?status=PASSED&status=FAILED")).containsExactly(1, 2, 3, 4);
        assertThat(numbers("?status=FAILED&target.branch=main")).containsExactly(4);
        assertThat(numbers("?target.ref_name=feature%2Fx")).containsExactly(2);
        assertThat(numbers("?target.ref_type=BRANCH&trigger_type=MANUAL")).containsExactly(3, 4);
        assertThat(numbers("?target.commit.hash=" + FEATURE)).containsExactly(2);
        assertThat(numbers("?target.selector.type=CUSTOM")).containsExactly(4);
        assertThat(numbers("?target.selector.pattern=deploy")).containsExactly(4);
        assertThat(numbers("?creator.uuid="
                        + custom.creator()
                                .orElseThrow()
                                .uuid()
                                .replace("{", "%7B")
                                .replace("}", "%7D")))
                .containsExactly(3, 4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status=SUCCESSFUL",
                "target.ref_type=branch",
                "trigger_type=manual",
                "target.commit.hash=1111111",
                "target.selector.type=custom"
            })
    void unknownFilterValuesMatchNoRun(String query) {
        place(1);
        assertThat(numbers("?" + query)).isEmpty();
    }

    @Test
    void qIsIgnored() {
        place(2);
        assertThat(numbers("?q=build_number%3D2")).containsExactly(1, 2);
    }

    @Test
    void listLagHidesNewRuns() {
        bitbucket.listLag(Duration.ofSeconds(2));
        EmbeddedRun run = started(RunScript.successful());
        assertThat(numbers("")).isEmpty();
        assertThat(client.get(runPath(run)).status()).isEqualTo(200);
        clock.forward(Duration.ofSeconds(2));
        assertThat(numbers("")).containsExactly(1);
    }

    @Test
    void onlyRequestedFieldsAreReturned() {
        place(2);
        JsonNode partial = client.get(PIPELINES + "?fields=values.state.name%2Cvalues.build_number,size")
                .json();
        clock.forward(Duration.ofMinutes(1));
        assertThat(partial.toString())
                .isEqualTo("{\"size\":2,\"values\":["
                        + "{\"state\":{\"name\":\"COMPLETED\"},\"build_number\":1},"
                        + "{\"state\":{\"name\":\"COMPLETED\"},\"build_number\":2}]}");
    }

    @Test
    void fieldsCanBeExcludedAndAdded() {
        place(1);
        JsonNode run = client.get(PIPELINES + "/1?fields=-links,-state.result,%2Btarget.commit")
                .json();
        assertThat(run.has("links")).isFalse();
        assertThat(run.at("/state").has("result")).isFalse();
        assertThat(run.at("/state/name").asText()).isEqualTo("COMPLETED");
        assertThat(client.get(PIPELINES + "/1?fields=uuid,target.*.hash")
                        .json()
                        .get("target")
                        .toString())
                .contains(MAIN);
        assertThat(client.get(PIPELINES + "/1?fields=target.selector.nothing,completed_on")
                        .json()
                        .fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("target", "completed_on");
    }

    @Test
    void stepsAreOnOnePageByDefault() {
        RunScript many = RunScript.of(StepScript.unnamed());
        for (int i = 0; i < 29; i++) {
            many = many.then(StepScript.unnamed());
        }
        EmbeddedRun run = started(many);
        clock.forward(Duration.ofMinutes(1));
        assertThat(client.get(runPath(run) + "/steps?pagelen=5").json().get("values"))
                .hasSize(30);

        bitbucket.stepsPerPage(20);
        JsonNode first = client.get(runPath(run) + "/steps").json();
        assertThat(first.get("values")).hasSize(20);
        assertThat(client.get(first.get("next").asText()).json().get("values")).hasSize(10);
    }
}
