package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.Download;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.rehearsal.LogContent;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.RunTestHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DownloadsApiTest {
    private final RunTestHarness harness = new RunTestHarness();

    @AfterEach
    void close() {
        harness.close();
    }

    private void respond(String body) {
        harness.bitbucket()
                .intercept((request, next) -> Response.of(
                        200,
                        "application/json",
                        body.replace(
                                "NEXT", harness.bitbucket().apiUrl() + "/repositories/acme/shop/downloads?page=2")));
    }

    @Test
    void filesHaveNameSizeAndTime() {
        Instant time = Instant.parse("2026-11-01T10:11:12.123456Z");
        harness.time().forward(Duration.between(harness.time().instant(), time.plusSeconds(1_000_000_000)));
        harness.shop().upload("a b/ü.zip", LogContent.of("zip"), time);

        assertThat(harness.pipelines().downloads().list())
                .containsExactly(new Download("a b/ü.zip", Optional.of(3L), Optional.of(time)));
    }

    @Test
    void fieldsThatAreMissingOrOfAnotherTypeAreAbsent() {
        respond("{\"values\":[{\"name\":\"a\"},{\"name\":\"b\",\"size\":-1,\"created_on\":\"x\"},{\"size\":1},"
                + "{\"name\":\"c\",\"size\":\"1\",\"created_on\":1}]}");

        assertThat(harness.pipelines().downloads().list())
                .containsExactly(
                        new Download("a", Optional.empty(), Optional.empty()),
                        new Download("b", Optional.empty(), Optional.empty()),
                        new Download("c", Optional.empty(), Optional.empty()));
    }

    @Test
    void listThatDoesNotEndIsRefused() {
        respond("{\"values\":[{\"name\":\"a\"}],\"next\":\"NEXT\"}");

        assertThatThrownBy(() -> harness.pipelines().downloads().list())
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("the list is not complete");
    }
}
