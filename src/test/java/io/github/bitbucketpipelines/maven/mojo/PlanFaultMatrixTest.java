package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The main rows of {@code FaultMatrixTest} for a plan of three runs, at the goal: {@code web} gets an output of {@code api}, and
 * {@code docs} needs {@code web}. Asserted are the runs created, the verdict, what the goal throws, and the time. {@link
 * PlanTriggerGoalTest} has the faults of a single trigger.
 */
class PlanFaultMatrixTest extends PlanTestBase {
    private static final String PLAN = "<runs>" + run("api", "<outputs>URL</outputs>")
            + run("web", "<variables><U>@{api.URL}</U></variables>") + run("docs", "<needs>web</needs>")
            + "</runs><timeout>20m</timeout>";

    /** Each of the three runs; they run one after another. */
    private static final Duration RUN = Duration.ofMinutes(2);

    private static final Duration TIMEOUT = Duration.ofMinutes(20);

    /** How long a client waits for a response. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private static final int FOR_EVER = Integer.MAX_VALUE;
    private static final String ERROR = "{\"type\":\"error\",\"error\":{\"message\":\"Oops\"}}";

    PlanFaultMatrixTest(@TempDir Path directory) {
        super(directory);
        for (String slug : List.of("api", "web", "docs")) {
            repository(slug)
                    .defaultScript(RunScript.of(StepScript.named("Deploy")
                            .lasting(RUN)
                            .log("::output URL=https://" + slug + ".acme.example\n")));
        }
    }

    private GoalResult execute() {
        return executeWith("");
    }

    private GoalResult executeWith(String more) {
        return execute(PLAN + more);
    }

    /** What Bitbucket, or what is between, does instead of responding. */
    enum Fault {
        STATUS_500(next -> Response.of(500, "application/json", ERROR)),
        STATUS_502_OF_A_GATEWAY(next -> Response.of(502, "text/html", "<html>Bad gateway</html>")),
        UNAVAILABLE_FOR_SECONDS(
                next -> Response.of(503, "application/json", ERROR).header("Retry-After", "10")),
        RATE_LIMITED(next -> Response.of(429, "text/plain", "Rate limit for this resource has been exceeded")),
        RATE_LIMITED_FOR_SECONDS(
                next -> Response.of(429, "text/plain", "Slow down").header("Retry-After", "10")),
        DROPPED(next -> {
            throw new IOException("dropped");
        }),
        /** Time passes until the client gives up; see {@link PlanFaultMatrixTest#spoil}. */
        STALLED(next -> {
            throw new IOException("no response");
        }),
        LOGIN_PAGE(next -> Response.of(200, "text/html", "<html>Log in</html>")),
        TRUNCATED(next -> {
            Response whole = next.proceed();
            return cutOff(whole, whole.bytes().length / 2);
        }),
        EMPTY(next -> Response.of(200, "application/json", ""));

        private final Spoiler spoiler;

        Fault(Spoiler spoiler) {
            this.spoiler = spoiler;
        }

        /** Whether it is a response of its own to a request for a log: then the log is just empty. */
        boolean isAnEmptyLog() {
            return this == EMPTY;
        }
    }

