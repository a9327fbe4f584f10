package io.github.bitbucketpipelines.maven.git;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CiEnvironmentTest {
    private static final String HEAD = "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4";
    private static final String OTHER = "0123456789abcdef0123456789abcdef01234567";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Bitbucket Pipelines
                "BITBUCKET_BRANCH=feature/x | branch feature/x from BITBUCKET_BRANCH",
                "BITBUCKET_TAG=v1 BITBUCKET_BRANCH= | tag v1 from BITBUCKET_TAG",
                // Jenkins, multibranch job: a branch, a pull request, one from a fork, a tag
                "BRANCH_NAME=feature/x GIT_BRANCH=origin/feature/x | branch feature/x from BRANCH_NAME",
                "BRANCH_NAME=PR-12 CHANGE_ID=12 CHANGE_BRANCH=feature/x GIT_BRANCH=PR-12 | branch feature/x from"
                        + " CHANGE_BRANCH",
                "BRANCH_NAME=PR-12 CHANGE_ID=12 CHANGE_BRANCH=main CHANGE_FORK=jane GIT_BRANCH=PR-12 | nothing",
                "BRANCH_NAME=PR-12 CHANGE_ID=12 | nothing",
                "BRANCH_NAME=v1 TAG_NAME=v1 GIT_BRANCH=v1 | tag v1 from TAG_NAME",
                "TAG_NAME=v1 | tag v1 from TAG_NAME",
                // TAG_NAME is the tag of an image
                "BRANCH_NAME=main TAG_NAME=latest | branch main from BRANCH_NAME",
                // Jenkins, other jobs
                "GIT_BRANCH=origin/main | branch main from GIT_BRANCH",
                "GIT_BRANCH=origin/feature/x | branch feature/x from GIT_BRANCH",
                "GIT_BRANCH=origin/origin/x | branch origin/x from GIT_BRANCH",
                "GIT_BRANCH=feature/x | branch feature/x from GIT_BRANCH",
                "GIT_BRANCH=refs/heads/feature/x | branch feature/x from GIT_BRANCH",
                "GIT_BRANCH=refs/remotes/origin/x | branch x from GIT_BRANCH",
                "GIT_BRANCH=upstream/main | branch main from GIT_BRANCH",
                "GIT_BRANCH=refs/heads/origin/x | branch origin/x from GIT_BRANCH",
                "GIT_BRANCH=refs/tags/v1 | tag v1 from GIT_BRANCH",
                "GIT_BRANCH=detached | nothing",
                "GIT_BRANCH=origin/ | nothing",
                // GitHub Actions
                "GITHUB_REF_TYPE=branch GITHUB_REF_NAME=feature/x | branch feature/x from GITHUB_REF_NAME",
                "GITHUB_REF_TYPE=tag GITHUB_REF_NAME=v1 | tag v1 from GITHUB_REF_NAME",
                "GITHUB_HEAD_REF=x GITHUB_REF_TYPE=branch GITHUB_REF_NAME=12/merge | branch x from GITHUB_HEAD_REF",
                "GITHUB_REF_NAME=v1 | nothing",
                "GITHUB_HEAD_REF=main GITHUB_EVENT_NAME=pull_request_target | nothing",
                // GitLab: a branch, a tag, merge requests
                "CI_COMMIT_BRANCH=feature/x | branch feature/x from CI_COMMIT_BRANCH",
                "CI_COMMIT_TAG=v1 | tag v1 from CI_COMMIT_TAG",
                "GITLAB_CI=true CI_MERGE_REQUEST_IID=7 CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=x"
                        + " CI_MERGE_REQUEST_SOURCE_PROJECT_PATH=acme/shop CI_MERGE_REQUEST_PROJECT_PATH=acme/shop"
                        + " | branch x from CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
                "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=x CI_MERGE_REQUEST_SOURCE_PROJECT_PATH=jane/shop"
                        + " CI_MERGE_REQUEST_PROJECT_PATH=acme/shop | nothing",
                // Azure Pipelines
                "BUILD_SOURCEBRANCH=refs/heads/feature/x | branch feature/x from BUILD_SOURCEBRANCH",
                "BUILD_SOURCEBRANCH=refs/tags/v1 | tag v1 from BUILD_SOURCEBRANCH",
                "BUILD_SOURCEBRANCH=refs/pull/12/merge | nothing",
                "BUILD_SOURCEBRANCH=refs/pull/12/merge SYSTEM_PULLREQUEST_PULLREQUESTID=7"
                        + " SYSTEM_PULLREQUEST_SOURCEBRANCH=refs/heads/x SYSTEM_PULLREQUEST_ISFORK=False"
                        + " | branch x from SYSTEM_PULLREQUEST_SOURCEBRANCH",
                "SYSTEM_PULLREQUEST_SOURCEBRANCH=refs/heads/x SYSTEM_PULLREQUEST_ISFORK=True | nothing",
                // Bamboo
                "bamboo_planRepository_branchName=main | branch main from bamboo_planRepository_branchName",
                "bamboo_planRepository_branch=main bamboo_repository_pr_key=1 bamboo_repository_pr_sourceBranch=x"
                        + " | nothing",
                // TeamCity
                "TEAMCITY_BUILD_BRANCH=refs/heads/x | branch x from TEAMCITY_BUILD_BRANCH",
                "TEAMCITY_BUILD_BRANCH=<default> | nothing",
                // CircleCI
                "CIRCLE_BRANCH=x | branch x from CIRCLE_BRANCH",
                "CIRCLE_TAG=v1 | tag v1 from CIRCLE_TAG",
                "CIRCLE_BRANCH=pull/12 CIRCLE_PR_NUMBER=12 | nothing",
                // Travis CI
                "TRAVIS_BRANCH=x TRAVIS_PULL_REQUEST=false | branch x from TRAVIS_BRANCH",
                "TRAVIS_BRANCH=v1 TRAVIS_TAG=v1 | tag v1 from TRAVIS_TAG",
                "TRAVIS_BRANCH=main TRAVIS_PULL_REQUEST=1 TRAVIS_PULL_REQUEST_BRANCH=x"
                        + " TRAVIS_PULL_REQUEST_SLUG=acme/shop TRAVIS_REPO_SLUG=acme/shop"
                        + " | branch x from TRAVIS_PULL_REQUEST_BRANCH",
                "TRAVIS_BRANCH=main TRAVIS_PULL_REQUEST=1 TRAVIS_PULL_REQUEST_BRANCH=x"
                        + " TRAVIS_PULL_REQUEST_SLUG=jane/shop TRAVIS_REPO_SLUG=acme/shop | nothing",
                // Drone, Woodpecker
                "DRONE_BRANCH=x DRONE_SOURCE_BRANCH=x | branch x from DRONE_BRANCH",
                "DRONE_TAG=v1 | tag v1 from DRONE_TAG",
                "DRONE_BRANCH=main DRONE_SOURCE_BRANCH=x DRONE_PULL_REQUEST=1 | nothing",
                "CI_SYSTEM_NAME=woodpecker CI_COMMIT_BRANCH=main CI_COMMIT_PULL_REQUEST=1 | nothing",
                "CI_SYSTEM_NAME=woodpecker CI_COMMIT_BRANCH=x | branch x from CI_COMMIT_BRANCH",
                // Buildkite
                "BUILDKITE_BRANCH=x BUILDKITE_PULL_REQUEST=false | branch x from BUILDKITE_BRANCH",
                "BUILDKITE_TAG=v1 BUILDKITE_BRANCH=v1 | tag v1 from BUILDKITE_TAG",
                "BUILDKITE_BRANCH=x BUILDKITE_PULL_REQUEST=1 BUILDKITE_REPO=git@bitbucket.org:acme/shop.git"
                        + " BUILDKITE_PULL_REQUEST_REPO=https://bitbucket.org/acme/shop | branch x from"
                        + " BUILDKITE_BRANCH",
                "BUILDKITE_BRANCH=x BUILDKITE_PULL_REQUEST=1 BUILDKITE_REPO=git@bitbucket.org:acme/shop.git"
                        + " BUILDKITE_PULL_REQUEST_REPO=https://bitbucket.org/jane/shop | nothing",
                // AppVeyor
                "APPVEYOR_REPO_BRANCH=x | branch x from APPVEYOR_REPO_BRANCH",
                "APPVEYOR_REPO_BRANCH=v1 APPVEYOR_REPO_TAG_NAME=v1 | tag v1 from APPVEYOR_REPO_TAG_NAME",
                "APPVEYOR_REPO_BRANCH=main APPVEYOR_PULL_REQUEST_NUMBER=1 APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH=x"
                        + " APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME=jane/shop APPVEYOR_REPO_NAME=acme/shop | nothing",
                // CodeBuild
                "CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/x CODEBUILD_WEBHOOK_TRIGGER=branch/x | branch x from"
                        + " CODEBUILD_WEBHOOK_HEAD_REF",
                "CODEBUILD_WEBHOOK_HEAD_REF=refs/tags/v1 | tag v1 from CODEBUILD_WEBHOOK_HEAD_REF",
                "CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/x CODEBUILD_WEBHOOK_TRIGGER=pr/12 | nothing",
                // The server whose marker is set counts, whatever else is in the environment
                "JENKINS_URL=http://ci/ GIT_BRANCH=origin/x BITBUCKET_BRANCH=y | branch x from GIT_BRANCH",
                "JENKINS_URL=http://ci/ BITBUCKET_BRANCH=y | branch y from BITBUCKET_BRANCH",
                "BRANCH_NAME= GIT_BRANCH= BITBUCKET_TAG= | nothing",
                "PATH=/bin | nothing",
            })
    void refIsReadFromTheVariablesOfTheCiServer(String variables, String expected) {
        assertThat(environment(variables)
                        .ref()
                        .map(ref -> ref.target() + " from " + ref.variable())
                        .orElse("nothing"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GIT_BRANCH=x | https://bitbucket.org/acme/shop | same",
                "GIT_BRANCH=x GIT_COMMIT=5F0C1D2E3F40 | https://bitbucket.org/acme/shop | same",
                "GIT_BRANCH=x GIT_COMMIT=0123456789abcdef0123456789abcdef01234567 | https://bitbucket.org/acme/shop |"
                        + " GIT_COMMIT is 0123456789abcdef0123456789abcdef01234567, and HEAD is"
                        + " 5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4",
                "BUILDKITE_BRANCH=x BUILDKITE_COMMIT=HEAD | https://bitbucket.org/acme/shop | same",
                "GIT_BRANCH=x GIT_URL=git@bitbucket.org:Acme/Shop.git | https://bitbucket.org/acme/shop | same",
                "GIT_BRANCH=x GIT_URL=https://u:p@bitbucket.org/acme/other | https://bitbucket.org/acme/shop |"
                        + " GIT_URL is https://bitbucket.org/acme/other, and the repository is acme/shop",
                // A mirror on another host must be a remote of the checkout
                "GIT_BRANCH=x GIT_URL=https://git.corp/scm/acme/shop.git | ssh://git@git.corp:7999/acme/shop.git |"
                        + " same",
                "GIT_BRANCH=x GIT_URL=https://git.corp/acme/other | ssh://git@git.corp/acme/shop |"
                        + " GIT_URL is https://git.corp/acme/other, and the repository is acme/shop",
                "GIT_BRANCH=x GIT_URL=git@bitbucket.org-work:acme/shop.git | git@bitbucket.org-work:acme/shop.git"
                        + " | same",
                // A name with the owner
                "BITBUCKET_BRANCH=x BITBUCKET_REPO_FULL_NAME=acme/shop | http://bitbucket.org/acme/shop | same",
                "BITBUCKET_BRANCH=x BITBUCKET_REPO_FULL_NAME=acme/app | http://bitbucket.org/acme/app |"
                        + " BITBUCKET_REPO_FULL_NAME is acme/app, and the repository is acme/shop",
                "GITHUB_REF_TYPE=branch GITHUB_REF_NAME=x GITHUB_REPOSITORY=acme/mirror |"
                        + " https://github.com/acme/mirror | same",
            })
    void commitAndRepositoryOfTheServerMustBeThoseOfTheCheckout(String variables, String remote, String expected) {
        assertThat(environment(variables)
                        .mismatch(Optional.of(HEAD), new RepositoryId("acme", "shop"), Optional.of(List.of(remote)))
                        .orElse("same"))
                .isEqualTo(expected);
    }

    @Test
    void repositoryOnAnotherHostIsNotComparedWhereGitKnowsNoRemote() {
        CiEnvironment ci = environment("GIT_BRANCH=x GIT_URL=https://git.corp/acme/other");
        assertThat(ci.mismatch(Optional.empty(), new RepositoryId("acme", "shop"), Optional.empty()))
                .isEmpty();
    }

    @Test
    void missingVariablesAreNamedWhereTheServerGivesNeitherCommitNorRepository() {
        assertThat(environment("BRANCH_NAME=x").missingEvidence())
                .containsExactly("GIT_COMMIT", "GIT_URL", "GIT_URL_1");
        assertThat(environment("BRANCH_NAME=x GIT_COMMIT=" + HEAD).missingEvidence())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "pull_request,        '{\"full_name\":\"jane/shop\"}', nothing",
        "pull_request_target, '{\"full_name\":\"jane/shop\"}', nothing",
        "pull_request_target, 'null',                          nothing",
        "pull_request,        '{\"full_name\":\"acme/shop\"}', branch main",
        "pull_request_target, '{\"full_name\":\"acme/shop\"}', branch main",
    })
    void pullRequestFromAForkOnGitHubNamesNothing(
            String event, String headRepository, String expected, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(
                directory.resolve("event.json"),
                "{\"pull_request\":{\"head\":{\"sha\":\"" + HEAD + "\",\"repo\":" + headRepository
                        + "},\"base\":{\"repo\":{\"full_name\":\"acme/shop\"}}}}");
        CiEnvironment ci = environment("GITHUB_HEAD_REF=main GITHUB_REF_TYPE=branch GITHUB_REF_NAME=main GITHUB_SHA="
                + OTHER + " GITHUB_EVENT_NAME=" + event + " GITHUB_EVENT_PATH=" + file);
        assertThat(ci.ref().map(ref -> ref.target().toString()).orElse("nothing"))
                .isEqualTo(expected);
        if (expected.equals("nothing")) {
            assertThat(ci.absenceReason()).contains("a pull request from a fork (GITHUB_EVENT_PATH)");
        } else {
            RepositoryId repository = new RepositoryId("acme", "shop");
            assertThat(ci.mismatch(Optional.of(HEAD), repository, Optional.empty()))
                    .isEmpty();
            // GITHUB_SHA is the merge, which actions/checkout checks out; for pull_request_target it is the base.
            assertThat(ci.mismatch(Optional.of(OTHER), repository, Optional.empty())
                            .isPresent())
                    .isEqualTo(event.equals("pull_request_target"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CI_MERGE_REQUEST_IID=7 CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=main"
                        + " CI_MERGE_REQUEST_PROJECT_PATH=acme/shop",
                "CI_MERGE_REQUEST_IID=7 CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=main",
                "TRAVIS_PULL_REQUEST=1 TRAVIS_PULL_REQUEST_BRANCH=main TRAVIS_REPO_SLUG=acme/shop",
                "BUILDKITE_BRANCH=main BUILDKITE_PULL_REQUEST=1 BUILDKITE_PULL_REQUEST_REPO= BUILDKITE_REPO=acme/shop",
                "APPVEYOR_PULL_REQUEST_NUMBER=1 APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH=main"
                        + " APPVEYOR_REPO_NAME=acme/shop",
            })
    void pullRequestOfAnUnknownRepositoryNamesNothing(String variables) {
        CiEnvironment ci = environment(variables);
        assertThat(ci.ref()).isEmpty();
        assertThat(ci.absenceReason())
                .contains("builds a pull request that may be from a fork: the environment has no ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pull_request", "pull_request_target"})
    void unreadableEventOfGitHubNamesNothing(String event, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("event.json"), "{");
        CiEnvironment ci =
                environment("GITHUB_HEAD_REF=main GITHUB_EVENT_NAME=" + event + " GITHUB_EVENT_PATH=" + file);
        assertThat(ci.ref()).isEmpty();
        assertThat(ci.absenceReason()).contains("may be from a fork");
    }

    @Test
    void teamCityParametersAreReadFromTheFileOfTheBuild(@TempDir Path directory) throws Exception {
        Path parameters = Files.writeString(
                directory.resolve("parameters.properties"),
                "teamcity.build.branch=<default>\nvcsroot.branch=refs/heads/main\n"
                        + "vcsroot.url=https://bitbucket.org/acme/other\nteamcity.agent.name=agent\n");
        Path build = directory.resolve("build.properties");
        Properties properties = new Properties();
        properties.setProperty("teamcity.configuration.properties.file", parameters.toString());
        try (Writer writer = Files.newBufferedWriter(build)) {
            properties.store(writer, null);
        }
        CiEnvironment ci = environment("TEAMCITY_VERSION=2025.07 TEAMCITY_BUILD_PROPERTIES_FILE=" + build);
        assertThat(ci.ref().orElseThrow())
                .isEqualTo(new CiEnvironment.Ref(
                        new Target.Branch("main", Optional.empty()), "vcsroot.branch", "TeamCity"));
        assertThat(ci.mismatch(Optional.empty(), new RepositoryId("acme", "shop"), Optional.empty()))
                .isPresent();
        assertThat(environment("TEAMCITY_VERSION=1 TEAMCITY_BUILD_PROPERTIES_FILE=" + directory.resolve("none"))
                        .absenceReason())
                .isEqualTo("the environment has no TEAMCITY_BUILD_BRANCH or teamcity.build.branch or vcsroot.branch of"
                        + " TeamCity");
    }

    private static CiEnvironment environment(String variables) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables.split(" ")) {
            String[] nameAndValue = variable.split("=", 2);
            environment.put(nameAndValue[0], nameAndValue[1].isEmpty() ? "  " : nameAndValue[1]);
        }
        return new CiEnvironment(environment, List.of("origin", "upstream"));
    }
}
