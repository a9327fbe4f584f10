package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Logs of any size and content, and many failed steps. */
class LogBoundsTest extends RunTestBase {
    private static final byte[] CHARACTERS = "ab\r\n\u001b[1K :output=ü完🚀".getBytes(StandardCharsets.UTF_8);

    private final Random random = new Random(20_261_126);

    @Test
    void chunksOfAnySizeHaveTheLinesOfTheWhole() {
        for (int round = 0; round < 500; round++) {
            byte[] log = new byte[random.nextInt(3_000)];
            for (int i = 0; i < log.length; i++) {
                log[i] = random.nextInt(50) == 0
                        ? (byte) random.nextInt(256)
                        : CHARACTERS[random.nextInt(CHARACTERS.length)];
            }
            List<String> atOnce = new ArrayList<>();
            LineSplitter whole = new LineSplitter(atOnce::addAll);
            whole.accept(log, log.length);
            whole.finish();
            List<String> inParts = new ArrayList<>();
            LineSplitter parts = new LineSplitter(inParts::addAll);
            OutputScanner scanner = new OutputScanner(Set.of("KEY"));
            for (int at = 0, n; at < log.length; at += n) {
                n = Math.min(log.length - at, random.nextInt(1, 200));
                byte[] chunk = Arrays.copyOfRange(log, at, at + n);
                parts.accept(chunk, n);
                scanner.accept(chunk, n);
            }
            parts.finish();
            assertThat(inParts).isEqualTo(atOnce);
            assertThat(scanner.last("KEY")).isEmpty();
        }
    }

    /** 128 MB in one line. */
    @Test
    void lineWithoutAnEndIsEmittedInParts() {
        byte[] chunk = "x".repeat(16 << 10).getBytes(StandardCharsets.UTF_8);
        long[] emitted = {0};
        LineSplitter lines = new LineSplitter(whole -> whole.forEach(line -> {
            assertThat(line).hasSizeLessThanOrEqualTo(LineSplitter.MAX_LINE_BYTES + chunk.length);
            emitted[0] += line.length();
        }));
        OutputScanner scanner = new OutputScanner(Set.of("KEY"));
        for (int i = 0; i < 1 << 13; i++) {
            lines.accept(chunk, chunk.length);
            scanner.accept(chunk, chunk.length);
        }
        lines.finish();

        assertThat(emitted[0]).isEqualTo((1L << 13) * chunk.length);
        assertThat(scanner.last("KEY")).isEmpty();
    }

    @Test
    void logIsNotReadOnAfterItsReaderHasFailed() {
        Run run = ended(StepScript.named("Build").log("first\n".repeat(10_000)));
        Step step = cloud.listSteps(run.number()).get(0);
        LogCursor log = new LogCursor(
                run.number(),
                step.uuid(),
                (bytes, length) -> {
                    throw new OutOfMemoryError();
                },
                () -> fail("the log was read from its beginning"));

        assertThatThrownBy(() -> log.read(cloud))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("needs more memory than this JVM has (-Xmx, in MAVEN_OPTS)");
        long offset = log.offset();
        assertThatThrownBy(() -> log.read(cloud))
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("was lost: this JVM had too little memory for it");
        assertThat(log.offset()).isEqualTo(offset);
    }

    @Test
    void ofManyFailedStepsTheFirstHaveTheirLogsRead() throws InterruptedException {
        Run run = ended(IntStream.range(0, 60)
                .mapToObj(i ->
                        StepScript.named("Step " + i).parallel().log("failed\n").ending("FAILED"))
                .toArray(StepScript[]::new));
        List<Step> steps = cloud.listSteps(run.number());
        assertThat(steps).hasSize(60).allMatch(Step::hasFailed);

        new LogFollower(context, context.retrier())
                .tailFailedSteps(run, steps, List.of(), 10, clock.instant().plus(Duration.ofMinutes(1)));

        assertThat(harness.events(RunEvent.FailedStepLogTail.class)).hasSize(20);
        assertThat(harness.events(RunEvent.Warning.class))
                .extracting(RunEvent.Warning::text)
                .containsExactly("Of 60 failed steps, the logs of the first 20 are read.");
    }

    private Run ended(StepScript... steps) {
        shop.push("main", RunScript.of(steps));
        clock.forward(Duration.ofHours(1));
        return cloud.getRun(1);
    }
}
