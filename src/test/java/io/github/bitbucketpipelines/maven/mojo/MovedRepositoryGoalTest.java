package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A repository that was renamed from acme/shop to acme/store. That reads are redirected is known; what happens to a trigger
 * is not, so that all readings are here.
 */
class MovedRepositoryGoalTest {
    private static final String OLD = "/2.0/repositories/acme/shop/pipelines";
    private static final String NEW = "/2.0/repositories/acme/store/pipelines";
    private static final String ADVICE = "\"-Dbitbucket.repository=acme/store\"";
    private static final String URL = "https://bitbucket.org/acme/store/pipelines/results/7";

    private final GoalHarness maven;
    private final EmbeddedRepository store;

    MovedRepositoryGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        store = maven.bitbucket()
                .repository("acme", "store")
                .branch("main", GoalHarness.HEAD)
                .nextBuildNumber(7);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private GoalHarness moved(int reads, int posts) {
        maven.bitbucket().redirect("acme", "shop", store, reads, posts);
        return maven;
    }

    private static RunScript lasting(Duration time) {
        return RunScript.of(StepScript.named("Build").lasting(time).log("built\n"));
    }

    private List<String> triggers() {
        return maven.bitbucket().requests().stream()
                .filter(request -> request.method().equals("POST"))
                .map(RecordedRequest::path)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"301, 308", "302, 307", "307, 307", "308, 308"})
    void runIsTriggeredOnceInTheNewRepository(int reads, int posts) throws IOException {
        GoalResult result = moved(reads, posts).execute("run");

        assertThat(result.passed())
                .contains(
                        "[INFO] Triggered pipeline #7 on branch main of acme/store",
                        "[INFO] " + URL,
                        "[INFO] Pipeline #7 on branch main of acme/store is SUCCESSFUL");
        assertThat(result.warnings()).contains("acme/shop", "acme/store", ADVICE);
        assertThat(triggers()).containsExactly(OLD, NEW);
        assertThat(maven.bitbucket().created()).isEqualTo(1);
        assertThat(maven.written("default-cli.json"))
                .contains("\"repository\" : \"store\"", "-Dbitbucket.repository=acme/store")
                .doesNotContain("-Dbitbucket.repository=acme/shop");
        assertThat(maven.written("default-cli.html")).contains("acme/store");
    }

    @Test
    void failureNamesTheNewRepositoryAndHowToSetIt() {
        store.next(RunScript.ending("FAILED"));

        assertThat(moved(301, 308).execute("run").failure())
                .contains("Pipeline #7 on branch main of acme/store ended FAILED", URL, ADVICE);
    }

    @Test
    void limitNamesTheCommandForTheNewRepository() {
        store.next(lasting(Duration.ofHours(9)));
        maven.property("bitbucket.timeout", "1m");

        assertThat(moved(301, 308).execute("run").failure())
                .contains("To wait for it again: mvn ", "\"-Dbitbucket.repository=acme/store\"")
                .doesNotContain("\"-Dbitbucket.repository=acme/shop\"");
    }

    /** A redirect that means that nothing was done, and that is not followed: no second attempt, and no run. */
    @ParameterizedTest
    @ValueSource(ints = {301, 302})
    void triggerIsRefusedByAnyOtherRedirect(int posts) {
        String error = moved(301, posts).execute("run").error();

        assertThat(error).contains("acme/store", ADVICE, String.valueOf(posts));
        assertThat(triggers()).containsExactly(OLD);
        assertThat(maven.bitbucket().created()).isZero();
        assertThat(maven.outputDirectory().resolve("default-cli.json"))
                .content()
                .contains("NO_RUN");
    }

    /** A redirect to the result of what was done: the run is searched for in the new repository. */
    @ParameterizedTest
    @ValueSource(ints = {302, 303})
    void runOfARedirectToTheResultIsFound(int status) {
        moved(301, 308).bitbucket().intercept((request, next) -> {
            if (request.method().equals("POST") && request.path().equals(OLD)) {
                // As if it had been done at once.
                forward(request);
                return Response.of(status).header("Location", NEW + "/7");
            }
            return next.proceed();
        });

        // It is used, or in doubt: never is there a second one.
        GoalResult result = maven.execute("run");
        assertThat(result.console()
                        + result.exception().map(Exception::getMessage).orElse(""))
                .contains(URL, ADVICE);
        assertThat(maven.bitbucket().created()).isEqualTo(1);
        assertThat(triggers()).containsExactly(OLD, NEW);
    }

    private void forward(RecordedRequest request) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                maven.bitbucket().apiUrl().resolve(NEW).toURL().openConnection();
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setRequestProperty(
                "Authorization", request.header("Authorization").orElseThrow());
        connection.getOutputStream().write(request.body().getBytes(StandardCharsets.UTF_8));
        assertThat(connection.getResponseCode()).isEqualTo(201);
    }

    @Test
    void lostResponseAfterTheRedirectIsSearchedForInTheNewRepository() {
        int[] lost = {0};
        moved(301, 308).bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return request.method().equals("POST") && request.path().equals(NEW) && lost[0]++ == 0
                    ? Response.of(502, "text/html", "<html>Bad Gateway</html>")
                    : response;
        });

        GoalResult result = maven.execute("run");

        assertThat(result.error())
                .contains("https://bitbucket.org/acme/store/pipelines/results/7")
                .contains("\"-Dbitbucket.number=7\" \"-Dbitbucket.repository=acme/store\"");
        assertThat(maven.bitbucket().created()).isEqualTo(1);
        assertThat(triggers()).containsExactly(OLD, NEW);
    }

    /** Only the trigger is redirected: reads of the old repository are of another one by now. */
    @Test
    void readsFollowARedirectedTrigger() {
        moved(301, 308).bitbucket().intercept((request, next) -> {
            boolean isOld = request.path().startsWith("/2.0/repositories/acme/shop/");
            return isOld && request.method().equals("GET")
                    ? Response.of(200, "application/json", "{\"values\": []}")
                    : next.proceed();
        });

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Pipeline #7 on branch main of acme/store is SUCCESSFUL");
        assertThat(maven.bitbucket().created()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://elsewhere.example/2.0/repositories/acme/store/pipelines",
                "http://127.0.0.1:1/2.0/repositories/acme/store/pipelines",
                "/2.0/login?next=/repositories/acme/store/pipelines",
                "/2.0/repositories/acme/store",
                "//elsewhere.example/2.0/repositories/acme/store/pipelines"
            })
    void triggerIsSentToNoOtherPlace(String location) {
        maven.bitbucket()
                .intercept((request, next) -> request.method().equals("POST")
                        ? Response.of(308).header("Location", location)
                        : next.proceed());

        assertThat(maven.execute("run").error()).contains("308");
        assertThat(triggers()).containsExactly(OLD);
    }

    @Test
    void secondRedirectOfATriggerIsRefused() {
        maven.bitbucket()
                .intercept((request, next) ->
                        request.path().equals(NEW) && request.method().equals("POST")
                                ? Response.of(308).header("Location", OLD)
                                : next.proceed());

        assertThat(moved(301, 308).execute("run").error()).contains("308");
        assertThat(maven.bitbucket().created()).isZero();
        assertThat(triggers()).containsExactly(OLD, NEW);
    }

    /** What is not known of Location: whether it has the query, a host, a slash at its end, names or UUIDs. */
    @ParameterizedTest
    @ValueSource(strings = {"NAME", "NO_QUERY", "ABSOLUTE", "SLASH", "UUID"})
    void locationHasAnyForm(String form) {
        store.push("main", RunScript.successful());
        moved(301, 308).bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            String location = response.headers().get("Location");
            if (location == null || !location.contains("/acme/store/")) {
                return response;
            }
            return response.header(
                    "Location",
                    switch (form) {
                        case "NO_QUERY" -> location.replaceFirst("\\?.*", "");
                        case "ABSOLUTE" ->
                            maven.bitbucket().apiUrl().resolve(location).toString();
                        case "SLASH" -> location.replaceFirst("(\\?|$)", "/$1");
                        case "UUID" ->
                            location.replace(
                                    "acme/store", encoded(store.workspaceUuid()) + "/" + encoded(store.uuid()));
                        default -> location;
                    });
        });

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Pipeline #8 on branch main of acme/store is SUCCESSFUL");
        assertThat(maven.bitbucket().created()).isEqualTo(1);
    }

    private static String encoded(String uuid) {
        return uuid.replace("{", "%7B").replace("}", "%7D");
    }

    @Test
    void unfinishedRunIsFoundByTheNewAndTheOldName() {
        store.next(lasting(Duration.ofHours(9)));
        maven.property("bitbucket.timeout", "1m");
        moved(301, 308).execute("run").failure();
        maven.newBuild();

        assertThat(maven.execute("run").failure()).contains("#7", "has not ended", ADVICE);

        maven.newBuild().property("bitbucket.repository", "acme/store");
        assertThat(maven.execute("run").failure()).contains("#7", "has not ended");
        assertThat(maven.bitbucket().created()).isEqualTo(1);
    }

    @Test
    void receiptFromBeforeTheMoveIsFound() {
        maven.shop().next(lasting(Duration.ofHours(9)));
        maven.property("bitbucket.timeout", "1m").execute("run").failure();
        String json = "/2.0/repositories/acme/store/";
        maven.bitbucket()
                .intercept((request, next) -> request.path().startsWith(json)
                        ? Response.of(301)
                                .header(
                                        "Location",
                                        request.path().replace("/store/", "/shop/")
                                                + (request.query() == null ? "" : "?" + request.query()))
                        : next.proceed());
        maven.newBuild().property("bitbucket.repository", "acme/store");

        assertThat(maven.execute("run").failure()).contains("#42", "has not ended");
        assertThat(maven.bitbucket().created()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "status", "stop", "logs"})
    void everyGoalFollows(String goal) {
        store.push("main", lasting(Duration.ofMinutes(2)));
        maven.property("bitbucket.number", "7");
        if (goal.equals("status")) {
            maven.without("bitbucket.number");
        }

        GoalResult result = moved(301, 308).execute(goal);

        result.passed();
        assertThat(result.warnings()).contains(ADVICE);
        assertThat(maven.bitbucket().unknownRequests()).isEmpty();
    }

    @Test
    void preflightNamesTheNewRepository() {
        store.file("bitbucket-pipelines.yml", "pipelines:\n  default:\n    - step:\n        script: [make]\n");

        GoalResult result = moved(301, 308).execute("preflight");

        assertThat(result.passed())
                .anyMatch(line -> line.contains("? Whether Bitbucket redirects a trigger") && line.contains(ADVICE));
    }
}
