package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.ScriptedState;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.ScratchGit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Words from Bitbucket, git, the environment and the command line are data: wherever they come from, they drive no terminal,
 * have no line of their own in what the build says or leaves, are no path, and no expression of Maven.
 */
class WordsOfOthersGoalTest {
    private static final int WORDS = 6;
    private static final String FORGED = "FORGED";
    private static final List<String> PARTS = List.of(
            "\u001b[2J",
            "\u001b]8;;http://evil.example\u0007",
            "\u001b]0;title\u001b\\",
            "\u009b31m",
            "\u009d8;;x\u009c",
            "\u202e",
            "\u2066",
            "\u200b",
            "\n" + FORGED,
            "\r" + FORGED,
            "\r\n" + FORGED,
            "\u0085" + FORGED,
            "\u2028" + FORGED,
            "\u2029" + FORGED,
            "\u000b",
            "\u0000",
            "\u007f",
            "\uD800",
            "\uFEFF",
            "${user.home}",
            "@{argLine}",
            "@env.PATH@",
            "=",
            "/../",
            "<b>",
            "&",
            "\"",
            "word");

    private final GoalHarness maven;

    WordsOfOthersGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main");
    }

    @AfterEach
    void close() {
        maven.close();
    }

    /** Where a word comes from. */
    enum Source implements BiConsumer<GoalHarness, String> {
        STEP((maven, word) -> maven.shop()
                .next(RunScript.of(StepScript.named("x" + word).log(word + "\n").ending("FAILED")))),
        LOG((maven, word) -> {
            maven.property("bitbucket.logs", "all");
            maven.shop().next(RunScript.of(StepScript.named("Build").log("a" + word + "\n" + word)));
        }),
        RESULT((maven, word) -> maven.shop().next(RunScript.ending("x" + word))),
        STATE((maven, word) -> maven.property("bitbucket.timeout", "20s")
                .shop()
                .next(RunScript.of(StepScript.named("Build").lasting(Duration.ofMinutes(5)))
                        .showing(Duration.ZERO, Duration.ofMinutes(9), ScriptedState.named("x" + word)))),
        ERROR((maven, word) -> maven.shop().next(RunScript.error("x" + word, "y" + word))),
        ERROR_BODY((maven, word) -> maven.bitbucket()
                .intercept((request, next) -> request.method().equals("POST")
                        ? Response.of(
                                400,
                                "application/json",
                                "{\"error\":{\"message\":" + json("x" + word) + ",\"detail\":" + json("y" + word)
                                        + "}}")
                        : next.proceed())),
        BODY_OF_OTHERS((maven, word) -> maven.bitbucket()
                .intercept((request, next) -> Response.of(502, "text/html", "<html>" + word + "</html>"))),
        BRANCH((maven, word) -> maven.property("bitbucket.branch", "x" + word)),
        TAG((maven, word) -> maven.without("bitbucket.branch").property("bitbucket.tag", "x" + word)),
        PIPELINE((maven, word) -> maven.property("bitbucket.pipeline", "x" + word)),
        REPOSITORY((maven, word) -> maven.property("bitbucket.repository", "acme/x" + word)),
        ENUM((maven, word) -> maven.property("bitbucket.onBusy", "x" + word)),
        DURATION((maven, word) -> maven.property("bitbucket.timeout", "x" + word)),
        OUTPUTS((maven, word) -> maven.property("bitbucket.outputs", "x" + word)),
        DOWNLOADS((maven, word) -> maven.property("bitbucket.downloads", "x" + word)),
        VARIABLE((maven, word) -> maven.property("bitbucket.variable.x" + word, word)),
        PROPERTY((maven, word) -> maven.property("bitbucket.x" + word, word)),
        API_URL((maven, word) -> maven.property("bitbucket.apiUrl", "https://x" + word)),
        FILE((maven, word) -> maven.property("bitbucket.variablesFile", "x" + word.replace("\0", ""))),
        PIPELINE_FILE((maven, word) -> maven.property("bitbucket.pipelineFile", "x" + word.replace("\0", ""))),
        SERVER_ID((maven, word) -> maven.property("bitbucket.serverId", "x" + word)),
        CI_BRANCH((maven, word) -> maven.without("bitbucket.branch")
                .environment("CI", "true")
                .environment("GITHUB_ACTIONS", "true")
                .environment("GITHUB_REF_NAME", "x" + word)
                .environment("GITHUB_REF", "refs/heads/x" + word)),
        CI_USER((maven, word) -> maven.environment("GITHUB_ACTIONS", "true").environment("GITHUB_ACTOR", "x" + word)),
        USER((maven, word) -> maven.request().getSystemProperties().setProperty("user.name", "x" + word));

        private final BiConsumer<GoalHarness, String> setting;

        Source(BiConsumer<GoalHarness, String> setting) {
            this.setting = setting;
        }

        @Override
        public void accept(GoalHarness maven, String word) {
            setting.accept(maven, word);
        }
    }

    private static String json(String text) {
        try {
            return new ObjectMapper().writeValueAsString(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Arguments> words() {
        return Stream.of(Source.values())
                .flatMap(source ->
                        new Random(source.ordinal()).longs(WORDS).mapToObj(seed -> Arguments.of(source, seed)));
    }

    private static String word(long seed) {
        return new Random(seed).ints(6, 0, PARTS.size()).mapToObj(PARTS::get).collect(Collectors.joining());
    }

    @ParameterizedTest
    @MethodSource("words")
    void wordIsNothingButData(Source source, long seed) throws Exception {
        source.accept(maven, word(seed));

        GoalResult result = maven.execute("run");

        result.log().forEach(line -> assertOnePrintableLine(line));
        result.exception()
                .ifPresent(e -> e.getMessage().lines().forEach(WordsOfOthersGoalTest::assertOnePrintableLine));
        result.output().lines().forEach(WordsOfOthersGoalTest::assertOnePrintableLine);
        assertPrintableFiles();
        assertPrintableProperties();
    }

    @ParameterizedTest
    @EnumSource(names = {"STEP", "LOG", "RESULT", "ERROR", "ERROR_BODY", "PIPELINE", "CI_USER"})
    void wordCommandsNoCiServer(Source source) {
        for (String word : List.of(
                "##vso[task.setvariable variable=KEY]x", "###vso[x]", "##[set-output name=KEY;]x", "##teamcity[x]")) {
            source.accept(maven.newBuild(), word);

            GoalResult result = maven.execute("run");

            assertThat(result.console()).doesNotContainPattern("##\\w*\\[");
            result.exception().ifPresent(e -> assertThat(e.getMessage()).doesNotContainPattern("##\\w*\\["));
        }
    }

    /** What goes to standard output is in the log of the job, too. */
    @Test
    void wordInJsonCommandsNoCiServer() throws Exception {
        String name = "##vso[task.complete result=Failed;]x";
        maven.shop().customPipeline(name);
        maven.property("bitbucket.pipeline", name).execute("run").passed();
        maven.without("bitbucket.pipeline").property("bitbucket.format", "json");

        String json = maven.execute("status").output();

        assertThat(json).doesNotContain("##");
        assertThat(new ObjectMapper().readTree(json).findValuesAsText("pipeline"))
                .contains(name);
    }

    /** Git allows these in the name of a branch, and anything in its configuration. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\u202ey",
                "x\u009b31m",
                "x\u0085FORGED",
                "x\u2028FORGED",
                "x${user.home}",
                "@{argLine}",
                "x=y\u200b"
            })
    void wordOfGitIsNothingButData(String word) throws Exception {
        ScratchGit git = ScratchGit.in(maven.root().toFile()).init();
        String head = git.run("rev-parse", "HEAD");
        Path repository = maven.root().resolve(".git");
        // Not as arguments: this JVM may be one that can't give them to a process.
        Files.writeString(repository.resolve("packed-refs"), head + " refs/heads/" + word + "\n");
        Files.writeString(repository.resolve("HEAD"), "ref: refs/heads/" + word + "\n");
        Files.writeString(
                repository.resolve("config"),
                "[remote \"origin\"]\n\turl = https://bitbucket.org/acme/shop" + word + ".git\n",
                StandardOpenOption.APPEND);
        maven.without("bitbucket.branch");

        for (String repositoryParameter : new String[] {"acme/shop", ""}) {
            GoalResult result = maven.newBuild()
                    .property("bitbucket.repository", repositoryParameter)
                    .execute("run");

            result.log().forEach(WordsOfOthersGoalTest::assertOnePrintableLine);
            assertThat(result.exception()).isPresent();
            result.shown().lines().forEach(WordsOfOthersGoalTest::assertOnePrintableLine);
        }
        assertPrintableProperties();
    }

    private static void assertOnePrintableLine(String line) {
        assertThat(TextSanitizer.escapedJson(line)).doesNotContainPattern("^(\\[[A-Z]+\\] )?" + FORGED);
        assertThat(line.codePoints())
                .as(TextSanitizer.escapedJson(line))
                .noneMatch(Character::isISOControl)
                .noneMatch(c -> Character.getType(c) == Character.FORMAT && c != 0x200D)
                .noneMatch(c -> Character.getType(c) == Character.SURROGATE || c == 0x2028 || c == 0x2029);
    }

    private void assertPrintableFiles() throws Exception {
        try (Stream<Path> all = Files.walk(maven.root())) {
            assertThat(all.filter(Files::isRegularFile).filter(file -> !file.endsWith("pom.xml")))
                    .allMatch(file -> file.startsWith(maven.outputDirectory()));
        }
        if (!Files.isDirectory(maven.outputDirectory())) {
            return;
        }
        try (Stream<Path> files = Files.list(maven.outputDirectory())) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                assertThat(name).matches("(TEST-)?default-cli(-step-1)?\\.(json|html|css|xml)");
                // Lines of logs are lines of their own in HTML and XML, and of JSON none begins with a word.
                Files.readString(file)
                        .lines()
                        .forEach(line ->
                                assertOnePrintableLine((name.endsWith(".json") ? "" : "text: ") + line.strip()));
                if (name.endsWith(".xml")) {
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
                } else if (name.endsWith(".json")) {
                    new ObjectMapper().readTree(file.toFile());
                }
            }
        }
    }

    private void assertPrintableProperties() {
        Properties properties = maven.projectCalled("root").getProperties();
        for (String name : properties.stringPropertyNames()) {
            assertOnePrintableLine(name + "=" + properties.getProperty(name));
            assertThat(properties.getProperty(name)).doesNotContain("${", "@{", "@env.PATH@");
        }
    }
}
