package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Fetches the tests that a run's steps published, within bounds: of cases, of outputs, of steps asked, and of time. The
 * steps that failed come first.
 */
final class TestCollector {
    static final int MAX_CASES = 10_000;
    static final int MAX_OUTPUTS = 50;
    static final int MAX_STEPS = 30;
    static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration MAX_CALL = Duration.ofSeconds(10);

    private final TestReportsClient reports;
    private final Clock clock;
    private final Consumer<String> warnings;
    private final Instant end;
    private int cases = MAX_CASES;
    private int outputs = MAX_OUTPUTS;
    private boolean stopped;

    /**
     * Asks nothing yet.
     *
     * @param limit how long all of it may take; never more than {@link #LIMIT}
     */
    TestCollector(TestReportsClient reports, Clock clock, Consumer<String> warnings, Duration limit) {
        this.reports = reports;
        this.clock = clock;
        this.warnings = warnings;
        this.end = clock.instant().plus(Durations.shorter(limit, LIMIT));
    }

    /** The same steps in the same order, with their tests. */
    List<StepSnapshot> collect(long number, List<StepSnapshot> steps) {
        List<StepSnapshot> filled = new ArrayList<>(steps);
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).ended().isPresent()) {
                ran.add(i);
            }
        }
        ran.sort(Comparator.comparing(i -> !steps.get(i).isFailed()));
        for (int i : ran.subList(0, Math.min(MAX_STEPS, ran.size()))) {
            filled.set(i, collect(number, steps.get(i)));
        }
        return filled;
    }

    private StepSnapshot collect(long number, StepSnapshot step) {
        String uuid = step.step().uuid();
        TestReportsClient.TestCases found =
                call(r -> r.listTestCases(number, uuid, cases)).orElse(TestReportsClient.TestCases.NONE);
        cases -= found.cases().size();
        Map<Integer, List<String>> said = new HashMap<>();
        for (int i = 0; i < found.cases().size(); i++) {
            TestCase test = found.cases().get(i);
            if (test.isFailure() && test.uuid().isPresent() && outputs > 0 && !stopped) {
                outputs--;
                int place = i;
                call(r -> r.readTestOutput(number, uuid, test.uuid().get())).ifPresent(lines -> said.put(place, lines));
            }
        }
        return new StepSnapshot(step.step(), step.logTail(), found, said);
    }

    /** Asks, and once more where that may help; after that no more. */
    private <T> Optional<T> call(Function<TestReportsClient, T> question) {
        for (int attempt = 1; !stopped && cases > 0; attempt++) {
            Duration left = Duration.between(clock.instant(), end);
            if (left.compareTo(Duration.ofMillis(100)) < 0) {
                stop("it takes too long");
                break;
            }
            try {
                return Optional.of(question.apply(reports.withTimeout(Durations.shorter(left, MAX_CALL))));
            } catch (PipelinesException e) {
                boolean worthAnother = e.kind() == PipelinesException.Kind.OUTCOME_UNKNOWN
                        || e.kind() == PipelinesException.Kind.NOT_PROCESSED;
                if (attempt == 2 || !worthAnother) {
                    stop(e.getMessage());
                }
            }
        }
        return Optional.empty();
    }

    private void stop(String why) {
        stopped = true;
        warnings.accept("The report lacks tests that the run published: " + why);
    }
}
