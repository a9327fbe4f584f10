package io.github.bitbucketpipelines.maven.git;

import java.util.List;

/**
 * The environment variables by which a CI server describes the commit that it builds. Each list is in the order of
 * precedence. A branch variable may also hold a full name such as {@code refs/tags/v1}.
 *
 * @param name the server's name
 * @param documentation the page that documents the variables
 * @param marker a variable that only this server sets: {@code NAME}, or {@code NAME=} and how its value begins
 * @param tags variables that hold a tag
 * @param branches variables that hold a branch; those of a pull request are in {@code pullRequest}
 * @param pullRequest the variables of a pull request, which go before tags and branches
 * @param commits variables that hold the hash of the commit that is checked out
 * @param repositories variables that hold the repository's URL, or its name with the owner
 */
record CiServer(
        String name,
        String documentation,
        String marker,
        List<String> tags,
        List<String> branches,
        PullRequest pullRequest,
        List<String> commits,
        List<String> repositories) {

    /**
     * The variables of a pull request.
     *
     * @param signs a pull request is built where one of these is set and not {@code false}; written as a marker
     * @param branches variables that hold the source branch
     */
    record PullRequest(List<String> signs, List<String> branches, Fork fork) {}

    /** How a server shows that a pull request is from a fork, whose branch is in another repository. */
    sealed interface Fork {
        /** The variable is set, and is not {@code false}. */
        record Flag(String variable) implements Fork {}

        /** The two variables hold different repositories; where one is not set, it may be a fork. */
        record Difference(String source, String destination) implements Fork {}

        /** The payload of the event holds the two repositories. */
        record GitHubEvent() implements Fork {}

        /** The server does not show it. */
        record Unknown() implements Fork {}
    }

    static final CiServer JENKINS = new CiServer(
            "Jenkins",
            "https://plugins.jenkins.io/git/",
            "JENKINS_URL",
            List.of("TAG_NAME"),
            List.of("BRANCH_NAME", "GIT_BRANCH"),
            new PullRequest(List.of("CHANGE_ID"), List.of("CHANGE_BRANCH"), new Fork.Flag("CHANGE_FORK")),
            List.of("GIT_COMMIT"),
            List.of("GIT_URL", "GIT_URL_1"));

    static final CiServer GITHUB = new CiServer(
            "GitHub Actions",
            "https://docs.github.com/en/actions/reference/workflows-and-actions/variables",
            "GITHUB_ACTIONS",
            List.of("GITHUB_REF_NAME"),
            List.of("GITHUB_REF_NAME"),
            new PullRequest(List.of("GITHUB_HEAD_REF"), List.of("GITHUB_HEAD_REF"), new Fork.GitHubEvent()),
            List.of("GITHUB_SHA"),
            List.of("GITHUB_REPOSITORY"));

    /** All servers. Where no marker decides, the first one that names a branch or a tag counts. */
    static final List<CiServer> ALL = List.of(
            new CiServer(
                    "Bitbucket Pipelines",
                    "https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/",
                    "BITBUCKET_BUILD_NUMBER",
                    List.of("BITBUCKET_TAG"),
                    List.of("BITBUCKET_BRANCH"),
                    // It builds no pull request from a fork. BITBUCKET_BRANCH is the source branch.
                    new PullRequest(List.of(), List.of(), new Fork.Unknown()),
                    List.of("BITBUCKET_COMMIT"),
                    List.of("BITBUCKET_REPO_FULL_NAME")),
            GITHUB,
            JENKINS,
            new CiServer(
                    "GitLab",
                    "https://docs.gitlab.com/ci/variables/predefined_variables/",
                    "GITLAB_CI",
                    List.of("CI_COMMIT_TAG"),
                    List.of("CI_COMMIT_BRANCH"),
                    new PullRequest(
                            List.of("CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
                            List.of("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
                            new Fork.Difference(
                                    "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "CI_MERGE_REQUEST_PROJECT_PATH")),
                    List.of("CI_COMMIT_SHA", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"),
                    List.of("CI_PROJECT_URL", "CI_PROJECT_PATH")),
            new CiServer(
                    "Azure Pipelines",
                    "https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables",
                    "TF_BUILD",
                    List.of(),
                    List.of("BUILD_SOURCEBRANCH"),
                    new PullRequest(
                            List.of("SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_SOURCEBRANCH"),
                            List.of("SYSTEM_PULLREQUEST_SOURCEBRANCH"),
                            new Fork.Flag("SYSTEM_PULLREQUEST_ISFORK")),
                    List.of("BUILD_SOURCEVERSION", "SYSTEM_PULLREQUEST_SOURCECOMMITID"),
                    List.of("BUILD_REPOSITORY_URI")),
            new CiServer(
                    "Bamboo",
                    "https://confluence.atlassian.com/bamboo/bamboo-variables-289277087.html",
                    "bamboo_buildKey",
                    List.of(),
                    List.of("bamboo_planRepository_branchName", "bamboo_planRepository_branch"),
                    new PullRequest(
                            List.of("bamboo_repository_pr_key"),
                            List.of("bamboo_repository_pr_sourceBranch"),
                            new Fork.Unknown()),
                    List.of("bamboo_planRepository_revision"),
                    List.of("bamboo_planRepository_repositoryUrl")),
            new CiServer(
                    "TeamCity",
                    "https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html",
                    "TEAMCITY_VERSION",
                    List.of(),
                    // The names with dots are parameters, in a file that TEAMCITY_BUILD_PROPERTIES_FILE leads to.
                    List.of("TEAMCITY_BUILD_BRANCH", "teamcity.build.branch", "vcsroot.branch"),
                    new PullRequest(
                            List.of("teamcity.pullRequest.number"),
                            List.of("teamcity.pullRequest.source.branch"),
                            new Fork.Unknown()),
                    List.of("BUILD_VCS_NUMBER"),
                    List.of("vcsroot.url")),
            new CiServer(
                    "CircleCI",
                    "https://circleci.com/docs/variables/",
                    "CIRCLECI",
                    List.of("CIRCLE_TAG"),
                    List.of("CIRCLE_BRANCH"),
                    // CIRCLE_PR_NUMBER is set for forks alone.
                    new PullRequest(
                            List.of("CIRCLE_PR_NUMBER"), List.of("CIRCLE_BRANCH"), new Fork.Flag("CIRCLE_PR_NUMBER")),
                    List.of("CIRCLE_SHA1"),
                    List.of("CIRCLE_REPOSITORY_URL")),
            new CiServer(
                    "Travis CI",
                    "https://docs.travis-ci.com/user/environment-variables/",
                    "TRAVIS",
                    List.of("TRAVIS_TAG"),
                    List.of("TRAVIS_BRANCH"),
                    new PullRequest(
                            List.of("TRAVIS_PULL_REQUEST"),
                            List.of("TRAVIS_PULL_REQUEST_BRANCH"),
                            new Fork.Difference("TRAVIS_PULL_REQUEST_SLUG", "TRAVIS_REPO_SLUG")),
                    List.of("TRAVIS_COMMIT", "TRAVIS_PULL_REQUEST_SHA"),
                    List.of("TRAVIS_REPO_SLUG")),
            new CiServer(
                    "Drone",
                    "https://docs.drone.io/pipeline/environment/reference/",
                    "DRONE",
                    List.of("DRONE_TAG"),
                    List.of("DRONE_BRANCH"),
                    new PullRequest(List.of("DRONE_PULL_REQUEST"), List.of("DRONE_SOURCE_BRANCH"), new Fork.Unknown()),
                    List.of("DRONE_COMMIT_SHA"),
                    List.of("DRONE_GIT_HTTP_URL", "DRONE_REPO")),
            new CiServer(
                    "Woodpecker",
                    "https://woodpecker-ci.org/docs/usage/environment",
                    "CI_SYSTEM_NAME=woodpecker",
                    List.of("CI_COMMIT_TAG"),
                    List.of("CI_COMMIT_BRANCH"),
                    new PullRequest(
                            List.of("CI_COMMIT_PULL_REQUEST"), List.of("CI_COMMIT_SOURCE_BRANCH"), new Fork.Unknown()),
                    List.of("CI_COMMIT_SHA"),
                    List.of("CI_REPO_CLONE_URL", "CI_REPO")),
            new CiServer(
                    "Buildkite",
                    "https://buildkite.com/docs/pipelines/configure/environment-variables",
                    "BUILDKITE",
                    List.of("BUILDKITE_TAG"),
                    List.of("BUILDKITE_BRANCH"),
                    new PullRequest(
                            List.of("BUILDKITE_PULL_REQUEST"),
                            List.of("BUILDKITE_BRANCH"),
                            new Fork.Difference("BUILDKITE_PULL_REQUEST_REPO", "BUILDKITE_REPO")),
                    List.of("BUILDKITE_COMMIT"),
                    List.of("BUILDKITE_REPO")),
            new CiServer(
                    "AppVeyor",
                    "https://www.appveyor.com/docs/environment-variables/",
                    "APPVEYOR",
                    List.of("APPVEYOR_REPO_TAG_NAME"),
                    List.of("APPVEYOR_REPO_BRANCH"),
                    new PullRequest(
                            List.of("APPVEYOR_PULL_REQUEST_NUMBER"),
                            List.of("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH"),
                            new Fork.Difference("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "APPVEYOR_REPO_NAME")),
                    List.of("APPVEYOR_REPO_COMMIT", "APPVEYOR_PULL_REQUEST_HEAD_COMMIT"),
                    List.of("APPVEYOR_REPO_NAME")),
            new CiServer(
                    "CodeBuild",
                    "https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html",
                    "CODEBUILD_BUILD_ID",
                    List.of(),
                    List.of("CODEBUILD_WEBHOOK_HEAD_REF"),
                    new PullRequest(
                            List.of("CODEBUILD_WEBHOOK_TRIGGER=pr/"),
                            List.of("CODEBUILD_WEBHOOK_HEAD_REF"),
                            new Fork.Unknown()),
                    List.of("CODEBUILD_RESOLVED_SOURCE_VERSION"),
                    List.of("CODEBUILD_SOURCE_REPO_URL")));
}
