package io.github.bitbucketpipelines.maven.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogsTest extends EmbeddedBitbucketTestBase {

    private static final Duration HUNDRED_SECONDS = Duration.ofSeconds(100);

    private EmbeddedRun running(String log) {
        EmbeddedRun run = started(
                RunScript.of(StepScript.named("Build").lasting(HUNDRED_SECONDS).log(log), StepScript.named("Deploy"))
                        .parsing(Duration.ZERO)
                        .pending(Duration.ZERO));
        clock.forward(Duration.ofSeconds(50));
        return run;
    }

    @Test
    void logOfARunningStepGrows() {
        EmbeddedRun run = running("0123456789");
        assertThat(client.get(stepPath(run, 0) + "/log").text()).isEqualTo("01234");
        clock.forward(Duration.ofSeconds(20));
        Client.Reply grown = client.get(stepPath(run, 0) + "/log");
        assertThat(grown.text()).isEqualTo("0123456");
        assertThat(grown.header("Accept-Ranges")).isEqualTo("bytes");
        assertThat(client.get(stepPath(run, 0) + "/log", "If-None-Match", grown.header("ETag"))
                        .status())
                .isEqualTo(304);
    }

    @Test
    void stepThatHasNotRunHasNoLog() {
        EmbeddedRun run = running("0123456789");
        Client.Reply reply = client.get(stepPath(run, 1) + "/log");
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.detail()).isEqualTo("Log in step " + run.stepUuids().get(1) + " does not exist.");
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=2-, 206, 234, bytes 2-4/5",
        "bytes=-2, 206, 34, bytes 3-4/5",
        "bytes=1-2, 206, 12, bytes 1-2/5",
        "bytes=-99, 206, 01234, bytes 0-4/5",
        "bytes=4-99, 206, 4, bytes 4-4/5",
        "lines=1-, 200, 01234, ''"
    })
    void rangesOfALogAreReadDuringAndAfterTheStep(String range, int status, String text, String contentRange) {
        EmbeddedRun run = running("0123456789");
        Client.Reply during = client.get(stepPath(run, 0) + "/log", "Range", range);
        assertThat(during.status()).isEqualTo(status);
        assertThat(during.text()).isEqualTo(text);
        assertThat(during.header("Content-Range")).isEqualTo(contentRange);

        EmbeddedRun over = started(RunScript.of(StepScript.named("Build").log("01234")));
        clock.forward(HUNDRED_SECONDS);
        String stored = client.get(stepPath(over, 0) + "/log").header("Location");
        Client.Reply after = client.getWithout(stored, "Range", range);
        assertThat(after.status()).isEqualTo(status);
        assertThat(after.text()).isEqualTo(text);
        assertThat(after.header("Content-Range")).isEqualTo(contentRange);
    }

    @Test
    void rangeBeyondTheEndIsUnsatisfiable() {
        EmbeddedRun run = running("0123456789");
        Client.Reply reply = client.get(stepPath(run, 0) + "/log", "Range", "bytes=5-");
        assertThat(reply.status()).isEqualTo(416);
        assertThat(reply.text()).contains("Range Not Satisfiable");
        assertThat(reply.header("Content-Range")).isEqualTo("bytes */5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/plain"})
    void logIsReadAsBytes(String accept) {
        EmbeddedRun run = running("0123456789");
        assertThat(client.get(stepPath(run, 0) + "/log", "Accept", accept).status())
                .isEqualTo(406);
        assertThat(client.get(stepPath(run, 0) + "/log", "Accept", accept + ", */*;q=0.1")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void finishedLogIsRedirectedToStorageWithoutCredentials() {
        EmbeddedRun run = running("0123456789");
        clock.forward(HUNDRED_SECONDS);

        Client.Reply reply = client.get(stepPath(run, 0) + "/log");

        String stored = reply.header("Location");
        assertThat(reply.status()).isEqualTo(307);
        assertThat(stored).startsWith(bitbucket.storageUrl().toString());
        assertThat(bitbucket.storageUrl().getPort())
                .isNotEqualTo(bitbucket.apiUrl().getPort());
        Client.Reply log = client.getWithout(stored);
        assertThat(log.text()).isEqualTo("0123456789");
        assertThat(client.getWithout(stored, "If-None-Match", log.header("ETag"))
                        .status())
                .isEqualTo(304);
        assertThat(client.get(stored).status()).isEqualTo(400);
        assertThat(client.get(stored).text()).contains("Only one auth mechanism allowed");
        assertThat(client.getWithout(stored.replace("Signature=", "Signature=x"))
                        .status())
                .isEqualTo(403);
        assertThat(client.getWithout(stored, "Range", "bytes=10-").status()).isEqualTo(416);
        assertThat(bitbucket.storageRequests()).hasSize(6);
    }

    @Test
    void stoppedStepKeepsItsLog() {
        EmbeddedRun run = running("0123456789");
        client.post(runPath(run) + "/stopPipeline", "");
        clock.forward(HUNDRED_SECONDS);
        assertThat(client.getWithout(client.get(stepPath(run, 0) + "/log").header("Location"))
                        .text())
                .isEqualTo("01234");
    }

    @Test
    void stepWithoutLogIsNotFound() {
        EmbeddedRun run = started(RunScript.of(StepScript.named("Child").withoutLog()));
        clock.forward(HUNDRED_SECONDS);
        assertThat(client.get(stepPath(run, 0) + "/log").status()).isEqualTo(404);
    }

    @Test
    void gigabyteLogIsStreamed() throws Exception {
        LogContent log = LogContent.repeating("line of a log\n", 1L << 30);
        long[] count = new long[1];
        log.write(0, log.length(), new OutputStream() {
            @Override
            public void write(int b) {
                count[0]++;
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                count[0] += length;
            }
        });
        assertThat(count[0]).isEqualTo(1L << 30);
        assertThat(new String(
                        Response.Body.of(log, 14 * 4681 - 3, 14 * 4681 + 6).length() == 9
                                ? bytes(log, 14 * 4681 - 3, 14 * 4681 + 6)
                                : new byte[0]))
                .isEqualTo("og\nline o");
    }

    private static byte[] bytes(LogContent log, long from, long to) throws Exception {
        return Response.of(200).body(Response.Body.of(log, from, to)).bytes();
    }

    @Test
    void testReportIsAvailableAfterTheStep() {
        TestReport report = TestReport.of(
                TestReport.Case.successful("org.acme", "CartTest", "adds", Duration.ofMillis(12)),
                TestReport.Case.failed("org.acme", "CartTest", "pays", Duration.ofMillis(7), "expected 1\nbut was 2"),
                TestReport.Case.successful("org.acme", "CartTest", "ships", Duration.ZERO)
                        .withStatus("SKIPPED"));
        EmbeddedRun run = started(RunScript.of(StepScript.named("Test").report(report), StepScript.named("Deploy")));
        String path = stepPath(run, 0) + "/test_reports";
        clock.forwardMillis(60);
        assertThat(client.get(path).status()).isEqualTo(404);
        clock.forward(HUNDRED_SECONDS);

        assertThat(client.get(path).json().get("number_of_test_cases").asInt()).isEqualTo(3);
        assertThat(client.get(path).json().get("number_of_failed_test_cases").asInt())
                .isEqualTo(1);
        assertThat(client.get(stepPath(run, 1) + "/test_reports").status()).isEqualTo(404);
        var page =
                client.get(path + "/test_cases/?pagelen=300&fields=values,next").json();
        assertThat(page.get("values")).hasSize(3);
        var failed = page.at("/values/1");
        assertThat(failed.get("fully_qualified_name").asText()).isEqualTo("org.acme.CartTest.pays");
        assertThat(failed.get("duration").isTextual()).isTrue();
        String reasons = path + "/test_cases/"
                + failed.get("uuid").asText().replace("{", "%7B").replace("}", "%7D") + "/test_case_reasons";
        assertThat(client.get(reasons).text()).contains("expected 1\\nbut was 2");
        assertThat(client.get(path + "/test_cases?pagelen=2").json().get("next").asText())
                .endsWith("pagelen=2&page=2");
    }
}
