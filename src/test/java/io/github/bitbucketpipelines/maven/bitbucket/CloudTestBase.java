package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The embedded Bitbucket with one repository, its clock moved by hand, and a client of it. */
abstract class CloudTestBase {
    static final String MAIN = "1111111111111111111111111111111111111111";
    static final String FEATURE = "2222222222222222222222222222222222222222";
    static final RepositoryId SHOP = new RepositoryId("acme", "shop");
    static final HttpLimits SHORT =
            new HttpLimits(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(10), 1 << 20);

    final ManualClock clock = new ManualClock();
    final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
    final EmbeddedRepository shop = bitbucket.repository("acme", "shop");
    final HttpTransport http = HttpTransport.builder()
            .startedWith(System.getProperties())
            .limits(SHORT)
            .clock(clock)
            .sleeper(clock::forward)
            .version("1.0.0")
            .build();
    final ApiUrl api = ApiUrl.of(bitbucket.apiUrl().toString());
    final BitbucketCloud cloud = cloud(new Bearer(bitbucket.token()));

    @BeforeEach
    void fillTheRepository() {
        shop.branch("main", MAIN)
                .branch("feature/x", FEATURE)
                .tag("v1", MAIN)
                .customPipeline("deploy")
                .pullRequest(7, "feature/x", FEATURE, "main", MAIN);
    }

    @AfterEach
    void nothingUnknownWasRequested() {
        http.close();
        bitbucket.close();
        assertThat(bitbucket.unknownRequests()).isEmpty();
    }

    BitbucketCloud cloud(Credentials credentials) {
        return new BitbucketCloud(http, api, credentials, SHOP);
    }

    /** Every response becomes this one; nothing is done. */
    void respondWith(Response response) {
        bitbucket.intercept((request, next) -> response);
    }

    EmbeddedRun started(RunScript script) {
        shop.next(script);
        cloud.trigger(onMain());
        return shop.lastRun();
    }

    static TriggerRequest onMain() {
        return of(new Target.Branch("main", Optional.empty()));
    }

    static TriggerRequest of(Target target) {
        return new TriggerRequest(target, Optional.empty(), List.of());
    }

    static PipelinesException failureOf(Runnable call) {
        PipelinesException failure = catchThrowableOfType(PipelinesException.class, call::run);
        assertThat(failure).as("a failure").isNotNull();
        return failure;
    }
}
