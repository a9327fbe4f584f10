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
import io.github.bitbucketpipelines.maven.preflight.Finding.Subject;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedEnvironment;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRunner;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
                        "Variable VERSION is not given, and has no default (What to deploy): give it with"
                                + " -Dbitbucket.variable.VERSION");
        assertThat(texts(findings, Status.UNKNOWN))
                .containsExactly(
                        "Whether variable X is intended: the pipeline does not declare it, and Bitbucket passes"
                                + " it on nevertheless; it declares VERSION, ENVIRONMENT");
        assertThat(findings.toString()).doesNotContain("s3cret", "prodution");
    }

    @Test
    void undeclaredVariableBesideADeclaredOneIsUnknown() {
        List<Finding> findings = findings(
                request(branch("main"), "deploy-to-production", "VERSION", "1", "DEBUG", "1", "VERSION2", "2"));

        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .containsExactly(
                        "Whether variable DEBUG is intended: the pipeline does not declare it, and Bitbucket passes it"
                                + " on nevertheless; it declares VERSION, ENVIRONMENT",
                        "Variable VERSION2 is not declared by the pipeline: did you mean VERSION?");
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

    @Test
    void whatTriggersOfTheFileSelectIsUnknown() {
        shop.file("bitbucket-pipelines.yml", """
            triggers:
              repository-push:
                - condition: BITBUCKET_BRANCH == "main"
                  pipelines: [deploy]
            pipelines:
              custom:
                deploy:
                  - step: {script: [./deploy.sh]}
            """);
        List<Finding> findings = findings(request(branch("main"), null));

        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .containsExactly(
                        "Whether a run finds a definition: no definition of bitbucket-pipelines.yml is for branch"
                                + " main, and what triggers of that file select is not known here. To be sure, name one of"
                                + " the custom pipelines: deploy");
        assertThat(failed(findings(request(branch("main"), "deplyo"))))
                .as("a custom pipeline is named")
                .containsExactly(
                        "bitbucket-pipelines.yml has no pipeline 'deplyo' under custom: did you mean 'deploy'?");
    }

    @Test
    void formsThatThisReaderDoesNotKnowAreUnknown() {
        for (String yaml : List.of(
                "pipelines:\n  default:\n    - step:\n      name: Build\n      script: [a]\n",
                "pipelines:\n  default:\n    steps: [{step: {script: [a]}}]\n",
                "pipelines:\n  default:\n    - step: ./steps/build.yml\n",
                "pipelines:\n  default: [{stage: {name: a}}]\n",
                "pipelines:\n  custom: [a]\n",
                "pipelines: {}\npipelines: {}\n")) {
            shop.file("bitbucket-pipelines.yml", yaml);
            List<Finding> findings = findings(request(branch("main"), null));

            assertThat(failed(findings)).as(yaml).isEmpty();
            assertThat(texts(findings, Status.UNKNOWN)).as(yaml).isNotEmpty();
        }
    }

    private static final String STEPS = """
        pipelines:
          default:
            - step: {name: Build, runs-on: [self.hosted, linux], script: [a]}
            - step: {name: Deploy, deployment: Production, script: [b]}
            - step: {name: Report, environment: reports, script: [b]}
        """;

    private List<String> unknownOfSteps() {
        shop.file("bitbucket-pipelines.yml", STEPS);
        List<Finding> findings = findings(request(branch("main"), null));
        assertThat(failed(findings)).isEmpty();
        return texts(findings, Status.UNKNOWN);
    }

    @Test
    void labelsAreComparedWithTheRunnersOfTheRepository() {
        assertThat(unknownOfSteps())
                .containsExactly(
                        "Whether a runner takes the steps with the labels self.hosted, linux: this repository has"
                                + " none with them; whether the workspace has one is not shown");
        shop.runner("OFFLINE", "self.hosted", "linux", "large")
                .runner("ONLINE", "self.hosted", "windows")
                .runner(new EmbeddedRunner("ONLINE", true, List.of("self.hosted", "linux")));
        assertThat(unknownOfSteps())
                .containsExactly(
                        "Whether a runner takes the steps with the labels self.hosted, linux: this repository has 2,"
                                + " of which none is known to be online; whether the workspace has one is not shown");
        shop.runner("ONLINE", "self.hosted", "linux");
        assertThat(unknownOfSteps()).isEmpty();
    }

    @Test
    void runnersHiddenFromTheTokenAreUnknown() {
        shop.file("bitbucket-pipelines.yml", STEPS);
        bitbucket.acceptBearer("no-runners", "pipeline", "pipeline:write", "repository", "repository:admin");
        List<Finding> findings = findings(new Credentials.Bearer("no-runners"), SHOP, request(branch("main"), null));

        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .singleElement()
                .asString()
                .startsWith("Whether a runner takes the steps with labels: ")
                .contains("read:runner:bitbucket");
    }

    @Test
    void environmentThatARunHoldsIsNamedWithTheRun() {
        EmbeddedRun holder =
                shop.push("main", RunScript.of(StepScript.named("Deploy").lasting(Duration.ofHours(1))));
        EmbeddedRun over = shop.place(
                "PUSH",
                "main",
                Optional.empty(),
                bitbucket.account(),
                Instant.now().minus(Duration.ofHours(1)),
                RunScript.successful());
        shop.runner("ONLINE", "self.hosted", "linux")
                .environment(EmbeddedEnvironment.open("production").heldBy(holder))
                .environment(EmbeddedEnvironment.open("Reports").heldBy(over).adminOnly())
                .environment(EmbeddedEnvironment.open("staging").heldBy(holder));

        assertThat(unknownOfSteps())
                .containsExactly(
                        "Whether a run is HALTED: the environment Production is held by pipeline #1 at the moment:"
                                + " https://bitbucket.org/acme/shop/pipelines/results/1; the parameter onHalted decides"
                                + " what a build does then",
                        "Whether a run is PAUSED: only administrators may deploy to the environment reports");
    }

    /** The lock is not documented: any other form says nothing. */
    @Test
    void unknownFormsOfALockSayNothing() {
        EmbeddedRun holder =
                shop.push("main", RunScript.of(StepScript.named("Deploy").lasting(Duration.ofHours(1))));
        shop.runner("ONLINE", "self.hosted", "linux");
        String triggerer = "\"triggerer\":{\"pipeline_uuid\":\"" + holder.uuid() + "\"}";
        List<String> locks = List.of(
                "null",
                "true",
                "\"LOCKED\"",
                "[]",
                "{\"name\":\"OPEN\"," + triggerer + "}",
                "{\"name\":\"UNLOCKED\"," + triggerer + "}",
                "{" + triggerer + "}",
                "{\"name\":\"LOCKED\"}",
                "{\"name\":\"LOCKED\",\"triggerer\":{\"pipeline_uuid\":\"none\"}}",
                "{\"name\":\"LOCKED\",\"triggerer\":{\"pipeline_uuid\":\"{0b0b0b0b-0000-0000-0000-000000000000}\"}}");
        Deque<String> responses = new ArrayDeque<>(locks);
        bitbucket.intercept((request, next) -> request.path().endsWith("/environments")
                ? Response.of(
                        200,
                        "application/json",
                        "{\"values\":[{\"name\":\"Production\",\"lock\":" + responses.remove() + "}]}")
                : next.proceed());
        for (String lock : locks) {
            assertThat(unknownOfSteps()).as(lock).isEmpty();
        }
    }

    @Test
    void pullRequestOfAForkWhoseCommitsAreElsewhereFails() {
        shop.fromFork(7, Optional.of("dev/shop-fork"));
        List<Finding> findings = findings(request(new Target.PullRequest(7), null));

        assertThat(failed(findings))
                .containsExactly(
                        "Pull request 7 comes from the fork dev/shop-fork; its commits are not in acme/shop, so"
                                + " that no run can build them there");
        shop.commit(FEATURE);
        assertThat(failed(findings(request(new Target.PullRequest(7), null))))
                .as("its commit is here, too")
                .isEmpty();
    }

    @Test
    void pullRequestWithDeletedPartsFailsWithWhatIsMissing() {
        shop.fromFork(7, Optional.empty());
        assertThat(failed(findings(request(new Target.PullRequest(7), null))))
                .containsExactly("Pull request 7 has no source commit: it comes from a fork that was deleted");
        bitbucket.intercept((request, next) -> request.path().endsWith("/pullrequests/7")
                ? Response.of(200, "application/json", """
                    {"state":"OPEN","source":{"branch":{"name":"feature/x"},"commit":{"hash":"222222222222"},
                    "repository":{"full_name":"acme/shop"}},"destination":{"branch":{"name":"main"},"commit":null,
                    "repository":{"full_name":"acme/shop"}}}
                    """)
                : next.proceed());
        assertThat(failed(findings(request(new Target.PullRequest(7), null))))
                .containsExactly(
                        "Pull request 7 has no destination commit: its branch was deleted, and a run can't name"
                                + " it");
    }

    @Test
    void pullRequestThatIsNotOpenIsUnknown() {
        shop.pullRequestState(7, "MERGED");
        List<Finding> findings = findings(request(new Target.PullRequest(7), null));

        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .containsExactly("Whether a run of it is intended: pull request 7 is MERGED");
    }

    @Test
    void renamedRepositoryIsNamed() {
        bitbucket.intercept((request, next) -> request.path().endsWith("/acme/shop")
                ? Response.of(200, "application/json", "{\"full_name\":\"acme/store\"}")
                : next.proceed());
        List<Finding> findings = findings(good());

        assertThat(failed(findings)).isEmpty();
        assertThat(texts(findings, Status.UNKNOWN))
                .containsExactly("Whether a trigger reaches the repository: acme/shop was renamed or moved, and is"
                        + " acme/store now. Set -Dbitbucket.repository=acme/store, or the name in <scm>");
        assertThat(texts(
                        findings(new Credentials.Bearer(bitbucket.token()), new RepositoryId("ACME", "Shop"), good()),
                        Status.OK))
                .contains("The repository is acme/shop");
    }

    @Test
    void subjectDistinguishesWrongCredentialsFromAWrongConfiguration() {
        bitbucket.acceptBearer("no-scope", "account");
        bitbucket.acceptBearer("reads", "pipeline", "repository", "repository:admin");
        Credentials valid = new Credentials.Bearer(bitbucket.token());

        assertThat(failedSubject(findings(new Credentials.Bearer("wrong"), SHOP, good())))
                .isEqualTo(Subject.CREDENTIALS);
        assertThat(failedSubject(findings(new Credentials.Bearer("no-scope"), SHOP, good())))
                .isEqualTo(Subject.CREDENTIALS);
        assertThat(failedSubject(findings(new Credentials.Bearer("reads"), SHOP, good())))
                .isEqualTo(Subject.CREDENTIALS);
        List<Finding> misspelled = findings(valid, new RepositoryId("acme", "shpo"), good());
        assertThat(failedSubject(misspelled)).isEqualTo(Subject.REPOSITORY);
        assertThat(failed(misspelled)).singleElement().asString().endsWith(". The credentials themselves are valid");
        assertThat(failedSubject(findings(request(branch("mian"), "nightly")))).isEqualTo(Subject.TARGET);
        assertThat(failedSubject(findings(request(branch("main"), "nihgtly")))).isEqualTo(Subject.DEFINITION);
        assertThat(failedSubject(findings(
                        request(branch("main"), "deploy-to-production", "VERSION", "1", "ENVIRONMENT", "moon"))))
                .isEqualTo(Subject.VARIABLES);
        Deque<Response> pages = new ArrayDeque<>(List.of(
                Response.of(404, "text/html", "<html>Not found</html>"),
                Response.of(403, "text/html", "<html>Blocked</html>"),
                Response.of(503)));
        bitbucket.intercept((request, next) -> pages.remove());
        List<Subject> subjects = new ArrayList<>();
        while (!pages.isEmpty()) {
            subjects.add(findings(good()).get(0).subject());
        }
        assertThat(subjects).containsExactly(Subject.REPOSITORY, Subject.CONNECTION, Subject.CONNECTION);
    }

    private static Subject failedSubject(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.status() == Status.FAILED)
                .findFirst()
                .orElseThrow()
                .subject();
    }
}
