package io.github.bitbucketpipelines.maven.run;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.ServerClock;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TriggerOnceTest {
    private static final Duration LIMIT = ofMinutes(10);

    private final RunTestHarness harness = new RunTestHarness();
    private final AtomicInteger posts = new AtomicInteger();

    @AfterEach
    void close() {
        harness.close();
    }

    @Test
    void sendsOneTriggerIfTheResponseArrives() throws InterruptedException {
        Run run = trigger();

        assertThat(run.number()).isEqualTo(harness.shop().lastRun().buildNumber());
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.events(RunEvent.Triggered.class))
                .extracting(RunEvent.Triggered::recovered)
                .containsExactly(false);
        assertThat(harness.time().passed()).isZero();
    }

    @Test
    void runOfATriggerWhoseResponseIsLostIsInDoubt() {
        loseResponses(1, true);

        assertInDoubt(1);

        assertThat(harness.events(RunEvent.Triggered.class)).isEmpty();
        assertThat(harness.time().passed()).isGreaterThanOrEqualTo(ofSeconds(15));
    }

    /** Our trigger is lost before Bitbucket processes it, another build's is not: to us, that is the same. */
    @Test
    void runOfAnotherBuildInTheSameSecondIsInDoubt() {
        loseResponses(1, false, () -> harness.pipelines().trigger(RunTestHarness.main()));

        assertInDoubt(1);

        assertThat(posts).as("ours, and theirs").hasValue(2);
    }

    @Test
    void findsTheRunOfACommitInUpperCase() {
        loseResponses(1, true);
        Target commit = new Target.Branch("main", Optional.of("5F0C1D2E3F405162738495A6B7C8D9E0F1A2B3C4"));

        assertInDoubt(new TriggerRequest(commit, Optional.empty(), List.of()), 1);
    }

    @Test
    void findsTheRunOfABranchWithUnprintableName() {
        // A non-joiner, as Persian has it; the log must not have it, since others of its kind turn text around.
        String name = "feature/\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645";
        harness.shop().branch(name, "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
        loseResponses(1, true);

        assertInDoubt(new TriggerRequest(new Target.Branch(name, Optional.empty()), Optional.empty(), List.of()), 1);
    }

    @Test
    void findsTheRunOfACustomPipelineWithUnprintableName() {
        String name = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645";
        harness.shop().customPipeline(name);
        loseResponses(1, true);

        assertInDoubt(new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.of(name), List.of()), 1);
    }

    @Test
    void findsARunThatIsListedLate() {
        harness.bitbucket().listLag(ofSeconds(12));
        loseResponses(1, true);

        assertInDoubt(1);
    }

    @Test
    void findsARunThatIsNotListedBesideAnotherOne() {
        harness.bitbucket().listLag(ofMinutes(2));
        harness.shop().branch("feature", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567");
        harness.shop().push("feature", RunScript.of());
        loseResponses(1, true);

        assertInDoubt(2);
        assertThat(posts).hasValue(1);
    }

    @Test
    void manyRunsThatAreNotListedAreInDoubt() {
        harness.bitbucket().listLag(Duration.ofHours(1));
        loseResponses(1, false, () -> {
            pushFeature(25);
            harness.pipelines().trigger(RunTestHarness.main());
        });

        assertThatThrownBy(this::trigger)
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("There are too many new runs");
        assertThat(posts).as("the lost one, and the one that may be it").hasValue(2);
    }

    /** The list has a new run of another branch, and not the 25 before it, of which one is ours. */
    @Test
    void manyNumbersThatTheListSkipsAreInDoubt() {
        AtomicBoolean isPushed = new AtomicBoolean();
        harness.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            boolean isList = request.method().equals("GET") && request.path().endsWith("/pipelines");
            return isPushed.get() && isList ? newestOf(response) : response;
        });
        loseResponses(1, true, () -> {
            pushFeature(25);
            isPushed.set(true);
        });

        assertThatThrownBy(this::trigger)
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("There are too many new runs");
        assertThat(posts).hasValue(1);
    }

    @Test
    void manyRunsBesideTheOneOfARepeatedTriggerAreAWarning() throws InterruptedException {
        harness.bitbucket().listLag(Duration.ofHours(1));
        respond(post -> {
            if (post == 1) {
                return Work.LOST;
            }
            pushFeature(25);
            return Work.SLOW;
        });

        assertThat(trigger().number()).isEqualTo(26);

        assertThat(harness.warnings())
                .last()
                .asString()
                .startsWith("It is not known whether a trigger whose response was lost has created a run after all")
                .endsWith(": There are too many new runs");
    }

    private void pushFeature(int times) {
        harness.shop().branch("feature", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567");
        for (int i = 0; i < times; i++) {
            harness.shop().push("feature", RunScript.of());
        }
    }

    private static Response newestOf(Response list) throws IOException {
        JsonMapper json = new JsonMapper();
        byte[] body = list.bytes();
        boolean isCompressed = list.headers().containsKey("Content-Encoding");
        ObjectNode page = (ObjectNode)
                json.readTree(isCompressed ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes() : body);
        ArrayNode newest = json.createArrayNode().add(page.path("values").path(0));
        return Response.of(
                200,
                "application/json",
                page.put("size", 1).set("values", newest).toString());
    }

    @Test
    void lostListingBeforeARepeatedTriggerIsNoLostTrigger() throws InterruptedException {
        AtomicInteger lists = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            if (isTrigger(request.method(), request.path()) && posts.incrementAndGet() == 1) {
                return Response.of(429, "text/plain", "Rate limit for this resource has been exceeded")
                        .header("Retry-After", "30");
            }
            if (request.path().endsWith("/pipelines")
                    && request.method().equals("GET")
                    && lists.incrementAndGet() == 2) {
                throw new IOException("the line is dead");
            }
            return next.proceed();
        });

        assertThat(trigger().number()).isOne();

        assertThat(posts).hasValue(2);
        assertThat(lists).hasValue(3);
        assertThat(harness.warnings()).noneMatch(warning -> warning.contains("lost"));
    }

    @Test
    void lateRunsAreNotSearchedAfterTheTimeLimit() throws InterruptedException {
        harness.shop().next(RunScript.of(StepScript.named("Build").lasting(Duration.ofHours(1))));
        AtomicInteger listed = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            if (isTrigger(request.method(), request.path()) && posts.incrementAndGet() == 1) {
                return Response.of(502);
            }
            if (harness.time().passed().compareTo(LIMIT) >= 0) {
                harness.time().forward(ofSeconds(2));
                listed.addAndGet(request.path().endsWith("/pipelines") ? 1 : 0);
            }
            return next.proceed();
        });

        harness.run(RunTestHarness.waiting(LIMIT));

        assertThat(harness.warnings())
                .last()
                .asString()
                .startsWith("It is not known whether a trigger whose response was lost has created a run after all")
                .endsWith(": the time limit has passed");
        assertThat(listed).hasValue(0);
    }

    @Test
    void repeatsATriggerThatCreatedNoRun() throws InterruptedException {
        loseResponses(1, false);

        trigger();

        assertThat(harness.bitbucket().created()).isOne();
        assertThat(posts).hasValue(2);
        assertThat(harness.warnings())
                .last()
                .isEqualTo("Bitbucket has no run that the lost trigger created; triggering again.");
        assertThat(harness.time().passed()).isGreaterThanOrEqualTo(ofSeconds(15));
    }

    @Test
    void failsAfterFiveLostTriggers() {
        loseResponses(100, false);

        assertThatThrownBy(this::trigger)
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("Bitbucket has no run of them");
        assertThat(harness.bitbucket().created()).isZero();
        assertThat(posts).hasValue(5);
    }

    @Test
    void refusalAfterALostResponseIsInDoubt() {
        harness.bitbucket()
                .intercept((request, next) -> isTrigger(request.method(), request.path())
                        ? posts.incrementAndGet() == 1
                                ? Response.of(502)
                                : Response.of(
                                        400,
                                        "application/json",
                                        "{\"type\":\"error\",\"error\":{\"message\":\"Bad request\"}}")
                        : next.proceed());

        assertThatThrownBy(this::trigger)
                .isInstanceOf(InDoubtException.class)
                .hasMessageContainingAll("one may appear later", "Bad request")
                .hasMessageNotContaining("othing was triggered");
        assertThat(posts).hasValue(2);
    }

    @Test
    void twoCandidatesAreInDoubtAndBothNamed() {
        loseResponses(1, true, () -> harness.pipelines().trigger(RunTestHarness.main()));

        InDoubtException doubt = catchThrowableOfType(InDoubtException.class, this::trigger);

        assertThat(doubt.candidates()).extracting(Run::number).containsExactlyInAnyOrder(1L, 2L);
        assertThat(doubt)
                .hasMessageContaining("#1")
                .hasMessageContaining("#2")
                .hasMessageContaining("pipelines/results/1");
        assertThat(posts).hasValue(2);
    }

    @Test
    void isInDoubtIfTheAccountCannotBeRead() {
        harness.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/user") ? Response.of(503) : next.proceed());
        loseResponses(1, true);

        InDoubtException doubt = catchThrowableOfType(InDoubtException.class, this::trigger);

        assertThat(doubt).hasMessageContaining("#1");
        assertThat(harness.time().passed()).isLessThan(ofMinutes(1));
        assertThat(harness.bitbucket().created()).isOne();
    }

    @Test
    void doesNotAdoptARunOfAnotherAccount() throws InterruptedException {
        harness.bitbucket().acceptBearer("token-of-another-account");
        loseResponses(
                1, false, () -> harness.pipelines("token-of-another-account").trigger(RunTestHarness.main()));

        Run run = trigger();

        assertThat(run.creator().orElseThrow().uuid())
                .contains(harness.bitbucket().account().uuid());
        assertThat(harness.bitbucket().created()).isEqualTo(2);
    }

    /** Client credentials authenticate as an app: its owner is not the creator of its runs. */
    @Test
    void ownerOfAnOAuthConsumerExcludesNoRun() {
        harness.bitbucket().oauthConsumer("the-key", "the-s3cret", Duration.ofHours(2));
        harness.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/user")
                        ? Response.of(
                                200,
                                "application/json",
                                "{\"type\":\"user\",\"uuid\":\"{0a1b2c3d-0000-4000-8000-000000000001}\"}")
                        : next.proceed());
        loseResponses(1, true);
        RunLifecycle lifecycle = harness.lifecycle(
                harness.pipelines(new Credentials.OAuthConsumer(
                        "the-key", "the-s3cret", harness.bitbucket().tokenUrl())),
                new RunClaims());

        assertThatThrownBy(() -> lifecycle.trigger(RunTestHarness.main(), LIMIT))
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("#1 (https://");
        assertThat(posts).hasValue(1);
    }

    /** The 401 of something on the way may hide that the trigger was processed, as a lost response does. */
    @Test
    void runOfATriggerWhoseTokenSomethingElseHasRefusedIsInDoubt() {
        refuseTokenOnce(
                true,
                Response.of(401, "text/html", "<html>Log in to the company network</html>")
                        .header("Server", "squid"));

        assertThatThrownBy(() -> ofConsumer().trigger(RunTestHarness.main(), LIMIT))
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("#1 (https://");
        assertThat(posts).hasValue(1);
        assertThat(harness.bitbucket().created()).isOne();
    }

    /** A trigger that is repeated with a new token passes all that comes before each trigger. */
    @Test
    void triggerThatIsRepeatedWithANewTokenIsGuarded() throws InterruptedException {
        List<String> order = new ArrayList<>();
        harness.bitbucket().intercept((request, next) -> {
            order.add(request.method() + " "
                    + request.path().substring(request.path().lastIndexOf('/') + 1));
            return next.proceed();
        });
        refuseTokenOnce(false, expired());

        Run run = ofConsumer().trigger(RunTestHarness.main(), LIMIT, guard(order, () -> {}));

        assertThat(run.number()).isOne();
        assertThat(order)
                .containsExactly(
                        "POST access_token",
                        "GET pipelines",
                        "begin",
                        "POST pipelines",
                        "refused",
                        "POST access_token",
                        "GET pipelines",
                        "begin",
                        "POST pipelines");
        assertThat(harness.bitbucket().created()).isOne();
    }

    @Test
    void triggerIsNotRepeatedWithANewTokenOnceTheBuildIsCancelled() {
        refuseTokenOnce(false, expired());
        TriggerGuard cancelled = guard(new ArrayList<>(), () -> {
            if (posts.get() > 0) {
                throw new CancellationException();
            }
        });

        assertThatThrownBy(() -> ofConsumer().trigger(RunTestHarness.main(), LIMIT, cancelled))
                .isInstanceOf(InterruptedException.class);
        assertThat(posts).hasValue(1);
        assertThat(harness.bitbucket().created()).isZero();
    }

    @Test
    void triggerIsNotRepeatedWithANewTokenAfterTheDeadline() {
        refuseTokenOnce(false, expired());
        harness.bitbucket().intercept((request, next) -> {
            if (posts.get() > 0) {
                harness.time().forward(LIMIT);
            }
            return next.proceed();
        });

        assertThatThrownBy(() -> ofConsumer().trigger(RunTestHarness.main(), LIMIT))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("no longer accepts the access token");
        assertThat(posts).hasValue(1);
        assertThat(harness.bitbucket().created()).isZero();
    }

    private static Response expired() {
        return Response.of(
                401,
                "application/json",
                "{\"type\":\"error\",\"error\":{\"message\":\"OAuth2 access token expired.\"}}");
    }

    private RunLifecycle ofConsumer() {
        harness.bitbucket().oauthConsumer("the-key", "the-s3cret", Duration.ofHours(2));
        return harness.lifecycle(
                harness.pipelines(new Credentials.OAuthConsumer(
                        "the-key", "the-s3cret", harness.bitbucket().tokenUrl())),
                new RunClaims());
    }

    private void refuseTokenOnce(boolean isProcessed, Response refusal) {
        harness.bitbucket().intercept((request, next) -> {
            if (!isTrigger(request.method(), request.path()) || posts.incrementAndGet() > 1) {
                return next.proceed();
            }
            if (isProcessed) {
                next.proceed();
            }
            return refusal;
        });
    }

    private static TriggerGuard guard(List<String> order, Runnable check) {
        return new TriggerGuard() {
            @Override
            public void begin(TriggerIntent intent) {
                check.run();
                order.add("begin");
            }

            @Override
            public void refused() {
                order.add("refused");
            }
        };
    }

    @Test
    void doesNotAdoptARunStartedByAPush() throws InterruptedException {
        loseResponses(1, false, () -> harness.shop().push("main", RunScript.successful()));

        Run run = trigger();

        assertThat(run.trigger()).contains("MANUAL");
        assertThat(harness.bitbucket().created()).isOne();
    }

    @Test
    void doesNotAdoptARunOfAnotherBranch() throws InterruptedException {
        harness.shop().branch("other", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
        TriggerRequest other =
                new TriggerRequest(new Target.Branch("other", Optional.empty()), Optional.empty(), List.of());
        loseResponses(1, false, () -> harness.pipelines().trigger(other));

        assertThat(trigger().target()).contains(new Target.Branch("main", Optional.empty()));
    }

    @Test
    void doesNotAdoptARunOfAnotherPipeline() throws InterruptedException {
        harness.shop().customPipeline("nightly");
        TriggerRequest nightly = new TriggerRequest(RunTestHarness.main().target(), Optional.of("nightly"), List.of());
        loseResponses(1, false, () -> harness.pipelines().trigger(nightly));

        Run run = trigger();

        assertThat(run.selector().flatMap(selector -> selector.pipeline())).isEmpty();
    }

    @Test
    void doesNotAdoptAnOlderRun() throws InterruptedException {
        harness.pipelines().trigger(RunTestHarness.main());
        harness.time().forward(ofMinutes(5));
        loseResponses(1, false);

        assertThat(trigger().number()).isEqualTo(2);
    }

    @Test
    void doesNotAdoptARunCreatedDuringTheRateLimitDelay() throws InterruptedException {
        harness.bitbucket().intercept((request, next) -> {
            if (!isTrigger(request.method(), request.path())) {
                return next.proceed();
            }
            return switch (posts.incrementAndGet()) {
                case 1 ->
                    Response.of(429, "text/plain", "Rate limit for this resource has been exceeded")
                            .header("Retry-After", "60");
                case 3 -> throw new IOException("the line is dead");
                default -> next.proceed();
            };
        });
        Sleeper sleeper = pause -> {
            if (posts.get() == 1) {
                // Another machine's build, with the same account, while we wait.
                harness.pipelines().trigger(RunTestHarness.main());
            }
            harness.time().sleep(pause);
        };

        RunLifecycle lifecycle = new RunLifecycle(
                new RunContext(
                        harness.pipelines(),
                        RunTestHarness.SAME_CLOCK,
                        harness.time(),
                        sleeper,
                        new Random(42),
                        event -> {}),
                new RunClaims());

        assertThat(lifecycle.trigger(RunTestHarness.main(), LIMIT).number()).isEqualTo(2);
        assertThat(posts).as("ours three times, theirs once").hasValue(4);
        assertThat(harness.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void concurrentExecutionsNeverAdoptEachOthersRun() throws Exception {
        loseResponses(1, false);
        RunLifecycle one = harness.lifecycle();
        RunLifecycle other = harness.lifecycle();
        Run[] runs = new Run[2];
        Thread first = new Thread(() -> runs[0] = uninterrupted(one));
        Thread second = new Thread(() -> runs[1] = uninterrupted(other));
        first.start();
        second.start();
        first.join();
        second.join();

        assertThat(runs[0].uuid()).isNotEqualTo(runs[1].uuid());
        assertThat(harness.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void triggersOfSameRefShareOneLockWhateverTheCommit() {
        RunClaims claims = new RunClaims();
        RepositoryId shop = new RepositoryId("acme", "shop");

        TriggerRequest commitOfMain = new TriggerRequest(
                new Target.Branch("main", Optional.of("5f0c1d2e3f40")), Optional.of("deploy"), List.of());

        assertThat(claims.lockFor(new RepositoryId("Acme", "Shop"), commitOfMain))
                .isSameAs(claims.lockFor(shop, RunTestHarness.main()));

        TriggerRequest tag = new TriggerRequest(new Target.Tag("main", Optional.empty()), Optional.empty(), List.of());

        assertThat(claims.lockFor(shop, tag)).isNotSameAs(claims.lockFor(shop, RunTestHarness.main()));
    }

    @Test
    void concurrentTriggerOfSameTargetHonoursDeadline() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch response = new CountDownLatch(1);
        harness.bitbucket().intercept((request, next) -> {
            if (isTrigger(request.method(), request.path())) {
                sent.countDown();
                await(response);
            }
            return next.proceed();
        });
        CompletableFuture<Run> first = CompletableFuture.supplyAsync(() -> uninterrupted(harness.lifecycle()));
        await(sent);

        assertThatThrownBy(() -> harness.lifecycle().trigger(RunTestHarness.main(), Duration.ofMillis(50)))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("another execution of this build was still about to trigger it")
                .hasMessageEndingWith(". Nothing was triggered.");

        response.countDown();

        assertThat(first.get(1, TimeUnit.MINUTES).number()).isOne();
        assertThat(harness.bitbucket().created()).isOne();
    }

    @Test
    void doesNotTriggerAfterTheDeadline() {
        harness.bitbucket().intercept((request, next) -> {
            // The list before the trigger takes all there is.
            if (request.method().equals("GET")) {
                harness.time().forward(LIMIT);
            }
            return next.proceed();
        });

        assertThatThrownBy(() -> harness.lifecycle().trigger(RunTestHarness.main(), LIMIT))
                .isInstanceOf(PipelinesException.class)
                .hasMessage("There was no time left to trigger branch main of acme/shop. Nothing was triggered.");
        assertThat(harness.bitbucket().created()).isZero();
    }

    @Test
    void doesNotTriggerAgainIfListingUsedUpTheTime() {
        AtomicInteger lists = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            // The first three looks take no time; the one before the second trigger takes what is left.
            if (request.method().equals("GET")
                    && request.path().endsWith("/pipelines")
                    && posts.get() == 1
                    && lists.incrementAndGet() == 4) {
                harness.time().forward(LIMIT);
            }
            return next.proceed();
        });
        loseResponses(1, false);

        assertThatThrownBy(() -> harness.lifecycle().trigger(RunTestHarness.main(), LIMIT))
                .hasMessageContaining("There was no time left");
        assertThat(posts).hasValue(1);
        assertThat(harness.bitbucket().created()).isZero();
    }

    @Test
    void twoMachinesThatLoseTheirResponsesAtOnceAreInDoubt() {
        // Neither run is listed yet when the other build looks at what there is before its own trigger.
        harness.bitbucket().listLag(ofSeconds(2));
        AtomicReference<Throwable> there = new AtomicReference<>();
        loseResponses(
                2,
                true,
                () -> there.set(catchThrowable(() -> harness.lifecycle(harness.pipelines(), new RunClaims())
                        .trigger(RunTestHarness.main(), LIMIT))));

        Throwable here = catchThrowable(this::trigger);

        assertThat(here).isInstanceOf(InDoubtException.class);
        assertThat(there.get()).isInstanceOf(InDoubtException.class);
        assertThat(harness.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void readsTheRunFromTheLocationOfAMalformedResponse() throws InterruptedException {
        harness.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return isTrigger(request.method(), request.path())
                    ? Response.of(201, "text/html", "<html>created</html>")
                            .header("Location", response.headers().get("Location"))
                    : response;
        });

        assertThat(trigger().uuid()).isEqualTo(harness.shop().lastRun().uuid());
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.time().passed()).isLessThan(ofSeconds(5));
    }

    @Test
    void runOfTheLocationThatIsShownLateIsWaitedFor() throws InterruptedException {
        hideTheRunOfTheLocationFor(ofSeconds(20));

        assertThat(trigger().uuid()).isEqualTo(harness.shop().lastRun().uuid());
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.time().passed()).isBetween(ofSeconds(20), ofSeconds(40));
    }

    @Test
    void runOfTheLocationThatIsNotShownForAMinuteIsInDoubt() {
        hideTheRunOfTheLocationFor(Duration.ofHours(1));

        assertThatThrownBy(this::trigger)
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("It is not known whether there is a run now");
        assertThat(posts).hasValue(1);
        assertThat(harness.time().passed()).isBetween(ofMinutes(1), ofMinutes(2));
    }

    private void hideTheRunOfTheLocationFor(Duration lag) {
        Instant until = harness.time().instant().plus(lag);
        harness.bitbucket().intercept((request, next) -> {
            if (isTrigger(request.method(), request.path())) {
                posts.incrementAndGet();
                String location = next.proceed().headers().get("Location");
                return Response.of(201, "text/html", "<html>created</html>").header("Location", location);
            }
            boolean isHidden = !request.path().endsWith("/pipelines")
                    && harness.time().instant().isBefore(until);
            return isHidden
                    ? Response.of(404, "application/json", "{\"error\":{\"message\":\"Not found\"}}")
                    : next.proceed();
        });
    }

    @Test
    void runOfTheLocationThatIsAnOlderOneIsInDoubt() {
        Run older = harness.pipelines().trigger(RunTestHarness.main());
        harness.bitbucket().intercept((request, next) -> {
            if (!isTrigger(request.method(), request.path())) {
                return next.proceed();
            }
            posts.incrementAndGet();
            String location = next.proceed().headers().get("Location");
            return Response.of(201, "text/html", "<html>created</html>")
                    .header(
                            "Location",
                            location.replace(bare(harness.shop().lastRun().uuid()), bare(older.uuid())));
        });

        assertThatThrownBy(this::trigger)
                .isInstanceOf(InDoubtException.class)
                .hasMessageContainingAll("#1 (https://", "not a new run of branch main");
        assertThat(posts).hasValue(1);
    }

    private static String bare(String uuid) {
        return uuid.replaceAll("[{}]", "");
    }

    @Test
    void retriesATagThatWasJustPushed() throws InterruptedException {
        TriggerRequest tag = new TriggerRequest(new Target.Tag("v1", Optional.empty()), Optional.empty(), List.of());
        harness.time().at(ofSeconds(4), () -> harness.shop().tag("v1", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4"));

        Run run = harness.lifecycle().trigger(tag, LIMIT);

        assertThat(run.target()).contains(tag.target());
        assertThat(harness.bitbucket().created()).isOne();
        assertThat(harness.warnings())
                .singleElement()
                .asString()
                .endsWith("). It may have been pushed a moment ago: retrying for a few seconds.");
    }

    @Test
    void unknownTagFailsAfterAFewSeconds() {
        TriggerRequest tag = new TriggerRequest(new Target.Tag("v1", Optional.empty()), Optional.empty(), List.of());

        assertThatThrownBy(() -> harness.lifecycle().trigger(tag, LIMIT))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("Could not find last reference for tag v1");
        assertThat(harness.time().passed()).isBetween(ofSeconds(5), ofSeconds(30));
    }

    @Test
    void unknownPipelineFailsAtOnce() {
        TriggerRequest absent =
                new TriggerRequest(RunTestHarness.main().target(), Optional.of("nothing-by-that-name"), List.of());

        assertThatThrownBy(() -> harness.lifecycle().trigger(absent, LIMIT))
                .hasMessageContaining("Requested selector is not found in bitbucket-pipelines.yml");
        assertThat(harness.time().passed()).isZero();
        assertThat(harness.bitbucket().created()).isZero();
    }

    @Test
    void runCreatedAfterALostResponseIsInDoubt() {
        loseResponses(1, false);
        // Late, behind a gateway that gave up; or another component's.
        RunLifecycle lifecycle = lifecycle(3, () -> harness.pipelines().trigger(RunTestHarness.main()));

        InDoubtException doubt =
                catchThrowableOfType(InDoubtException.class, () -> lifecycle.trigger(RunTestHarness.main(), LIMIT));

        assertThat(doubt.candidates()).extracting(Run::number).containsExactly(1L);
        assertThat(doubt).hasMessageContaining("or one of another build with the same credentials: #1 (https://");
        assertThat(posts).as("ours, and theirs").hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {-86_400, -600, -15, 15, 600, 86_400})
    void noClockExcludesARun(int lead) {
        loseResponses(1, true);
        Duration offset = ofSeconds(lead);

        assertThatThrownBy(() -> lifecycle(() -> Optional.of(offset), Clock.offset(harness.time(), offset.negated()))
                        .trigger(RunTestHarness.main(), LIMIT))
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("#1 (https://");
        assertThat(posts).hasValue(1);
    }

    @Test
    void findsTheRunAlthoughTheLocalClockIsSet() {
        loseResponses(1, true);
        ManualClock ours = new ManualClock(harness.time());
        ours.forward(ofMinutes(5));
        ServerClock theirs = () ->
                Optional.of(Duration.between(ours.instant(), harness.time().instant()));
        Sleeper sleeper = time -> {
            harness.time().sleep(time);
            ours.forward(Duration.between(ours.instant(), harness.time().instant()));
        };

        RunLifecycle lifecycle = new RunLifecycle(
                new RunContext(harness.pipelines(), theirs, ours, sleeper, new Random(42), event -> {}),
                new RunClaims());

        assertThatThrownBy(() -> lifecycle.trigger(RunTestHarness.main(), LIMIT))
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("#1 (https://");
        assertThat(posts).hasValue(1);
    }

    @Test
    void withoutServerClockALostResponseIsInDoubt() {
        loseResponses(1, true);

        assertThatThrownBy(() -> lifecycle(Optional::empty, Clock.offset(harness.time(), ofMinutes(20)))
                        .trigger(RunTestHarness.main(), LIMIT))
                .isInstanceOf(InDoubtException.class);
        assertThat(posts).hasValue(1);
    }

    /** The list of runs lags, and the read of the next number fails in another way than that there is none. */
    @ParameterizedTest
    @MethodSource("notFound")
    void onlyBitbucketsWordAboutTheNumberShowsThatThereIsNoRun(Response response) {
        harness.bitbucket().listLag(ofMinutes(2));
        harness.bitbucket()
                .intercept((request, next) ->
                        request.method().equals("GET") && request.path().endsWith("/pipelines/1")
                                ? response
                                : next.proceed());
        respond(post -> Work.DONE_AND_LOST);

        assertThatThrownBy(this::trigger)
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("It is not known whether there is a run now: Could not read run #1 of acme/shop")
                .hasMessageEndingWith("Nothing was triggered again.");
        assertThat(posts).hasValue(1);
        assertThat(harness.bitbucket().created()).isOne();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"Pipeline with build number '1' not found in repository {x}\"}}",
                "{\"type\":\"error\",\"error\":{\"message\":\"Not found\"}}"
            })
    void formsOfBitbucketsWordThatThereIsNoRunAreKnown(String body) throws InterruptedException {
        respond(post -> post == 1 ? Work.LOST : Work.SLOW);
        harness.bitbucket()
                .intercept((request, next) ->
                        request.method().equals("GET") && request.path().endsWith("/pipelines/1") && posts.get() == 1
                                ? Response.of(404, "application/json", body)
                                : next.proceed());

        assertThat(trigger().number()).isOne();

        assertThat(posts).hasValue(2);
        assertThat(harness.bitbucket().created()).isOne();
    }

    static Stream<Response> notFound() {
        return Stream.of(
                        "{}",
                        "{\"message\":\"no Route matched with those values\"}",
                        "{\"error\":{\"message\":\"Not found\"}}",
                        error("You may not have access to this repository or it no longer exists in this workspace."),
                        error("Repository acme/shop not found"),
                        error("Resource not found"),
                        detail("Pipeline with build number '2' not found in repository {x}"),
                        detail("Pipeline with build number '11' not found in repository {x}"),
                        detail("Step {x} not found in pipeline with build number '1' not found in repository {x}"))
                .map(body -> Response.of(404, "application/json", body))
                .collect(Collectors.collectingAndThen(
                        Collectors.toList(),
                        json -> Stream.concat(
                                json.stream(),
                                Stream.of(
                                        Response.of(404),
                                        Response.of(404, "text/plain", "default backend - 404"),
                                        Response.of(404, "text/html", "<html><h1>404 Not Found</h1>nginx</html>")
                                                .header("Server", "nginx"),
                                        Response.of(
                                                404,
                                                "text/html",
                                                detail("Pipeline with build number '1' not found"
                                                        + " in repository {x}"))))));
    }

    private static String error(String message) {
        return "{\"type\":\"error\",\"error\":{\"message\":\"" + message + "\"}}";
    }

    private static String detail(String text) {
        return "{\"error\":{\"message\":\"Not found\",\"detail\":\"" + text + "\",\"data\":{\"key\":"
                + "\"result-service.pipeline-id.not-found\"}}}";
    }

    /** What was found before a read failed is named. */
    @Test
    void runThatIsListedIsNamedAlthoughTheNextNumberCannotBeRead() {
        harness.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/pipelines/2")
                        ? Response.of(404, "text/plain", "default backend - 404")
                        : next.proceed());
        loseResponses(1, true);

        assertInDoubt(1);
        assertThat(posts).hasValue(1);
    }

    @Test
    void lateRunOfAnEarlierTriggerIsInDoubt() {
        hideRunsFor(ofSeconds(20));
        respond(post -> switch (post) {
            case 1 -> Work.DONE_AND_LOST;
            default -> Work.LOST;
        });

        assertInDoubt(1);
        assertThat(posts).hasValue(2);
    }

    @Test
    void listsRunsBeforeEveryRepeatedTrigger() {
        hideRunsFor(ofSeconds(20));
        respond(post -> switch (post) {
            case 1 -> Work.DONE_AND_LOST;
            default -> Work.REFUSED_FOR_NOW;
        });

        assertInDoubt(1);
        assertThat(posts).hasValue(2);
    }

    @Test
    void secondRunThatIsShownLateIsInDoubtAndBothAreNamed() {
        hideRunsFor(ofSeconds(18));
        respond(post -> switch (post) {
            case 1 -> Work.DONE_AND_LOST;
            default -> Work.SLOW;
        });

        InDoubtException doubt = catchThrowableOfType(InDoubtException.class, this::trigger);

        assertThat(doubt.candidates()).extracting(Run::number).containsExactly(2L, 1L);
        assertThat(doubt).hasMessageContaining("#2 (https://").hasMessageContaining("#1 (https://");
    }

    @Test
    void secondRunThatIsShownDuringTheWatchIsAWarning() throws InterruptedException {
        hideRunsFor(ofSeconds(40));
        respond(post -> switch (post) {
            case 1 -> Work.DONE_AND_LOST;
            default -> Work.SLOW;
        });
        harness.shop().defaultScript(RunScript.successful().lasting(ofMinutes(2)));

        harness.run(RunTestHarness.waiting(LIMIT));

        assertThat(harness.warnings())
                .last()
                .asString()
                .contains("may have created a run after all, beside #2 (https://", ": #1 (https://");
    }

    @Test
    void createdResponseWithoutARunIsNeverTriggeredAgain() {
        hideRunsFor(Duration.ofHours(1));
        respond(post -> Work.CREATED_AND_NO_MORE);

        assertThatThrownBy(this::trigger)
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("confirmed that there is a run now, but Bitbucket does not list it");
        assertThat(posts).hasValue(1);
    }

    @Test
    void searchesLongerAfterACreatedResponseWithoutARun() {
        harness.bitbucket().listLag(ofSeconds(25));
        respond(post -> Work.CREATED_AND_NO_MORE);

        assertInDoubt(1);
        assertThat(posts).hasValue(1);
    }

    @Test
    void isInDoubtWithoutTimeToSearch() {
        loseResponses(1, false);

        assertThatThrownBy(() -> harness.lifecycle().trigger(RunTestHarness.main(), ofSeconds(10)))
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("no time left");
        assertThat(posts).hasValue(1);
        assertThat(harness.time().passed()).isEqualTo(ofSeconds(10));
    }

    @Test
    void doesNotRetryAfterTheDeadline() {
        respond(post -> Work.REFUSED_FOR_NOW);

        assertThatThrownBy(() -> harness.lifecycle().trigger(RunTestHarness.main(), ofSeconds(70)))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("Bitbucket has requested a pause (Retry-After)")
                .hasMessageContaining("Nothing was triggered");
        assertThat(posts).as("at once, and after 30 and 60 seconds").hasValue(3);
        assertThat(harness.time().passed()).isEqualTo(ofSeconds(70));
    }

    /** Hides runs from the list, and #1 from reads by its number, as a stale replica does. */
    private void hideRunsFor(Duration lag) {
        harness.bitbucket().listLag(lag);
        Instant until = harness.time().instant().plus(lag);
        harness.bitbucket()
                .intercept((request, next) -> request.method().equals("GET")
                                && request.path().endsWith("/pipelines/1")
                                && harness.time().instant().isBefore(until)
                        ? noSuchRun()
                        : next.proceed());
    }

    /** Bitbucket's response to a read of a number that it has not given yet. */
    private static Response noSuchRun() {
        return Response.of(
                404,
                "application/json",
                "{\"error\":{\"message\":\"Not found\",\"detail\":\"Pipeline with build number '1' not found in"
                        + " repository"
                        + " {0a1b2c3d-0000-4000-8000-000000000002}\",\"data\":{\"key\":\"result-service.pipeline-id.not-found\","
                        + "\"arguments\":{}}}}");
    }

    /** What becomes of a trigger. */
    private enum Work {
        LOST,
        DONE_AND_LOST,
        CREATED_AND_NO_MORE,
        REFUSED_FOR_NOW,
        SLOW
    }

    private void respond(IntFunction<Work> works) {
        harness.bitbucket().intercept((request, next) -> {
            if (!isTrigger(request.method(), request.path())) {
                return next.proceed();
            }
            return switch (works.apply(posts.incrementAndGet())) {
                case LOST -> throw new IOException("the line is dead");
                case DONE_AND_LOST -> {
                    next.proceed();
                    throw new IOException("the line is dead");
                }
                case CREATED_AND_NO_MORE -> {
                    next.proceed();
                    yield Response.of(201, "application/json", "{");
                }
                case REFUSED_FOR_NOW ->
                    Response.of(429, "text/plain", "Rate limit for this resource has been exceeded")
                            .header("Retry-After", "30");
                case SLOW -> {
                    harness.time().forward(ofSeconds(5));
                    yield next.proceed();
                }
            };
        });
    }

    private RunLifecycle lifecycle(ServerClock serverClock, Clock clock) {
        return new RunLifecycle(
                new RunContext(harness.pipelines(), serverClock, clock, harness.time(), new Random(42), event -> {}),
                new RunClaims());
    }

    /** A runner after whose n-th pause something else happens. */
    private RunLifecycle lifecycle(int pause, Runnable meanwhile) {
        AtomicInteger pauses = new AtomicInteger();
        Sleeper sleeper = time -> {
            harness.time().sleep(time);
            if (pauses.incrementAndGet() == pause) {
                meanwhile.run();
            }
        };
        return new RunLifecycle(
                new RunContext(
                        harness.pipelines(),
                        RunTestHarness.SAME_CLOCK,
                        harness.time(),
                        sleeper,
                        new Random(42),
                        event -> {}),
                new RunClaims());
    }

    private Run trigger() throws InterruptedException {
        Instant begin = harness.time().instant();
        Run run = harness.lifecycle().trigger(RunTestHarness.main(), LIMIT);
        assertThat(harness.time().instant()).isBeforeOrEqualTo(begin.plus(LIMIT));
        return run;
    }

    private void assertInDoubt(int number) {
        assertInDoubt(RunTestHarness.main(), number);
    }

    /** Bitbucket has one run that may be ours: it is named, and no other is created. */
    private void assertInDoubt(TriggerRequest request, long number) {
        InDoubtException doubt = catchThrowableOfType(
                InDoubtException.class, () -> harness.lifecycle().trigger(request, LIMIT));

        assertThat(doubt.candidates()).extracting(Run::number).containsExactly(number);
        assertThat(doubt)
                .hasMessageContaining("one run may be the one that it created, or one of another build with the same"
                        + " credentials: #" + number + " (https://");
        assertThat(harness.shop().lastRun().buildNumber()).isEqualTo(number);
    }

    /** A guard that prevents each trigger from the given one on. */
    private static TriggerGuard preventing(int from, AtomicInteger refusals) {
        AtomicInteger calls = new AtomicInteger();
        return new TriggerGuard() {
            @Override
            public void begin(TriggerIntent intent) {
                if (calls.incrementAndGet() >= from) {
                    throw new TriggerPreventedException("Not run.");
                }
            }

            @Override
            public void refused() {
                refusals.incrementAndGet();
            }
        };
    }

    @Test
    void guardPreventsTheRepetitionOfARefusedTrigger() {
        AtomicInteger refusals = new AtomicInteger();
        harness.bitbucket().intercept((request, next) -> {
            if (isTrigger(request.method(), request.path())) {
                posts.incrementAndGet();
                return Response.of(429, "text/plain", "Rate limit for this resource has been exceeded");
            }
            return next.proceed();
        });

        assertThatThrownBy(() -> harness.lifecycle().trigger(RunTestHarness.main(), LIMIT, preventing(2, refusals)))
                .isInstanceOf(TriggerPreventedException.class)
                .hasMessage("Not run.");

        assertThat(posts).hasValue(1);
        assertThat(refusals).hasValue(1);
    }

    @Test
    void guardThatPreventsTheRepetitionOfALostTriggerLeavesADoubt() {
        AtomicInteger refusals = new AtomicInteger();
        loseResponses(1, false);

        assertThatThrownBy(() -> harness.lifecycle().trigger(RunTestHarness.main(), LIMIT, preventing(2, refusals)))
                .isInstanceOf(InDoubtException.class)
                .hasMessageEndingWith("one may appear later; it was not triggered again. Not run.");

        assertThat(posts).hasValue(1);
        assertThat(refusals).hasValue(0);
    }

    @Test
    void guardIsCalledAfterTheTriggerOfTheSameRef() throws Exception {
        RunClaims claims = new RunClaims();
        RunLifecycle lifecycle = harness.lifecycle(harness.pipelines(), claims);
        ReentrantLock other = claims.lockFor(harness.pipelines().repository(), RunTestHarness.main());
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiting = new Thread(() ->
                thrown.set(catchThrowable(() -> lifecycle.trigger(RunTestHarness.main(), LIMIT, new TriggerGuard() {
                    @Override
                    public void begin(TriggerIntent intent) {
                        calls.incrementAndGet();
                        throw new TriggerPreventedException("Not run.");
                    }

                    @Override
                    public void refused() {}
                }))));

        other.lock();
        try {
            waiting.start();
            while (!other.hasQueuedThread(waiting) && waiting.isAlive()) {
                Thread.onSpinWait();
            }
            assertThat(calls).hasValue(0);
        } finally {
            other.unlock();
        }
        waiting.join();

        assertThat(thrown.get()).isInstanceOf(TriggerPreventedException.class);
        assertThat(calls).hasValue(1);
        assertThat(harness.bitbucket().created()).isZero();
    }

    private static Run uninterrupted(RunLifecycle lifecycle) {
        try {
            return lifecycle.trigger(RunTestHarness.main(), LIMIT);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void loseResponses(int count, boolean afterTheWork) {
        loseResponses(count, afterTheWork, () -> {});
    }

    /** Drops the responses to the first triggers; before the first one is dropped, something else happens. */
    private void loseResponses(int count, boolean afterTheWork, Runnable meanwhile) {
        harness.bitbucket().intercept((request, next) -> {
            if (!isTrigger(request.method(), request.path())) {
                return next.proceed();
            }
            int post = posts.incrementAndGet();
            if (post > count) {
                return next.proceed();
            }
            if (afterTheWork) {
                next.proceed();
            }
            if (post == 1) {
                meanwhile.run();
            }
            throw new IOException("the line is dead");
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isTrigger(String method, String path) {
        return method.equals("POST") && path.endsWith("/pipelines");
    }
}
