package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goals that find the runs of a plan by the receipt of its execution. */
class PlanReceiptGoalTest extends PlanTestBase {
    private static final String API_TOKEN = "the-token-of-api-alone-1";
    private static final String WEB_TOKEN = "the-token-of-web-alone-2";

    PlanReceiptGoalTest(@TempDir Path directory) {
        super(directory);
    }

    /** Two runs that have not ended, each with a server of its own; there is no other server. */
    private void leaveTwoRuns() {
        maven.withoutServers().accessToken("api-server", API_TOKEN).accessToken("web-server", WEB_TOKEN);
        repository("api").next(lasting(Duration.ofMinutes(30)));
        repository("web").next(lasting(Duration.ofMinutes(30)));
        assertThat(execute("<runs>" + run("api", "<serverId>api-server</serverId>")
                                + run("web", "<serverId>web-server</serverId>") + "</runs><timeout>5m</timeout>")
                        .failure())
                .contains("2 of 2 runs did not succeed: api, web");
        maven.project("").newBuild().property("bitbucket.receipt", "release");
    }

    private void assertEachHasItsOwnCredentials() {
        assertThat(maven.bitbucket().requests())
                .allSatisfy(request -> assertThat(request.header("Authorization"))
                        .hasValue("Bearer " + (request.path().contains("/acme/api") ? API_TOKEN : WEB_TOKEN)));
    }

    @Test
    void waitUsesRepositoryAndCredentialsOfEachRun() throws IOException {
        leaveTwoRuns();

        GoalResult result = maven.execute("wait");

        assertThat(result.passed()).anyMatch(line -> line.contains("All 2 runs are SUCCESSFUL"));
        assertThat(maven.triggers()).hasSize(2);
        assertEachHasItsOwnCredentials();
        assertThat(plan().at("/runs/1/serverId").asText()).isEqualTo("web-server");
        assertThat(maven.written("release.json") + maven.written("default-cli.json"))
                .doesNotContain(API_TOKEN, WEB_TOKEN);
    }

