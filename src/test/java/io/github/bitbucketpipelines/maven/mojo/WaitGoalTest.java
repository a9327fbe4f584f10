package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.ScratchGit;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@code wait} finds its run: by number, by a receipt of {@code trigger}, or as the newest of a target. */
class WaitGoalTest {
    private static final RunScript LONG = RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(10)));

    private final GoalHarness maven;

    WaitGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory);
    }

    @BeforeEach
    void twoExecutionsTrigger() {
        maven.shop().customPipeline("docs").customPipeline("nightly");
        maven.project(GoalHarness.plugin("<executions>" + trigger("start-docs", "docs")
                + trigger("start-nightly", "nightly") + "</executions>"));
    }

    @AfterEach
    void close() {
        maven.close();
    }

    @Test
    void runOfANumberIsWaitedFor() {
        maven.shop().push("main", LONG);
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("wait").passed())
                .contains(
                        "[INFO] Waiting for pipeline #42 on branch main of acme/shop (number)",
                        "[INFO] https://bitbucket.org/acme/shop/pipelines/results/42",
                        "[INFO] #42 Build            IN_PROGRESS",
                        "[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.triggers()).isEmpty();
    }

    /** A cache or a proxy mixes up responses; numbers repeat in other repositories. */
    @ParameterizedTest
    @ValueSource(strings = {"wait", "logs", "stop"})
    void responseAboutARunOfAnotherRepositoryIsAnError(String goal) {
        maven.shop().push("main", LONG);
        nameRepositoryOfRun("acme/other", "/pipelines/42");
        maven.property("bitbucket.number", "42").property("bitbucket.timeout", "20s");

        assertThat(maven.execute(goal).error())
                .contains("Could not read run #42 of acme/shop", "run of another repository, acme/other");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void runOfARenamedRepositoryIsWaitedFor() {
        maven.shop().push("main", RunScript.successful());
        nameRepositoryOfRun("acme/store", "");
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("is SUCCESSFUL"));
    }

    private void nameRepositoryOfRun(String name, String pathEnd) {
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (!request.method().equals("GET") || !request.path().endsWith(pathEnd)) {
                return response;
            }
            byte[] body = response.headers().containsKey("Content-Encoding")
                    ? new GZIPInputStream(new ByteArrayInputStream(response.bytes())).readAllBytes()
                    : response.bytes();
            return Response.of(
                    response.status(),
                    "application/json",
                    new String(body, StandardCharsets.UTF_8)
                            .replaceAll("(\"full_name\"\\s*:\\s*)\"acme/shop\"", "$1\"" + name + "\""));
        });
    }

    @Test
    void runThatDoesNotExistIsAnError() {
        maven.property("bitbucket.number", "4711");

        assertThat(maven.execute("wait").error()).contains("4711");
    }

    @Test
    void failedRunFailsTheBuild() {
        maven.shop().push("main", RunScript.ending("FAILED"));
        maven.property("bitbucket.number", "42");

        assertThat(maven.execute("wait").failure()).contains("ended FAILED", "'Deploy'");
    }

    @Test
    void runOfTheReceiptOfThisBuildIsWaitedForAndItsReceiptCompleted() throws Exception {
        startDocs("root");
        assertThat(maven.projectCalled("root").getProperties()).containsEntry("bitbucket.run.number", "42");

        assertThat(maven.execute("wait").passed())
                .contains("[INFO] Waiting for pipeline #42 docs on branch main of acme/shop (receipt "
                        + Path.of("target/bitbucket-pipelines/start-docs.json") + ")");
        assertThat(maven.written("start-docs.json")).contains("SUCCESSFUL");
    }

    @Test
    void runOfTheReceiptOfAnEarlierBuildIsWaitedFor() {
        startDocs("root");

        assertThat(maven.newBuild().execute("wait").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #42") && line.contains("start-docs.json"));
    }

    @Test
    void runOfAnotherModulesReceiptIsWaitedFor() {
        maven.module("one", "").module("two", "").property("bitbucket.reactor", "every");
        startDocs("one");

        assertThat(maven.execute("wait", "two", "wait-for-it").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #42")
                        && line.contains(Path.of("one/target/bitbucket-pipelines/start-docs.json")
                                .toString()));

        maven.newBuild();
        startDocs("one");
        assertThat(maven.newBuild().execute("wait", "two", "wait-for-it").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #43"));
    }

    @Test
    void receiptsOfSeveralUnfinishedRunsAreAnErrorThatNamesThem() {
        bothTrigger();

        assertThat(maven.execute("wait").error())
                .startsWith("Parameter 'receipt' (-Dbitbucket.receipt): ")
                .contains("start-docs: #42", "start-nightly: #43", "results/43");
    }

    @Test
    void receiptOfARunThatHasEndedCountsBesideAnUnfinishedOne() {
        startDocsThatFailAtOnce();
        maven.shop().next(LONG);
        maven.execute("trigger", "root", "start-nightly").passed();
        maven.time().forward(Duration.ofMinutes(2));

        assertThat(maven.execute("wait").error()).contains("start-docs: #42, FAILED", "start-nightly: #43");
    }

    @Test
    void receiptWhoseResultIsKnownDoesNotCountBesideAnotherOne() {
        bothTrigger();
        maven.property("bitbucket.receipt", "start-docs").execute("wait").passed();

        assertThat(maven.without("bitbucket.receipt").execute("wait").passed())
                .anyMatch(line -> line.contains("Waiting for pipeline #43 nightly"));
    }

    @Test
    void failedRunOfAReceiptOfAnEarlierBuildIsAWarningBesideAnUnfinishedOne() throws Exception {
        maven.shop().branch("main", checkOut());
        startDocsThatFailAtOnce();
        maven.shop().next(LONG);
        maven.execute("trigger", "root", "start-nightly").passed();
        maven.time().forward(Duration.ofMinutes(2));

        GoalResult result = maven.newBuild().execute("wait");

        assertThat(result.passed()).anyMatch(line -> line.contains("Waiting for pipeline #43 nightly"));
        assertThat(result.warnings()).contains("Pipeline #42", "ended FAILED", "results/42");
    }

    private void startDocsThatFailAtOnce() {
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(Duration.ofSeconds(5)).ending("FAILED")));
        maven.execute("trigger", "root", "start-docs").passed();
    }

    @Test
    void runOfThisBuildInAnotherRepositoryIsAnErrorThatNamesIt() throws Exception {
        triggerInAnotherRepository();

        GoalResult result = maven.execute("wait", "root", "await");

        assertThat(result.error())
                .contains(
                        "start: #1 of acme/api",
                        "-Dbitbucket.receipt=start -Dbitbucket.repository=acme/api",
                        "acme/shop");
        maven.newBuild().property("bitbucket.receipt", "start").property("bitbucket.repository", "acme/api");
        maven.request().setGoals(List.of("bitbucket-pipelines:wait"));
        assertThat(maven.execute("wait").failure()).contains("#1", "FAILED");
    }

    @Test
    void runOfThisBuildInAnotherRepositoryIsAWarningWhereAnotherOneIsGiven() throws Exception {
        triggerInAnotherRepository();
        maven.property("bitbucket.commit", GoalHarness.HEAD);
        maven.shop().branch("main", GoalHarness.HEAD).push("main", LONG);

        GoalResult result = maven.execute("wait", "root", "await");

        assertThat(result.passed()).anyMatch(line -> line.contains("Waiting for pipeline #43"));
        assertThat(result.warnings()).contains("start: #1 of acme/api", "-Dbitbucket.repository=acme/api");
    }

    @Test
    void runOfThisBuildOnAnotherBranchIsAWarningUntilItsResultIsKnown() {
        maven.shop().branch("release", GoalHarness.HEAD);
        startDocs("root");
        maven.property("bitbucket.branch", "release");
        maven.shop().push("release", LONG);

        GoalResult result = maven.execute("wait");

        assertThat(result.passed()).anyMatch(line -> line.contains("Waiting for pipeline #43"));
        assertThat(result.warnings())
                .contains(
                        "branch release of acme/shop",
                        "start-docs: #42 of acme/shop",
                        "-Dbitbucket.receipt=start-docs");

        maven.without("bitbucket.branch").property("bitbucket.receipt", "start-docs");
        maven.execute("wait").passed();
        maven.without("bitbucket.receipt").property("bitbucket.branch", "release");
        maven.shop().push("release", LONG);
        assertThat(maven.execute("wait").warnings()).isEmpty();
    }

    /** The execution 'start' triggers in acme/api, where the run fails; the checkout and 'await' are of acme/shop. */
    private void triggerInAnotherRepository() throws Exception {
        String head = checkOut();
        maven.shop().branch("main", head);
        maven.shop().push("main", RunScript.successful());
        maven.time().forward(Duration.ofMinutes(5));
        maven.bitbucket().repository("acme", "api").branch("main", head).next(RunScript.ending("FAILED"));
        maven.without("bitbucket.repository")
                .project("<scm><connection>scm:git:git@bitbucket.org:acme/shop.git</connection></scm>"
                        + GoalHarness.plugin("<executions><execution><id>start</id><phase>verify</phase>"
                                + "<goals><goal>trigger</goal></goals><configuration><repository>acme/api</repository>"
                                + "<branch>main</branch></configuration></execution><execution><id>await</id>"
                                + "<phase>verify</phase><goals><goal>wait</goal></goals></execution></executions>"));
        maven.execute("trigger", "root", "start").passed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "stop"})
    void lostReceiptOfThisBuildIsAnErrorThoughAnotherRunMatches(String goal) throws Exception {
        startDocs("root");
        Files.delete(maven.outputDirectory().resolve("start-docs.json"));
        maven.time().forward(Duration.ofMinutes(20));
        maven.shop().push("main", LONG);
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute(goal).error())
                .contains("Parameter 'receipt'", "start-docs.json", "can't be read any more", "-Dbitbucket.number");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();

        maven.property("bitbucket.number", "42");
        maven.execute(goal).passed();
    }

    @Test
    void receiptIsTakenByTheIdOfItsExecution() {
        bothTrigger();
        maven.property("bitbucket.receipt", "start-nightly");

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #43 nightly"));
    }

    @Test
    void receiptIsTakenByItsPath() {
        bothTrigger();
        maven.property("bitbucket.receipt", "start-docs.json");

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #42 docs"));
    }

    @Test
    void receiptIsTheOneThatFitsWhatIsGiven() {
        bothTrigger();
        maven.property("bitbucket.pipeline", "docs");

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #42 docs"));
    }

    @Test
    void missingReceiptIsAnErrorThatNamesTheDirectory() {
        bothTrigger();
        for (String name : new String[] {"start-dosc", "start-dosc.json"}) {
            maven.newBuild().property("bitbucket.receipt", name);

            assertThat(maven.execute("wait").error())
                    .startsWith("Parameter 'receipt'")
                    .contains("'" + name + "'", maven.outputDirectory().toString());
        }
    }

    @Test
    void receiptOfADeletedRunIsAnErrorWhereNamedElseIgnored() throws Exception {
        startDocs("root");
        Path receipt = maven.outputDirectory().resolve("start-docs.json");
        Files.writeString(receipt, Files.readString(receipt).replace("\"number\" : 42", "\"number\" : 4711"));
        maven.newBuild().property("bitbucket.receipt", "start-docs");

        assertThat(maven.execute("wait").error())
                .startsWith("Parameter 'receipt'")
                .contains("acme/shop");

        maven.newBuild().without("bitbucket.receipt").property("bitbucket.branch", "main");
        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("(the newest of branch main"));
    }

    @Test
    void receiptOfAnotherRepositoryIsIgnored() {
        startDocs("root");
        maven.bitbucket().repository("acme", "other").branch("main", GoalHarness.HEAD);
        maven.property("bitbucket.repository", "acme/other")
                .property("bitbucket.branch", "main")
                .property("bitbucket.appearTimeout", "2s");

        assertThat(maven.execute("wait").error()).contains("branch main of acme/other", "2s");
    }

    @Test
    void newestRunOfATargetIsWaitedForAndMayAppearLater() {
        maven.time().at(Duration.ofSeconds(20), () -> maven.shop().push("main", LONG));
        maven.property("bitbucket.branch", "main");

        GoalResult result = maven.execute("wait");

        assertThat(result.passed())
                .contains("[INFO] Waiting for pipeline #42 on branch main of acme/shop"
                        + " (the newest of branch main of acme/shop)");
    }

    @Test
    void newestRunThatHasEndedBeforeIsAnErrorThatNamesItAndHowToSelectIt() {
        maven.shop().push("main", RunScript.successful());
        maven.time().forward(Duration.ofHours(24));
        maven.property("bitbucket.branch", "main");

        GoalResult result = maven.execute("wait");

        assertThat(result.error())
                .contains(
                        "No new run of branch main of acme/shop",
                        "within 1m 00s",
                        "#42",
                        "ended SUCCESSFUL",
                        "\"-Dbitbucket.number=42\"",
                        "\"-Dbitbucket.commit=" + GoalHarness.HEAD + "\"",
                        "results/42");
        assertThat(result.console()).contains("#42, has already ended").doesNotContain("Waiting for pipeline");
    }

    @Test
    void newestRunThatHasEndedBeforeGivesWayToANewOne() {
        maven.shop().push("main", RunScript.successful());
        maven.time().forward(Duration.ofHours(24));
        maven.time()
                .at(maven.time().passed().plusSeconds(20), () -> maven.shop().push("main", LONG));
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #43"));
    }

    @Test
    void endedRunOfANamedCommitCounts() {
        maven.shop().push("main", RunScript.ending("FAILED"));
        maven.time().forward(Duration.ofHours(24));
        maven.property("bitbucket.commit", GoalHarness.HEAD);

        assertThat(maven.execute("wait").failure()).contains("#42", "ended FAILED");
    }

    @Test
    void endedRunOfTheCheckoutsHeadCounts() throws Exception {
        maven.shop().branch("main", checkOut());
        maven.shop().push("main", RunScript.successful());
        maven.time().forward(Duration.ofHours(24));

        GoalResult result = maven.execute("wait");

        assertThat(result.passed()).anyMatch(line -> line.contains("Waiting for pipeline #42"));
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void endedRunOfTheCheckoutsHeadComesBeforeAnUnfinishedRunOfAnotherCommit() throws Exception {
        maven.shop().branch("main", checkOut());
        maven.shop().push("main", RunScript.ending("FAILED"));
        maven.time().forward(Duration.ofMinutes(5));
        maven.shop().branch("main", GoalHarness.HEAD);
        maven.shop().push("main", LONG);

        assertThat(maven.execute("wait").failure()).contains("#42", "ended FAILED");
    }

    @Test
    void endedRunOfAnotherCommitThanTheCheckoutsHeadDoesNotCount() throws Exception {
        checkOut();
        maven.shop().push("main", RunScript.successful());
        maven.time().forward(Duration.ofHours(24));

        assertThat(maven.execute("wait").error()).contains("#42", "not known to be of the checkout's HEAD");
    }

    @Test
    void unfinishedRunOfAnotherCommitThanTheCheckoutsHeadIsAWarning() throws Exception {
        String head = checkOut();
        maven.shop().push("main", LONG);

        GoalResult result = maven.execute("wait");

        result.passed();
        assertThat(result.warnings())
                .contains(
                        "#42 is of commit 5f0c1d2e3f40",
                        "HEAD is " + head.substring(0, 12),
                        "-Dbitbucket.commit=" + head);
    }

    @Test
    void otherRunOfTheCommitThatFailedIsAWarningThatNamesIt() {
        maven.shop().customPipeline("docs").customPipeline("nightly");
        place("docs", RunScript.ending("FAILED"));
        maven.time().forward(Duration.ofMinutes(5));
        place("nightly", LONG);
        maven.property("bitbucket.commit", GoalHarness.HEAD);

        GoalResult result = maven.execute("wait");

        assertThat(result.passed()).anyMatch(line -> line.contains("Waiting for pipeline #43"));
        assertThat(result.warnings())
                .contains(
                        "Pipeline #42 docs on branch main of acme/shop of the same commit ended FAILED", "results/42");
    }

    @Test
    void otherRunOfTheCommitThatHasNotEndedIsAWarningThatNamesIt() {
        place("docs", RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(9))));
        maven.time().forward(Duration.ofMinutes(5));
        place("nightly", RunScript.successful());
        maven.time().forward(Duration.ofMinutes(5));
        maven.property("bitbucket.commit", GoalHarness.HEAD).property("bitbucket.branch", "main");
        maven.property("bitbucket.pipeline", "nightly");
        maven.execute("wait").passed();
        maven.newBuild().without("bitbucket.pipeline").property("bitbucket.number", "43");
        assertThat(maven.execute("wait").warnings()).isEmpty();

        maven.newBuild().without("bitbucket.number").without("bitbucket.branch");
        GoalResult result = maven.execute("wait");

        assertThat(result.passed()).anyMatch(line -> line.contains("Waiting for pipeline #43"));
        assertThat(result.warnings()).contains("#42 docs", "is IN_PROGRESS");
    }

    @Test
    void otherRunOfTheCommitThatSucceededIsNoWarning() {
        place("docs", RunScript.successful());
        maven.time().forward(Duration.ofMinutes(5));
        place("nightly", LONG);
        maven.property("bitbucket.commit", GoalHarness.HEAD);

        GoalResult result = maven.execute("wait");

        assertThat(result.passed()).anyMatch(line -> line.startsWith("[INFO] Pipeline #42 docs"));
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void otherRunsOfTheCommitThatCannotBeReadAreAWarning() {
        place("nightly", LONG);
        maven.property("bitbucket.commit", GoalHarness.HEAD);
        AtomicInteger lists = new AtomicInteger();
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/pipelines") && lists.incrementAndGet() > 1
                        ? Response.of(403, "application/json", "{}")
                        : next.proceed());

        GoalResult result = maven.execute("wait");

        result.passed();
        assertThat(result.warnings()).contains("other runs of the same commit could not be read");
    }

    @Test
    void endedRunOfAReceiptOfThisBuildCounts() {
        maven.shop().next(RunScript.successful());
        maven.execute("trigger", "root", "start-docs").passed();
        maven.time().forward(Duration.ofMinutes(5));

        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #42 docs"));
    }

    @Test
    void endedRunOfAReceiptOfAnEarlierBuildCountsOnlyWhereNamed() {
        maven.shop().next(RunScript.successful());
        maven.execute("trigger", "root", "start-docs").passed();
        maven.time().forward(Duration.ofMinutes(5));
        maven.newBuild().property("bitbucket.branch", "main");

        assertThat(maven.execute("wait").error()).contains("No new run of branch main", "#42");

        maven.newBuild().property("bitbucket.receipt", "start-docs");
        assertThat(maven.execute("wait").passed()).anyMatch(line -> line.contains("Waiting for pipeline #42 docs"));
    }

    @Test
    void endedRunOfAReceiptOfAnEarlierBuildCountsWhereItIsOfTheCheckoutsHead() throws Exception {
        maven.shop().branch("main", checkOut());
        maven.shop().next(RunScript.ending("FAILED"));
        maven.execute("trigger", "root", "start-docs").passed();
        maven.time().forward(Duration.ofMinutes(5));
        maven.newBuild();

        assertThat(maven.execute("wait").failure()).contains("#42", "ended FAILED");
    }

    @Test
    void receiptOfARehearsalIsNotTakenForOneOfARealRun() throws Exception {
        startDocs("root");
        Path receipt = maven.outputDirectory().resolve("start-docs.json");
        Files.writeString(receipt, Files.readString(receipt).replace("\"rehearsal\" : false", "\"rehearsal\" : true"));
        maven.newBuild().property("bitbucket.receipt", "start-docs");
        assertThat(maven.execute("wait").error()).contains("there is no receipt 'start-docs'");

        maven.newBuild().property("bitbucket.receipt", "start-docs.json");
        assertThat(maven.execute("wait").error()).contains("of a rehearsal", "this goal is a real one");
    }

    @Test
    void receiptsOfOneNameAndDifferentRunsAreAnErrorThatNamesThem() {
        maven.module("one", "").module("two", "").property("bitbucket.reactor", "every");
        startDocs("one");
        startDocs("two");
        maven.newBuild().property("bitbucket.receipt", "start-docs");

        assertThat(maven.execute("wait").error())
                .startsWith("Parameter 'receipt'")
                .contains("one/target", "#42", "two/target", "#43");
    }

    @Test
    void runWhosePipelineIsNotKnownInTimeIsNotTaken() {
        maven.shop()
                .place(
                        "MANUAL",
                        "main",
                        Optional.of("docs"),
                        EmbeddedAccount.person("Ann"),
                        maven.time().instant(),
                        LONG.parsing(Duration.ofHours(1)));
        maven.property("bitbucket.branch", "main").property("bitbucket.pipeline", "nightly");

        assertThat(maven.execute("wait").error()).contains("has not reported", "nightly", "#42");
    }

    @Test
    void triggerThatAnotherThreadIsSendingIsAnErrorThatNamesIt() {
        maven.shop().push("main", LONG);
        maven.property("bitbucket.branch", "main");
        AtomicReference<GoalResult> waited = new AtomicReference<>();
        maven.bitbucket().intercept((request, next) -> {
            if (request.method().equals("POST") && waited.get() == null) {
                waited.set(maven.execute("wait"));
            }
            return next.proceed();
        });

        maven.execute("trigger", "root", "start-docs").passed();

        assertThat(waited.get().error()).contains("no run to wait for yet", "execution 'start-docs'", "(-T)");
    }

    @Test
    void severalUnfinishedRunsOfATargetAreAnErrorThatNamesThem() {
        maven.shop().push("main", LONG);
        maven.shop().push("main", LONG);
        maven.property("bitbucket.branch", "main");

        assertThat(maven.execute("wait").error()).contains("results/42", "results/43", "-Dbitbucket.number");
    }

    @Test
    void timeoutCountsFromTheBeginningOfTheWait() {
        maven.shop().push("main", RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(9))));
        maven.time().forward(Duration.ofSeconds(30));
        maven.property("bitbucket.number", "42").property("bitbucket.timeout", "20s");

        assertThat(maven.execute("wait").failure()).contains("after 20s (timeout)", ":wait \"-Dbitbucket.number=42\"");
    }

    private void place(String pipeline, RunScript script) {
        maven.shop()
                .place(
                        "PUSH",
                        "main",
                        Optional.of(pipeline),
                        EmbeddedAccount.person("Ann"),
                        maven.time().instant(),
                        script);
    }

    /** Checks out a commit on branch main, and returns its hash. */
    private String checkOut() throws Exception {
        return ScratchGit.in(maven.root().toFile()).init().run("rev-parse", "HEAD");
    }

    private void bothTrigger() {
        startDocs("root");
        maven.shop().next(LONG);
        maven.execute("trigger", "root", "start-nightly").passed();
        maven.time().forward(Duration.ofSeconds(5));
    }

    /** Triggers #42, which runs then. */
    private void startDocs(String module) {
        maven.shop().next(LONG);
        maven.execute("trigger", module, "start-docs").passed();
        maven.time().forward(Duration.ofSeconds(5));
    }

    private static String trigger(String id, String pipeline) {
        // Not the phase of the harness's builds: what is bound there would still be awaited.
        return "<execution><id>" + id + "</id><phase>verify</phase><goals><goal>trigger</goal></goals>"
                + "<configuration><branch>main</branch><pipeline>" + pipeline
                + "</pipeline></configuration></execution>";
    }

    /** The run before was of a broken bitbucket-pipelines.yml, whose times are 16 ms out of order. */
    @Test
    void timesOfAnEarlierRunThatGoBackwardsDoNotEndTheWait() {
        maven.shop().push("main", RunScript.broken());
        maven.time().forward(Duration.ofMinutes(5));
        maven.shop().push("main", LONG);
        maven.property("bitbucket.number", "43");

        assertThat(maven.execute("wait").passed())
                .contains("[INFO] Pipeline #43 on branch main of acme/shop is SUCCESSFUL")
                .noneMatch(line -> line.contains("mistake in the plugin"));
    }

    @Test
    void runIsNotStoppedWhereAnotherOneOfItsNumberIsShown() {
        maven.shop().push("main", LONG);
        Instant from = maven.time().instant().plus(Duration.ofMinutes(1));
        maven.bitbucket()
                .intercept((request, next) -> request.method().equals("GET")
                                && request.path().endsWith("/pipelines/42")
                                && maven.time().instant().isAfter(from)
                        ? Response.of(
                                200,
                                "application/json",
                                "{\"uuid\": \"{00000000-0000-4000-8000-000000000009}\", \"build_number\": 42,"
                                        + " \"state\": {\"name\": \"IN_PROGRESS\"}, \"target\": {}}")
                        : next.proceed());
        maven.property("bitbucket.number", "42")
                .property("bitbucket.timeout", "5m")
                .property("bitbucket.onTimeout", "stop");

        GoalResult result = maven.execute("wait");

        assertThat(result.error()).contains("the response is about another run");
        assertThat(result.console()).contains("[WARNING] The run was not stopped (onTimeout=stop): ");
        assertThat(maven.shop().lastRun().stopRequests()).isZero();
    }

    @Test
    void stepsOfAnotherRunDoNotMakeAPausedRunSucceed() {
        maven.shop()
                .push(
                        "main",
                        RunScript.of(
                                StepScript.named("Build"),
                                StepScript.named("Deploy").manual().triggeredBy("pipeline_step_trigger_automatic")));
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/steps")
                        ? Response.of(
                                200,
                                "application/json",
                                "{\"values\": [{\"uuid\": \"{00000000-0000-4000-8000-000000000002}\","
                                        + " \"pipeline\": {\"uuid\": \"{00000000-0000-4000-8000-0000000000ff}\"},"
                                        + " \"trigger\": {\"type\": \"pipeline_step_trigger_manual\"},"
                                        + " \"state\": {\"name\": \"PENDING\"}}]}")
                        : next.proceed());
        maven.property("bitbucket.number", "42")
                .property("bitbucket.timeout", "5m")
                .property("bitbucket.onPaused", "succeed");

        GoalResult result = maven.execute("wait");

        assertThat(result.failure()).contains("it is PAUSED");
        assertThat(result.console())
                .contains("[WARNING] Could not read the steps of run #42 of acme/shop: the response is about another"
                        + " run, ");
    }
}
