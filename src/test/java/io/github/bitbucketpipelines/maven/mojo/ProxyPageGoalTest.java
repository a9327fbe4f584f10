package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A company's proxy that responds in Bitbucket's place. */
class ProxyPageGoalTest {
    private static final Duration SECONDS = Duration.ofSeconds(30);

    private final GoalHarness maven;

    ProxyPageGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
        maven.shop().file("bitbucket-pipelines.yml", InvokerBitbucket.DEFINITION);
    }

    @AfterEach
    void close() {
        maven.close();
    }

    private static Stream<Response> pages() {
        return Stream.of(
                        Response.of(403, "text/html", "<html>Blocked by policy</html>"),
                        Response.of(401, "text/html", "<html>Log in</html>"),
                        Response.of(401).header("WWW-Authenticate", "Negotiate"),
                        Response.of(200, "text/html", "<html>Log in</html>"),
                        Response.of(200, "application/json", "{\"login\":\"https://portal.example\"}"),
                        Response.of(401, "application/json", "{\"login\":\"https://portal.example\"}"),
                        Response.of(302).header("Location", "https://portal.example/login"),
                        Response.of(407).header("Proxy-Authenticate", "Negotiate"),
                        Response.of(511, "text/html", "<html>Log in</html>"))
                .map(page -> page.header("Server", "ZscalerProxy"));
    }

    private void assertThatNoCredentialsAreBlamed(String message) {
        assertThat(message).contains("did not come from Bitbucket's API (Server: ZscalerProxy)", "<proxies>");
        assertThat(message.toLowerCase(Locale.ROOT)).doesNotContain("scope", "token", "policy");
        assertThat(maven.bitbucket().created()).isZero();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void preflightFailsAndSaysSo(Response page) {
        maven.bitbucket().intercept((request, next) -> page);

        assertThatNoCredentialsAreBlamed(maven.execute("preflight").failure());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void runFailsInSecondsAndSaysSo(Response page) {
        maven.bitbucket().intercept((request, next) -> page);

        GoalResult result = maven.execute("run");

        assertThatNoCredentialsAreBlamed(result.ending());
        assertThat(maven.bitbucket().requests()).hasSizeLessThan(9);
        assertThat(maven.time().passed()).isLessThan(SECONDS);
    }

    /** A filter that lets reads pass: whether the trigger has passed, too, is looked for before another one is sent. */
    @ParameterizedTest
    @MethodSource("pages")
    void runWhoseTriggerIsFilteredFails(Response page) {
        maven.bitbucket().intercept((request, next) -> request.method().equals("POST") ? page : next.proceed());

        assertThatNoCredentialsAreBlamed(maven.execute("run").ending());
    }
}
