package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Triggers of one build with few requests left share the listing before them, and are as safe as with one of their own. */
class SharedListingTest {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    /** What the server does to a trigger. */
    private interface Trigger {
        Response respond(Interceptor.Next next) throws IOException;
    }

    private final RunTestHarness harness = new RunTestHarness();
    private final PipelinesClient client = harness.pipelines();
    private final RunClaims claims = new RunClaims();
    private final AtomicInteger lists = new AtomicInteger();
    private final AtomicInteger triggers = new AtomicInteger();
    private int limit = 100;
    private int special = -1;
    private Trigger handler = next -> next.proceed();

    @BeforeEach
    void intercept() {
        harness.bitbucket().intercept((request, next) -> {
            if (request.path().endsWith("/pipelines")) {
                (request.method().equals("POST") ? triggers : lists).incrementAndGet();
            }
            boolean isSpecial = request.method().equals("POST") && triggers.get() == special;
            Response response = isSpecial ? handler.respond(next) : next.proceed();
            return response.header("X-RateLimit-Limit", String.valueOf(limit));
        });
    }

    @AfterEach
    void close() {
        harness.close();
    }

    private Run trigger() throws InterruptedException {
        return harness.lifecycle(client, claims).trigger(RunTestHarness.main(), LIMIT);
    }

    private void atTrigger(int number, Trigger response) {
        special = number;
        handler = response;
    }

    @Test
    void fewRequestsAreLeftThereforeOneListingServesManyTriggers() throws InterruptedException {
        for (int i = 1; i <= 20; i++) {
            assertThat(trigger().number()).isEqualTo(i);
            harness.time().forward(Duration.ofSeconds(50));
        }

        assertThat(lists).hasValue(1);
        assertThat(harness.bitbucket().created()).isEqualTo(20);
    }

    @Test
    void listingIsNoOlderThanAMinute() throws InterruptedException {
        trigger();
        harness.time().forward(Duration.ofSeconds(60));
        trigger();

        assertThat(lists).hasValue(2);
    }

    @Test
    void manyRequestsAreLeftThereforeEachTriggerHasItsOwnListing() throws InterruptedException {
        limit = 1_000;
        trigger();
        trigger();

        assertThat(lists).hasValue(2);
    }

    @Test
    void responseAboutAnEarlierRunOfTheBuildIsNotTaken() throws InterruptedException {
        byte[][] first = new byte[1][];
        atTrigger(1, next -> {
            Response response = next.proceed();
            first[0] = response.bytes();
            return response;
        });
        trigger();
        atTrigger(2, next -> {
            next.proceed();
            return Response.of(201, "application/json", new String(first[0], StandardCharsets.UTF_8));
        });

        assertThatThrownBy(this::trigger).isInstanceOf(InDoubtException.class);
        assertThat(harness.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void runOfAnotherBuildSinceTheListingIsADoubtAfterALostResponse() throws InterruptedException {
        trigger();
        long theirs = harness.pipelines().trigger(RunTestHarness.main()).number();
        atTrigger(3, next -> {
            throw new IOException("the line is dead");
        });

        InDoubtException doubt = catchThrowableOfType(InDoubtException.class, this::trigger);

        assertThat(doubt.candidates()).extracting(Run::number).containsExactly(theirs);
        assertThat(harness.bitbucket().created()).isEqualTo(2);
    }

    @Test
    void lostResponseIsFollowedByASearchAndALaterTriggerByAListing() throws InterruptedException {
        trigger();
        atTrigger(2, next -> {
            throw new IOException("the line is dead");
        });
        assertThat(trigger().number()).isEqualTo(2);
        int before = lists.get();

        assertThat(trigger().number()).isEqualTo(3);

        assertThat(lists).hasValue(before + 1);
        assertThat(harness.bitbucket().created()).isEqualTo(3);
    }

    @Test
    void refusedTriggerLeavesNoListingBehind() throws InterruptedException {
        trigger();
        atTrigger(
                2,
                next -> Response.of(
                        400, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"No such pipeline\"}}"));
        assertThatThrownBy(this::trigger).hasMessageContaining("Nothing was triggered");

        trigger();

        assertThat(lists).hasValue(2);
        assertThat(harness.bitbucket().created()).isEqualTo(2);
    }
}
