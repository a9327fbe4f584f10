package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.FaultyServer;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each goal ends soon after its {@code timeout} on a Bitbucket that does not respond, or not as it should. */
class TimeLimitGoalTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** tcpmux: nothing listens there. */
    private static final int CLOSED_PORT = 1;

    private final GoalHarness maven;

    TimeLimitGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.number", "42");
        maven.shop()
                .push(
                        "main",
                        RunScript.of(StepScript.named("Build")
                                .lasting(Duration.ofHours(1))
                                .log("x\n".repeat(1_000))));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    /** What a socket does. */
    private enum SocketFault {
        STALLED,
        STALLED_IN_THE_RESPONSE,
        DRIPPING,
        REFUSED;

        void inject(FaultyServer server) {
            switch (this) {
                case STALLED -> server.stallAfter(0);
                case STALLED_IN_THE_RESPONSE -> server.stallAfter(300);
                case DRIPPING -> server.drip(Duration.ofMillis(300));
                case REFUSED -> {}
            }
        }
    }

    /** What a response is. */
    private enum ResponseFault {
        STATUS_500(Response.of(500)),
        GARBAGE(Response.of(200, "application/json", "}{")),
        LOGIN_PAGE(Response.of(200, "text/html", "<html>Log in</html>"));

        private final Response response;

        ResponseFault(Response response) {
            this.response = response;
        }

        Interceptor interceptor() {
            return (request, next) -> response;
        }
    }

    static Stream<Arguments> socketFaults() {
        return Stream.of("wait", "stop", "logs")
                .flatMap(goal -> Arrays.stream(SocketFault.values()).map(fault -> Arguments.of(goal, fault)));
    }

    static Stream<Arguments> responseFaults() {
        return Stream.of("wait", "stop", "logs", "status", "preflight")
                .flatMap(goal -> Arrays.stream(ResponseFault.values()).map(fault -> Arguments.of(goal, fault)));
    }

    static Stream<Arguments> socketFaultsBeforeATrigger() {
        return Stream.of("run", "trigger")
                .flatMap(goal -> Arrays.stream(SocketFault.values()).map(fault -> Arguments.of(goal, fault)));
    }

    static Stream<Arguments> socketFaultsWithoutATimeout() {
        return Stream.of("status", "preflight")
                .flatMap(goal -> Arrays.stream(SocketFault.values()).map(fault -> Arguments.of(goal, fault)));
    }

    @ParameterizedTest
    @MethodSource("socketFaults")
    void socketThatDoesNotRespondEndsTheGoalInTime(String goal, SocketFault fault) {
        maven.property("bitbucket.timeout", "1s");

        GoalResult result = executeWithin(Duration.ofSeconds(1), goal, fault);

        assertThat(result.error()).contains("Could not read run #42 of acme/shop");
    }

    @ParameterizedTest
    @MethodSource("socketFaultsBeforeATrigger")
    void socketThatDoesNotRespondBeforeATriggerEndsTheGoalInTime(String goal, SocketFault fault) {
        maven.without("bitbucket.number").property("bitbucket.branch", "main").property("bitbucket.timeout", "1s");

        GoalResult result = executeWithin(Duration.ofSeconds(1), goal, fault);

        assertThat(result.error())
                .contains("Could not list the runs of acme/shop")
                .endsWith("Nothing was triggered.");
        assertThat(maven.triggers()).isEmpty();
    }

    /** Two minutes each, in real time. */
    @Tag("soak")
    @ParameterizedTest
    @MethodSource("socketFaultsWithoutATimeout")
    void goalWithoutATimeoutEndsInTwoMinutes(String goal, SocketFault fault) {
        maven.without("bitbucket.number").property("bitbucket.branch", "main");

        GoalResult result = executeWithin(Duration.ofMinutes(2), goal, fault);

        if (goal.equals("status")) {
            assertThat(result.error()).contains("Could not list the runs of acme/shop");
        } else {
            result.passed();
            assertThat(result.warnings()).contains("Could not ", "Remaining checks skipped");
        }
    }

    /** In real time, since sockets stall in no other. */
    private GoalResult executeWithin(Duration limit, String goal, SocketFault fault) {
        URI api = maven.bitbucket().apiUrl();
        try (FaultyServer server = FaultyServer.to(api)) {
            fault.inject(server);
            maven.inTrueTime()
                    .property(
                            "bitbucket.apiUrl",
                            "http://localhost:" + (fault == SocketFault.REFUSED ? CLOSED_PORT : server.port())
                                    + api.getPath());

            long begin = System.nanoTime();
            GoalResult result = maven.execute(goal);

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(limit.plus(GRACE));
            return result;
        }
    }

    @ParameterizedTest
    @MethodSource("responseFaults")
    void responseThatCannotBeUsedEndsTheGoalInTime(String goal, ResponseFault fault) {
        maven.bitbucket().intercept(fault.interceptor());
        maven.property("bitbucket.branch", goal.equals("preflight") ? "main" : "");
        if (goal.equals("status") || goal.equals("preflight")) {
            maven.without("bitbucket.number");
        } else {
            maven.property("bitbucket.timeout", "20s");
        }

        GoalResult result = maven.execute(goal);

        if (goal.equals("preflight") && fault != ResponseFault.STATUS_500) {
            assertThat(result.failure()).contains("A run would fail, for one reason");
        } else if (goal.equals("preflight")) {
            result.passed();
            assertThat(result.warnings()).contains("Could not list the runs", "Remaining checks skipped");
        } else {
            assertThat(result.error()).contains("Could not ");
        }
        Duration limit = goal.equals("status") ? Duration.ofMinutes(2) : Duration.ofSeconds(20);
        assertThat(maven.time().passed()).isLessThan(limit.plus(GRACE));
    }

    @Test
    void runBeginsItsTimeoutWithTheTrigger() {
        maven.without("bitbucket.number").property("bitbucket.branch", "main").property("bitbucket.timeout", "6m");
        maven.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(5))));
        maven.bitbucket()
                .intercept((request, next) ->
                        maven.time().passed().compareTo(Duration.ofMinutes(3)) < 0 ? Response.of(500) : next.proceed());

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.contains("is SUCCESSFUL"));
        assertThat(maven.time().passed()).isGreaterThan(Duration.ofMinutes(8));
    }

    @Test
    void listingBeforeTheTriggerHasALimitOfItsOwn() {
        maven.without("bitbucket.number").property("bitbucket.branch", "main");
        maven.bitbucket().intercept((request, next) -> Response.of(500));

        GoalResult result = maven.execute("run");

        assertThat(result.error())
                .contains("Bitbucket has not responded for 5m 00s.")
                .endsWith("Nothing was triggered.");
        assertThat(result.console()).contains("Still retrying (the recent runs)");
        assertThat(maven.time().passed())
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(5).plus(GRACE));
    }

    /** Which pipeline it is becomes known only when it is parsed. */
    @Test
    void runThatIsParsedForLongEndsTheWaitForAllInTime() {
        maven.shop()
                .customPipeline("deploy")
                .push("main", RunScript.successful().parsing(Duration.ofMinutes(30)));
        maven.without("bitbucket.number")
                .property("bitbucket.all", "true")
                .property("bitbucket.commit", GoalHarness.HEAD)
                .property("bitbucket.pipeline", "deploy")
                .property("bitbucket.timeout", "5s");

        assertThat(maven.execute("wait").error()).contains("within 5s which pipeline each of these runs is", "#43");

        assertThat(maven.time().passed())
                .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(5).plus(GRACE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "rerun"})
    void unfinishedRunThatCannotBeReadEndsTheGoalInTime(String goal) {
        maven.without("bitbucket.number")
                .property("bitbucket.branch", "main")
                .property("bitbucket.onUnfinished", "start");
        maven.execute("trigger").passed();
        maven.newBuild().without("bitbucket.onUnfinished").property("bitbucket.timeout", "10s");
        if (goal.equals("rerun")) {
            maven.without("bitbucket.branch").property("bitbucket.receipt", "default-cli");
        }
        maven.bitbucket().intercept((request, next) -> Response.of(503, "text/html", "<html>busy</html>"));
        Instant begin = maven.time().instant();

        maven.execute(goal).error();

        assertThat(Duration.between(begin, maven.time().instant()))
                .isLessThan(Duration.ofSeconds(10).plus(GRACE));
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void unfinishedRunOfAPlanThatCannotBeReadEndsTheGoalInTime() {
        String configuration = "<branch>main</branch><runs><run><id>one</id></run><run><id>two</id></run></runs>";
        maven.without("bitbucket.number")
                .project(GoalHarness.execution("release", "run", configuration + "<timeout>10s</timeout>"));
        maven.shop().defaultScript(RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));
        maven.execute("run", "root", "release").failure();
        maven.newBuild();
        maven.bitbucket().intercept((request, next) -> Response.of(503, "text/html", "<html>busy</html>"));
        Instant begin = maven.time().instant();

        assertThat(maven.execute("run", "root", "release").error()).contains("Run 'one'");

        assertThat(Duration.between(begin, maven.time().instant()))
                .isLessThan(Duration.ofSeconds(10).plus(GRACE));
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void testsOfAKnownVerdictAreNotWaitedFor() {
        maven.without("bitbucket.number").property("bitbucket.branch", "main");
        maven.shop()
                .next(RunScript.of(StepScript.named("Build").ending("FAILED").log("x\n")));
        Duration[] ended = new Duration[1];
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().contains("test_reports")) {
                ended[0] = ended[0] == null ? maven.time().passed() : ended[0];
                maven.time().forward(Duration.ofSeconds(9));
                return Response.of(500);
            }
            return next.proceed();
        });

        GoalResult result = maven.execute("run");

        assertThat(result.failure()).contains("ended FAILED", "'Build'");
        assertThat(maven.time().passed().minus(ended[0])).isLessThan(Duration.ofSeconds(19));
    }
}
