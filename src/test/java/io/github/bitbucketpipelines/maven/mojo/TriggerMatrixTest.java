package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.ScriptedBitbucket;
import io.github.bitbucketpipelines.maven.testing.ScriptedBitbucket.CreatedRun;
import io.github.bitbucketpipelines.maven.testing.ScriptedBitbucket.Creation;
import io.github.bitbucketpipelines.maven.testing.ScriptedBitbucket.ScriptedResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The goal {@code run} with its defaults, against a Bitbucket that shares no code with the embedded one: each response to the
 * trigger × each clock × runs of others in the same second. Asserted are the number of runs that our triggers created, the
 * verdict at the goal, the time, and what is on disk.
 */
class TriggerMatrixTest {
    private final GoalHarness maven;
    private final ScriptedBitbucket bitbucket;

    TriggerMatrixTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        bitbucket = new ScriptedBitbucket(maven.time());
        maven.property("bitbucket.apiUrl", bitbucket.apiUrl());
    }

    @AfterEach
    void close() {
        bitbucket.close();
        maven.close();
    }

    /** The response to the first trigger; later ones are responded to as documented. */
    enum Reply {
        CREATED(true, (server, ours) -> server.created(ours.orElseThrow())),
        CLOSED_BEFORE_THE_WORK(false, (server, ours) -> Optional.empty()),
        CLOSED_AFTER_THE_WORK(true, (server, ours) -> Optional.empty()),
        GATEWAY_502_BEFORE_THE_WORK(false, gateway(502, 15, "")),
        GATEWAY_502_AFTER_THE_WORK(true, gateway(502, 15, "")),
        GATEWAY_502_WITH_LATE_CLOCK(true, gateway(502, -600, "")),
        GATEWAY_503_BEFORE_THE_WORK(false, gateway(503, 0, "Retry-After: 5\r\n")),
        GATEWAY_503_AFTER_THE_WORK(true, gateway(503, 0, "Retry-After: 5\r\n")),
        GATEWAY_429_AFTER_THE_WORK(true, gateway(429, 0, "")),
        /** A page of the result, as web applications respond to a form. */
        GATEWAY_303_AFTER_THE_WORK(true, gateway(303, 0, "Location: https://portal.example/done\r\n")),
        GATEWAY_404_AFTER_THE_WORK(true, gateway(404, 0, "")),
        GATEWAY_403_AFTER_THE_WORK(true, gateway(403, 0, "")),
        /** A cache repeats the 201 of an earlier trigger. */
        REPLAYED_BEFORE_THE_WORK(
                false, (server, ours) -> server.created(server.runs().get(0))),
        REPLAYED_AFTER_THE_WORK(
                true, (server, ours) -> server.created(server.runs().get(0))),
        /** A proxy mixes up responses. */
        OF_ANOTHER_REPOSITORY(true, (server, ours) -> {
            var json = server.json(ours.orElseThrow());
            json.putObject("repository").put("full_name", "acme/other");
            return ScriptedBitbucket.created(json.put("uuid", "{cccccccc-0000-4000-8000-000000000001}"));
        }),
        OF_ANOTHER_TARGET(
                true,
                (server, ours) -> server.created(new CreatedRun(
                        99,
                        "{cccccccc-0000-4000-8000-000000000001}",
                        Creation.OTHER_BRANCH,
                        ours.orElseThrow().created())));

        private final boolean isDone;
        private final BiFunction<ScriptedBitbucket, Optional<CreatedRun>, Optional<ScriptedResponse>> response;

        Reply(
                boolean isDone,
                BiFunction<ScriptedBitbucket, Optional<CreatedRun>, Optional<ScriptedResponse>> response) {
            this.isDone = isDone;
            this.response = response;
        }

        private static BiFunction<ScriptedBitbucket, Optional<CreatedRun>, Optional<ScriptedResponse>> gateway(
                int status, int dateLeadSeconds, String headers) {
            return (server, ours) -> ScriptedResponse.gateway(status, Duration.ofSeconds(dateLeadSeconds), headers);
        }

        boolean isCreated() {
            return name().startsWith("REPLAYED") || name().startsWith("OF_ANOTHER");
        }
    }

    /** What the clocks show. */
    enum ServerTime {
        EXACT,
        TEN_MINUTES_AHEAD,
        TEN_MINUTES_BEHIND,
        /** Different by minutes in each response. */
        JUMPING,
        /** The machine that creates runs has another clock than the one that sends Date. */
        OF_TWO_MACHINES
    }

    /** Runs that others create while the first trigger is in flight, in the same second. */
    enum Strangers {
        NONE,
        PUSH(Creation.PUSH),
        OTHER_ACCOUNT(Creation.OTHER_ACCOUNT),
        OTHER_BRANCH(Creation.OTHER_BRANCH),
        SAME_ACCOUNT(Creation.SAME_ACCOUNT),
        TWO_OF_SAME_ACCOUNT(Creation.SAME_ACCOUNT, Creation.SAME_ACCOUNT);

        private final List<Creation> runs;

        Strangers(Creation... runs) {
            this.runs = List.of(runs);
        }

        int likeOurs() {
            return (int) runs.stream().filter(Creation.SAME_ACCOUNT::equals).count();
        }
    }

    record Case(Reply reply, ServerTime time, Strangers strangers) {
        /** The runs that look like ours afterwards. */
        int candidates() {
            return strangers.likeOurs() + (reply.isDone ? 1 : 0);
        }

        @Override
        public String toString() {
            return reply + " × " + time + " × " + strangers;
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Reply reply : Reply.values()) {
            for (ServerTime time : ServerTime.values()) {
                for (Strangers strangers : Strangers.values()) {
                    cases.add(new Case(reply, time, strangers));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void oneRunOrADoubtThatNamesTheCandidates(Case c) throws IOException {
        bitbucket.create(Creation.SAME_ACCOUNT);
        maven.time().forward(Duration.ofHours(1));
        setClocks(c.time());
        bitbucket.onTrigger(body -> {
            if (bitbucket.triggers() > 1) {
                return bitbucket.created(bitbucket.create(Creation.OURS));
            }
            c.strangers().runs.forEach(bitbucket::create);
            Optional<CreatedRun> ours =
                    c.reply().isDone ? Optional.of(bitbucket.create(Creation.OURS)) : Optional.empty();
            return c.reply().response.apply(bitbucket, ours);
        });
        Duration begin = maven.time().passed();

        GoalResult result = maven.execute("run");

        List<CreatedRun> ours = bitbucket.runs().stream()
                .filter(run -> run.creation() == Creation.OURS)
                .toList();
        assertThat(ours).as("runs that our triggers created").hasSizeLessThanOrEqualTo(1);
        assertThat(maven.time().passed().minus(begin)).as("time").isLessThan(Duration.ofMinutes(4));
        if (c.reply() == Reply.CREATED) {
            assertGreen(result, ours.get(0));
            assertThat(result.warnings()).doesNotContain("lost");
        } else if (c.candidates() == 0 && !c.reply().isCreated()) {
            // The first trigger has created no run, and nothing looks like one: it is sent again.
            assertGreen(result, ours.get(0));
            assertThat(bitbucket.triggers()).isEqualTo(2);
            assertThat(result.warnings()).contains("was lost");
        } else {
            assertDoubt(result, c);
        }
    }

    private void assertGreen(GoalResult result, CreatedRun run) throws IOException {
        assertThat(result.passed())
                .contains("[INFO] Pipeline #" + run.number() + " on branch main of acme/shop is SUCCESSFUL");
        assertThat(maven.written("default-cli.json"))
                .contains("\"number\" : " + run.number(), run.uuid(), "\"result\" : \"SUCCESSFUL\"");
    }

    private void assertDoubt(GoalResult result, Case c) throws IOException {
        String error = result.error();
        assertThat(error).contains("The response to the trigger was lost", "Nothing was triggered again");
        assertThat(bitbucket.triggers()).isOne();
        if (c.candidates() == 1) {
            // Nothing distinguishes this run from ours, whatever the clocks show.
            assertThat(error)
                    .contains(
                            "one run may be the one that it created, or one of another build with the same credentials",
                            "To wait for it: mvn ",
                            "To trigger another run",
                            "\"-Dbitbucket.onUnfinished=start\"");
        }
        for (CreatedRun candidate : candidates(c)) {
            assertThat(error).contains("#" + candidate.number() + " (https://", ":wait \"-Dbitbucket.number=");
        }
        assertThat(maven.written("default-cli.json")).contains("\"outcome\" : \"IN_DOUBT\"", "\"newestNumber\" : 42");
    }

    private List<CreatedRun> candidates(Case c) {
        return bitbucket.runs().stream()
                .filter(run -> run.number() > 42)
                .filter(run -> run.creation() == Creation.OURS || run.creation() == Creation.SAME_ACCOUNT)
                .toList();
    }

    private void setClocks(ServerTime time) {
        switch (time) {
            case EXACT -> setClock(Duration.ZERO);
            case TEN_MINUTES_AHEAD -> setClock(Duration.ofMinutes(10));
            case TEN_MINUTES_BEHIND -> setClock(Duration.ofMinutes(-10));
            case JUMPING -> {
                AtomicInteger reads = new AtomicInteger();
                bitbucket.dateLead(() -> Duration.ofMinutes(7L * (1 + reads.incrementAndGet() % 5)));
            }
            case OF_TWO_MACHINES -> bitbucket.createdLead(Duration.ofSeconds(30));
        }
    }

    private void setClock(Duration lead) {
        bitbucket.dateLead(() -> lead);
        bitbucket.createdLead(lead);
    }

    @Test
    void matrixHasItsDocumentedSize() {
        String size = String.format(
                "- %d cases: %d responses to a trigger, %d clocks, %d kinds of other runs",
                cases().count(), Reply.values().length, ServerTime.values().length, Strangers.values().length);

        assertThat(Path.of("src/site/markdown/reliability.md")).content().contains(size);
        assertThat(Arrays.stream(Reply.values()).filter(reply -> reply.isDone)).hasSize(12);
    }
}
