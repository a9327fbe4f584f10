package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.Download;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.BrokenBody;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DownloadReaderTest extends RunTestBase {
    private static final int SIZE = 1 << 20;
    private static final int MAX_REQUESTS = 100;

    private final DownloadReader downloads = new DownloadReader(context, cloud.downloads());
    private int requests;

    /** Each response has some bytes of the file, takes some time, and breaks off. */
    private void respondWithSome(int bytes, Duration time) {
        bitbucket.intercept((request, next) -> {
            int first = request.header("Range")
                    .map(range -> Integer.parseInt(range.replaceAll("\\D", "")))
                    .orElse(0);
            clock.forward(time);
            Response response = ++requests > MAX_REQUESTS ? Response.of(410) : Response.of(first == 0 ? 200 : 206);
            return response.header("Content-Range", "bytes " + first + "-" + (SIZE - 1) + "/" + SIZE)
                    .body(BrokenBody.after(bytes, new byte[SIZE - first]));
        });
    }

    private long read() throws InterruptedException {
        Download file = new Download("app.zip", Optional.empty(), Optional.empty());
        return downloads.read(file, (bytes, length) -> {}, Duration.ofMinutes(1));
    }

    @Test
    void fileThatTricklesIsGivenUp() {
        respondWithSome(10, Duration.ofMinutes(1));

        assertThatThrownBy(this::read)
                .isInstanceOf(PipelinesException.class)
                .hasMessageContaining("broke before its response was complete");
        assertThat(requests).isBetween(9, 15);
    }

    @Test
    void fileOfManyBrokenConnectionsIsReadWhole() throws InterruptedException {
        respondWithSome(SIZE / 8, Duration.ofMinutes(1));

        assertThat(read()).isEqualTo(SIZE);
    }
}
