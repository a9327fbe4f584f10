package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.pipeline.DeploymentEnvironment;
import io.github.bitbucketpipelines.maven.pipeline.Download;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.RefKind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient.TestCases;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every list that is read of Bitbucket, from servers that page it in every way: all of it, or that it is not complete. */
class EveryListTest extends CloudTestBase {
    private static final int SIZE = 15;
    private static final String GAP = "the list is not complete";

    /** What was read, and what is said of the rest: the words, or that nothing is concluded from the list. */
    private record Reading(List<String> names, Optional<String> gap) {
        static Reading whole(Stream<String> names) {
            return new Reading(names.toList(), Optional.empty());
        }
    }

    /** A list, with what makes its values and what reads it. */
    private enum Kind {
        RUNS("/pipelines", i -> run(i, "MANUAL"), cloud -> runs(cloud.listRuns(RunFilter.all(), 100))),
        ALL_RUNS("/pipelines", i -> run(i, "MANUAL"), cloud -> runs(cloud.listAllRuns(RunFilter.all(), 100))),
        CHILDREN("/pipelines", i -> run(i, "PARENT_STEP"), cloud -> runs(cloud.listChildren(parent()))),
        STEPS(
                "/steps",
                i -> "{\"uuid\":\"{" + i + "}\",\"name\":\"" + i + "\",\"state\":{\"name\":\"PENDING\"}}",
                EveryListTest::steps),
        TEST_CASES("/test_cases", i -> "{\"uuid\":\"{" + i + "}\",\"name\":\"" + i + "\"}", EveryListTest::testCases),
        REASONS("/test_case_reasons", i -> "{\"message\":\"" + (char) ('a' + i) + "\"}", EveryListTest::reasons),
        BRANCHES("/branches", i -> "{\"name\":\"" + i + "\"}", cloud -> refs(cloud, RefKind.BRANCH)),
        TAGS("/tags", i -> "{\"name\":\"" + i + "\"}", cloud -> refs(cloud, RefKind.TAG)),
        RUNNERS(
                "/runners",
                i -> "{\"uuid\":\"{" + i + "}\",\"labels\":[\"" + i + "\"],\"state\":{\"status\":\"ONLINE\"}}",
                EveryListTest::runners),
        ENVIRONMENTS(
                "/environments",
                i -> "{\"uuid\":\"{" + i + "}\",\"name\":\"" + i + "\"}",
                cloud -> new Reading(
                        cloud.repositoryClient().listEnvironments().stream()
                                .map(DeploymentEnvironment::name)
                                .toList(),
                        Optional.of("nothing is concluded from what is not in it"))),
        DOWNLOADS(
                "/downloads",
                i -> "{\"name\":\"" + i + "\"}",
                cloud -> Reading.whole(cloud.downloads().list().stream().map(Download::name)));

        private final String path;
        private final IntFunction<String> value;
        private final Function<BitbucketCloud, Reading> reading;

        Kind(String path, IntFunction<String> value, Function<BitbucketCloud, Reading> reading) {
            this.path = path;
            this.value = value;
            this.reading = reading;
        }

        Reading read(BitbucketCloud cloud) {
            return reading.apply(cloud);
        }
    }

    private static String run(int i, String trigger) {
        return "{\"uuid\":\"{" + i + "}\",\"build_number\":" + (100 + i)
                + ",\"state\":{\"name\":\"PENDING\"},\"trigger\":" + "{\"name\":\"" + trigger
                + "\"},\"target\":{\"commit\":{\"hash\":\"" + MAIN + "\"}}}";
    }

