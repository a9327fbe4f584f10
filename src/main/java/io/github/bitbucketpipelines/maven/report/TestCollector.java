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
 * Reads the tests that the steps of a run published, failed steps first. It is bounded in cases, outputs, steps and
 * time, since a report must neither delay a build nor use up the rate limit.
 */
final class TestCollector {
    static final int MAX_CASES = 10_000;
    static final int MAX_OUTPUTS = 50;
    static final int MAX_STEPS = 30;
    static final Duration MAX_DURATION = Duration.ofSeconds(15);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration MIN_CALL_TIMEOUT = Duration.ofMillis(100);

    private final TestReportsClient reports;
    private final Clock clock;
    private final Consumer<String> warnings;
    private final Instant deadline;
    private int remainingCases = MAX_CASES;
    private int remainingOutputs = MAX_OUTPUTS;
    private boolean stopped;

    /**
     * Creates a collector, which sends no request yet.
     *
     * @param timeout for all requests together; at most {@link #MAX_DURATION} is used
     */
    TestCollector(TestReportsClient reports, Clock clock, Consumer<String> warnings, Duration timeout) {
        this.reports = reports;
        this.clock = clock;
        this.warnings = warnings;
        this.deadline = clock.instant().plus(Durations.shorter(timeout, MAX_DURATION));
    }

    /** Returns the same steps in the same order, with their tests. */
    List<StepSnapshot> collect(long number, List<StepSnapshot> steps) {
        List<StepSnapshot> withTests = new ArrayList<>(steps);
        List<Integer> executed = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).ended().isPresent()) {
                executed.add(i);
            }
        }
        executed.sort(Comparator.comparing(i -> !steps.get(i).isFailed()));
        int bound = Math.min(MAX_STEPS, executed.size());
        for (int i : executed.subList(0, bound)) {
            withTests.set(i, collect(number, steps.get(i)));
        }
        String unread = "they were not read: those of at most " + MAX_STEPS + " steps are";
        for (int i : executed.subList(bound, executed.size())) {
            withTests.set(
                    i, steps.get(i).withTests(TestReportsClient.TestCases.incomplete(List.of(), unread), Map.of()));
        }
        if (bound < executed.size()) {
            warnings.accept("The tests of " + (executed.size() - bound) + " steps were not read: those of at most "
                    + MAX_STEPS + " steps are");
        }
        return withTests;
    }

    private StepSnapshot collect(long number, StepSnapshot step) {
        String uuid = step.step().uuid();
        TestReportsClient.TestCases found = call(client -> client.listTestCases(number, uuid, remainingCases))
                .orElseGet(() -> TestReportsClient.TestCases.incomplete(List.of(), "they were not read"));
        if (!found.complete() && !stopped) {
            warnings.accept("Of the tests of step '" + step.step().displayName() + "', "
                    + found.gap().orElseThrow() + "; there is no JUnit file of them");
        }
        remainingCases -= found.cases().size();
        Map<Integer, List<String>> outputs = new HashMap<>();
        for (int i = 0; i < found.cases().size(); i++) {
            TestCase test = found.cases().get(i);
            if (test.isFailure() && test.uuid().isPresent() && remainingOutputs > 0 && !stopped) {
                remainingOutputs--;
                int index = i;
                call(client -> client.readTestOutput(number, uuid, test.uuid().get()))
                        .ifPresent(lines -> outputs.put(index, lines));
            }
        }
        return step.withTests(found, outputs);
    }

    /** Makes a call, with one retry of a transient failure; any other failure stops the collector. */
    private <T> Optional<T> call(Function<TestReportsClient, T> request) {
        for (int attempt = 1; !stopped && remainingCases > 0; attempt++) {
            Duration remaining = Duration.between(clock.instant(), deadline);
            if (remaining.compareTo(MIN_CALL_TIMEOUT) < 0) {
                stop("it takes too long");
                break;
            }
            try {
                return Optional.of(request.apply(reports.withTimeout(Durations.shorter(remaining, CALL_TIMEOUT))));
            } catch (PipelinesException e) {
                boolean isTransient = e.kind() == PipelinesException.Kind.OUTCOME_UNKNOWN
                        || e.kind() == PipelinesException.Kind.NOT_PROCESSED;
                if (attempt == 2 || !isTransient) {
                    stop(e.getMessage());
                }
            } catch (OutOfMemoryError e) {
                stop("this JVM has too little memory for them (-Xmx, in MAVEN_OPTS)");
            }
        }
        return Optional.empty();
    }

    private void stop(String reason) {
        stopped = true;
        warnings.accept("The report lacks tests that the run published: " + reason);
    }
}
