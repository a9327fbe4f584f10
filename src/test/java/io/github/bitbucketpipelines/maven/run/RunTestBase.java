package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An embedded Bitbucket that is asked over real HTTP, in a time that passes only where somebody sleeps. */
public abstract class RunTestBase {
    static final String MAIN = "1111111111111111111111111111111111111111";
    static final String FEATURE = "2222222222222222222222222222222222222222";
    static final Target.Branch ON_MAIN = new Target.Branch("main", Optional.empty());

    public final ManualClock clock = new ManualClock();
    final Instant begin = clock.instant();
    final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
    public final EmbeddedRepository shop = bitbucket.repository("acme", "shop");
    final HttpTransport http =
            HttpTransport.builder().clock(clock).version("1.0.0").build();
    public final BitbucketCloud cloud = new BitbucketCloud(
            http,
            ApiUrl.of(bitbucket.apiUrl().toString()),
            new Credentials.Bearer(bitbucket.token()),
            new RepositoryId("acme", "shop"));
    final List<RunEvent> events = new ArrayList<>();
    final RunContext means = new RunContext(cloud, clock, clock::forward, new Random(1), events::add);

    @BeforeEach
    void fillTheRepository() {
        shop.branch("main", MAIN)
                .branch("feature", FEATURE)
                .tag("v1", MAIN)
                .customPipeline("deploy")
                .pullRequest(7, "feature", FEATURE, "main", MAIN);
    }

    @AfterEach
    void nothingUnknownWasAskedFor() {
        http.close();
        bitbucket.close();
        assertThat(bitbucket.unknownRequests()).isEmpty();
    }

    /** How much time has passed. */
    Duration passed() {
        return Duration.between(begin, clock.instant());
    }

    long posts() {
        return bitbucket.requests().stream()
                .filter(r -> r.method().equals("POST"))
                .count();
    }

    List<String> waitings() {
        return events.stream()
                .filter(RunEvent.Notice.class::isInstance)
                .map(event -> ((RunEvent.Notice) event).text())
                .toList();
    }

    /** A run that takes this long, after 100 ms in the queue. */
    public static RunScript lasting(Duration time) {
        return RunScript.of(StepScript.named("Build").lasting(time));
    }
}