    @Test
    void stopUsesRepositoryAndCredentialsOfEachRun() {
        leaveTwoRuns();

        maven.execute("stop").passed();

        assertThat(repository("api").lastRun().stopRequests()).isEqualTo(1);
        assertThat(repository("web").lastRun().stopRequests()).isEqualTo(1);
        assertEachHasItsOwnCredentials();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stopOfAPlanThatGoesOnNamesWhatMayBeTriggered(boolean goesOn) throws IOException {
        List<String> files = new CopyOnWriteArrayList<>();
        maven.bitbucket().intercept((request, next) -> {
            if (files.isEmpty() && request.path().matches(".*/acme/api/pipelines/.+/steps.*")) {
                files.add(maven.written("release.json"));
            }
            return next.proceed();
        });
        repository("api").next(lasting(Duration.ofMinutes(30)));
        execute("<runs>" + run("api", "") + run("web", "<needs>api</needs>") + "</runs><timeout>5m</timeout>")
                .failure();
        if (goesOn) {
            Files.writeString(maven.outputDirectory().resolve("release.json"), files.get(0));
        }
        maven.project("").newBuild().property("bitbucket.receipt", "release");

        GoalResult result = maven.execute("stop");

        result.passed();
        assertThat(repository("api").lastRun().stopRequests()).isEqualTo(1);
        assertThat(result.warnings().contains("web was not triggered, and may still be"))
                .isEqualTo(goesOn);
    }

    @Test
    void stopThatLacksTheReceiptOfARunFailsAndStopsTheOthers() throws IOException {
        leaveTwoRuns();
        Files.delete(maven.outputDirectory().resolve("release.api.json"));

        assertThat(maven.execute("stop").failure())
                .contains("api: it was triggered, and its receipt ", "release.api.json", "-Dbitbucket.number");
        assertThat(repository("web").lastRun().stopRequests()).isEqualTo(1);
    }

    /** The times of the requests to stop, by the repository, since now. */
    private Map<String, List<Duration>> recordStops(Response ofApi, int count) {
        Map<String, List<Duration>> stops = new ConcurrentHashMap<>();
        Instant begin = maven.time().instant();
        maven.bitbucket().intercept((request, next) -> {
            if (!request.path().endsWith("/stopPipeline")) {
                return next.proceed();
            }
            String slug = request.path().contains("/acme/api/") ? "api" : "web";
            List<Duration> times = stops.computeIfAbsent(slug, any -> new CopyOnWriteArrayList<>());
            times.add(Duration.between(begin, maven.time().instant()));
            return slug.equals("api") && times.size() <= count ? ofApi : next.proceed();
        });
        return stops;
    }

    private void leaveTwoRunsThatStopSlowly() {
        for (String slug : List.of("api", "web")) {
            repository(slug).next(lasting(Duration.ofHours(2)).stopping(Duration.ofHours(1)));
        }
        execute("<runs>" + run("api", "") + run("web", "") + "</runs><timeout>5m</timeout>")
                .failure();
        maven.project("").newBuild().property("bitbucket.receipt", "release").property("bitbucket.timeout", "1m");
    }

    @Test
    void allStopsAreRequestedBeforeOneIsAwaited() {
        leaveTwoRunsThatStopSlowly();
        Map<String, List<Duration>> stops = recordStops(Response.of(500), 0);
        Instant begin = maven.time().instant();

        assertThat(maven.execute("stop").failure())
                .contains("api: Pipeline #1", "web: Pipeline #1", "has not stopped within 1m 00s (timeout)");

        assertThat(stops.keySet()).containsExactlyInAnyOrder("api", "web");
        assertThat(stops.values())
                .allSatisfy(times -> assertThat(times)
                        .singleElement()
                        .satisfies(time -> assertThat(time).isLessThan(Duration.ofSeconds(2))));
        assertThat(Duration.between(begin, maven.time().instant()))
                .isBetween(Duration.ofSeconds(55), Duration.ofSeconds(66));
    }

    @Test
    void stopThatIsRejectedKeepsNoOtherOneFromBeingRequested() {
        leaveTwoRunsThatStopSlowly();
        Map<String, List<Duration>> stops = recordStops(
                Response.of(403, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"No\"}}"), 1);

        assertThat(maven.execute("stop").failure())
                .contains("api: Could not stop", "web: Pipeline #1", "has not stopped within 1m 00s (timeout)");

        assertThat(stops.get("api")).hasSize(1);
        assertThat(stops.get("web")).hasSize(1);
    }

    @Test
    void stopThatIsRetriedDelaysNoOtherOneForLong() {
        leaveTwoRuns();
        maven.property("bitbucket.timeout", "2m");
        Map<String, List<Duration>> stops = recordStops(
                Response.of(503, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"Later\"}}"), 12);

        maven.execute("stop").passed();

        assertThat(stops.get("api").get(stops.get("api").size() - 1)).isGreaterThan(Duration.ofSeconds(15));
        assertThat(stops.get("web"))
                .singleElement()
                .satisfies(time -> assertThat(time).isLessThan(Duration.ofSeconds(12)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop"})
    void searchesForAllRunsHaveOneTimeout(String goal) {
        leaveTwoRuns();
        maven.property("bitbucket.timeout", "1m");
        Response later = Response.of(503, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"Later\"}}");
        Instant begin = maven.time().instant();
        Instant end = begin.plusSeconds(50);
        maven.bitbucket()
                .intercept((request, next) -> request.path().contains("/acme/web/")
                                || maven.time().instant().isBefore(end)
                        ? later
                        : next.proceed());

        assertThat(maven.execute(goal).ending()).contains("Later");

        assertThat(Duration.between(begin, maven.time().instant()))
                .isBetween(Duration.ofSeconds(55), Duration.ofSeconds(75));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop"})
    void serverOfARunThatIsNotThereAnyMoreIsNamed(String goal) {
        leaveTwoRuns();
        maven.withoutServers().accessToken("api-server", API_TOKEN);

        assertThat(maven.execute(goal).ending()).contains("web", "No credentials for Bitbucket", "'web-server'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop"})
    void receiptOfARunThatCannotBeReadIsNoSuccess(String goal) throws IOException {
        leaveTwoRuns();
        Files.writeString(maven.outputDirectory().resolve("release.web.json"), "{\"number\"");

        assertThat(maven.execute(goal).failure()).contains("web");
        assertThat(repository("api").lastRun().stopRequests()).isEqualTo(goal.equals("stop") ? 1 : 0);
    }

    @Test
    void numberComesBeforeAReceipt() {
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute("<runs>" + run("api", "") + run("web", "") + "</runs><timeout>5m</timeout>");
        maven.newBuild()
                .property("bitbucket.receipt", "release")
                .property("bitbucket.number", "1")
                .property("bitbucket.repository", "acme/api");

        assertThat(maven.execute("wait").passed())
                .contains("[INFO] Pipeline #1 on branch main of acme/api is SUCCESSFUL");
    }

    @Test
    void serverOfTheExecutionIsThatOfTheWait() throws IOException {
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute("<runs>" + run("web", "<serverId>bitbucket.org</serverId>") + "</runs><timeout>5m</timeout>");
        assertThat(maven.written("release.json")).doesNotContain("serverId");
        maven.withoutServers().accessToken("other", WEB_TOKEN);
        maven.project("").newBuild().property("bitbucket.receipt", "release").property("bitbucket.serverId", "other");

        maven.execute("wait").passed();
    }

    @Test
    void runThatTheEarlierBuildDidNotKnowIsNotRun() throws IOException {
        repository("web").next(lasting(Duration.ofMinutes(15)));
        execute("<runs>" + run("web", "") + "</runs><timeout>5m</timeout>");

        GoalResult result =
                execute("<runs>" + run("web", "") + run("docs", "") + "</runs><onUnfinished>wait</onUnfinished>");

        assertThat(result.failure()).contains("not run: docs");
        assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactly("web", "docs");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void waitWithoutANameNeverTakesOneRunForThePlan() {
        repository("web").next(lasting(Duration.ofMinutes(15)));
        execute("<runs>" + run("api", "") + run("web", "") + run("docs", "<needs>web</needs>")
                + "</runs><timeout>5m</timeout>");
        maven.project("").newBuild().property("bitbucket.repository", "acme/web");

        assertThat(maven.execute("wait").error())
                .contains("'receipt'", "several runs", "-Dbitbucket.receipt=release", "release.web");
        maven.property("bitbucket.receipt", "release.web");
        maven.newBuild();
        maven.execute("wait").passed();
    }

    @ParameterizedTest
    @CsvSource({
        "wait, repository, acme/docs",
        "wait, repository, docs",
        "wait, workspace, other",
        "wait, branch, release",
        "wait, tag, v1",
        "wait, commit, 0000000",
        "wait, pipeline, nightly",
        "stop, repository, acme/docs",
        "stop, branch, release",
        "stop, commit, 0000000"
    })
    void whatContradictsAReceiptOfSeveralRunsIsRefused(String goal, String parameter, String value) {
        leaveTwoRuns();
        maven.without("bitbucket.branch").property("bitbucket." + parameter, value);

        assertThat(maven.execute(goal).error())
                .startsWith("Parameter 'receipt'")
                .contains(
                        List.of("repository", "workspace").contains(parameter)
                                ? "acme/api, acme/web, and the parameter"
                                : "its run 'api' is not a run of")
                .contains("correct one of them");
        assertThat(repository("api").lastRun().stopRequests()).isZero();
        assertThat(repository("web").lastRun().stopRequests()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"repository, acme/web", "repository, API", "workspace, acme", "commit, 5f0c1d2", "branch, main"})
    void whatFitsAReceiptOfSeveralRunsIsNoContradiction(String parameter, String value) {
        leaveTwoRuns();
        maven.without("bitbucket.branch").property("bitbucket." + parameter, value);

        maven.execute("wait").passed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"release", "release.json"})
    void logsOfSeveralRunsAreAnErrorThatSaysHowToNameOne(String receipt) {
        leaveTwoRuns();
        maven.withoutServers().accessToken("bitbucket.org", API_TOKEN);
        maven.property("bitbucket.receipt", receipt).property("bitbucket.repository", "acme/api");

        assertThat(maven.execute("logs").error())
                .startsWith("Parameter 'receipt'")
                .contains("several runs", "-Dbitbucket.receipt=" + receipt.replace("release", "release.ID"));

        maven.newBuild().property("bitbucket.receipt", receipt.replace("release", "release.api"));
        maven.execute("logs").passed();
    }
}
