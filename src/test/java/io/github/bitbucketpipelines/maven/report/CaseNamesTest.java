package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CaseNamesTest {
    private static final String CLASS = "acme.shop.deploy";

    private final List<StepSnapshot> steps = new ArrayList<>();

    private CaseNames names() {
        Run run = new Run(
                42,
                "{42}",
                URI.create("https://bitbucket.org/acme/shop/pipelines/results/42"),
                state(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        RunSnapshot snapshot = new RunSnapshot(
                null,
                run,
                steps,
                Outcome.OVER,
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                RunOutputs.NONE);
        return new CaseNames(snapshot, CLASS);
    }

    private static State state() {
        return new State.Completed(Result.Known.FAILED, Optional.empty(), Optional.empty());
    }

    private CaseNamesTest step(String name, TestCase... tests) {
        int position = steps.size() + 1;
        Step step = new Step(
                position,
                "{" + position + "}",
                Optional.of(name),
                state(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        steps.add(new StepSnapshot(
                step,
                List.of(),
                new TestReportsClient.TestCases(List.of(tests), Optional.empty()),
                Map.of(),
                RunSnapshot.Failure.NONE,
                Optional.empty()));
        return this;
    }

    private static TestCase test(String className, String name) {
        return new TestCase(
                Optional.empty(), Optional.of(name), Optional.of(className), Optional.empty(), Optional.empty());
    }

    private List<String> stepNames() {
        CaseNames names = names();
        return steps.stream().map(names::of).toList();
    }

    @Test
    void stepsOfOneNameAreNumbered() {
        step("Build").step("Deploy").step("Deploy").step("Deploy");

        assertThat(stepNames()).containsExactly("Build", "Deploy", "Deploy (2)", "Deploy (3)");
    }

    @Test
    void nameThatOccursOnceStaysAsItIs() {
        step("Deploy").step("Deploy").step("Deploy (2)").step("Pipeline");

        assertThat(stepNames()).containsExactly("Deploy", "Deploy (3)", "Deploy (2)", "Pipeline");
        assertThat(names().run()).isEqualTo("Pipeline (2)");
    }

    @Test
    void longNamesThatDifferAtTheirEndsAreTwo() {
        step("x".repeat(600) + "a")
                .step("x".repeat(600) + "b")
                .step("Deploy\u200B")
                .step(" Deploy");

        assertThat(stepNames())
                .doesNotHaveDuplicates()
                .allMatch(name -> name.length() <= CaseNames.MAX_NAME)
                .contains("Deploy", "Deploy (2)");
    }

    @Test
    void testOfSeveralStepsHasTheNameOfTheLaterStep() {
        step("Test on JDK 17", test("com.acme.CartTest", "addsUp"))
                .step("Test on JDK 21", test("com.acme.CartTest", "addsUp"), test("com.acme.CartTest", "ships"));
        CaseNames names = names();

        assertThat(names.testsOf(steps.get(0))).containsExactly("addsUp");
        assertThat(names.testsOf(steps.get(1))).containsExactly("addsUp [Test on JDK 21]", "ships");
    }

    @Test
    void repeatedTestOfOneStepIsNumbered() {
        step("Test", test("com.acme.CartTest", "rounds"), test("com.acme.CartTest", "rounds"));

        assertThat(names().testsOf(steps.get(0))).containsExactly("rounds", "rounds (2)");
    }

    @Test
    void testWithTheNameOfAStepIsAnother() {
        step("Deploy", test(CLASS, "Deploy"));

        assertThat(names().testsOf(steps.get(0))).containsExactly("Deploy [Deploy]");
    }

    /** GitLab joins them by an underscore. */
    @RepeatedTest(300)
    void classNameAndNameOccurOnce(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        String[] words = {
            "Deploy",
            "Deploy (2)",
            "Deploy (3)",
            "a",
            "a_b",
            "b",
            "a [Deploy]",
            "Pipeline",
            " ",
            "Deploy ",
            CLASS,
            "b (2)",
            "x".repeat(510),
            "x".repeat(511),
            "\u200Ba",
            "🚀".repeat(300)
        };
        for (int i = random.nextInt(8); i >= 0; i--) {
            TestCase[] tests = new TestCase[random.nextInt(6)];
            for (int j = 0; j < tests.length; j++) {
                tests[j] = test(words[random.nextInt(words.length)], words[random.nextInt(words.length)]);
            }
            step(words[random.nextInt(words.length)], tests);
        }
        CaseNames names = names();
        Set<String> all = new HashSet<>();
        assertThat(all.add(CLASS + "_" + names.run())).isTrue();
        for (StepSnapshot step : steps) {
            assertThat(all.add(CLASS + "_" + names.of(step))).as(names.of(step)).isTrue();
            for (int i = 0; i < step.tests().cases().size(); i++) {
                String test = names.className(step, step.tests().cases().get(i)) + "_"
                        + names.testsOf(step).get(i);
                assertThat(all.add(test)).as(test).isTrue();
                assertThat(names.testsOf(step).get(i)).hasSizeLessThanOrEqualTo(CaseNames.MAX_NAME);
            }
        }
        CaseNames again = names();
        assertThat(steps).allSatisfy(step -> {
            assertThat(again.of(step)).isEqualTo(names.of(step));
            assertThat(again.testsOf(step)).isEqualTo(names.testsOf(step));
        });
    }

    /** To try each number again for each test takes longer. */
    @Test
    @Timeout(5)
    void timeGrowsWithTheNumberOfTestsOfOneName() {
        TestCase[] tests = new TestCase[20_000];
        Arrays.fill(tests, test("ATest", "works"));
        step("Build", tests);

        assertThat(names().testsOf(steps.get(0)))
                .doesNotHaveDuplicates()
                .startsWith("works", "works (2)", "works (3)")
                .endsWith("works (20000)");
    }
}
