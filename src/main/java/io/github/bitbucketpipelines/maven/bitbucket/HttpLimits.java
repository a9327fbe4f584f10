package io.github.bitbucketpipelines.maven.bitbucket;

import java.time.Duration;

/**
 * Limits the time of an exchange and the size of its response.
 *
 * @param connectTimeout for a connection to come about, TLS and the name's look-up each
 * @param readTimeout how long no byte may come
 * @param callTimeout for a whole call that reads JSON, however many exchanges it needs
 * @param maxBodyBytes the most bytes of a JSON response, after decompression
 */
public record HttpLimits(Duration connectTimeout, Duration readTimeout, Duration callTimeout, int maxBodyBytes) {
    /** 10 s, 30 s, 60 s, 10 MiB. */
    public static HttpLimits defaults() {
        return new HttpLimits(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60), 10 << 20);
    }
}
