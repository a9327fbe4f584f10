package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.rehearsal.LogContent;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.BrokenBody;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadsGoalTest {
    private final GoalHarness maven;

    DownloadsGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    /** Puts a file into the Downloads this long after now. */
    private void upload(String name, String text, Duration later) {
        maven.shop().upload(name, LogContent.of(text), maven.time().instant().plus(later));
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(maven.written("default-cli.json"));
    }

    private Path downloaded(String name) {
        return maven.outputDirectory().resolve("downloads").resolve(name);
    }

    @Test
    void fileOfTheRunIsFetchedThroughARedirectWithoutCredentials() throws Exception {
        maven.property("bitbucket.outputs", "VERSION")
                .property(
                        "bitbucket.downloads",
                        "app-@{run.number}.zip, @{output.VERSION} @@{x}.txt,@{run.uuid}.log,@{run.commit}");
        maven.shop()
                .next(RunScript.of(StepScript.named("Build")
                        .log("::output VERSION=1.2 ü\n")
                        .lasting(Duration.ofSeconds(30))));
        upload("app-42.zip", "zip", Duration.ofSeconds(5));
        upload("1.2 ü @{x}.txt", "text", Duration.ofSeconds(5));
        upload(GoalHarness.HEAD, "", Duration.ofSeconds(5));
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().endsWith("/steps")) {
                upload(maven.shop().lastRun().uuid() + ".log", "log", Duration.ZERO);
            }
            return next.proceed();
        });

        GoalResult result = maven.execute("run");

        assertThat(result.passed())
                .contains(
                        "[INFO] Downloading app-42.zip (3 bytes)",
                        "[INFO] Downloaded app-42.zip (3 bytes) to target/bitbucket-pipelines/downloads/app-42.zip")
                .noneMatch(line -> line.contains("WARNING"));
        assertThat(downloaded("app-42.zip")).hasContent("zip");
        assertThat(downloaded("1.2 ü @{x}.txt")).hasContent("text");
        assertThat(downloaded(maven.shop().lastRun().uuid() + ".log")).hasContent("log");
        assertThat(downloaded(GoalHarness.HEAD)).isEmptyFile();
        assertThat(json().path("downloads").path(0).toString())
                .isEqualTo("{\"name\":\"app-42.zip\",\"file\":\"downloads/app-42.zip\",\"bytes\":3}");
        assertThat(json().path("downloads")).hasSize(4);
        assertThat(maven.bitbucket().storageRequests())
                .filteredOn(request -> request.path().startsWith("/downloads/"))
                .hasSize(3)
                .noneMatch(request -> request.header("Authorization").isPresent());
        assertThat(maven.bitbucket().unknownRequests()).isEmpty();
    }

    /** The next build fetches another name, and a later plugin may take all files of the directory. */
    @Test
    void fileOfACancelledBuildIsGoneInTheNextOne() throws Exception {
        maven.property("bitbucket.downloads", "a-@{run.number}.zip,b-@{run.number}.zip");
        upload("a-42.zip", "a", Duration.ofMillis(100));
        upload("b-42.zip", "b", Duration.ofMillis(100));
        Thread build = Thread.currentThread();
        maven.bitbucket().intercept((request, next) -> {
            if (request.path().endsWith("/downloads/b-42.zip")) {
                build.interrupt();
            }
            return next.proceed();
        });
        assertThat(maven.execute("run").error()).contains("cancelled");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(downloaded("a-42.zip")).hasContent("a");

        maven.newBuild().property("bitbucket.timeout", "x");
        maven.execute("run").error();

        assertThat(downloaded("a-42.zip")).doesNotExist();
    }

    @Test
    void fileThatComesLateIsAwaited() {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "zip", Duration.ofSeconds(50));

        maven.execute("run").passed();

        assertThat(downloaded("app.zip")).hasContent("zip");
    }

    @Test
    void fileOfALaterRunIsNotThatOfAnEarlierOne() {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "first", Duration.ofMillis(100));
        maven.execute("run").passed();
        maven.time().forward(Duration.ofHours(24));
        upload("app.zip", "of another run", Duration.ZERO);

        maven.newBuild().property("bitbucket.number", "42").without("bitbucket.branch");

        assertThat(maven.execute("wait").failure())
                .contains("'app.zip' of the Downloads is not known to be of this run", "@{run.number}");
    }

    @Test
    void fileThatNeverComesFailsTheBuildAndIsNamed() throws Exception {
        maven.property("bitbucket.downloads", "app.zip,there.txt").property("bitbucket.appearTimeout", "90s");
        upload("there.txt", "x", Duration.ofMillis(100));

        GoalResult result = maven.execute("run");

        assertThat(result.failure())
                .contains("There is no file 'app.zip' in the Downloads after 1m 30s.")
                .contains("https://bitbucket.org/acme/shop/pipelines/results/42")
                .doesNotContain("there.txt");
        assertThat(maven.time().passed()).hasMinutes(1);
        assertThat(json().path("verdict").asText()).isEqualTo("FAIL");
        assertThat(downloaded("there.txt")).doesNotExist();
    }

    @Test
    void fileOfYesterdayDoesNotCount() {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "yesterday's", Duration.ofDays(-1));

        assertThat(maven.execute("run").failure())
                .contains("File 'app.zip' of the Downloads is not known to be of this run")
                .contains("@{run.number}");
        assertThat(downloaded("app.zip")).doesNotExist();
    }

    @Test
    void fileOfYesterdayThatWasReplacedCountsWhateverItsTime() {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "yesterday's", Duration.ofDays(-1));
        maven.bitbucket().intercept((request, next) -> {
            if (request.method().equals("POST")) {
                // An overwritten file may keep its time.
                upload("app.zip", "today's", Duration.ofDays(-1));
            }
            return next.proceed();
        });

        maven.execute("run").passed();

        assertThat(downloaded("app.zip")).hasContent("today's");
    }

    @Test
    void waitTakesNewerFilesOnlyAndKnowsNoOlderList() {
        maven.execute("trigger").passed();
        maven.newBuild().property("bitbucket.downloads", "app.zip").property("bitbucket.number", "42");
        upload("app.zip", "old", Duration.ofDays(-1));
        assertThat(maven.execute("wait").failure()).contains("is not known to be of this run");

        maven.newBuild();
        upload("app.zip", "new", Duration.ZERO);
        maven.execute("wait").passed();
        assertThat(downloaded("app.zip")).hasContent("new");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../app.zip",
                "a/b",
                "a\\b",
                "..",
                ".",
                "C:app",
                "a,,b",
                "a@{run.numbr}",
                "a@{run.number",
                "@{output.URL}",
                "a,A",
                "a\u0308,\u00C4",
                "a.",
                "...",
                "nul",
                "COM1.zip",
                "a\u0007b"
            })
    void badEntryIsOneErrorBeforeAnythingIsTriggered(String downloads) {
        maven.property("bitbucket.downloads", downloads);

        assertThat(maven.execute("run").error()).startsWith("Parameter 'downloads' (-Dbitbucket.downloads): ");
        assertThat(maven.bitbucket().requests()).isEmpty();
    }

    @Test
    void longestNameOfAFileIsFetched() throws Exception {
        String name = "\u00E4".repeat(125) + ".zip";
        maven.property("bitbucket.downloads", name);
        upload(name, "new", Duration.ofSeconds(1));

        maven.execute("run").passed();

        assertThat(downloaded(name)).hasContent("new");
        maven.newBuild().property("bitbucket.downloads", "\u00E4" + name);
        assertThat(maven.execute("run").error()).contains("it is too long");
    }

    @Test
    void outputCantLeadOutOfTheDirectory() throws Exception {
        maven.property("bitbucket.outputs", "NAME").property("bitbucket.downloads", "@{output.NAME}");
        for (String name : new String[] {"../../../evil", "..", "a\\b", ""}) {
            maven.newBuild();
            maven.shop().next(RunScript.of(StepScript.named("Build").log("::output NAME=" + name + "\n")));
            assertThat(maven.execute("run").failure())
                    .contains("Parameter 'downloads': '" + name + "' is not the name of a file");
        }
        try (Stream<Path> files = Files.walk(maven.root())) {
            assertThat(files.filter(path -> path.toString().contains("evil"))).isEmpty();
        }
    }

    @Test
    void missingScopeIsAnErrorBeforeTheTrigger() {
        maven.withoutServers().environment("BITBUCKET_TOKEN", GoalHarness.ACCESS_TOKEN + "-2");
        maven.secret(GoalHarness.ACCESS_TOKEN + "-2");
        maven.bitbucket().acceptBearer(GoalHarness.ACCESS_TOKEN + "-2", "pipeline", "pipeline:write");
        maven.property("bitbucket.downloads", "app.zip");

        assertThat(maven.execute("run").error())
                .contains("Could not list the Downloads of acme/shop: Bitbucket responded with 403")
                .contains("'repository'")
                .contains("Nothing was triggered.");
        assertThat(maven.triggers()).isEmpty();
    }

    @Test
    void fileIsReadOnWhereAConnectionBroke() throws Exception {
        String text = "0123456789".repeat(100_000);
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", text, Duration.ofMillis(100));
        AtomicInteger broken = new AtomicInteger(3);
        maven.bitbucket().intercept((request, next) -> {
            Response response = next.proceed();
            return request.path().startsWith("/downloads/") && broken.getAndDecrement() > 0
                    ? BrokenBody.half(response)
                    : response;
        });

        maven.execute("run").passed();

        assertThat(downloaded("app.zip")).hasContent(text);
        assertThat(maven.bitbucket().storageRequests())
                .filteredOn(request -> request.path().startsWith("/downloads/"))
                .extracting(request -> request.header("Range").isPresent())
                .containsExactly(false, true, true, true);
    }

    @Test
    void fileThatIsLargerThanOneGibibyteIsRefused() {
        maven.property("bitbucket.downloads", "app.zip");
        maven.shop()
                .upload(
                        "app.zip",
                        LogContent.repeating("x", (1L << 30) + 1),
                        maven.time().instant().plusMillis(100));

        assertThat(maven.execute("run").failure()).contains("File 'app.zip' of the Downloads is larger than 1 GiB");
        assertThat(maven.bitbucket().storageRequests())
                .extracting(RecordedRequest::path)
                .noneMatch(path -> path.startsWith("/downloads"));
    }

    @Test
    void fileThatIsNotAsLongAsListedIsRefused() {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "zip", Duration.ofMillis(100));
        maven.bitbucket()
                .intercept((request, next) -> request.path().startsWith("/downloads/")
                        ? Response.of(200, "text/html", "<html>Log in</html>")
                        : next.proceed());

        assertThat(maven.execute("run").error()).contains("has 19 bytes, and 3 in their list");
        assertThat(downloaded("app.zip")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://storage.example/app.zip", "https://user:secret@storage.example/app.zip", "ftp://x/y"})
    void storageWithoutTlsOrWithCredentialsIsRefused(String location) {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "zip", Duration.ofMillis(100));
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/downloads/app.zip")
                        ? Response.of(302).header("Location", location)
                        : next.proceed());

        assertThat(maven.execute("run").error())
                .contains("is not a plain https address")
                .doesNotContain("secret");
        assertThat(downloaded("app.zip")).doesNotExist();
    }

    @Test
    void webPageOfAProxyIsNoFile() {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "<html>Log in</html>", Duration.ofMillis(100));
        maven.bitbucket()
                .intercept((request, next) -> request.path().endsWith("/downloads/app.zip")
                        ? Response.of(200, "text/html", "<html>Log in</html>")
                        : next.proceed());

        assertThat(maven.execute("run").error()).contains("a web page came instead of the file");
    }

    @Test
    void filesOfAnEarlierBuildAreRemoved() throws Exception {
        maven.property("bitbucket.downloads", "app.zip");
        upload("app.zip", "zip", Duration.ofMillis(100));
        maven.execute("run").passed();
        Files.writeString(downloaded("kept.txt"), "of the user");

        maven.newBuild().property("bitbucket.branch", "no-such-branch");
        assertThat(maven.execute("run").exception()).isPresent();

        assertThat(downloaded("app.zip")).doesNotExist();
        assertThat(downloaded("kept.txt")).exists();
    }

    @Test
    void twoExecutionsOfABuildDoNotWriteTheSameFile() {
        maven.property("bitbucket.downloads", "app.zip")
                .project(GoalHarness.plugin("<executions>"
                        + "<execution><id>one</id><phase>deploy</phase><goals><goal>run</goal></goals></execution>"
                        + "<execution><id>two</id><phase>deploy</phase><goals><goal>run</goal></goals></execution>"
                        + "</executions>"));
        upload("app.zip", "zip", Duration.ofMillis(100));
        maven.execute("run", "root", "one").passed();
        upload("app.zip", "zip 2", Duration.ofMillis(100));

        assertThat(maven.execute("run", "root", "two").failure())
                .contains("the execution 'one' (run) in root", "has fetched a file called 'app.zip' in this build");
        assertThat(downloaded("app.zip")).hasContent("zip");
    }

    @Test
    void manyFilesAreFoundOnAllPages() {
        maven.property("bitbucket.downloads", "app.zip");
        for (int i = 0; i < 250; i++) {
            upload("other-" + i, "x", Duration.ofSeconds(1));
        }
        upload("app.zip", "zip", Duration.ofMillis(200));

        maven.execute("run").passed();

        assertThat(downloaded("app.zip")).hasContent("zip");
    }
}