    private static Run parent() {
        try {
            return RunJson.run(new ObjectMapper().readTree(run(-99, "MANUAL")), SHOP, new SecretMasker(List.of()))
                    .orElseThrow();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Reading runs(List<Run> runs) {
        return Reading.whole(runs.stream().map(run -> Long.toString(run.number() - 100)));
    }

    private static Reading steps(BitbucketCloud cloud) {
        try {
            return Reading.whole(cloud.listSteps(1).stream().map(Step::displayName));
        } catch (IncompleteStepsException e) {
            return new Reading(e.steps().stream().map(Step::displayName).toList(), Optional.of(e.gap()));
        }
    }

    private static Reading testCases(BitbucketCloud cloud) {
        TestCases cases = cloud.testReports().listTestCases(1, "{1}", 1_000);
        return new Reading(
                cases.cases().stream().map(test -> test.name().orElseThrow()).toList(), cases.gap());
    }

    private static Reading reasons(BitbucketCloud cloud) {
        List<String> lines = cloud.testReports().readTestOutput(1, "{1}", "{2}");
        return new Reading(
                lines.stream()
                        .filter(line -> !line.contains(GAP))
                        .map(line -> Integer.toString(line.charAt(0) - 'a'))
                        .toList(),
                lines.stream().filter(line -> line.contains(GAP)).findFirst());
    }

    private static Reading refs(BitbucketCloud cloud, RefKind kind) {
        return new Reading(
                cloud.repositoryClient().listRefs(kind),
                Optional.of(GAP + " or it is: only names are suggested from it"));
    }

    private static Reading runners(BitbucketCloud cloud) {
        return cloud.repositoryClient()
                .listRunners()
                .map(all ->
                        Reading.whole(all.stream().map(runner -> runner.labels().get(0))))
                .orElse(new Reading(List.of(), Optional.of(GAP)));
    }

    /** How a server pages a list. */
    private enum Paging {
        LINKED(true),
        WITHOUT_LINKS(true),
        BROKEN_LINKS(true),
        FOREIGN_LINKS(true),
        REFUSED_LENGTH(true),
        EMPTY_PAGE_BETWEEN(true),
        VALUES_AGAIN(true),
        /** Whatever page is requested, the first one comes. */
        FIRST_PAGE_ONLY(false),
        /** The later pages are empty. */
        EMPTY_AFTER_FIRST(false),
        /** There are none, though there is a size. */
        NO_VALUES(false);

        private final boolean isComplete;

        Paging(boolean isComplete) {
            this.isComplete = isComplete;
        }

        Response respond(RecordedRequest request, URI api, IntFunction<String> value) {
            int requested = parameter(request, "pagelen", 10);
            if (this == REFUSED_LENGTH && requested > 10) {
                return Response.of(
                        400, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"Invalid pagelen\"}}");
            }
            int page = this == FIRST_PAGE_ONLY ? 1 : parameter(request, "page", 1);
            boolean isBetween = this == EMPTY_PAGE_BETWEEN && page == 2;
            int index = this == EMPTY_PAGE_BETWEEN && page > 2 ? page - 1 : page;
            int from = Math.min(SIZE, (index - 1) * 10 - (this == VALUES_AGAIN && index > 1 ? 1 : 0));
            int to = Math.min(SIZE, (index - 1) * 10 + 10);
            boolean isEmpty = isBetween || this == NO_VALUES || this == EMPTY_AFTER_FIRST && page > 1;
            String values = isEmpty
                    ? ""
                    : IntStream.range(from, Math.max(from, to)).mapToObj(value).collect(Collectors.joining(","));
            String next = switch (this) {
                case LINKED, EMPTY_PAGE_BETWEEN, VALUES_AGAIN -> to < SIZE || isBetween ? link(request, api, page) : "";
                case BROKEN_LINKS -> "http://[";
                case FOREIGN_LINKS -> "https://elsewhere.example/2.0/x?page=2";
                default -> "";
            };
            return Response.of(
                    200,
                    "application/json",
                    "{\"size\":" + SIZE + ",\"pagelen\":10,\"page\":" + page + ",\"values\":[" + values + "]"
                            + (next.isEmpty() ? "" : ",\"next\":\"" + next + "\"") + "}");
        }

        private static String link(RecordedRequest request, URI api, int page) {
            return api.resolve(request.path()) + "?pagelen=10&page=" + (page + 1);
        }

        private static int parameter(RecordedRequest request, String name, int otherwise) {
            return Stream.of(request.query().split("&"))
                    .filter(pair -> pair.startsWith(name + "="))
                    .map(pair -> Integer.parseInt(pair.substring(name.length() + 1)))
                    .findFirst()
                    .orElse(otherwise);
        }
    }

    static List<Arguments> listsAndPagings() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(Paging.values()).map(paging -> Arguments.of(kind, paging)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("listsAndPagings")
    void everythingIsReadOrTheListIsNotComplete(Kind kind, Paging paging) {
        bitbucket.intercept((request, next) -> {
            assertThat(request.path()).endsWith(kind.path);
            return paging.respond(request, bitbucket.apiUrl(), kind.value);
        });
        List<String> all = IntStream.range(0, SIZE).mapToObj(Integer::toString).toList();

        Reading reading;
        try {
            reading = kind.read(cloud);
        } catch (PipelinesException e) {
            assertThat(paging.isComplete).as(e.getMessage()).isFalse();
            assertThat(e).hasMessageContaining(GAP);
            return;
        }

        if (paging.isComplete) {
            assertThat(reading.names()).isEqualTo(all);
        } else {
            assertThat(reading.gap()).as("what is said of " + reading.names()).isPresent();
            assertThat(all).containsAll(reading.names());
        }
    }
}
