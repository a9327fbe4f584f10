package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The build of a CI server, as far as the server's environment variables describe it.
 *
 * @param server the server's name
 * @param url the build's web page; it has no user information
 * @param startedBy who started the build
 */
public record CiBuild(String server, Optional<URI> url, Optional<String> startedBy) {
    /**
     * The variables of a server; their documentation is that of {@link CiServer}.
     *
     * @param marker a variable that is set by this server
     * @param url the page's URL, with variables in braces
     * @param users variables that name who started the build, in the order of precedence
     */
    private record Variables(String server, String marker, String url, List<String> users) {}

    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");
    private static final int MAX_NAME = 100;

    /** TeamCity and AppVeyor are before Jenkins, and Woodpecker before GitLab: the latter's variables are common. */
    private static final List<Variables> ALL = List.of(
            new Variables(
                    "Bitbucket Pipelines",
                    "BITBUCKET_BUILD_NUMBER",
                    "https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
                    List.of()),
            new Variables(
                    "GitHub Actions",
                    "GITHUB_ACTIONS",
                    "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
                    List.of("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR")),
            new Variables("TeamCity", "TEAMCITY_VERSION", "{BUILD_URL}", List.of()),
            new Variables(
                    "AppVeyor",
                    "APPVEYOR",
                    "{APPVEYOR_URL}/project/{APPVEYOR_ACCOUNT_NAME}/{APPVEYOR_PROJECT_SLUG}/builds/{APPVEYOR_BUILD_ID}",
                    List.of()),
            // The users are of the plugin Build User Vars.
            new Variables("Jenkins", "JENKINS_URL", "{BUILD_URL}", List.of("BUILD_USER_ID", "BUILD_USER")),
            new Variables("Woodpecker", "CI_PIPELINE_FORGE_URL", "{CI_PIPELINE_URL}", List.of("CI_PIPELINE_AUTHOR")),
            new Variables("GitLab", "GITLAB_CI", "{CI_JOB_URL}", List.of("GITLAB_USER_LOGIN")),
            new Variables(
                    "Azure Pipelines",
                    "TF_BUILD",
                    "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
                    List.of("BUILD_REQUESTEDFOR")),
            new Variables(
                    "Bamboo",
                    "bamboo_buildKey",
                    "{bamboo_buildResultsUrl}",
                    List.of("bamboo_ManualBuildTriggerReason_userName")),
            new Variables("CircleCI", "CIRCLECI", "{CIRCLE_BUILD_URL}", List.of("CIRCLE_USERNAME")),
            new Variables("Travis CI", "TRAVIS", "{TRAVIS_JOB_WEB_URL}", List.of()),
            new Variables("Drone", "DRONE", "{DRONE_BUILD_LINK}", List.of()),
            new Variables("Buildkite", "BUILDKITE", "{BUILDKITE_BUILD_URL}", List.of("BUILDKITE_BUILD_CREATOR")),
            new Variables("CodeBuild", "CODEBUILD_BUILD_ID", "{CODEBUILD_BUILD_URL}", List.of("CODEBUILD_INITIATOR")));

    /** Reads the build from these variables; empty where no CI server runs it. */
    public static Optional<CiBuild> of(Map<String, String> environment) {
        return ALL.stream()
                .filter(server -> value(environment, server.marker()).isPresent())
                .findFirst()
                .map(server -> new CiBuild(
                        server.server(),
                        expand(server.url(), environment).flatMap(CiBuild::page),
                        server.users().stream()
                                .flatMap(user -> value(environment, user).stream())
                                .map(user -> TextSanitizer.singleLine(user, MAX_NAME))
                                .findFirst()));
    }

    /** Empty where one of the variables is not set. */
    private static Optional<String> expand(String url, Map<String, String> environment) {
        StringBuilder expanded = new StringBuilder();
        Matcher variables = VARIABLE.matcher(url);
        while (variables.find()) {
            Optional<String> value = value(environment, variables.group(1));
            if (value.isEmpty()) {
                return Optional.empty();
            }
            // A project's name may contain spaces.
            variables.appendReplacement(
                    expanded, Matcher.quoteReplacement(value.get().replace(" ", "%20")));
        }
        return Optional.of(variables.appendTail(expanded).toString());
    }

    /** Only a web page: a value of another kind is no link, and one with a user's name may have a password. */
    private static Optional<URI> page(String url) {
        try {
            URI page = new URI(url);
            boolean isWeb = "https".equalsIgnoreCase(page.getScheme()) || "http".equalsIgnoreCase(page.getScheme());
            return isWeb && page.getHost() != null && page.getRawUserInfo() == null
                    ? Optional.of(page)
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> value(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable))
                .map(String::strip)
                .filter(value -> !value.isEmpty() && !value.equalsIgnoreCase("false"));
    }
}
