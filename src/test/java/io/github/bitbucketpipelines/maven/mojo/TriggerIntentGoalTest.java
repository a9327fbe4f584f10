package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The intent that is on disk while a trigger is in flight, and what later goals make of one that a killed build left. */
class TriggerIntentGoalTest {
    private static final String RECEIPT = "default-cli.json";

    private final GoalHarness maven;
    private final AtomicReference<String> inFlight = new AtomicReference<>("");

    TriggerIntentGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().customPipeline("nightly").defaultScript(lasting(Duration.ofMinutes(10)));
        maven.bitbucket().intercept((request, next) -> {
            if (isTrigger(request.method(), request.path()) && inFlight.get().isEmpty() && Files.exists(receipt())) {
                inFlight.set(Files.readString(receipt()));
            }
            return next.proceed();
        });
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void intentIsOnDiskWhileTheTriggerIsInFlight(String goal) throws IOException {
        maven.shop().push("main", RunScript.successful());

        maven.execute(goal).passed();

        assertThat(inFlight.get())
                .contains(
                        "\"outcome\" : \"TRIGGERING\"",
                        "\"newestNumber\" : 42",
                        "\"branch\" : \"main\"",
                        "\"execution\" : \"default-cli\"",
                        "\"time\" : \"");
        assertThat(maven.written(RECEIPT)).contains("\"number\" : 43").doesNotContain("TRIGGERING");
    }

    @Test
    void refusedTriggerLeavesNoIntent() throws IOException {
        maven.property("bitbucket.pipeline", "absent");

        assertThat(maven.execute("run").error()).contains("Requested selector is not found");

        assertThat(inFlight.get()).contains("TRIGGERING", "\"pipeline\" : \"absent\"");
        assertThat(maven.written(RECEIPT)).contains("\"outcome\" : \"NO_RUN\"").doesNotContain("newestNumber");
    }

    @Test
    void refusedTriggerKeepsTheReceiptOfAnEarlierRun() throws IOException {
        maven.execute("trigger").passed();
        inFlight.set("");
        String earlier = maven.shop().lastRun().uuid();
        maven.newBuild().property("bitbucket.pipeline", "absent").property("bitbucket.onUnfinished", "start");

        maven.execute("trigger").error();

        assertThat(inFlight.get()).contains("TRIGGERING");
        assertThat(maven.written(RECEIPT))
                .contains("\"outcome\" : \"NO_RUN\"", "\"number\" : 42", earlier)
                .doesNotContain("newestNumber");
        maven.newBuild().without("bitbucket.pipeline").without("bitbucket.onUnfinished");
        assertThat(maven.execute("trigger").failure()).contains("Pipeline #42", "has not ended");
    }

    @Test
    void triggerInDoubtKeepsItsIntent() throws IOException {
        maven.bitbucket().intercept((request, next) -> {
            if (isTrigger(request.method(), request.path())) {
                next.proceed();
                next.proceed();
                throw new IOException("the connection breaks");
            }
            return next.proceed();
        });

        assertThat(maven.execute("run").error()).contains("2 runs may be the one", "#42", "#43");
        assertThat(maven.written(RECEIPT)).contains("\"outcome\" : \"IN_DOUBT\"", "\"newestNumber\" : 0");
        assertThat(maven.newBuild().execute("run").error())
                .contains("These runs may be the one of a trigger", "#42", "#43", "nothing was triggered")
                .contains("-Dbitbucket.number=", "\"-Dbitbucket.onUnfinished=start\"");
        assertThat(maven.triggers()).hasSize(1);
    }

