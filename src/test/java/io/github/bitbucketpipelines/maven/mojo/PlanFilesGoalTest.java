package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.WrittenReports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of an execution of several runs, whatever its end is. */
class PlanFilesGoalTest extends PlanTestBase {
    private static final Path SCHEMA = Path.of("docs", "run-result.schema.json");

    /** Pages for review in a browser. */
    private static final Path GALLERY = Path.of("target/report-gallery");

    PlanFilesGoalTest(@TempDir Path directory) {
        super(directory);
    }

    @Override
    @AfterEach
    void close() throws IOException {
        WrittenReports.check(maven.outputDirectory(), SCHEMA);
        super.close();
    }

    private static String plan(String more) {
        return "<runs>" + run("api", "") + run("web", "") + run("docs", "<needs>web</needs>") + "</runs>" + more;
    }

    private void assertNothingWasTriggered(GoalResult result, String message) throws IOException {
        assertThat(result.exception().orElseThrow()).hasMessageContaining(message);
        assertThat(maven.triggers()).isEmpty();
        assertThat(plan().path("outcome").asText()).isEqualTo("NO_RUN");
        assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
        assertThat(plan().path("exit").asInt()).isOne();
        assertThat(plan().path("message").toString()).contains(message);
        assertThat(plan().path("runs").findValuesAsText("id")).containsExactly("api", "web", "docs");
        assertThat(plan().path("runs").findValuesAsText("result"))
                .containsOnly("NOT_RUN")
                .hasSize(3);
        assertThat(plan().path("runs").findValue("file")).isNull();
    }

    @Test
    void failureBeforeTheFirstTriggerIsTheResult() throws IOException {
        assertNothingWasTriggered(execute(plan("<parallel>no</parallel>")), "'parallel'");
        assertNothingWasTriggered(execute(plan("<timeout>soon</timeout>")), "'timeout'");
        assertThat(plan().path("runs").findValue("repository")).isNull();

        repository("web").push("main", lasting(Duration.ofHours(1)));
        assertNothingWasTriggered(execute(plan("<onBusy>fail</onBusy>")), "Run 'web': ");
        assertThat(plan().path("runs").findValuesAsText("repository"))
                .containsExactly("acme/api", "acme/web", "acme/docs");
        assertThat(plan().at("/runs/2/needs").toString()).isEqualTo("[\"web\"]");

        maven.withoutServers();
        assertNothingWasTriggered(execute(plan("")), "bitbucket.org");
    }

    @Test
    void failureKeepsTheRunsThatHaveNotEnded() throws IOException {
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute(plan("<timeout>10m</timeout>"));
        assertThat(plan().path("outcome").asText()).isEqualTo("TIMEOUT");

        for (String bad : List.of("<parallel>no</parallel>", "<onFailure>never</onFailure>", "")) {
            execute(plan(bad));

            assertThat(plan().path("outcome").asText()).isEqualTo("NO_RUN");
            assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
            assertThat(plan().at("/runs/1/number").asInt()).isOne();
            assertThat(plan().at("/runs/1/file").asText()).isEqualTo("release.web.json");
        }
        assertThat(plan().path("message").toString()).contains("Run 'web': Pipeline #1");
        maven.project("").newBuild().property("bitbucket.receipt", "release");
        assertThat(maven.execute("wait").console()).contains("web #1").contains("SUCCESSFUL");
        assertThat(maven.triggers()).hasSize(2);
    }

    @Test
    void failureKeepsTheRunOfAnEarlierExecutionOfOneRun() throws IOException {
        repository("web").next(lasting(Duration.ofMinutes(30)));
        execute("<repository>acme/web</repository><timeout>10m</timeout>");

        execute(plan("<parallel>no</parallel>"));

        assertThat(plan().path("number").asInt()).isOne();
        assertThat(plan().path("message").toString()).contains("'parallel'");
        assertThat(execute(plan("<onUnfinished>wait</onUnfinished>")).failure())
                .contains("Execution 'release' triggered a run of acme/web before", "To wait for it: mvn");
        assertThat(plan().path("number").asInt()).isOne();
        assertThat(maven.triggers()).hasSize(1);
        maven.project("")
                .newBuild()
                .property("bitbucket.receipt", "release")
                .property("bitbucket.repository", "acme/web");
        maven.execute("wait").passed();
        maven.without("bitbucket.receipt").without("bitbucket.repository");
        execute(plan("")).passed();
    }

    @Test
    void cancelledBuildSaysWhichRunsGoOn() throws Exception {
        repository("api").next(lasting(Duration.ofMinutes(30)));
        repository("web").next(lasting(Duration.ofMinutes(30)));

        GoalResult result = cancelledAfter(Duration.ofMinutes(2));

        assertThat(result.error()).contains("The build was cancelled", "To wait for all of them: mvn", "release.json");
        assertThat(plan().path("outcome").asText()).isEqualTo("INTERRUPTED");
        assertThat(plan().path("verdict").asText()).isEqualTo("UNKNOWN");
        assertThat(plan().path("message").toString()).contains("cancelled");
        assertThat(plan().at("/runs/0/file").asText()).isEqualTo("release.api.json");
        assertThat(plan().at("/runs/1/url").asText()).isEqualTo("https://bitbucket.org/acme/web/pipelines/results/1");
        assertThat(plan().at("/runs/2/result").asText()).isEqualTo("NOT_RUN");
        assertThat(maven.written("release.html"))
                .contains("<title>UNKNOWN: 3 runs", "INTERRUPTED", "web #1 · IN_PROGRESS");
    }

