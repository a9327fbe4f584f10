package io.github.bitbucketpipelines.maven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PipelinesFileTest {
    private static final String FILE = """
        image: maven:3.9-eclipse-temurin-17
        definitions:
          caches: {maven: ~/.m2/repository}
          imports:
            shared: shared-pipelines:main:java/build.yml
            local: .bitbucket/release-pipelines.yml
            plain: shared-pipelines:v1
          steps:
            - step: &build
                name: Build
                caches: [maven]
                script:
                  - mvn -B verify
                condition:
                  changesets:
                    includePaths: ["src/**"]
            - step: &deploy
                name: Deploy
                deployment: test
                script: [./deploy.sh]
        pipelines:
          default:
            - step: *build
          branches:
            main:
              - step:
                  <<: *build
                  name: Build main
              - step:
                  <<: [*deploy, *build]
                  deployment: production
                  trigger: manual
            release/*:
              - step: *build
            '{hotfix,fix}/**':
              - step: *deploy
          tags:
            v*:
              - step: *deploy
          pull-requests:
            '**':
              - step: *build
            feature/*:
              destinations:
                main:
                  - step: *deploy
                '*':
                  - step: *build
          custom:
            deploy-to-production:
              - variables:
                  - name: ENVIRONMENT
                    default: staging
                    description: Where to
                    allowed-values: [staging, production, 007]
                  - name: VERSION
                  - name: EMPTY
                    default: ""
              - parallel:
                  - step: *build
                  - step: {script: [true]}
              - parallel:
                  fail-fast: true
                  steps:
                    - step: *build
              - stage:
                  name: Roll out
                  deployment: production
                  trigger: manual
                  condition: {changesets: {includePaths: [a]}}
                  steps:
                    - step: {name: One, script: [true]}
                    - step: {name: Two, deployment: two, script: [true]}
              - step:
                  name: Test the rest
                  type: pipeline
                  custom: nightly
            nightly:
              import: shared-pipelines:v1.2:nightly
            weekly:
              import: weekly@shared
            monthly:
              import: monthly@local
            yearly:
              import: yearly@plain
        """;
    private final PipelinesFile file = PipelinesFile.read(FILE);

    @Test
    void customPipelinesAreListedInFileOrder() {
        assertThat(file.customNames())
                .containsExactly("deploy-to-production", "nightly", "weekly", "monthly", "yearly");
        assertThat(file.custom("deploy-to-production").orElseThrow().selector())
                .isEqualTo(Selector.custom("deploy-to-production"));
        assertThat(file.custom("main")).isEmpty();
    }

    @Test
    void stepsHaveGroupStageManualFlagAndCondition() {
        OptionalInt none = OptionalInt.empty();
        assertThat(file.custom("deploy-to-production").orElseThrow().steps())
                .containsExactly(
                        step(Optional.of("Build"), false, OptionalInt.of(1), none, true),
                        step(Optional.empty(), false, OptionalInt.of(1), none, false),
                        step(Optional.of("Build"), false, OptionalInt.of(2), none, true),
                        step(Optional.of("One"), true, none, OptionalInt.of(1), true, "production"),
                        step(Optional.of("Two"), false, none, OptionalInt.of(1), true, "two"),
                        step(Optional.of("Test the rest"), false, none, none, false));
    }

    @Test
    void variablesKeepTheirLiteralText() {
        PipelineDefinition definition = file.custom("deploy-to-production").orElseThrow();
        VariableDefinition environment = definition.variable("ENVIRONMENT").orElseThrow();
        assertThat(environment.defaultValue()).contains("staging");
        assertThat(environment.description()).contains("Where to");
        assertThat(environment.allowedValues()).containsExactly("staging", "production", "007");
        assertThat(environment.allows("007")).isTrue();
        assertThat(environment.allows("7")).isFalse();
        VariableDefinition version = definition.variable("VERSION").orElseThrow();
        assertThat(version.defaultValue()).isEmpty();
        assertThat(version.allows("anything")).isTrue();
        assertThat(definition.variable("EMPTY").orElseThrow().defaultValue()).contains("");
    }

    @Test
    void ownKeysOverrideMergedKeys() {
        PipelineDefinition main = file.forBranch("main").orElseThrow();
        assertThat(main.steps()).extracting(step -> step.name().orElseThrow()).containsExactly("Build main", "Deploy");
        StepDefinition deploy = main.steps().get(1);
        assertThat(deploy.isManual()).isTrue();
    }

    @Test
    void branchFallsBackToDefaultPipeline() {
        assertThat(file.forBranch("release/1").orElseThrow().selector())
                .isEqualTo(new Selector("branches", Optional.of("release/*")));
        assertThat(file.forBranch("fix/a/b").orElseThrow().selector().pattern()).contains("{hotfix,fix}/**");
        assertThat(file.forBranch("release/1/2")).isEqualTo(file.defaultPipeline());
        assertThat(file.defaultPipeline().orElseThrow().selector())
                .isEqualTo(new Selector("default", Optional.empty()));
    }

    @Test
    void tagDoesNotFallBackToDefaultPipeline() {
        assertThat(file.forTag("v1").orElseThrow().selector()).isEqualTo(new Selector("tags", Optional.of("v*")));
        assertThat(file.forTag("1")).isEmpty();
    }

    @Test
    void pullRequestMatchesSourceThenDestination() {
        Selector feature = new Selector("pull-requests", Optional.of("feature/*"));
        PipelineDefinition toMain = file.forPullRequest("feature/a", "main").orElseThrow();
        assertThat(toMain.selector()).isEqualTo(feature);
        assertThat(toMain.steps().get(0).name()).contains("Deploy");
        PipelineDefinition elsewhere =
                file.forPullRequest("feature/a", "develop").orElseThrow();
        assertThat(elsewhere.steps().get(0).name()).contains("Build");
        assertThat(file.forPullRequest("feature/a", "release/1")).isEmpty();
        assertThat(file.forPullRequest("docs", "main").orElseThrow().selector().pattern())
                .contains("**");
    }

    @Test
    void importsAreParsed() {
        assertThat(file.custom("nightly").orElseThrow().importedFrom())
                .contains(new PipelineImport(
                        "nightly", Optional.of("shared-pipelines"), Optional.of("v1.2"), Optional.empty()));
        assertThat(file.custom("weekly").orElseThrow().importedFrom())
                .contains(new PipelineImport(
                        "weekly", Optional.of("shared-pipelines"), Optional.of("main"), Optional.of("java/build.yml")));
        assertThat(file.custom("monthly").orElseThrow().importedFrom())
                .contains(new PipelineImport(
                        "monthly",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(".bitbucket/release-pipelines.yml")));
        assertThat(file.custom("yearly").orElseThrow().importedFrom())
                .contains(new PipelineImport(
                        "yearly", Optional.of("shared-pipelines"), Optional.of("v1"), Optional.empty()));
        assertThat(file.custom("weekly").orElseThrow().steps()).isEmpty();
    }

    @Test
    void fileWithoutPipelinesHasNoDefinitions() {
        PipelinesFile shared = PipelinesFile.read("export: true\ndefinitions: {pipelines: {a: [{step: {}}]}}\n");
        assertThat(shared.customNames()).isEmpty();
        assertThat(shared.forBranch("main")).isEmpty();
        assertThat(shared.forTag("v1")).isEmpty();
        assertThat(PipelinesFile.read("pipelines:\n  custom:\n  default:\n").defaultPipeline())
                .isEmpty();
    }

    private static StepDefinition step(
            Optional<String> name,
            boolean isManual,
            OptionalInt group,
            OptionalInt stage,
            boolean isConditional,
            String... environment) {
        return new StepDefinition(
                name,
                isManual,
                group,
                stage,
                isConditional,
                List.of(),
                Stream.of(environment).findFirst(),
                FailureStrategy.FAIL);
    }

    /** Of 2026; what is not known is kept out of the way. */
    private static final String NEW_FILE = """
        options: {concurrency-group: all}
        triggers: {repository-push: [{condition: x, pipelines: [a]}]}
        pipelines:
          merge-queues:
            main: [{step: {script: [a]}}]
          default:
            - step:
                name: Build
                runs-on: [self.hosted, linux]
                on-fail: {strategy: retry, max-retries: 2}
                script:
                  - pipe: acme/build:1
                    variables: {concurrency-group: not-this}
            - step:
              name: Deploy
              environment: staging
              runs-on: windows
              concurrency-group: deploy
              script: [b]
            - stage:
                deployment: production
                concurrency: {group: live}
                steps:
                  - step: {name: Live, script: [c]}
            - final:
                - step: {name: Clean, environment: {name: test}, script: [d]}
          custom:
            a:
              - step: {script: [a]}
        """;

    @Test
    void labelsEnvironmentsAndFinalStepsAreRead() {
        List<StepDefinition> steps =
                PipelinesFile.read(NEW_FILE).defaultPipeline().orElseThrow().steps();

        assertThat(steps)
                .extracting(
                        step -> step.name().orElse(""),
                        step -> String.join("+", step.labels()),
                        step -> step.environment().orElse("-"))
                .containsExactly(
                        tuple("Build", "self.hosted+linux", "-"),
                        tuple("Deploy", "windows", "staging"),
                        tuple("Live", "", "production"),
                        tuple("Clean", "", "test"));
    }

    @Test
    void failureStrategyIsThatOfTheStepOrOfWhatIsAroundIt() {
        List<StepDefinition> steps =
                PipelinesFile.read("""
                    pipelines:
                      default:
                        - step: {name: plain, script: [a]}
                        - step: {name: own, on-fail: {strategy: ignore}, script: [a]}
                        - step: {name: said, on-fail: {strategy: fail}, script: [a]}
                        - step: {name: new, on-fail: {strategy: approve}, script: [a]}
                        - step: {name: odd, on-fail: ignore, script: [a]}
                        - parallel:
                            on-fail: {strategy: retry, maxRetryCount: 2}
                            steps:
                              - step: {name: group, script: [a]}
                              - step: {name: same, on-fail: {strategy: retry}, script: [a]}
                        - stage:
                            on-fail: {strategy: ignore}
                            steps:
                              - step: {name: stage, script: [a]}
                              - step: {name: differs, on-fail: {strategy: fail}, script: [a]}
                        - final: [{step: {name: last, on-fail: {strategy: ignore}, script: [a]}}]
                    """).defaultPipeline().orElseThrow().steps();

        assertThat(steps)
                .extracting(step -> step.name().orElseThrow() + " " + step.failureStrategy())
                .containsExactly(
                        "plain FAIL",
                        "own IGNORE",
                        "said FAIL",
                        "new UNKNOWN",
                        "odd UNKNOWN",
                        "group RETRY",
                        "same RETRY",
                        "stage IGNORE",
                        "differs UNKNOWN",
                        "last UNKNOWN");
    }

    @Test
    void concurrencyGroupsAreThoseOfTheFileAndOfEachPipeline() {
        PipelinesFile file = PipelinesFile.read(NEW_FILE);

        assertThat(file.concurrencyGroups()).containsExactly("all", "deploy", "live");
        assertThat(file.defaultPipeline().orElseThrow().concurrencyGroups()).containsExactly("all", "deploy", "live");
        assertThat(file.custom("a").orElseThrow().concurrencyGroups()).containsExactly("all");
    }

    @Test
    void whatIsNotKnownIsNamed() {
        PipelinesFile file = PipelinesFile.read(NEW_FILE);

        assertThat(file.otherSections()).containsExactly("triggers", "merge-queues");
        assertThat(file.defaultPipeline().orElseThrow().doubts())
                .containsExactly("the keys of the step in line 14 stand beside 'step', not below it");
        assertThat(file.custom("a").orElseThrow().doubts()).isEmpty();
    }

    @Test
    void definitionIsFoundByTheSelectorOfARun() {
        assertThat(file.selectedBy(new Selector("default", Optional.empty())))
                .isEqualTo(file.defaultPipeline())
                .isPresent();
        assertThat(file.selectedBy(Selector.custom("nightly"))).isEqualTo(file.custom("nightly"));
        assertThat(file.selectedBy(new Selector("branches", Optional.of("release/*"))))
                .isEqualTo(file.forBranch("release/1"));
        assertThat(file.selectedBy(new Selector("branches", Optional.of("gone"))))
                .isEmpty();
        assertThat(file.selectedBy(new Selector("pull-requests", Optional.of("feature/*"))))
                .as("two destinations")
                .isEmpty();
    }

    @Test
    void onlyTextThatIsNoYamlIsInvalid() {
        assertThat(List.of("a: b: c\n", "pipelines: [", "", "a: *b\n"))
                .allSatisfy(yaml -> assertThat(exception(yaml).isInvalidYaml()).isTrue());
        assertThat(List.of(
                        "- a\n",
                        "pipelines:\n  default: yes\n",
                        "pipelines:\n  default:\n    - step:\n",
                        "a: 1\na: 2\n",
                        "a: 1\n---\nb: 2\n",
                        "pipelines: {custom: {a: {import: b}}}",
                        "a".repeat(2_000_000)))
                .allSatisfy(yaml -> assertThat(exception(yaml).isInvalidYaml()).isFalse());
    }

    private static PipelinesFileException exception(String yaml) {
        return catchThrowableOfType(PipelinesFileException.class, () -> PipelinesFile.read(yaml));
    }

    @Test
    void unknownKeysAreIgnored() {
        PipelinesFile future = PipelinesFile.read("""
            triggers: {repository-push: [{condition: x, pipelines: [a]}]}
            pipelines:
              loops: 3
              custom:
                a:
                  - loop: {times: 3}
                  - step: {name: !!java.net.URL [x], script: [a]}
            """);
        assertThat(future.custom("a").orElseThrow().steps())
                .singleElement()
                .satisfies(step -> assertThat(step.name()).isEmpty());
    }

    static Stream<String[]> invalidFiles() {
        return Stream.of(new String[][] {
            {"", "bitbucket-pipelines.yml: it is empty"},
            {"# nothing\n", "it is empty"},
            {"- a\n", "line 1: the file must be a mapping"},
            {"pipelines:\n  default: yes\n", "line 2: the pipeline default must be a list of steps or an import"},
            {"pipelines:\n  custom: [a]\n", "line 2: 'custom' must be a mapping"},
            {"pipelines:\n  default:\n    - step\n", "line 3: an item of the pipeline default must be a mapping"},
            {"pipelines:\n  default:\n    - step:\n", "line 3: a step is empty"},
            {"pipelines:\n  default:\n    - stage: {name: a}\n", "line 3: 'steps' is missing"},
            {"a: 1\nb: 2\na: 3\n", "line 3: the key 'a' is defined twice"},
            {"a: b: c\n", "line 1: it is not valid YAML: mapping values are not allowed here"},
            {"a:\n\t- b\n", "line 2: it is not valid YAML"},
            {"a: *b\n", "line 1: the alias *b has no anchor"},
            {"a: &a [*a]\n", "line 1: the alias *a has no anchor"},
            {"a: 'b\n", "it is not valid YAML"},
            {"[\"\\x", "it is not valid YAML"},
            {"a: \u0007\n", "it is not valid YAML"},
            {"a: 1\n---\nb: 2\n", "line 3: it has more than one document"},
            {"pipelines:\n  branches:\n    {a,b}: []\n", "line 3: a key must be plain text"},
            {"a: {<<: 1}\n", "line 1: '<<' can merge mappings only"},
            {"pipelines: {custom: {a: {import: b}}}", "'import' must be REPOSITORY:REF:PIPELINE"},
            {"pipelines: {custom: {a: {import: b@c}}}", "names the source 'c'"},
            {"pipelines: {custom: {a: [{variables: [{default: 1}]}]}}", "a variable has no name"},
            {"pipelines: {branches: {'" + "{a,b}".repeat(20) + "': []}}", "more than 100 alternatives"},
            {"a: " + "[".repeat(100_000), "line 1: it is nested more than 64 deep"},
            {"a: " + "{a: ".repeat(100_000), "it is nested more than 64 deep"},
            {"- ".repeat(100_000), "it is nested more than 64 deep"},
            {"? ".repeat(100_000), "it is nested more than 64 deep"},
            {"a".repeat(2_000_000), "it is longer than 1048576 characters"},
            {"a: &a x\nb: [" + "*a ,".repeat(20_000) + "]", "it has more than 10000 aliases"},
        });
    }

    @ParameterizedTest
    @MethodSource("invalidFiles")
    void invalidFileIsRejectedWithOneLine(String yaml, String message) {
        assertThatThrownBy(() -> PipelinesFile.read(yaml))
                .isInstanceOf(PipelinesFileException.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage())
                        .startsWith("bitbucket-pipelines.yml")
                        .hasLineCount(1));
    }

    @Test
    void exceptionHasTheLine() {
        assertThatThrownBy(() -> PipelinesFile.read("a: 1\nb: c: d\n"))
                .isInstanceOfSatisfying(
                        PipelinesFileException.class, e -> assertThat(e.line()).hasValue(2));
        assertThatThrownBy(() -> PipelinesFile.read(""))
                .isInstanceOfSatisfying(
                        PipelinesFileException.class, e -> assertThat(e.line()).isEmpty());
    }

    @Test
    void aliasExpansionIsBounded() {
        StringBuilder laughs = new StringBuilder("a0: &a0 {x: 1}\n");
        for (int i = 1; i < 60; i++) {
            laughs.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + " ,").repeat(10)));
        }
        assertThat(PipelinesFile.read(laughs.toString()).customNames()).isEmpty();

        String steps = "definitions: {s: &p [" + "{step: {a: b}},".repeat(2_000) + "]}\n";
        assertThatThrownBy(() ->
                        PipelinesFile.read(steps + "pipelines: {default: [" + "{parallel: *p },".repeat(2_000) + "]}"))
                .isInstanceOf(PipelinesFileException.class)
                .hasMessageContaining("more than 10000 steps");

        StringBuilder keys = new StringBuilder("m: &m {");
        for (int i = 0; i < 20_000; i++) {
            keys.append("k").append(i).append(": 1,");
        }
        assertThatThrownBy(() -> PipelinesFile.read(keys + "}\nn: [" + "{<<: *m },".repeat(2_000) + "]"))
                .isInstanceOf(PipelinesFileException.class)
                .hasMessageContaining("merges more than 100000 keys");
    }

    @Test
    void mutatedFilesAreReadOrRejected() {
        Random random = new Random(20261123);
        String alphabet = "{}[]:,-&*!|>'\"%@`#?<~ \n\t\r\u0000\u0085\u2028\uFEFF\uD800ab01<<";
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            StringBuilder mutated = new StringBuilder(FILE);
            for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
                int at = random.nextInt(mutated.length());
                int end = Math.min(mutated.length(), at + 1 + random.nextInt(12));
                switch (random.nextInt(4)) {
                    case 0 -> mutated.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    case 1 -> mutated.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    case 2 -> mutated.delete(at, end);
                    default -> mutated.insert(random.nextInt(mutated.length()), mutated.substring(at, end));
                }
            }
            refused += isRejected(mutated.toString()) ? 1 : 0;
        }
        assertThat(refused).isBetween(500, 4_500);
    }

    @Test
    void randomTextIsReadOrRejected() {
        Random random = new Random(7);
        String alphabet = "{}[]:,-&*!|>'\"%@`#?<~ \n\t a\\xu0";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder noise = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                noise.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            isRejected(noise.toString());
        }
    }

    /** Returns whether the text is rejected; any exception but a {@link PipelinesFileException} fails the test. */
    private static boolean isRejected(String yaml) {
        try {
            PipelinesFile file = PipelinesFile.read(yaml);
            file.forBranch("feature/a");
            file.forTag("v1");
            file.forPullRequest("feature/a", "main");
            return false;
        } catch (PipelinesFileException e) {
            return true;
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("for this file:\n" + yaml, e);
        }
    }

    @Test
    void maximumSizeFilesAreReadInTime() {
        Stream.of(
                        "a",
                        "- ",
                        "&a ",
                        "[",
                        "'",
                        "!",
                        "\n",
                        "a\n ",
                        "%",
                        "#",
                        " ",
                        "? a\n",
                        "\"\\",
                        "- a\n",
                        "{}",
                        "|",
                        "- &a b\n")
                .forEach(part -> Assertions.assertTimeout(
                        Duration.ofSeconds(30),
                        () -> isRejected(part.repeat(Yaml.Reader.MAX_CHARACTERS / part.length())),
                        part));
    }

    @Test
    void filesAreReadAsUtf8(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("bitbucket-pipelines.yml");
        Files.writeString(path, "\uFEFFpipelines:\n  custom:\n    déployer: []\n");
        assertThat(PipelinesFile.read(path).customNames()).containsExactly("déployer");
        Files.write(path, "a: é".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PipelinesFile.read(path))
                .isInstanceOf(PipelinesFileException.class)
                .hasMessageContaining("not UTF-8");
        assertThatThrownBy(() -> PipelinesFile.read(directory.resolve("none.yml")))
                .isInstanceOf(PipelinesFileException.class)
                .hasMessageContaining("can't be read");
    }
}