    /** Announces the whole, sends a part, and drops the connection. */
    private static Response cutOff(Response whole, int length) throws IOException {
        byte[] bytes = whole.bytes();
        return whole.body(new Response.Body() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes, 0, length);
                out.flush();
                throw new IOException("cut off");
            }
        });
    }

    @FunctionalInterface
    private interface Spoiler {
        Response spoil(Interceptor.Next next) throws IOException;
    }

    /** The requests that a fault meets. */
    enum Operation {
        LIST_BEFORE_THE_TRIGGER("GET", ".*/web/pipelines"),
        LOOK("GET", ".*/web/pipelines/[^/]+"),
        STEPS("GET", ".*/web/pipelines/[^/]+/steps"),
        LOG_WITH_THE_OUTPUT("GET", ".*/api/pipelines/.*/log|.*\\.log");

        private final String method;
        private final String path;

        Operation(String method, String path) {
            this.method = method;
            this.path = path;
        }

        boolean isOf(RecordedRequest request) {
            return request.method().equals(method) && request.path().matches(path);
        }
    }

    record Case(Fault fault, Operation operation) {
        @Override
        public String toString() {
            return fault + " × " + operation;
        }
    }

    static Stream<Case> cases() {
        return Arrays.stream(Fault.values())
                .flatMap(fault -> Arrays.stream(Operation.values()).map(operation -> new Case(fault, operation)))
                .filter(c -> !(c.fault().isAnEmptyLog() && c.operation() == Operation.LOG_WITH_THE_OUTPUT));
    }

    /** A log that breaks off each time is whole at last, or not, by how long it is. */
    static Stream<Case> casesForEver() {
        return cases().filter(c -> !(c.fault() == Fault.TRUNCATED && c.operation() == Operation.LOG_WITH_THE_OUTPUT));
    }

    private AtomicInteger inject(Case c, int times) {
        AtomicInteger met = new AtomicInteger();
        maven.bitbucket()
                .intercept((request, next) -> c.operation().isOf(request) && met.getAndIncrement() < times
                        ? spoil(c.fault(), next)
                        : next.proceed());
        return met;
    }

    private Response spoil(Fault fault, Interceptor.Next next) throws IOException {
        if (fault == Fault.STALLED) {
            maven.time().forward(SILENCE);
        }
        return fault.spoiler.spoil(next);
    }

    private void assertRuns(int api, int web, int docs) {
        assertThat(List.of("api", "web", "docs"))
                .extracting(slug -> repository(slug).runs().size())
                .as("runs of api, web, docs")
                .containsExactly(api, web, docs);
        assertThat(maven.bitbucket().unknownRequests()).isEmpty();
    }

    private void assertAllSucceeded(GoalResult result, Duration delay) throws IOException {
        assertThat(result.passed()).anyMatch(line -> line.contains("All 3 runs are SUCCESSFUL"));
        assertThat(plan().path("verdict").asText()).isEqualTo("PASS");
        assertThat(repository("web").lastRun().variable("U")).hasValue("https://api.acme.example");
        assertRuns(1, 1, 1);
        assertThat(maven.time().passed())
                .isBetween(RUN.multipliedBy(3), RUN.multipliedBy(3).plus(delay));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void faultForAWhileIsOvercome(Case c) throws IOException {
        int times = c.fault() == Fault.STALLED ? 1 : 3;
        AtomicInteger met = inject(c, times);

        GoalResult result = execute();

        assertAllSucceeded(result, Duration.ofMinutes(4));
        assertThat(met.get()).isGreaterThanOrEqualTo(times);
    }

    @ParameterizedTest
    @MethodSource("casesForEver")
    void faultForEverIsNeverGreenWithoutTheResult(Case c) throws IOException {
        inject(c, FOR_EVER);

        GoalResult result = execute();

        assertThat(maven.time().passed()).isLessThan(TIMEOUT.plus(RUN).plus(Duration.ofMinutes(2)));
        switch (c.operation()) {
            // The result is known without them.
            case STEPS -> assertAllSucceeded(result, Duration.ofMinutes(4));
            case LIST_BEFORE_THE_TRIGGER -> {
                assertThat(result.ending()).contains("web", "not run: docs");
                assertRuns(1, 0, 0);
                assertThat(plan().path("verdict").asText()).isNotIn("PASS", "WARN");
            }
            case LOOK -> {
                assertThat(result.error()).contains("web #1", "not run: docs");
                assertThat(result.exception()).get().isInstanceOf(MojoExecutionException.class);
                assertThat(plan().path("verdict").asText()).isEqualTo("UNKNOWN");
                assertRuns(1, 1, 0);
            }
            case LOG_WITH_THE_OUTPUT -> {
                assertThat(result.ending()).contains("api #1", "URL", "not run: web, docs");
                assertThat(plan().path("verdict").asText()).isNotIn("PASS", "WARN");
                assertRuns(1, 0, 0);
            }
        }
    }

    @Test
    void valueWhoseLineBreaksOffIsNeverHandedOn() throws IOException {
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (!request.path().matches(".*\\.log") || response.status() >= 300) {
                return response;
            }
            if (request.header("Range")
                    .filter(range -> !range.startsWith("bytes=0-"))
                    .isPresent()) {
                throw new IOException("dropped");
            }
            return cutOff(response, "::output URL=https://api.acme".length());
        });

        GoalResult result = execute();

        assertThat(result.ending()).contains("api #1", "URL", "not run: web, docs");
        assertRuns(1, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 600})
    void lostTriggerWhoseRunTheListDoesNotShowYetIsNeverRepeatedUnseen(int lag) throws IOException {
        maven.bitbucket().listLag(Duration.ofSeconds(lag));
        AtomicInteger lost = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            if (request.method().equals("POST")
                    && request.path().endsWith("/web/pipelines")
                    && lost.getAndIncrement() == 0) {
                throw new IOException("the response is lost");
            }
            return response;
        });

        GoalResult result = execute();

        assertThat(result.error()).contains("web", "not run: docs");
        assertRuns(1, 1, 0);
        assertThat(plan().path("outcome").asText()).isEqualTo("IN_DOUBT");
    }

    @Test
    void incompleteListHidesNoRun() throws IOException {
        maven.bitbucket()
                .intercept((request, next) -> request.method().equals("GET")
                                && request.path().endsWith("/pipelines")
                        ? Response.of(200, "application/json", "{\"page\":1,\"pagelen\":10,\"size\":0,\"values\":[]}")
                        : next.proceed());

        assertAllSucceeded(execute(), Duration.ofMinutes(2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void networkThatIsGoneForMinutesDelaysThePlan(int minutes) throws IOException {
        gone(Duration.ofSeconds(150), Duration.ofSeconds(150).plusMinutes(minutes));

        assertAllSucceeded(execute(), Duration.ofMinutes(minutes + 2L));
    }

    @Test
    void networkThatIsGoneForGoodEndsThePlanInDoubt() throws IOException {
        gone(Duration.ofSeconds(150), Duration.ofDays(1));

        GoalResult result = execute();

        assertThat(result.error()).contains("web #1", "not run: docs");
        assertRuns(1, 1, 0);
        assertThat(plan().path("verdict").asText()).isEqualTo("UNKNOWN");
        assertThat(maven.time().passed()).isBetween(TIMEOUT, TIMEOUT.plus(RUN).plus(Duration.ofMinutes(2)));
    }

    private void gone(Duration begin, Duration end) {
        maven.bitbucket().intercept((request, next) -> {
            Duration passed = maven.time().passed();
            if (passed.compareTo(begin) >= 0 && passed.compareTo(end) < 0) {
                throw new IOException("gone");
            }
            return next.proceed();
        });
    }

    @Test
    void runThatNeverEndsIsAFailureInTime() throws IOException {
        repository("web").next(RunScript.of(StepScript.named("Deploy").lasting(Duration.ofDays(2))));

        GoalResult result = execute();

        assertThat(result.exception()).get().isInstanceOf(MojoFailureException.class);
        assertThat(result.failure()).contains("web #1", "not run: docs");
        assertRuns(1, 1, 0);
        assertThat(plan().path("outcome").asText()).isEqualTo("TIMEOUT");
        assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
        assertThat(maven.time().passed())
                .isBetween(TIMEOUT.plus(RUN), TIMEOUT.plus(RUN).plus(Duration.ofMinutes(1)));
    }

    @Test
    void matrixHasItsDocumentedSize() {
        assertThat(Path.of("src/site/markdown/reliability.md"))
                .content()
                .contains("- " + (cases().count() + casesForEver().count()) + " cases of a plan of three runs: "
                        + Fault.values().length + " faults");
    }

    @ParameterizedTest
    @CsvSource({"3600, 0", "-3600, 0", "0, 600", "0, -600", "-86400, 300"})
    void clocksThatDifferOrJumpChangeNothing(int lead, int jump) throws IOException {
        AtomicInteger responses = new AtomicInteger();
        maven.bitbucket().intercept((request, next) -> {
            Instant shown = maven.time().instant().plusSeconds(lead + responses.incrementAndGet() % 3L * jump);
            return next.proceed()
                    .header("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(shown.atOffset(ZoneOffset.UTC)));
        });

        assertAllSucceeded(executeWith("<totalTimeout>15m</totalTimeout>"), Duration.ofMinutes(2));
    }
}
