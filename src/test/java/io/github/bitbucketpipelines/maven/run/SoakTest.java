package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.Fault.Operation;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A thousand runs through a Bitbucket that fails a fifth of all responses: {@code mvn -Psoak test}. */
@Tag("soak")
class SoakTest {
    private static final int RUNS = 1_000;
    private static final int PERCENT = 20;
    private static final List<String> RESULTS =
            List.of("SUCCESSFUL", "FAILED", "ERROR", "STOPPED", "EXPIRED", "MELTED");

    @Test
    void thousandRunsSurviveFailuresOfAFifthOfResponses() throws InterruptedException {
        Random random = new Random(20_261_123);
        AtomicInteger requests = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        try (RunTestHarness harness = new RunTestHarness()) {
            harness.bitbucket().intercept((request, next) -> {
                requests.incrementAndGet();
                Optional<Operation> operation = Operation.of(request);
                List<Fault> faults = Arrays.stream(Fault.values())
                        // A 404 in the middle of a run ends it.
                        .filter(fault -> !fault.isSlow() && fault.proxy().isEmpty() && fault != Fault.NOT_FOUND)
                        .filter(fault ->
                                operation.filter(o -> !fault.isPermanent(o)).isPresent())
                        .filter(fault -> operation.filter(fault::affects).isPresent())
                        .toList();
                if (faults.isEmpty() || random.nextInt(100) >= PERCENT) {
                    return next.proceed();
                }
                failures.incrementAndGet();
                return faults.get(random.nextInt(faults.size())).corrupt(next);
            });
            for (int i = 0; i < RUNS; i++) {
                String result = RESULTS.get(random.nextInt(RESULTS.size()));
                harness.shop()
                        .next(RunScript.of(
                                        StepScript.named("Build").lasting(Duration.ofSeconds(1 + random.nextInt(120))),
                                        StepScript.named("Deploy").lasting(Duration.ofSeconds(1 + random.nextInt(120))))
                                .result(result));
                WatchResult ending = harness.run(RunTestHarness.waiting(Duration.ofHours(2)));
                assertThat(ending).as("run %d", i).isInstanceOf(WatchResult.Ended.class);
                assertThat(ending.run().state().finalResult()).as("run %d", i).contains(Result.of(result));
                assertThat(ending.run().uuid())
                        .isEqualTo(harness.shop().lastRun().uuid());
                assertThat(harness.bitbucket().created()).as("after run %d", i).isEqualTo(i + 1);
            }
            System.out.printf(
                    "Soak: %d runs, %d pipelines created, %d of %d responses failed%n",
                    RUNS, harness.bitbucket().created(), failures.get(), requests.get());
        }
    }
}
