package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Base of tests that call one operation on the harness, without a lifecycle. */
public abstract class RunTestBase {
    static final String MAIN = "1111111111111111111111111111111111111111";
    static final String FEATURE = "2222222222222222222222222222222222222222";
    static final Target.Branch ON_MAIN = new Target.Branch("main", Optional.empty());

    final RunTestHarness harness = new RunTestHarness();
    public final ManualClock clock = harness.time();
    final EmbeddedBitbucket bitbucket = harness.bitbucket();
    public final EmbeddedRepository shop = harness.shop();
    public final BitbucketCloud cloud = harness.pipelines();
    final RunContext context = harness.context();

    @BeforeEach
    void fillTheRepository() {
        shop.branch("main", MAIN)
                .branch("feature", FEATURE)
                .tag("v1", MAIN)
                .customPipeline("deploy")
                .pullRequest(7, "feature", FEATURE, "main", MAIN);
    }

    @AfterEach
    void close() {
        harness.close();
    }

    long posts() {
        return bitbucket.requests().stream()
                .filter(r -> r.method().equals("POST"))
                .count();
    }

    List<String> notices() {
        return harness.events(RunEvent.Notice.class).stream()
                .map(RunEvent.Notice::text)
                .toList();
    }

    /** A run that takes this long, after 100 ms in the queue. */
    public static RunScript lasting(Duration time) {
        return RunScript.of(StepScript.named("Build").lasting(time));
    }
}
