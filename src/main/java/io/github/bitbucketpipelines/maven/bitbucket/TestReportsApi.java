package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the tests that the steps of one repository's runs have published. Thread-safe. */
final class TestReportsApi extends RepositoryApi implements TestReportsClient {
    TestReportsApi(ApiClient api, Optional<Duration> timeout) {
        super(api, timeout, Optional.empty());
    }

    @Override
    public TestReportsClient withTimeout(Duration limit) {
        return new TestReportsApi(api, Optional.of(limit));
    }

    @Override
    public TestCases listTestCases(long number, String stepUuid, int limit) {
        Operation operation = operation(
                "read the tests of step " + stepUuid + " of run #" + number + " of " + repository, Scope.READ);
        URI uri = query(testReports(number, stepUuid, "test_cases"), "pagelen=" + MAX_PAGE_LENGTH);
        List<TestCase> cases = new ArrayList<>();
        try {
            boolean complete = eachPage(operation, uri, read(operation), 1 + limit / MAX_PAGE_LENGTH, values -> {
                values.forEach(value -> cases.add(TestJson.testCase(value, api.secrets())));
                return cases.size() <= limit;
            });
            return new TestCases(cases.subList(0, Math.min(limit, cases.size())), complete);
        } catch (PipelinesException e) {
            if (e.kind() == Kind.NOT_FOUND && !e.isForeign()) {
                return TestCases.NONE;
            }
            throw e;
        }
    }

    @Override
    public List<String> readTestOutput(long number, String stepUuid, String caseUuid) {
        Operation operation = operation(
                "read the output of test " + caseUuid + " of run #" + number + " of " + repository, Scope.READ);
        try {
            URI uri = testReports(number, stepUuid, "test_cases", caseUuid, "test_case_reasons");
            return TestJson.output(get(operation, uri, read(operation)), api.secrets());
        } catch (PipelinesException e) {
            if (e.kind() == Kind.NOT_FOUND && !e.isForeign()) {
                return List.of();
            }
            throw e;
        }
    }

    private URI testReports(long number, String stepUuid, String... segments) {
        List<String> path =
                new ArrayList<>(List.of("pipelines", Long.toString(number), "steps", stepUuid, "test_reports"));
        path.addAll(List.of(segments));
        return resource(path.toArray(String[]::new));
    }
}
