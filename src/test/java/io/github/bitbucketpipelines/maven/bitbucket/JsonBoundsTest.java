package io.github.bitbucketpipelines.maven.bitbucket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON over all bounds is no JSON; generated values of any size are read or absent, and can be calculated with. */
class JsonBoundsTest {
    private static final SecretMasker NONE = new SecretMasker(List.of());
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");

    private final Random random = new Random(20_261_126);

    private static Optional<?> read(String json) {
        return Json.read(json.getBytes(UTF_8));
    }

    @Test
    void documentsWithinTheBoundsAreRead() {
        assertThat(read("{\"a\":" + "[".repeat(99) + "]".repeat(99) + "}")).isPresent();
        assertThat(read("{\"a\":[" + "1,".repeat(Json.MAX_TOKENS - 10) + "1]}")).isPresent();
        assertThat(read("{\"" + "a".repeat(1_000) + "\":1}")).isPresent();
        assertThat(read("{\"a\":\"" + "x".repeat(1 << 20) + "\"}")).isPresent();
        assertThat(read("{\"a\":" + "9".repeat(400) + "}")).isPresent();
    }

    @Test
    void documentsOverABoundAreNone() {
        assertThat(read("{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}")).isEmpty();
        assertThat(read("{\"a\":" + "[".repeat(1_000_000))).isEmpty();
        assertThat(read("{\"a\":[" + "1,".repeat(Json.MAX_TOKENS) + "1]}")).isEmpty();
        assertThat(read("{\"a\":[" + "{},".repeat(Json.MAX_TOKENS / 2) + "1]}")).isEmpty();
        assertThat(read("{\"" + "a".repeat(60_000) + "\":1}")).isEmpty();
        assertThat(read("{\"a\":\"" + "x".repeat((1 << 20) + 50_000) + "\"}")).isEmpty();
        assertThat(read("{\"a\":" + "9".repeat(60_000) + "}")).isEmpty();
    }

    @Test
    void anyBytesAreReadOrAreNone() {
        byte[] run = RunJsonTest.RUN.getBytes(UTF_8);
        for (int round = 0; round < 5_000; round++) {
            byte[] spoilt = run.clone();
            for (int n = random.nextInt(1, 6); n > 0; n--) {
                spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(256);
            }
            assertThatNoException().isThrownBy(() -> {
                Json.uuidOf(spoilt);
                Json.read(spoilt).ifPresent(json -> RunJson.run(json, SHOP, NONE));
            });
        }
    }

    /** A number, a time or another value, of any size. */
    private String value() {
        String digits = Integer.toString(random.nextInt(1, 10)).repeat(random.nextInt(1, 30));
        return switch (random.nextInt(9)) {
            case 0 -> "-" + digits;
            case 1 -> digits + "e" + random.nextInt(-400, 400);
            case 2 -> "-" + digits + ".5e" + random.nextInt(-400, 400);
            case 3 -> "\"" + (random.nextBoolean() ? "+" : "-") + "999999999-12-31T23:59:59Z\"";
            case 4 -> "\"" + random.nextInt(10_000, 99_999) + "-01-01T00:00:00+18:00\"";
            case 5 -> "\"PT" + digits + "H\"";
            case 6 -> "null";
            case 7 -> "[{}]";
            default -> digits;
        };
    }

    @Test
    void valuesOfAnySizeAreReadOrAbsent() {
        Instant now = Instant.parse("2026-11-26T10:00:00Z");
        for (int round = 0; round < 5_000; round++) {
            String times = "\"created_on\":" + value() + ",\"started_on\":" + value() + ",\"completed_on\":" + value()
                    + ",\"duration_in_seconds\":" + value() + ",\"run_number\":" + value() + ",\"duration\":" + value();
            String json = "{\"uuid\":\"{a}\",\"build_number\":42,\"state\":{\"name\":\"PENDING\"}," + times + "}";
            assertThatNoException().as(json).isThrownBy(() -> {
                var tree = Json.read(json.getBytes(UTF_8)).orElseThrow();
                Run run = RunJson.run(tree, SHOP, NONE).orElseThrow();
                Step step = RunJson.step(tree, 1, NONE).orElseThrow();
                run.created().map(time -> Duration.between(time, now).toNanos() + now.toEpochMilli());
                run.duration().map(Duration::toNanos);
                step.started().map(time -> time.plus(step.duration().orElse(Duration.ZERO)));
                TestJson.testCase(tree, NONE).duration().map(Duration::toNanos);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e300", "-1e300", "1e999", "99999999999", "\"1\""})
    void durationThatIsNoneIsAbsent(String seconds) {
        var tree = Json.read(("{\"uuid\":\"{a}\",\"build_number\":42,\"state\":{\"name\":\"PENDING\"},"
                                + "\"duration_in_seconds\":" + seconds + "}")
                        .getBytes(UTF_8))
                .orElseThrow();

        assertThat(RunJson.run(tree, SHOP, NONE).orElseThrow().duration()).isEmpty();
    }
}
