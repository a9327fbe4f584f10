package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TerminalLine;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.LogContent;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.BrokenBody;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogFollowingTest {
    private static final WatchOptions ALL_LOGS = new WatchOptions(
            Duration.ofHours(1),
            Optional.empty(),
            WatchOptions.OnTimeout.FAIL,
            WatchOptions.OnPaused.WAIT,
            WatchOptions.OnHalted.WAIT,
            WatchOptions.Logs.ALL,
            100);

    /** Lines of every length, some of them long, in characters of one to four bytes. */
    private static String text(long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < 300; line++) {
            for (int i = random.nextInt(90) * random.nextInt(4); i > 0; i--) {
                text.append(
                        switch (random.nextInt(8)) {
                            case 0 -> "ü";
                            case 1 -> "完";
                            case 2 -> "🚀";
                            default -> "x";
                        });
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    private static WatchResult follow(RunTestHarness harness, RunScript script, Schedule schedule)
            throws InterruptedException {
        harness.shop().next(script);
        RunLifecycle lifecycle = harness.lifecycle();
        Instant begin = harness.time().instant();
        Run run = lifecycle.trigger(RunTestHarness.main(), ALL_LOGS.timeout());
        return lifecycle.watch(run, begin, schedule, ALL_LOGS);
    }

    private static Map<String, String> emittedLogs(RunTestHarness harness) {
        return harness.events(RunEvent.LogAppended.class).stream()
                .collect(Collectors.groupingBy(
                        grew -> grew.step().displayName(),
                        Collectors.flatMapping(grew -> grew.lines().stream(), Collectors.joining("\n", "", "\n"))));
    }

    private static RunScript parallelSteps() {
        return RunScript.of(
                StepScript.named("Build").lasting(Duration.ofSeconds(60)).log(text(1)),
                StepScript.named("Lint")
                        .lasting(Duration.ofSeconds(40))
                        .log(text(2))
                        .parallel(),
                StepScript.named("Deploy").lasting(Duration.ofSeconds(30)).log(text(3)));
    }

    private static void isWhole(RunTestHarness harness) {
        assertThat(emittedLogs(harness))
                .containsExactlyInAnyOrderEntriesOf(Map.of("Build", text(1), "Lint", text(2), "Deploy", text(3)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 19, 50})
    void brokenConnectionsNeitherLoseNorRepeatLines(int seconds) throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            follow(harness, parallelSteps(), Schedule.every(Duration.ofSeconds(seconds)));
            isWhole(harness);
        }
    }

    @Test
    void adaptiveScheduleEmitsAllLines() throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.shop().history("main", Optional.empty(), List.of(Duration.ofSeconds(90), Duration.ofSeconds(91)));
            follow(harness, parallelSteps(), Schedule.auto());
            isWhole(harness);
        }
    }

    /** Sends a body in pieces of random sizes, and may break the connection off. */
    private static Response hostile(Response response, Random random, boolean breaks) throws IOException {
        byte[] bytes = response.bytes();
        return response.body(new Response.Body() {
            @Override
            public long length() {
                return breaks ? bytes.length : -1;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                int end = breaks ? random.nextInt(bytes.length + 1) : bytes.length;
                for (int at = 0; at < end; ) {
                    int piece = Math.min(end - at, random.nextInt(1, 7 + random.nextInt(5_000)));
                    out.write(bytes, at, piece);
                    out.flush();
                    at += piece;
                }
            }
        });
    }

    private static boolean isLog(String path) {
        return path.endsWith("/log") || path.endsWith(".log");
    }

    @Test
    void survivesHostileChunksAndBrokenConnections() throws InterruptedException {
        Random random = new Random(7);
        Interceptor chunks = (request, bitbucket) -> {
            Response response = bitbucket.proceed();
            return isLog(request.path()) && response.status() / 100 == 2
                    ? hostile(response, random, random.nextInt(3) == 0)
                    : response;
        };
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.bitbucket().intercept(chunks);
            follow(harness, parallelSteps(), Schedule.every(Duration.ofSeconds(5)));
            isWhole(harness);
        }
    }

    @Test
    void failedRangesNeitherLoseNorRepeatLines() throws InterruptedException {
        Interceptor withoutRanges = (request, bitbucket) -> {
            if (isLog(request.path()) && request.header("Range").isPresent()) {
                Response response = bitbucket.proceed();
                boolean isPart = response.status() == 206;
                return isPart ? Response.of(500) : response;
            }
            return bitbucket.proceed();
        };
        // Some ranges fail with a server error and are repeated; no line is emitted twice.
        Random random = new Random(11);
        Interceptor sometimes = (request, bitbucket) ->
                random.nextInt(4) == 0 ? withoutRanges.intercept(request, bitbucket) : bitbucket.proceed();
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.bitbucket().intercept(sometimes);
            follow(harness, parallelSteps(), Schedule.every(Duration.ofSeconds(5)));
            isWhole(harness);
        }
    }

    /** A log of 10 MiB of a completed step; each response takes a minute, has so many bytes of it, and breaks off. */
    private static WatchResult slowly(RunTestHarness harness, int portion) throws InterruptedException {
        RunScript script = RunScript.of(StepScript.named("Build")
                .lasting(Duration.ofSeconds(1))
                .log(LogContent.repeating("x".repeat(1023) + "\n", 10 << 20)));
        harness.bitbucket().intercept((request, bitbucket) -> {
            Response response = bitbucket.proceed();
            if (!isLog(request.path()) || response.status() / 100 != 2) {
                return response;
            }
            harness.time().forward(Duration.ofMinutes(1));
            byte[] bytes = response.bytes();
            return response.body(BrokenBody.after(portion, bytes));
        });
        return follow(harness, script, Schedule.every(Duration.ofMinutes(1)));
    }

    private static int linesShown(RunTestHarness harness) {
        return harness.events(RunEvent.LogAppended.class).stream()
                .mapToInt(grew -> grew.lines().size())
                .sum();
    }

    @Test
    void readsALargeSlowLogToItsEnd() throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            assertThat(slowly(harness, 2 << 20)).isInstanceOf(WatchResult.Ended.class);
            assertThat(linesShown(harness)).isEqualTo(10 << 10);
        }
    }

    @Test
    void truncatesAVerySlowLogWithAWarning() throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            assertThat(slowly(harness, 50_000)).isInstanceOf(WatchResult.Ended.class);
            assertThat(linesShown(harness)).isBetween(40, 1000);
            assertThat(harness.warnings())
                    .anyMatch(note -> note.startsWith("The log of step 'Build' was not read to its end"));
            assertThat(harness.time().passed()).isLessThan(Duration.ofMinutes(5));
        }
    }

    @Test
    void readsALogOnceMoreWhileItMovesToStorage() throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            Instant[] over = new Instant[1];
            harness.bitbucket().intercept((request, bitbucket) -> {
                Response response = bitbucket.proceed();
                if (request.path().endsWith("/log") && response.status() == 307) {
                    over[0] = over[0] == null ? harness.time().instant() : over[0];
                    boolean moving = harness.time().instant().isBefore(over[0].plusMillis(900));
                    return moving ? Response.of(404, "application/json", "{}") : response;
                }
                return response;
            });
            follow(
                    harness,
                    RunScript.of(StepScript.named("Build")
                            .lasting(Duration.ofSeconds(33))
                            .log(text(4))),
                    Schedule.every(Duration.ofSeconds(5)));
            assertThat(emittedLogs(harness)).isEqualTo(Map.of("Build", text(4)));
        }
    }

    @Test
    void readsTheEndOfAFailedLogOnceMoreWhileItMovesToStorage() throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            int[] missing = {1};
            harness.bitbucket().intercept((request, bitbucket) -> {
                Response response = bitbucket.proceed();
                boolean isMissing = request.path().endsWith("/log") && missing[0]-- > 0;
                return isMissing ? Response.of(404, "application/json", "{}") : response;
            });
            harness.shop()
                    .next(RunScript.of(
                            StepScript.named("Build").ending("FAILED").log("the reason\n")));

            harness.run(RunTestHarness.waiting(Duration.ofMinutes(10)));

            assertThat(harness.events(RunEvent.FailedStepLogTail.class))
                    .singleElement()
                    .satisfies(tail -> assertThat(tail.lines()).containsExactly("the reason"));
        }
    }

    private static RunScript oneStep() {
        return RunScript.of(
                StepScript.named("Build").lasting(Duration.ofSeconds(60)).log(text(5)));
    }

    private static List<String> emittedLines(RunTestHarness harness) {
        return harness.events(RunEvent.LogAppended.class).stream()
                .flatMap(grew -> grew.lines().stream())
                .toList();
    }

    private static void noteOfAnotherLog(RunTestHarness harness, int times) {
        assertThat(harness.events(RunEvent.Notice.class).stream()
                        .map(RunEvent.Notice::text)
                        .filter(note -> note.startsWith("The log of step 'Build' does not go on where it had ended")))
                .hasSize(times);
    }

    @Test
    void shorterLogIsReadAgainAndOnlyWhatDiffersIsEmitted() throws InterruptedException {
        List<String> before = text(5).lines().toList();
        String stored = String.join("\n", before.subList(0, 50)) + "\nchanged\nlast";
        try (RunTestHarness harness = new RunTestHarness()) {
            List<String> live = new ArrayList<>();
            harness.bitbucket().intercept((request, bitbucket) -> {
                Response response = bitbucket.proceed();
                if (!request.path().endsWith(".log")) {
                    return response;
                }
                if (live.isEmpty()) {
                    live.addAll(emittedLines(harness));
                }
                return request.header("Range").isPresent() ? Response.of(416) : Response.of(200, "text/plain", stored);
            });
            follow(harness, oneStep(), Schedule.every(Duration.ofSeconds(5)));

            List<String> expected = new ArrayList<>(live);
            expected.addAll(List.of("changed", "last"));
            assertThat(live).hasSizeGreaterThan(50);
            assertThat(emittedLines(harness)).isEqualTo(expected);
            noteOfAnotherLog(harness, 1);
        }
    }

    @Test
    void logThatIsShorterForAMomentLosesAndRepeatsNothing() throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            Random random = new Random(3);
            harness.bitbucket().intercept((request, bitbucket) -> {
                Response response = bitbucket.proceed();
                if (!isLog(request.path()) || random.nextInt(3) > 0) {
                    return response;
                }
                byte[] half = text(5).substring(0, 700).getBytes(StandardCharsets.UTF_8);
                return request.header("Range").isPresent()
                        ? Response.of(416)
                        : response.status() == 200
                                ? Response.of(200, "text/plain", new String(half, StandardCharsets.UTF_8))
                                : response;
            });
            follow(harness, oneStep(), Schedule.every(Duration.ofSeconds(5)));

            assertThat(emittedLogs(harness)).isEqualTo(Map.of("Build", text(5)));
        }
    }

    @Test
    void replacedLogIsNoticedByItsLastByte() throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.bitbucket().intercept((request, bitbucket) -> {
                Response response = bitbucket.proceed();
                if (!request.path().endsWith(".log")) {
                    return response;
                }
                String other = "y".repeat(200_000) + "\n";
                return request.header("Range").isEmpty()
                        ? Response.of(200, "text/plain", other)
                        : Response.of(206, "text/plain", "yy")
                                .header(
                                        "Content-Range",
                                        "bytes " + request.header("Range").get().replaceAll("\\D", "") + "-"
                                                + (Long.parseLong(request.header("Range")
                                                                .get()
                                                                .replaceAll("\\D", ""))
                                                        + 1)
                                                + "/200001");
            });
            follow(harness, oneStep(), Schedule.every(Duration.ofSeconds(5)));

            assertThat(emittedLines(harness)).endsWith("y".repeat(200_000));
            noteOfAnotherLog(harness, 1);
        }
    }

    @Test
    void readsOnlyASuffixOfAFailedStepsLog() throws InterruptedException {
        String line = "0123456789".repeat(10) + "\n";
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.shop()
                    .next(RunScript.of(StepScript.named("Build")
                            .ending("FAILED")
                            .log(LogContent.repeating(line, line.length() * 500_000L))));
            harness.run(RunTestHarness.waiting(Duration.ofMinutes(10)));
            List<String> lines =
                    harness.events(RunEvent.FailedStepLogTail.class).get(0).lines();
            assertThat(lines).hasSize(100).containsOnly(line.strip());
            assertThat(harness.bitbucket().storageRequests())
                    .singleElement()
                    .satisfies(request -> assertThat(request.header("Range")).contains("bytes=-65536"));
        }
    }

    /** The last lines of a failed step's log are read from its end: a suffix that begins within a long line. */
    @ParameterizedTest
    @CsvSource({
        "'10 % of all\r', 20000, 'denied: access\r\n', 'denied: access'",
        "'10 % of all\r', 20000, 'denied: access', 'denied: access'",
        "'0123456789', 10000, 'denied: access', '… '"
    })
    void lineWithoutItsBeginningIsShown(String repeated, int times, String end, String shown)
            throws InterruptedException {
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.shop()
                    .next(RunScript.of(
                            StepScript.named("Build").ending("FAILED").log("first\n" + repeated.repeat(times) + end)));
            harness.run(RunTestHarness.waiting(Duration.ofMinutes(10)));
            List<String> lines =
                    harness.events(RunEvent.FailedStepLogTail.class).get(0).lines();
            assertThat(lines).hasSize(1);
            assertThat(new SecretMasker(List.of()).sanitizeLogLine(lines.get(0)))
                    .startsWith(shown)
                    .endsWith("denied: access");
        }
    }

    @Test
    void endOfASecretIsNotShown() throws InterruptedException {
        String secret = "s3cret".repeat(1_000);
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.shop()
                    .next(RunScript.of(StepScript.named("Build")
                            .ending("FAILED")
                            .log("x".repeat(100_000) + secret + "y".repeat(64 * 1024 - 10 - 5) + "\nlast\n")));
            harness.run(RunTestHarness.waiting(Duration.ofMinutes(10)));
            List<String> lines =
                    harness.events(RunEvent.FailedStepLogTail.class).get(0).lines();
            assertThat(lines)
                    .hasSize(2)
                    .noneMatch(line -> line.contains("cret"))
                    .endsWith("last");
            assertThat(lines.get(0)).startsWith("… yyy");
        }
    }

    @Test
    void lineOfAnyLengthKeepsItsLastState() {
        List<String> emitted = new ArrayList<>();
        LineSplitter lines = new LineSplitter(emitted::addAll);
        byte[] progress = ("x".repeat(1_000) + "\r").repeat(8).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 300; i++) {
            lines.accept(progress, progress.length);
        }
        byte[] end = "\r\nnext\n".getBytes(StandardCharsets.UTF_8);
        lines.accept(end, end.length);

        assertThat(emitted).hasSize(2);
        assertThat(emitted.get(0)).hasSizeLessThanOrEqualTo(LineSplitter.MAX_LINE_BYTES);
        assertThat(TerminalLine.shown(emitted.get(0))).isEqualTo("x".repeat(1_000));
        assertThat(emitted.get(1)).isEqualTo("next");
    }

    @Test
    void splitsALineThatIsTooLongWithoutLoss() {
        StringBuilder emitted = new StringBuilder();
        LineSplitter lines = new LineSplitter(whole -> whole.forEach(emitted::append));
        String text = "完🚀ü".repeat(300_000);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Random random = new Random(2);
        for (int at = 0; at < bytes.length; ) {
            int piece = Math.min(bytes.length - at, random.nextInt(1, 9_000));
            lines.accept(java.util.Arrays.copyOfRange(bytes, at, at + piece), piece);
            at += piece;
        }
        lines.finish();

        assertThat(emitted.toString()).isEqualTo(text);
    }
}
