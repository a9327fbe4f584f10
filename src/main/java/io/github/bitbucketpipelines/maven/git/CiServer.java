package io.github.bitbucketpipelines.maven.git;

import java.util.List;
import java.util.Map;

/**
 * The environment variables by which a CI server describes its build and the commit that it builds. Each list is in the order
 * of precedence. A branch variable may also hold a full name such as {@code refs/tags/v1}.
 *
 * @param name the server's name
 * @param documentation the page that documents the variables
 * @param marker a variable that only this server sets: {@code NAME}, or {@code NAME=} and how its value begins
 * @param tags variables that hold a tag
 * @param branches variables that hold a branch; those of a pull request are in {@code pullRequest}
 * @param pullRequest the variables of a pull request, which go before tags and branches
 * @param commits variables that hold the hash of the commit that is checked out
 * @param repositories variables that hold the repository's URL, or its name with the owner
 * @param page the URL of the build's web page, with variables in braces
 * @param users variables that name who started the build
 */
record CiServer(
        String name,
        String documentation,
        String marker,
        List<String> tags,
        List<String> branches,
        PullRequest pullRequest,
        List<String> commits,
        List<String> repositories,
        String page,
        List<String> users) {
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

    static final CiServer JENKINS = server("Jenkins", "https://plugins.jenkins.io/git/", "JENKINS_URL")
            .tags("TAG_NAME")
            .branches("BRANCH_NAME", "GIT_BRANCH")
            .pullRequest("CHANGE_ID")
            .sourceBranches("CHANGE_BRANCH")
            .fork(new Fork.Flag("CHANGE_FORK"))
            .commits("GIT_COMMIT")
            .repositories("GIT_URL", "GIT_URL_1")
            .page("{BUILD_URL}")
            // Of the plugin Build User Vars.
            .users("BUILD_USER_ID", "BUILD_USER")
            .build();

    static final CiServer GITHUB = server(
                    "GitHub Actions",
                    "https://docs.github.com/en/actions/reference/workflows-and-actions/variables",
                    "GITHUB_ACTIONS")
            .tags("GITHUB_REF_NAME")
            .branches("GITHUB_REF_NAME")
            .pullRequest("GITHUB_HEAD_REF")
            .sourceBranches("GITHUB_HEAD_REF")
            .fork(new Fork.GitHubEvent())
            .commits("GITHUB_SHA")
            .repositories("GITHUB_REPOSITORY")
            .page("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}")
            .users("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR")
            .build();

    /**
     * All servers. Of several whose markers are set, the first one counts: TeamCity and AppVeyor are before Jenkins, whose
     * variables are common. Where no marker decides, the first one that names a branch or a tag does.
     */
    static final List<CiServer> ALL = List.of(
            // It builds no pull request from a fork. BITBUCKET_BRANCH is the source branch.
            server(
                            "Bitbucket Pipelines",
                            "https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/",
                            "BITBUCKET_BUILD_NUMBER")
                    .tags("BITBUCKET_TAG")
                    .branches("BITBUCKET_BRANCH")
                    .commits("BITBUCKET_COMMIT")
                    .repositories("BITBUCKET_REPO_FULL_NAME")
                    .page("https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}")
                    .build(),
            GITHUB,
            // The names with dots are parameters, in a file that TEAMCITY_BUILD_PROPERTIES_FILE leads to.
            server(
                            "TeamCity",
                            "https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html",
                            "TEAMCITY_VERSION")
                    .branches("TEAMCITY_BUILD_BRANCH", "teamcity.build.branch", "vcsroot.branch")
                    .pullRequest("teamcity.pullRequest.number")
                    .sourceBranches("teamcity.pullRequest.source.branch")
                    .commits("BUILD_VCS_NUMBER")
                    .repositories("vcsroot.url")
                    .page("{BUILD_URL}")
                    .build(),
            server("AppVeyor", "https://www.appveyor.com/docs/environment-variables/", "APPVEYOR")
                    .tags("APPVEYOR_REPO_TAG_NAME")
                    .branches("APPVEYOR_REPO_BRANCH")
                    .pullRequest("APPVEYOR_PULL_REQUEST_NUMBER")
                    .sourceBranches("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH")
                    .fork(new Fork.Difference("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "APPVEYOR_REPO_NAME"))
                    .commits("APPVEYOR_REPO_COMMIT", "APPVEYOR_PULL_REQUEST_HEAD_COMMIT")
                    .repositories("APPVEYOR_REPO_NAME")
                    .page("{APPVEYOR_URL}/project/{APPVEYOR_ACCOUNT_NAME}/{APPVEYOR_PROJECT_SLUG}"
                            + "/builds/{APPVEYOR_BUILD_ID}")
                    .build(),
            JENKINS,
            server("GitLab", "https://docs.gitlab.com/ci/variables/predefined_variables/", "GITLAB_CI")
                    .tags("CI_COMMIT_TAG")
                    .branches("CI_COMMIT_BRANCH")
                    .pullRequest("CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")
                    .sourceBranches("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME")
                    .fork(new Fork.Difference("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "CI_MERGE_REQUEST_PROJECT_PATH"))
                    .commits("CI_COMMIT_SHA", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
                    .repositories("CI_PROJECT_URL", "CI_PROJECT_PATH")
                    .page("{CI_JOB_URL}")
                    .users("GITLAB_USER_LOGIN")
                    .build(),
            server(
                            "Azure Pipelines",
                            "https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables",
                            "TF_BUILD")
                    .branches("BUILD_SOURCEBRANCH")
                    .pullRequest("SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_SOURCEBRANCH")
                    .sourceBranches("SYSTEM_PULLREQUEST_SOURCEBRANCH")
                    .fork(new Fork.Flag("SYSTEM_PULLREQUEST_ISFORK"))
                    .commits("BUILD_SOURCEVERSION", "SYSTEM_PULLREQUEST_SOURCECOMMITID")
                    .repositories("BUILD_REPOSITORY_URI")
                    .page("{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}")
                    .users("BUILD_REQUESTEDFOR")
                    .build(),
            server(
                            "Bamboo",
                            "https://confluence.atlassian.com/bamboo/bamboo-variables-289277087.html",
                            "bamboo_buildKey")
                    .branches("bamboo_planRepository_branchName", "bamboo_planRepository_branch")
                    .pullRequest("bamboo_repository_pr_key")
                    .sourceBranches("bamboo_repository_pr_sourceBranch")
                    .commits("bamboo_planRepository_revision")
                    .repositories("bamboo_planRepository_repositoryUrl")
                    .page("{bamboo_buildResultsUrl}")
                    .users("bamboo_ManualBuildTriggerReason_userName")
                    .build(),
            // CIRCLE_PR_NUMBER is set for forks alone.
            server("CircleCI", "https://circleci.com/docs/variables/", "CIRCLECI")
                    .tags("CIRCLE_TAG")
                    .branches("CIRCLE_BRANCH")
                    .pullRequest("CIRCLE_PR_NUMBER")
                    .sourceBranches("CIRCLE_BRANCH")
                    .fork(new Fork.Flag("CIRCLE_PR_NUMBER"))
                    .commits("CIRCLE_SHA1")
                    .repositories("CIRCLE_REPOSITORY_URL")
                    .page("{CIRCLE_BUILD_URL}")
                    .users("CIRCLE_USERNAME")
                    .build(),
            server("Travis CI", "https://docs.travis-ci.com/user/environment-variables/", "TRAVIS")
                    .tags("TRAVIS_TAG")
                    .branches("TRAVIS_BRANCH")
                    .pullRequest("TRAVIS_PULL_REQUEST")
                    .sourceBranches("TRAVIS_PULL_REQUEST_BRANCH")
                    .fork(new Fork.Difference("TRAVIS_PULL_REQUEST_SLUG", "TRAVIS_REPO_SLUG"))
                    .commits("TRAVIS_COMMIT", "TRAVIS_PULL_REQUEST_SHA")
                    .repositories("TRAVIS_REPO_SLUG")
                    .page("{TRAVIS_JOB_WEB_URL}")
                    .build(),
            server("Drone", "https://docs.drone.io/pipeline/environment/reference/", "DRONE")
                    .tags("DRONE_TAG")
                    .branches("DRONE_BRANCH")
                    .pullRequest("DRONE_PULL_REQUEST")
                    .sourceBranches("DRONE_SOURCE_BRANCH")
                    .commits("DRONE_COMMIT_SHA")
                    .repositories("DRONE_GIT_HTTP_URL", "DRONE_REPO")
                    .page("{DRONE_BUILD_LINK}")
                    .build(),
            server("Woodpecker", "https://woodpecker-ci.org/docs/usage/environment", "CI_SYSTEM_NAME=woodpecker")
                    .tags("CI_COMMIT_TAG")
                    .branches("CI_COMMIT_BRANCH")
                    .pullRequest("CI_COMMIT_PULL_REQUEST")
                    .sourceBranches("CI_COMMIT_SOURCE_BRANCH")
                    .commits("CI_COMMIT_SHA")
                    .repositories("CI_REPO_CLONE_URL", "CI_REPO")
                    .page("{CI_PIPELINE_URL}")
                    .users("CI_PIPELINE_AUTHOR")
                    .build(),
            server("Buildkite", "https://buildkite.com/docs/pipelines/configure/environment-variables", "BUILDKITE")
                    .tags("BUILDKITE_TAG")
                    .branches("BUILDKITE_BRANCH")
                    .pullRequest("BUILDKITE_PULL_REQUEST")
                    .sourceBranches("BUILDKITE_BRANCH")
                    .fork(new Fork.Difference("BUILDKITE_PULL_REQUEST_REPO", "BUILDKITE_REPO"))
                    .commits("BUILDKITE_COMMIT")
                    .repositories("BUILDKITE_REPO")
                    .page("{BUILDKITE_BUILD_URL}")
                    .users("BUILDKITE_BUILD_CREATOR")
                    .build(),
            server(
                            "CodeBuild",
                            "https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html",
                            "CODEBUILD_BUILD_ID")
                    .branches("CODEBUILD_WEBHOOK_HEAD_REF")
                    .pullRequest("CODEBUILD_WEBHOOK_TRIGGER=pr/")
                    .sourceBranches("CODEBUILD_WEBHOOK_HEAD_REF")
                    .commits("CODEBUILD_RESOLVED_SOURCE_VERSION")
                    .repositories("CODEBUILD_SOURCE_REPO_URL")
                    .page("{CODEBUILD_BUILD_URL}")
                    .users("CODEBUILD_INITIATOR")
                    .build());

    private static Builder server(String name, String documentation, String marker) {
        return new Builder(name, documentation, marker);
    }

    /** Names each list of the table. A list that is not given is empty. */
    private static final class Builder {
        private final String name;
        private final String documentation;
        private final String marker;
        private List<String> tags = List.of();
        private List<String> branches = List.of();
        private List<String> signs = List.of();
        private List<String> sourceBranches = List.of();
        private Fork fork = new Fork.Unknown();
        private List<String> commits = List.of();
        private List<String> repositories = List.of();
        private String page = "";
        private List<String> users = List.of();

        Builder(String name, String documentation, String marker) {
            this.name = name;
            this.documentation = documentation;
            this.marker = marker;
        }

        Builder tags(String... variables) {
            tags = List.of(variables);
            return this;
        }

        Builder branches(String... variables) {
            branches = List.of(variables);
            return this;
        }

        Builder pullRequest(String... variables) {
            signs = List.of(variables);
            return this;
        }

        Builder sourceBranches(String... variables) {
            sourceBranches = List.of(variables);
            return this;
        }

        Builder fork(Fork value) {
            fork = value;
            return this;
        }

        Builder commits(String... variables) {
            commits = List.of(variables);
            return this;
        }

        Builder repositories(String... variables) {
            repositories = List.of(variables);
            return this;
        }

        Builder page(String value) {
            page = value;
            return this;
        }

        Builder users(String... variables) {
            users = List.of(variables);
            return this;
        }

        CiServer build() {
            return new CiServer(
                    name,
                    documentation,
                    marker,
                    tags,
                    branches,
                    new PullRequest(signs, sourceBranches, fork),
                    commits,
                    repositories,
                    page,
                    users);
        }
    }

    /** Whether this server runs the build, as far as its marker shows. */
    boolean isMarkedIn(Map<String, String> environment) {
        return isSet(marker, environment);
    }

    /** Whether a variable is set and not {@code false}, or, as {@code NAME=PREFIX}, begins so. */
    static boolean isSet(String sign, Map<String, String> environment) {
        String[] nameAndPrefix = sign.split("=", 2);
        String value = environment.getOrDefault(nameAndPrefix[0], "").strip();
        return nameAndPrefix.length == 1
                ? !value.isEmpty() && !value.equalsIgnoreCase("false")
                : value.startsWith(nameAndPrefix[1]);
    }
}