    @Test
    void pageHasOneTimelineOfAllRuns() throws IOException {
        repository("api")
                .next(RunScript.of(StepScript.named("Deploy")
                        .lasting(Duration.ofMinutes(2))
                        .ending("FAILED")));
        repository("web").next(lasting(Duration.ofMinutes(5)));

        GoalResult result = execute(plan(""));

        assertThat(result.console()).contains("Report: ").contains("release.html");
        String page = maven.written("release.html");
        assertThat(page)
                .contains("<title>FAIL: 3 runs of execution release</title>")
                .contains("<p>1 of 3 runs did not succeed: api; not run: docs</p>")
                .contains("<a href=\"release.api.html\">api</a>", "<a href=\"release.web.html\">web</a>")
                .contains("<a href=\"https://bitbucket.org/acme/api/pipelines/results/1\">#1</a>")
                .contains("<text class=\"label idle\" x=\"4\" y=\"111\">docs · NOT_RUN</text>")
                .contains("<tr class=\"idle\"><th scope=\"row\">docs</th>")
                .containsSubsequence("api #1 · FAILED · 2m 0", "web #1 · SUCCESSFUL · 5m 0", "docs · NOT_RUN")
                .containsSubsequence("<summary>api #1", "ended FAILED in step", "<th scope=\"row\">Deploy</th>");
        assertThat(page.split("<svg")).hasSize(2);
        Files.createDirectories(GALLERY);
        Files.writeString(GALLERY.resolve("several-runs.html"), page.replaceFirst("release\\.css", "page.css"));
        Files.writeString(GALLERY.resolve("page.css"), maven.written("release.css"));
    }

    @Test
    void textOfTheRunsIsEscapedOnThePage() throws IOException {
        repository("api").next(RunScript.of(StepScript.named("<b>&\"'").log("::output KEY=<i>&amp;\n")));

        execute("<runs>" + run("api", "<outputs>KEY</outputs>") + "</runs>").passed();

        assertThat(maven.written("release.html"))
                .contains("<title>PASS: 1 run of", "&lt;b&gt;&amp;", "<code>&lt;i&gt;&amp;amp;</code>")
                .doesNotContain("<b>", "<i>");
    }

    @Test
    void cancelledBuildBeforeTheFirstTriggerHasNoRun() throws Exception {
        repository("api").push("main", lasting(Duration.ofHours(1)));
        repository("web").push("main", lasting(Duration.ofHours(1)));

        GoalResult result = cancelledAfter(Duration.ofMinutes(2), "<onBusy>wait</onBusy>");

        assertThat(result.error()).contains("cancelled");
        assertThat(maven.triggers()).isEmpty();
        assertThat(plan().path("outcome").asText()).isEqualTo("NO_RUN");
        assertThat(plan().path("verdict").asText()).isEqualTo("FAIL");
    }

    private GoalResult cancelledAfter(Duration time) throws Exception {
        return cancelledAfter(time, "");
    }

    private GoalResult cancelledAfter(Duration time, String more) throws Exception {
        FutureTask<GoalResult> build = new FutureTask<>(() -> execute(plan(more)));
        Thread thread = new Thread(build);
        maven.time().at(maven.time().passed().plus(time), thread::interrupt);
        thread.start();
        return build.get();
    }

    @Test
    void heartbeatIsOneLineForAllRuns() {
        repository("api").next(lasting(Duration.ofMinutes(20)));
        repository("web").next(lasting(Duration.ofMinutes(20)));

        GoalResult result = execute(plan(""));

        assertThat(result.passed().stream().filter(line -> line.contains("of 3 runs")))
                .hasSizeBetween(15, 30)
                .anyMatch(line ->
                        line.matches("\\[INFO] 0 of 3 runs are over; api #1 IN_PROGRESS 5m \\d\\ds step 1 of 1: Deploy;"
                                + " web #1 IN_PROGRESS 5m \\d\\ds step 1 of 1: Deploy"));
        assertThat(result.console()).doesNotContain("api #1 IN_PROGRESS  5m");
        maven.property("bitbucket.progress", "none");
        repository("web").next(lasting(Duration.ofMinutes(20)));
        assertThat(execute(plan("")).console()).doesNotContain("of 3 runs are over");
    }

    @Test
    void fileThatCannotBeReadMayNameARunThatHasNotEnded() throws IOException {
        Path file = maven.outputDirectory().resolve("release.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{\"number\": 4");

        assertThat(execute(plan("")).error()).contains("can't be read", "Nothing was triggered");

        assertThat(maven.triggers()).isEmpty();
        assertThat(Files.readString(file)).isEqualTo("{\"number\": 4");
        execute(plan("<onUnfinished>start</onUnfinished>")).passed();
    }

    @Test
    void successfulRunThatFailsTheBuildIsNotGreenOnThePage() throws IOException {
        execute("<runs>" + run("api", "<outputs>KEY</outputs>") + run("web", "") + "</runs>");

        assertThat(plan().at("/runs/0/verdict").asText()).isEqualTo("FAIL");
        assertThat(maven.written("release.html"))
                .contains("<span class=\"state bad\">SUCCESSFUL, build failed</span>")
                .contains("<span class=\"state good\">SUCCESSFUL</span>");
    }
}
