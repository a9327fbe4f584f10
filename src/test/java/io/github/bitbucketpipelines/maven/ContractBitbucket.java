package io.github.bitbucketpipelines.maven;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.LogContent;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.rehearsal.TestReport;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.net.URI;
import java.time.Duration;

/**
 * The embedded Bitbucket of {@link ContractTest}, in a file of its own: it names classes of the plugin, which the test
 * does not. Run #42 of acme/shop fails in its second step, #43 succeeds. Every request about a run moves the clock by
 * half a second, so that each state is seen on any machine.
 */
final class ContractBitbucket implements AutoCloseable {
    private static final Duration STEP = Duration.ofSeconds(2);

    private final ManualClock clock = new ManualClock();
    private final EmbeddedBitbucket embedded = EmbeddedBitbucket.start(clock);

    ContractBitbucket() {
        embedded.intercept((request, next) -> {
            if (request.method().equals("GET") && request.path().matches(".*/pipelines/.+")) {
                clock.forwardMillis(500);
            }
            return next.proceed();
        });
        StepScript build = StepScript.named("Build").lasting(STEP).log("built\n");
        StepScript deploy = StepScript.named("Deploy").lasting(STEP);
        TestReport tests = TestReport.of(
                TestReport.Case.successful("com.acme", "CartTest", "isEmptyAtFirst", Duration.ofMillis(12)),
                TestReport.Case.failed("com.acme", "CartTest", "addsUp", Duration.ofMillis(125), "expected: 42"));
        embedded.repository("acme", "shop")
                .branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4")
                .customPipeline("deploy-to-production")
                .nextBuildNumber(42)
                .next(script(
                        build, deploy.ending("FAILED").log("line\n".repeat(150)).report(tests)))
                .next(script(build, deploy.log("::output URL=https://shop.example\n")))
                .upload("shop-43.zip", LogContent.of("zip"), clock.instant().plusSeconds(8));
    }

    private static RunScript script(StepScript... steps) {
        return RunScript.of(steps).parsing(Duration.ZERO).pending(Duration.ofMillis(500));
    }

    URI apiUrl() {
        return embedded.apiUrl();
    }

    String token() {
        return embedded.token();
    }

    @Override
    public void close() {
        embedded.close();
    }
}