    /** No later goal resolves it by itself, and no build that fails before its trigger loses it. */
    @Test
    void doubtThatWasReportedIsResolvedByTheNumber() throws IOException {
        loseResponseAfterTheWork();

        assertThat(maven.execute("run").error())
                .contains("one run may be the one that it created", "#42 (https://", ":wait \"-Dbitbucket.number=42\"");
        maven.newBuild().property("bitbucket.timeout", "soon").execute("run").error();
        assertThat(maven.written(RECEIPT)).contains("\"outcome\" : \"IN_DOUBT\"", "soon");
        for (String goal : List.of("run", "trigger", "wait")) {
            maven.newBuild().without("bitbucket.timeout").property("bitbucket.onUnfinished", "wait");
            assertThat(maven.execute(goal).error())
                    .contains("This run, or none, may be the one of a trigger of branch main")
                    .contains("To wait for it: mvn ", ":wait \"-Dbitbucket.number=42\"");
        }

        assertThat(maven.newBuild()
                        .property("bitbucket.number", "42")
                        .execute("wait")
                        .passed())
                .contains("[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.triggers()).hasSize(1);
    }

    @Test
    void runThatMayBeAnotherBuildsNeedsNotBeWaitedFor() throws IOException {
        loseResponseAfterTheWork();
        assertThat(maven.execute("run").error())
                .contains("To trigger another run", "\"-Dbitbucket.onUnfinished=start\"");

        assertThat(maven.newBuild()
                        .property("bitbucket.onUnfinished", "start")
                        .execute("run")
                        .passed())
                .contains("[INFO] Pipeline #43 on branch main of acme/shop is SUCCESSFUL");
    }

    private void loseResponseAfterTheWork() {
        AtomicBoolean isFirst = new AtomicBoolean(true);
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return isTrigger(request.method(), request.path()) && isFirst.getAndSet(false)
                    ? Response.of(502)
                    : response;
        });
    }

    @Test
    void runOfAKilledBuildIsInDoubtIfTheAccountIsUnknown() throws IOException {
        killDuringTheTrigger(1);
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/user") ? Response.of(403) : next.proceed());

        assertThat(maven.execute("wait").error())
                .contains("Bitbucket does not name the account of these credentials", "#42 on branch main")
                .contains("To wait for it: mvn ", ":wait \"-Dbitbucket.number=42\"");
    }

    /** The killed build may have had credentials of that account. */
    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger", "wait", "stop"})
    void runOfAnotherAccountIsInDoubt(String goal) throws IOException {
        killDuringTheTrigger(1);
        useAnotherAccount();
        if (goal.equals("wait") || goal.equals("stop")) {
            maven.property("bitbucket.receipt", receipt().toString());
        }

        assertThat(maven.execute(goal).error())
                .contains("This run is of another account than these credentials, but may be the one of a trigger")
                .contains("#42 on branch main")
                .contains(goal.equals("stop") ? "#42" : ":wait \"-Dbitbucket.number=42\"");
        assertThat(maven.shop().runs()).hasSize(1);
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
    }

    /** A doubt ends with the run that it names, or where another one is wanted. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runOfAnotherAccountDoesNotBlockTheNextBuildForEver(boolean hasEnded) throws IOException {
        killDuringTheTrigger(1);
        useAnotherAccount();
        assertThat(maven.execute("run").error()).contains("\"-Dbitbucket.onUnfinished=start\"");
        if (hasEnded) {
            maven.time().forward(Duration.ofMinutes(11));
        } else {
            maven.property("bitbucket.onUnfinished", "start");
        }

        assertThat(maven.newBuild().execute("run").passed())
                .contains("[INFO] Pipeline #43 on branch main of acme/shop is SUCCESSFUL");
    }

    private void useAnotherAccount() {
        maven.server("bitbucket.org", "other@example.com", "another-token-that-is-new");
        maven.bitbucket().acceptBasic("other@example.com", "another-token-that-is-new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "wait by receipt"})
    void waitFindsTheRunOfAKilledBuild(String goal) throws IOException {
        killDuringTheTrigger(1);
        if (goal.equals("wait by receipt")) {
            maven.property("bitbucket.receipt", receipt().toString());
        }

        GoalResult result = maven.execute("wait");

        assertThat(result.passed()).contains("[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
        assertThat(result.warnings())
                .contains("Pipeline #42 (https://", "is used as the run of a trigger of branch main")
                .contains("Another build with the same credentials could have created it");
        assertThat(maven.written(RECEIPT)).contains("\"number\" : 42", "\"result\" : \"SUCCESSFUL\"");
    }

    @Test
    void waitIsInDoubtIfSeveralRunsMayBeTheOne() throws IOException {
        killDuringTheTrigger(2);

        assertThat(maven.execute("wait").error()).contains("These runs may be the one", "#42", "#43");
    }

    @Test
    void runWithAReceiptIsNotTheOneOfAnotherIntent() throws IOException {
        killDuringTheTrigger(2);
        Files.writeString(
                receipt().resolveSibling("other.json"),
                "{\"workspace\":\"acme\",\"repository\":\"shop\",\"number\":43,\"uuid\":\""
                        + maven.shop().lastRun().uuid() + "\",\"result\":\"FAILED\"}");

        assertThat(maven.execute("wait").warnings()).contains("Pipeline #42 (https://");
    }

    @Test
    void waitByTheReceiptOfATriggerWithoutARunIsAnError() throws IOException {
        killDuringTheTrigger(0);
        maven.property("bitbucket.receipt", receipt().toString());

        assertThat(maven.execute("wait").error()).contains("is of a trigger that has created no run of acme/shop");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "trigger"})
    void nextBuildFailsBesideTheUnfinishedRunOfAKilledBuild(String goal) throws IOException {
        killDuringTheTrigger(1);

        assertThat(maven.execute(goal).failure())
                .contains(
                        "Pipeline #42 on branch main of acme/shop has not ended",
                        "may have triggered it before",
                        "To wait for it: mvn",
                        "\"-Dbitbucket.onUnfinished=start\"");
        assertThat(maven.shop().runs()).hasSize(1);
        assertThat(maven.written(RECEIPT)).contains("newestNumber", "has not ended");
    }

    /** A gateway's 404 does not show that there is no run, nor that the one which has ended is the only one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nextBuildTriggersNothingWhereAGatewayHidesARun(boolean hasEndedRun) throws IOException {
        killDuringTheTrigger(hasEndedRun ? 1 : 0);
        maven.time().forward(Duration.ofHours(1));
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return request.method().equals("GET") && request.path().matches(".*/pipelines/\\d+")
                    ? Response.of(404, "text/plain", "default backend - 404")
                    : response;
        });

        assertThat(maven.execute("run").error())
                .contains("It is not known whether a run has ended", "default backend - 404", "nothing was triggered")
                .contains("\"-Dbitbucket.onUnfinished=start\"")
                .satisfies(
                        text -> assertThat(text.contains("#42 on branch main")).isEqualTo(hasEndedRun));
        assertThat(maven.shop().runs()).hasSize(hasEndedRun ? 1 : 0);
    }

    @Test
    void nextBuildWaitsForTheRunOfAKilledBuildWhereConfigured() throws IOException {
        killDuringTheTrigger(1);
        maven.property("bitbucket.onUnfinished", "wait");

        assertThat(maven.execute("run").passed())
                .contains("[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.shop().runs()).hasSize(1);
    }

    @Test
    void nextBuildTriggersWhereTheKilledOneCreatedNoRun() throws IOException {
        killDuringTheTrigger(0);

        assertThat(maven.execute("run").passed()).anyMatch(line -> line.contains("Bitbucket has no run of it"));
        assertThat(maven.shop().runs()).hasSize(1);
    }

    @Test
    void runOfAnotherTimeIsInDoubt() throws IOException {
        killDuringTheTrigger(0);
        maven.time().forward(Duration.ofHours(1));
        anotherBuildTriggers();

        assertThat(maven.execute("run").error())
                .contains("was created at another time", "#42", "nothing was triggered");
    }

    @Test
    void nothingIsTriggeredAfterACancellationDuringTheListing() throws Exception {
        GoalResult result = interruptedAt(request -> request.endsWith("GET /2.0/repositories/acme/shop/pipelines"));

        assertThat(result.error()).contains("The build was cancelled before a trigger: nothing was triggered");
        assertThat(maven.triggers()).isEmpty();
        assertThat(maven.written(RECEIPT)).contains("\"outcome\" : \"NO_RUN\"");
    }

    @Test
    void nothingIsTriggeredAfterACancellationDuringTheWaitForAnotherRun() throws Exception {
        maven.shop().push("main", lasting(Duration.ofHours(2)));
        maven.property("bitbucket.onBusy", "wait");
        FutureTask<GoalResult> build = new FutureTask<>(() -> maven.execute("run"));
        Thread thread = new Thread(build);
        maven.time().at(maven.time().passed().plusSeconds(60), thread::interrupt);
        thread.start();

        assertThat(build.get().error()).contains("nothing was triggered");
        assertThat(maven.triggers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"leave", "stop"})
    void cancellationDuringTheTriggerWaitsForItsResponse(String onInterrupt) throws Exception {
        maven.property("bitbucket.onInterrupt", onInterrupt);

        GoalResult result = interruptedAt(request -> request.equals("POST /2.0/repositories/acme/shop/pipelines"));

        assertThat(result.error()).contains("while it watched pipeline #42");
        assertThat(maven.written(RECEIPT)).contains("\"number\" : 42");
        assertThat(maven.shop().lastRun().stopRequests()).isEqualTo(onInterrupt.equals("stop") ? 1 : 0);
    }

    private GoalResult interruptedAt(Predicate<String> moment) throws Exception {
        FutureTask<GoalResult> build = new FutureTask<>(() -> maven.execute("run"));
        Thread thread = new Thread(build);
        maven.bitbucket().intercept((request, next) -> {
            if (moment.test(request.method() + " " + request.path())) {
                thread.interrupt();
            }
            return next.proceed();
        });
        thread.start();
        return build.get();
    }

    /** Leaves on disk what a SIGKILL leaves while the trigger is in flight, which creates so many runs. */
    private void killDuringTheTrigger(int runs) throws IOException {
        if (runs == 0) {
            AtomicBoolean isFirst = new AtomicBoolean(true);
            maven.bitbucket()
                    .intercept(
                            (request, next) -> isTrigger(request.method(), request.path()) && isFirst.getAndSet(false)
                                    ? Response.of(
                                            400,
                                            "application/json",
                                            "{\"type\":\"error\",\"error\":{\"message\":\"Bad request\"}}")
                                    : next.proceed());
            maven.execute("trigger").error();
        } else {
            maven.execute("trigger").passed();
        }
        for (int i = 1; i < runs; i++) {
            anotherBuildTriggers();
        }
        Files.writeString(receipt(), inFlight.get());
        maven.newBuild();
    }

    private void anotherBuildTriggers() {
        try (HttpTransport http = HttpTransport.builder()
                .clock(maven.time())
                .sleeper(maven.time())
                .build()) {
            new BitbucketCloud(
                            http,
                            ApiUrl.of(maven.bitbucket().apiUrl().toString()),
                            new Credentials.Basic(GoalHarness.USER, GoalHarness.API_TOKEN),
                            new RepositoryId("acme", "shop"))
                    .trigger(new TriggerRequest(
                            new Target.Branch("main", Optional.empty()), Optional.empty(), List.of()));
        }
    }

    private static RunScript lasting(Duration duration) {
        return RunScript.of(StepScript.named("Build").lasting(duration));
    }

    private Path receipt() {
        return maven.outputDirectory().resolve(RECEIPT);
    }

    private static boolean isTrigger(String method, String path) {
        return method.equals("POST") && path.endsWith("/pipelines");
    }
}
