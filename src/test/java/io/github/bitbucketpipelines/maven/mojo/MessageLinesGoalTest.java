package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The message of each way in which a goal ends can be read in a terminal, and its commands can be pasted. */
class MessageLinesGoalTest {
    private static final int COLUMNS = 100;

    /** The ways in which goals end most, named by what is wrong. */
    enum Ending {
        FAILED_RUN(maven -> next(maven, step().ending("FAILED"))),
        RUN_WITH_AN_ERROR(maven -> maven.shop().next(RunScript.error("key", "The runner is gone. Try again later"))),
        BROKEN_FILE(maven -> maven.shop().next(RunScript.broken())),
        STOPPED_RUN(maven -> maven.shop().next(RunScript.ending("STOPPED"))),
        EXPIRED_RUN(maven -> maven.shop().next(RunScript.ending("EXPIRED"))),
        UNKNOWN_RESULT(maven -> maven.shop().next(RunScript.ending("ASTRAL"))),
        TIMEOUT(maven -> next(maven.property("bitbucket.timeout", "5s"), step())),
        TIMEOUT_THAT_STOPS(maven ->
                next(maven.property("bitbucket.timeout", "5s").property("bitbucket.onTimeout", "stop"), step())),
        QUEUE_TIMEOUT(maven -> {
            maven.property("bitbucket.queueTimeout", "5s");
            maven.shop().next(RunScript.successful().pending(Duration.ofHours(1)));
        }),
        PAUSED_RUN(maven -> next(maven.property("bitbucket.onPaused", "fail"), step().manual())),
        HALTED_RUN(maven -> maven.shop().next(RunScript.successful().halted())),
        LOST_RESPONSES(maven -> respondToTriggers(maven, Response.of(500))),
        PIPELINES_DISABLED(maven -> maven.shop().pipelinesEnabled(false)),
        WRONG_PIPELINE(maven -> maven.property("bitbucket.pipeline", "deploy-to-prodution")),
        WRONG_BRANCH(maven -> maven.property("bitbucket.branch", "feature/that-was-never-pushed-to-bitbucket")),
        WRONG_REPOSITORY(maven -> maven.property("bitbucket.repository", "acme/there-is-no-such-repository")),
        UNAUTHORIZED(maven -> maven.server("bitbucket.org", GoalHarness.USER, "wrong-token")),
        UNAUTHORIZED_BEARER(maven -> maven.server("bitbucket.org", null, "wrong-token")),
        USERNAME_WITHOUT_ADDRESS(maven -> maven.server("bitbucket.org", "build", "wrong-token")),
        FORBIDDEN(maven -> {
            maven.bitbucket().acceptBearer("may-only-read", "pipeline", "repository");
            maven.server("bitbucket.org", null, "may-only-read");
        }),
        NO_CREDENTIALS(GoalHarness::withoutServers),
        EMPTY_PASSWORD(maven -> maven.server("bitbucket.org", GoalHarness.USER, "")),
        LOGIN_PAGE(maven -> maven.bitbucket()
                .intercept((request, next) ->
                        Response.of(200, "text/html", "<html>").header("Server", "ZscalerProxy"))),
        PROXY(maven -> maven.bitbucket().intercept((request, next) -> Response.of(407))),
        RATE_LIMITED(maven -> maven.bitbucket().intercept((request, next) -> Response.of(429))),
        SERVER_ERROR(maven -> maven.bitbucket().intercept((request, next) -> Response.of(503))),
        REFUSED_CONNECTION(maven -> maven.property("bitbucket.apiUrl", "http://127.0.0.1:1/2.0")),
        OFFLINE(maven -> maven.request().setOffline(true)),
        WRONG_DURATION(maven -> maven.property("bitbucket.timeout", "soon")),
        WRONG_WORD(maven -> maven.property("bitbucket.onTimeout", "ignore")),
        TWO_TARGETS(maven -> maven.property("bitbucket.tag", "v1.0.0")),
        WRONG_COMMIT(maven -> maven.property("bitbucket.commit", "HEAD")),
        UNKNOWN_PROPERTY(maven -> maven.property("bitbucket.pipline", "x")),
        UNKNOWN_VARIABLE(maven -> maven.property("bitbucket.varable.VERSION", "1")),
        WRONG_KEY(maven -> maven.property("bitbucket.variable.MY-KEY", "1")),
        MISSING_FILE_OF_VARIABLES(maven -> maven.property("bitbucket.variablesFile", "no-such-file.env")),
        UNRESOLVED_EXPRESSION(maven ->
                maven.project(GoalHarness.plugin("<configuration><pipeline>${nowhere}</pipeline></configuration>"))),
        OVERRIDDEN_PROPERTY(maven -> maven.property("bitbucket.pipeline", "other")
                .project(GoalHarness.plugin("<configuration><pipeline>deploy</pipeline></configuration>")));

        private final Consumer<GoalHarness> cause;

        Ending(Consumer<GoalHarness> cause) {
            this.cause = cause;
        }

        private static StepScript step() {
            return StepScript.named("Deploy to production").lasting(Duration.ofMinutes(30));
        }

        private static void next(GoalHarness maven, StepScript step) {
            maven.shop().next(RunScript.of(StepScript.named("Build"), step));
        }

        private static void respondToTriggers(GoalHarness maven, Response response) {
            maven.bitbucket().intercept((request, next) -> request.method().equals("POST") ? response : next.proceed());
        }
    }

    @ParameterizedTest
    @EnumSource
    void noLineIsLongerThanATerminal(Ending ending, @TempDir Path directory) {
        try (GoalHarness maven = new GoalHarness(directory).property("bitbucket.branch", "main")) {
            maven.shop()
                    .customPipeline("deploy-to-production")
                    .file("bitbucket-pipelines.yml", InvokerBitbucket.DEFINITION);
            ending.cause.accept(maven);

            String message = maven.execute("run").shown();

            assertThat(message.lines())
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(isReadable(line)).as(message).isTrue());
        }
    }

    /** A command, and a word such as a URL or a path, are as long as they are. */
    private static boolean isReadable(String line) {
        return line.length() <= COLUMNS
                || line.contains("mvn ")
                || line.startsWith("    <")
                || Arrays.stream(line.strip().split(" ")).count() == 1;
    }
}
