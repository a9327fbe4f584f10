package io.github.bitbucketpipelines.maven.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.preflight.Finding.Status;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreflightTest {
    private static final String MAIN = "1111111111111111111111111111111111111111";
    private static final String FEATURE = "2222222222222222222222222222222222222222";
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");
    private static final String YML = """
        pipelines:
          branches:
            'release/*':
              - step:
                  script: [./release.sh]
          tags:
            'v*':
              - step:
                  script: [./tag.sh]
          pull-requests:
            'feature/*':
              - step:
                  script: [./check.sh]
          custom:
            deploy-to-production:
              - variables:
                  - name: VERSION
                    description: What to deploy
                  - name: ENVIRONMENT
                    default: staging
                    allowed-values: [staging, production]
              - step:
                  script: [./deploy.sh]
            nightly:
              - step:
                  script: [./nightly.sh]
            shared:
              import: acme-pipelines:main:release
        """;

    private final EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start();
    private final EmbeddedRepository shop = bitbucket.repository("acme", "shop");
    private final HttpTransport http = HttpTransport.builder().version("1.0.0").build();

    @BeforeEach
    void fillRepository() {
        shop.branch("main", MAIN)
                .branch("release/1", MAIN)
                .tag("v1.0.0", MAIN)
                .pullRequest(7, "feature/x", FEATURE, "main", MAIN)
                .file("bitbucket-pipelines.yml", YML);
    }

    @AfterEach
    void onlyKnownEndpointsWereReadAndNothingWasChanged() {
        http.close();
        bitbucket.close();
        assertThat(bitbucket.unknownRequests()).isEmpty();
        assertThat(bitbucket.requests()).allMatch(request -> request.method().equals("GET"));
        assertThat(bitbucket.created()).isZero();
    }

    private List<Finding> findings(Credentials credentials, RepositoryId repository, TriggerRequest request) {
        BitbucketCloud cloud =
                new BitbucketCloud(http, ApiUrl.of(bitbucket.apiUrl().toString()), credentials, repository);
        return Preflight.of(
                cloud, cloud.repositoryClient(), request, TimeLimit.in(Clock.systemUTC(), Duration.ofMinutes(2)));
    }

    private List<Finding> findings(TriggerRequest request) {
        return findings(new Credentials.Bearer(bitbucket.token()), SHOP, request);
    }

    private static TriggerRequest request(Target target, String pipeline, String... variables) {
        List<Variable> given = new ArrayList<>();
        for (int i = 0; i < variables.length; i += 2) {
            given.add(new Variable(variables[i], variables[i + 1], false));
        }
        return new TriggerRequest(target, Optional.ofNullable(pipeline), given);
    }

    private static Target branch(String name) {
        return new Target.Branch(name, Optional.empty());
    }

    private static TriggerRequest good() {
        return request(branch("main"), "deploy-to-production", "VERSION", "1");
    }

    private static List<String> failed(List<Finding> findings) {
        return texts(findings, Status.FAILED);
    }

    private static List<String> texts(List<Finding> findings, Status status) {
        return findings.stream()
                .filter(f -> f.status() == status)
                .map(Finding::text)
                .toList();
    }

    @Test
    void validRequestPassesAllChecksInFiveRequests() {
        List<Finding> findings = findings(good());
        assertThat(findings).allMatch(finding -> finding.status() == Status.OK);
        assertThat(texts(findings, Status.OK))
                .containsExactly(
                        "The credentials are valid, and may read the runs of acme/shop",
                        "Their scopes allow to start a run",
                        "The repository is acme/shop",
                        "Pipelines is enabled",
                        "Branch main is at 111111111111",
                        "bitbucket-pipelines.yml is there, and can be read",
                        "Pipeline deploy-to-production is there",
                        "The variables are as the pipeline declares them");
        assertThat(bitbucket.requests()).hasSize(5);
    }

    @Test
    void invalidTokenSkipsTheRemainingChecks() {
        List<Finding> findings = findings(new Credentials.Bearer("invalid"), SHOP, good());
        assertThat(failed(findings)).singleElement().asString().contains("401", "wrong, has expired");
        assertThat(texts(findings, Status.UNKNOWN)).singleElement().asString().startsWith("Remaining checks skipped");
    }

    @Test
    void missingRepositoryFails() {
        assertThat(failed(
                        findings(new Credentials.Bearer(bitbucket.token()), new RepositoryId("acme", "shpo"), good())))
                .singleElement()
                .asString()
                .contains("There is no repository acme/shpo");
    }

    @Test
    void readOnlyTokenFailsWithTheScopeNameOfItsKind() {
        bitbucket.acceptBearer("reads", "pipeline", "repository");
        assertThat(failed(findings(new Credentials.Bearer("reads"), SHOP, good())))
                .singleElement()
                .asString()
                .contains("they lack the scope 'pipeline:write'", "pipeline, repository");
        bitbucket.acceptBasic("a@b.c", "reads", "read:pipeline:bitbucket", "read:repository:bitbucket");
        assertThat(failed(findings(new Credentials.Basic("a@b.c", "reads"), SHOP, good())))
                .singleElement()
                .asString()
                .contains("they lack the scope 'write:pipeline:bitbucket'");
    }

    @Test
    void unreportedScopesAreUnknown() {
        bitbucket.intercept((request, next) -> {
            Response response = next.proceed();
            var headers = new java.util.HashMap<>(response.headers());
            headers.remove("X-OAuth-Scopes");
            return new Response(response.status(), headers, response.body());
        });
        List<Finding> findings = findings(good());
        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .containsExactly("Whether the credentials may start a run: Bitbucket did not report their scopes");
    }

    @Test
    void resourcesHiddenFromTheTokenAreUnknown() {
        bitbucket.acceptBearer("modest", "pipeline", "pipeline:write");
        List<Finding> findings = findings(new Credentials.Bearer("modest"), SHOP, good());
        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .hasSize(3)
                .anySatisfy(text -> assertThat(text).startsWith("Whether Pipelines is enabled"))
                .anySatisfy(text -> assertThat(text).startsWith("Whether branch main is there"));
    }

    @Test
    void outageIsUnknown() {
        bitbucket.intercept((request, next) -> Response.of(503));
        assertThat(findings(good())).isNotEmpty().allMatch(finding -> finding.status() == Status.UNKNOWN);
    }

    @Test
    void disabledPipelinesFails() {
        shop.pipelinesEnabled(false);
        assertThat(failed(findings(good()))).singleElement().asString().startsWith("Pipelines is not enabled");
    }

    @Test
    void missingRefFailsWithASuggestion() {
        assertThat(failed(findings(request(branch("mian"), "nightly"))))
                .containsExactly("There is no branch mian: did you mean main?");
        assertThat(failed(findings(request(new Target.Tag("v1.0.1", Optional.empty()), "nightly"))))
                .containsExactly("There is no tag v1.0.1: did you mean v1.0.0?");
        assertThat(failed(findings(request(branch("something/else"), "nightly"))))
                .containsExactly("There is no branch something/else; was it pushed? Check the parameter branch");
        assertThat(failed(findings(request(new Target.Commit("3333333333"), "nightly"))))
                .singleElement()
                .asString()
                .startsWith("There is no commit 3333333333: was it pushed?");
        assertThat(failed(findings(request(new Target.PullRequest(8), null))))
                .singleElement()
                .asString()
                .startsWith("There is no pull request 8");
    }

    @Test
    void branchAndCommitAreBothChecked() {
        assertThat(failed(findings(request(new Target.Branch("main", Optional.of("3333333333")), "nightly"))))
                .singleElement()
                .asString()
                .startsWith("There is no commit 3333333333");
        shop.file(FEATURE, "bitbucket-pipelines.yml", "pipelines: {}");
        assertThat(failed(findings(
                        request(new Target.Branch("main", Optional.of(FEATURE.substring(0, 8))), "nightly"))))
                .containsExactly("bitbucket-pipelines.yml has no pipeline 'nightly' under custom; it has none at all");
    }

    @Test
    void definitionIsTheOneThatBitbucketSelects() {
        assertThat(texts(findings(request(branch("release/1"), null)), Status.OK))
                .contains("The definition for branch release/1 is branches: release/*");
        assertThat(texts(findings(request(new Target.Tag("v1.0.0", Optional.empty()), null)), Status.OK))
                .contains("The definition for tag v1.0.0 is tags: v*");
        assertThat(texts(findings(request(new Target.PullRequest(7), null)), Status.OK))
                .contains("The definition for pull request 7 is pull-requests: feature/*");
        assertThat(failed(findings(request(branch("main"), null))))
                .singleElement()
                .asString()
                .startsWith("No definition of bitbucket-pipelines.yml is for branch main")
                .contains("deploy-to-production, nightly, shared");
    }

    @Test
    void missingOrInvalidFileFails() {
        shop.file("release/1", "bitbucket-pipelines.yml", "pipelines: [");
        EmbeddedRepository empty = bitbucket.repository("acme", "empty").branch("main", MAIN);
        assertThat(failed(
                        findings(new Credentials.Bearer(bitbucket.token()), new RepositoryId("acme", "empty"), good())))
                .containsExactly("There is no bitbucket-pipelines.yml at 111111111111: add it there");
        empty.file("bitbucket-pipelines.yml", "pipelines: [");
        assertThat(failed(
                        findings(new Credentials.Bearer(bitbucket.token()), new RepositoryId("acme", "empty"), good())))
                .singleElement()
                .asString()
                .startsWith("At 111111111111 bitbucket-pipelines.yml, line ");
    }

    @Test
    void misspelledPipelineFailsWithASuggestion() {
        assertThat(failed(findings(request(branch("main"), "deploy-to-prodution", "VERSION", "1"))))
                .containsExactly("bitbucket-pipelines.yml has no pipeline 'deploy-to-prodution' under custom:"
                        + " did you mean 'deploy-to-production'?");
    }

    @Test
    void variablesAreCheckedAgainstTheirDeclarations() {
        List<Finding> findings = findings(request(
                branch("main"), "deploy-to-production", "VERSOIN", "s3cret", "ENVIRONMENT", "prodution", "X", "1"));
        assertThat(failed(findings))
                .containsExactly(
                        "Variable VERSOIN is not declared by the pipeline: did you mean VERSION?",
                        "Variable ENVIRONMENT has a value that the pipeline does not allow: did you mean 'production'?;"
                                + " allowed: staging, production",
                        "Variable X is not declared by the pipeline; it declares VERSION, ENVIRONMENT",
                        "Variable VERSION is not given, and has no default (What to deploy): give it with"
                                + " -Dbitbucket.variable.VERSION");
        assertThat(findings.toString()).doesNotContain("s3cret", "prodution");
    }

    @Test
    void variablesOfAPipelineThatDeclaresNoneAreUnknown() {
        List<Finding> findings = findings(request(branch("main"), "nightly", "X", "1"));
        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN)).singleElement().asString().contains("declares none");
        assertThat(texts(findings(request(branch("release/1"), null, "X", "1")), Status.UNKNOWN))
                .singleElement()
                .asString()
                .contains("for custom pipelines only");
    }

    @Test
    void importedDefinitionIsUnknown() {
        assertThat(texts(findings(request(branch("main"), "shared", "X", "1")), Status.UNKNOWN))
                .containsExactly(
                        "It is imported from repository acme-pipelines: its steps and variables were not checked");
    }

    @Test
    void fiveProblemsAreReportedAtOnce() {
        bitbucket.acceptBearer("reads", "pipeline", "repository", "repository:admin");
        shop.pipelinesEnabled(false);
        assertThat(failed(findings(
                        new Credentials.Bearer("reads"),
                        SHOP,
                        request(branch("main"), "deploy-to-production", "VERSOIN", "1", "ENVIRONMENT", "prod"))))
                .hasSize(5);
    }

    @Test
    void manualAndConditionalStepsAreNamedAndDoNotFail() {
        shop.file("bitbucket-pipelines.yml", """
            pipelines:
              default:
                - step: {name: Build, script: [./build.sh]}
                - step: {name: Docs, condition: {changesets: {includePaths: ['docs/**']}}, script: [./docs.sh]}
                - step: {name: Publish, trigger: manual, script: [./publish.sh]}
            """);
        List<Finding> findings = findings(request(branch("main"), null));
        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .contains(
                        "When the run ends: its step 'Publish' is manual, and the run is PAUSED there until a person"
                                + " starts it; the parameter onPaused decides what a build does then",
                        "Whether the step 'Docs' runs: it has a condition, by which Bitbucket may skip it")
                .noneMatch(text -> text.contains("Build"));
    }
}
