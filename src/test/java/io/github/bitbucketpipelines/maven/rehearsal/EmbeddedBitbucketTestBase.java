package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Provides a Bitbucket with one repository, a manual clock, and a client. */
abstract class EmbeddedBitbucketTestBase {

    static final String MAIN = "1111111111111111111111111111111111111111";
    static final String FEATURE = "2222222222222222222222222222222222222222";
    static final String PIPELINES = "/repositories/acme/shop/pipelines";
    static final String TRIGGER_MAIN =
            "{\"target\":{\"type\":\"pipeline_ref_target\",\"ref_type\":\"branch\",\"ref_name\":\"main\"}}";

    final ManualClock clock = new ManualClock();
    final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start(clock);
    final EmbeddedRepository shop = bitbucket.repository("acme", "shop");
    final Client client = new Client(bitbucket);

    @BeforeEach
    void fillRepository() {
        shop.branch("main", MAIN)
                .tag("v1", MAIN)
                .customPipeline("deploy")
                .pullRequest(7, "feature/x", FEATURE, "main", MAIN);
    }

    @AfterEach
    void onlyKnownEndpointsWereRequested() {
        List<RecordedRequest> unknown = bitbucket.unknownRequests();
        bitbucket.close();
        assertThat(unknown).isEmpty();
    }

    EmbeddedRun started(RunScript script) {
        shop.next(script);
        assertThat(client.post(PIPELINES, TRIGGER_MAIN).status()).isEqualTo(201);
        return shop.lastRun();
    }

    String runPath(EmbeddedRun run) {
        return PIPELINES + "/" + run.buildNumber();
    }

    String stepPath(EmbeddedRun run, int index) {
        return runPath(run) + "/steps/"
                + run.stepUuids().get(index).replace("{", "%7B").replace("}", "%7D");
    }
}
