package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.End;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.Listing;
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
    /** Each may have the size of a whole response, and what is shown of them is far less. */
    private static final int MAX_OUTPUT_PAGES = 3;

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
        List<TestCase> cases = new ArrayList<>();
        try {
            Listing listing = pages(
                            operation, "test_cases", testReports(number, stepUuid, "test_cases"), read(operation))
                    .read(MAX_PAGE_LENGTH, 1 + limit / MAX_PAGE_LENGTH, values -> {
                        values.forEach(value -> cases.add(TestJson.testCase(value, api.secrets())));
                        return cases.size() <= limit;
                    });
            List<TestCase> some = cases.subList(0, Math.min(limit, cases.size()));
            if (listing.end() == End.COMPLETE) {
                return new TestCases(some);
            }
            return TestCases.incomplete(
                    some,
                    listing.end() == End.INCOMPLETE
                            ? listing.gap()
                            : "only " + some.size()
                                    + (listing.size().isPresent()
                                            ? " of " + listing.size().getAsLong()
                                            : "") + " were read");
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
            return output(operation, uri, read(operation));
        } catch (PipelinesException e) {
            if (e.kind() == Kind.NOT_FOUND && !e.isForeign()) {
                return List.of();
            }
            throw e;
        }
    }

    /** The documentation does not say whether the response is a page; some clients read it as one. */
    private List<String> output(Operation operation, URI uri, Deadline deadline) {
        JsonNode first = get(operation, uri, deadline);
        if (!first.path("values").isArray()) {
            return TestJson.output(first, api.secrets());
        }
        ArrayNode reasons = Json.object().putArray("values");
        Listing listing = pages(operation, "test_case_reasons", uri, deadline)
                .startingWith(first, MAX_OUTPUT_PAGES, values -> {
                    reasons.addAll(values);
                    return true;
                });
        List<String> lines = new ArrayList<>(TestJson.output(reasons, api.secrets()));
        if (listing.end() != End.COMPLETE) {
            lines.add("(" + listing.gap() + ")");
        }
        return lines;
    }

    private URI testReports(long number, String stepUuid, String... segments) {
        List<String> path =
                new ArrayList<>(List.of("pipelines", Long.toString(number), "steps", stepUuid, "test_reports"));
        path.addAll(List.of(segments));
        return resource(path.toArray(String[]::new));
    }
}
