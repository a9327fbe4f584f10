package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * The names of the test cases in all JUnit files of a run. Class name and name together occur once: CI servers take two
 * cases of one name for one. They are the same for each run of a pipeline, as far as its steps and tests are.
 *
 * <p>A name that occurs once stays as it is. Of steps with one name, the second is {@code Deploy (2)}. A test that an earlier
 * step has published, too, gets the name of its step: {@code addsUp [Test on JDK 21]}.
 */
final class CaseNames {
    /** In characters; longer names are cut, and differ all the same. */
    static final int MAX_NAME = 500;

    private static final int MAX_STEP_NAME = 200;
    private static final String RUN = "Pipeline";

    private final String className;
    private final String run;
    private final Map<String, String> steps = new LinkedHashMap<>();
    private final Map<String, List<String>> tests = new HashMap<>();

    /** GitLab joins class name and name by an underscore. */
    private final Set<String> taken = new HashSet<>();

    /** The first number that may be free, by class name, name and first suffix: thousands of tests may have one name. */
    private final Map<List<String>, Integer> next = new HashMap<>();

    /**
     * Names all cases of a run.
     *
     * @param className of the cases for steps
     */
    CaseNames(RunSnapshot snapshot, String className) {
        this.className = className;
        Map<String, Long> count =
                snapshot.steps().stream().collect(Collectors.groupingBy(CaseNames::name, Collectors.counting()));
        // What occurs once is named first, so that it keeps its name.
        snapshot.steps().stream()
                .filter(step -> count.get(name(step)) == 1)
                .forEach(step -> steps.put(step.step().uuid(), take(className, name(step), n -> " (" + n + ")")));
        snapshot.steps().stream()
                .filter(step -> count.get(name(step)) > 1)
                .forEach(step -> steps.put(step.step().uuid(), take(className, name(step), n -> " (" + n + ")")));
        run = take(className, RUN, n -> " (" + n + ")");
        snapshot.steps().forEach(step -> tests.put(step.step().uuid(), tests(step)));
    }

    /** Returns the class name of the cases for steps and for the run. */
    String className() {
        return className;
    }

    /** Returns the name of the case for the run itself. */
    String run() {
        return run;
    }

    /** Returns the name of the case for a step. */
    String of(StepSnapshot step) {
        return steps.get(step.step().uuid());
    }

    /** Returns the names of the cases for a step's tests, in their order. */
    List<String> testsOf(StepSnapshot step) {
        return tests.get(step.step().uuid());
    }

    /** Returns the class name of a test's case. */
    String className(StepSnapshot step, TestCase test) {
        return shown(test.className().orElse(step.step().displayName()));
    }

    private List<String> tests(StepSnapshot step) {
        String stepName = " [" + cut(of(step), MAX_STEP_NAME) + "]";
        List<String> names = new ArrayList<>();
        Set<String> own = new HashSet<>();
        for (TestCase test : step.tests().cases()) {
            String testClass = className(step, test);
            String name = shown(test.name().orElse("(no name)"));
            boolean isRepeated = !own.add(key(testClass, name));
            names.add(take(
                    testClass,
                    name,
                    isRepeated ? n -> " (" + n + ")" : n -> n == 2 ? stepName : stepName + " (" + (n - 1) + ")"));
        }
        return names;
    }

    /**
     * Returns the name, with the first suffix that makes it unique.
     *
     * @param suffixes by number, from 2
     */
    private String take(String ofClass, String name, IntFunction<String> suffixes) {
        if (taken.add(key(ofClass, name))) {
            return name;
        }
        List<String> repeated = List.of(ofClass, name, suffixes.apply(2));
        int n = next.getOrDefault(repeated, 2);
        String unique;
        do {
            String suffix = suffixes.apply(n++);
            unique = cut(name, MAX_NAME - suffix.length()) + suffix;
        } while (!taken.add(key(ofClass, unique)));
        next.put(repeated, n);
        return unique;
    }

    private static String key(String ofClass, String name) {
        return ofClass + "_" + name;
    }

    private static String name(StepSnapshot step) {
        return shown(step.step().displayName());
    }

    /** As the attribute has it: two names may differ only in what is not shown. */
    private static String shown(String name) {
        String line = JUnitXml.legal(TextSanitizer.singleLine(name, MAX_NAME)).strip();
        return cut(line.isEmpty() ? "(no name)" : line, MAX_NAME);
    }

    private static String cut(String name, int limit) {
        int end = Math.max(0, Math.min(name.length(), limit));
        return end > 0 && end < name.length() && Character.isHighSurrogate(name.charAt(end - 1))
                ? name.substring(0, end - 1)
                : name.substring(0, end);
    }
}
