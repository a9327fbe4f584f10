package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand executions of goal {@code run} in one JVM, in twenty projects, through a Bitbucket that loses responses, refuses and
 * fails: {@code mvn -Psoak test}. After each project all of it is closed, so that what is left in the JVM is a leak.
 */
@Tag("soak")
class ThousandRunsGoalTest {
    private static final int PROJECTS = 20;
    private static final int RUNS_OF_A_PROJECT = 50;
    private static final int FIRST_NUMBER = 42;

    private static final List<String> RESULTS =
            List.of("SUCCESSFUL", "FAILED", "SUCCESSFUL", "ERROR", "STOPPED", "SUCCESSFUL", "EXPIRED", "MELTED");

    /** What a loaded class or a cache of the JVM may take. */
    private static final long MAX_GROWTH_BYTES = 4 << 20;

    private final Random random = new Random(20_261_126);
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger limited = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private int created;
    private int doubts;
    private int doubtsWithRun;
    private int refused;

    @TempDir
    private Path directory;

    /** What the JVM holds, with no build under way. */
    private record Held(long heap, int threads, long files) {
        /** Measures several times, since threads of what was closed may be about to end; the least counts. */
        static Held now() throws InterruptedException {
            Held least = measure();
            for (int i = 0; i < 10; i++) {
                new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
                Held next = measure();
                least = new Held(
                        Math.min(least.heap(), next.heap()),
                        Math.min(least.threads(), next.threads()),
                        Math.min(least.files(), next.files()));
            }
            return least;
        }

        private static Held measure() {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            long files = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                    ? system.getOpenFileDescriptorCount()
                    : 0;
            return new Held(
                    runtime.totalMemory() - runtime.freeMemory(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    files);
        }

        @Override
        public String toString() {
            return String.format("%.1f MB of heap, %d threads, %d open files", heap / 1e6, threads, files);
        }
    }

    private Response respond(RecordedRequest request, Interceptor.Next next) throws IOException {
        requests.incrementAndGet();
        int chance = random.nextInt(100);
        if (request.path().endsWith("log") && chance < 20) {
            late.incrementAndGet();
            return Response.of(404, "application/json", "{\"type\":\"error\",\"error\":{\"message\":\"No log\"}}");
        }
        if (chance < 5) {
            lost.incrementAndGet();
            if (chance < 3) {
                next.proceed();
            }
            throw new IOException("lost");
        }
        if (chance < 7) {
            limited.incrementAndGet();
            return Response.of(429, "text/plain", "Rate limit for this resource has been exceeded")
                    .header("Retry-After", "2");
        }
        if (chance < 10) {
            failed.incrementAndGet();
            return Response.of(500 + chance - 7, "text/html", "<html>Something went wrong</html>");
        }
        return next.proceed();
    }

    private static String resultOf(long number) {
        return RESULTS.get((int) (number % RESULTS.size()));
    }

    @Test
    void eachHasItsOwnVerdictAndNothingIsLeftInTheJvm() throws Exception {
        Instant begin = Instant.now();
        Held afterHundred = null;
        for (int i = 0; i < PROJECTS; i++) {
            Path root = Files.createDirectory(directory.resolve("project" + i));
            // As with Maven, whose sessions keep their projects in their thread.
            FutureTask<Void> maven = new FutureTask<>(() -> runAll(root), null);
            Thread thread = new Thread(maven, "maven");
            thread.start();
            maven.get();
            thread.join();
            if ((i + 1) * RUNS_OF_A_PROJECT == 100) {
                afterHundred = Held.now();
            }
        }
        Held end = Held.now();
        System.out.printf(
                "Soak: %d runs in %d s, %d requests: %d lost, %d with 429, %d with 5xx, %d logs too early.%n%d"
                        + " pipelines created; %d triggers in doubt, %d of them with a run, which is named; %d"
                        + " refused.%nAfter 100 runs: %s; after %1$d: %s%n",
                PROJECTS * RUNS_OF_A_PROJECT,
                Duration.between(begin, Instant.now()).toSeconds(),
                requests.get(),
                lost.get(),
                limited.get(),
                failed.get(),
                late.get(),
                created,
                doubts,
                doubtsWithRun,
                refused,
                afterHundred,
                end);
        assertThat(end.heap()).isLessThan(afterHundred.heap() + MAX_GROWTH_BYTES);
        assertThat(end.threads()).as("threads").isLessThanOrEqualTo(afterHundred.threads());
        assertThat(end.files()).as("open files and connections").isLessThanOrEqualTo(afterHundred.files());
        assertThat(doubts).isLessThan(PROJECTS * RUNS_OF_A_PROJECT / 10);
        assertThat(refused).isLessThan(PROJECTS * RUNS_OF_A_PROJECT / 50);
    }

    private void runAll(Path root) {
        try (GoalHarness maven = new GoalHarness(root)) {
            maven.property("bitbucket.branch", "main");
            maven.project(GoalHarness.plugin(IntStream.range(0, RUNS_OF_A_PROJECT)
                    .mapToObj(i -> "<execution><id>run-" + i + "</id><goals><goal>run</goal></goals></execution>")
                    .collect(Collectors.joining("", "<executions>", "</executions>"))));
            for (int i = 0; i < RUNS_OF_A_PROJECT; i++) {
                maven.shop().next(script(FIRST_NUMBER + i));
            }
            maven.bitbucket().intercept(this::respond);
            for (int i = 0; i < RUNS_OF_A_PROJECT; i++) {
                maven.property(
                        "bitbucket.logs", List.of("all", "failed", "none").get(i % 3));
                int before = maven.bitbucket().created();
                GoalResult result = maven.executeTyped("run", "run-" + i);
                check(
                        root.getFileName() + ", run " + i,
                        maven,
                        result,
                        maven.bitbucket().created() - before);
                if (result.exception().isPresent()) {
                    // Nothing is run after a failure: Maven is started again.
                    maven.endBuild();
                    maven.newBuild();
                }
            }
            assertThat(maven.bitbucket().unknownRequests()).isEmpty();
        }
    }

    private RunScript script(int number) {
        return RunScript.of(
                        StepScript.named("Build")
                                .lasting(Duration.ofSeconds(1 + random.nextInt(200)))
                                .log("building\n".repeat(random.nextInt(200))),
                        StepScript.named("Deploy").lasting(Duration.ofSeconds(1 + random.nextInt(200))))
                .result(resultOf(number));
    }

    /** One pipeline and its verdict; or none or one, and a red build that names it. */
    private void check(String name, GoalHarness maven, GoalResult result, int runs) {
        created += runs;
        assertThat(runs).as(name).isLessThanOrEqualTo(1);
        long number = runs == 0 ? -1 : maven.shop().lastRun().buildNumber();
        if (result.console().contains("Triggered pipeline #")) {
            assertThat(runs).as(name).isOne();
            String end = result.exception().isPresent() ? result.ending() : "SUCCESSFUL";
            assertThat(end).as("%s: #%d%n%s", name, number, result.console()).contains(resultOf(number));
            assertThat(result.exception().isPresent())
                    .as("%s: %s", name, end)
                    .isEqualTo(!resultOf(number).equals("SUCCESSFUL"));
            return;
        }
        assertThat(result.exception()).as("%s%n%s", name, result.console()).isPresent();
        if (runs == 1) {
            assertThat(result.ending()).as(name).contains("#" + number);
            doubtsWithRun++;
        } else if (result.ending().contains("Nothing was triggered")) {
            refused++;
            return;
        }
        assertThat(result.ending()).as(name).contains("was lost");
        doubts++;
    }
}
