package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.git.CiServer.Fork;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the branch or tag that a CI server builds from its environment variables, for a checkout with a detached HEAD,
 * and compares the commit and the repository that the server names with that checkout.
 */
public final class CiEnvironment {
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{7,64}");

    /** What servers write where no branch is known: git's HEAD, Jenkins, TeamCity. */
    private static final Set<String> NO_BRANCH = Set.of("HEAD", "detached", "<default>");

    /**
     * The branch or tag that is built.
     *
     * @param target a branch or a tag, without commit
     * @param variable the environment variable that named it
     * @param server the name of the CI server
     */
    public record Ref(Target target, String variable, String server) {}

    private record Found(CiServer server, Optional<Ref> ref, Optional<String> absenceReason) {}

    private final Map<String, String> environment;
    private final List<String> remotes;
    private final Optional<Found> found;

    /**
     * Reads these variables; blank ones count as absent.
     *
     * @param remotes the names of the checkout's remotes, which Jenkins puts in front of a branch
     */
    public CiEnvironment(Map<String, String> environment, List<String> remotes) {
        this.environment = new HashMap<>(environment);
        this.remotes = List.copyOf(remotes);
        addTeamCityParameters();
        found = servers().flatMap(server -> find(server).stream()).findFirst();
    }

    /**
     * The branch or tag that a CI server builds. Empty where none of them names one, and for a pull request that is
     * from a fork, whose branch is in another repository, or that may be from one.
     */
    public Optional<Ref> ref() {
        return found.flatMap(Found::ref);
    }

    /** The reason why there is no {@link #ref()}, as half a sentence fit for users. */
    public String absenceReason() {
        return found.flatMap(Found::absenceReason)
                .orElseGet(() -> servers()
                        .filter(server -> server.isMarkedIn(environment))
                        .findFirst()
                        .map(server -> "the environment has no " + String.join(" or ", refVariables(server)) + " of "
                                + server.name())
                        .orElse("the environment has no BITBUCKET_TAG or BITBUCKET_BRANCH, and no such variable of "
                                + CiServer.ALL.stream()
                                        .skip(1)
                                        .map(CiServer::name)
                                        .collect(Collectors.joining(", "))));
    }

    /** The reason why a CI server that builds a pull request names no branch; empty where none builds one. */
    public Optional<String> pullRequestReason() {
        return found.flatMap(Found::absenceReason);
    }

    /**
     * Returns the variables of commit and repository where the server sets none of them, so that {@link #mismatch} has
     * nothing to compare; else an empty list.
     */
    public List<String> missingEvidence() {
        CiServer server = found.orElseThrow().server();
        return commits(server).isEmpty() && set(server.repositories()).isEmpty()
                ? Stream.concat(server.commits().stream(), server.repositories().stream())
                        .toList()
                : List.of();
    }

    /**
     * Compares the commit and the repository that the server names with the checkout. What the server does not name, or
     * git does not know, is not compared.
     *
     * @param head the hash of the checkout's HEAD, where git knows it
     * @param repository the repository of the run
     * @param remoteUrls the URLs of the checkout's remotes, where git knows them
     * @return what differs, as a sentence without its period; empty where nothing does
     */
    public Optional<String> mismatch(
            Optional<String> head, RepositoryId repository, Optional<List<String>> remoteUrls) {
        CiServer server = found.orElseThrow().server();
        List<String> differences = new ArrayList<>();
        Map<String, String> commits = commits(server);
        if (head.isPresent()
                && !commits.isEmpty()
                && commits.values().stream().noneMatch(commit -> isSameCommit(commit, head.get()))) {
            differences.add(listed(commits) + ", and HEAD is " + head.get());
        }
        Map<String, String> repositories = set(server.repositories());
        if (!repositories.isEmpty()
                && repositories.values().stream().noneMatch(value -> isSame(value, repository, remoteUrls))) {
            differences.add(listed(repositories) + ", and the repository is " + repository);
        }
        return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", differences));
    }

    /**
     * Returns the repositories of bitbucket.org that the server names, by their variables. Empty where the commit that
     * it names is not that of the checkout: then it describes another one.
     *
     * @param head the hash of the checkout's HEAD, where git knows it
     */
    public Map<String, RepositoryId> repositories(Optional<String> head) {
        Map<String, RepositoryId> repositories = new LinkedHashMap<>();
        found.map(Found::server)
                .or(() -> servers().filter(each -> each.isMarkedIn(environment)).findFirst())
                .filter(each -> isOf(head, commits(each)))
                .ifPresent(each -> set(each.repositories())
                        .forEach((variable, value) -> RemoteUrl.parse(withHost(variable, value))
                                .ifPresent(repository -> repositories.put(variable, repository))));
        return repositories;
    }

    private static boolean isOf(Optional<String> head, Map<String, String> commits) {
        return head.isEmpty()
                || commits.isEmpty()
                || commits.values().stream().anyMatch(commit -> isSameCommit(commit, head.get()));
    }

    /** A name with its owner is one of bitbucket.org only where Bitbucket Pipelines sets it. */
    private static String withHost(String variable, String value) {
        return variable.startsWith("BITBUCKET_") ? "https://bitbucket.org/" + value : value;
    }

    /** Whether two hashes, of which one may be abbreviated, are those of one commit. */
    public static boolean isSameCommit(String one, String other) {
        String first = one.toLowerCase(Locale.ROOT);
        String second = other.toLowerCase(Locale.ROOT);
        return first.startsWith(second) || second.startsWith(first);
    }

    /** Those whose marker is set go first: GitLab and Woodpecker share names, and users set BRANCH_NAME anywhere. */
    private Stream<CiServer> servers() {
        return Stream.concat(
                CiServer.ALL.stream().filter(server -> server.isMarkedIn(environment)),
                CiServer.ALL.stream().filter(server -> !server.isMarkedIn(environment)));
    }

    private Optional<Found> find(CiServer server) {
        CiServer.PullRequest pullRequest = server.pullRequest();
        if (pullRequest.signs().stream().anyMatch(this::isSet)) {
            Optional<String> fork = forkReason(server);
            Optional<Ref> ref = fork.isPresent()
                    ? Optional.empty()
                    : pullRequest.branches().stream()
                            .flatMap(variable -> ref(server, variable, false).stream())
                            .findFirst();
            return Optional.of(new Found(
                    server,
                    ref,
                    fork.or(() -> Optional.of(server.name() + " builds a pull request, and the environment has no "
                            + String.join(" or ", pullRequest.branches())))));
        }
        return Stream.concat(
                        server.tags().stream()
                                .filter(variable -> isTag(server, variable))
                                .flatMap(variable -> ref(server, variable, true).stream()),
                        server.branches().stream()
                                .filter(variable -> isBranch(server, variable))
                                .flatMap(variable -> ref(server, variable, false).stream()))
                .findFirst()
                .map(ref -> new Found(server, Optional.of(ref), Optional.empty()));
    }

    /** On Jenkins, TAG_NAME without the same BRANCH_NAME is a variable of the user, such as the tag of an image. */
    private boolean isTag(CiServer server, String variable) {
        if (server == CiServer.JENKINS) {
            Optional<String> branch = value("BRANCH_NAME");
            return branch.isEmpty() || branch.equals(value(variable));
        }
        return server != CiServer.GITHUB || value("GITHUB_REF_TYPE").equals(Optional.of("tag"));
    }

    private boolean isBranch(CiServer server, String variable) {
        return server != CiServer.GITHUB || value("GITHUB_REF_TYPE").equals(Optional.of("branch"));
    }

    /** Reads the branch or tag in a variable, with or without a prefix; empty for other references. */
    private Optional<Ref> ref(CiServer server, String variable, boolean tag) {
        String value = value(variable).orElse("");
        boolean isTag = tag || value.startsWith("refs/tags/");
        String local = value.replaceFirst("^(refs/(heads|tags)/|(refs/)?remotes/)", "");
        String name = variable.equals("GIT_BRANCH") && !value.startsWith("refs/heads/") ? withoutRemote(local) : local;
        if (name.isEmpty() || name.startsWith("refs/") || NO_BRANCH.contains(name)) {
            return Optional.empty();
        }
        return Optional.of(new Ref(
                isTag ? new Target.Tag(name, Optional.empty()) : new Target.Branch(name, Optional.empty()),
                variable,
                server.name()));
    }

    private String withoutRemote(String branch) {
        return remotes.stream()
                .map(remote -> remote + "/")
                .filter(branch::startsWith)
                .findFirst()
                .map(remote -> branch.substring(remote.length()))
                .orElse(branch);
    }

    private Optional<String> forkReason(CiServer server) {
        Fork fork = server.pullRequest().fork();
        if (fork instanceof Fork.Flag flag) {
            return isSet(flag.variable()) ? Optional.of(fromFork(server, flag.variable())) : Optional.empty();
        }
        if (fork instanceof Fork.Difference difference) {
            Optional<String> missing = Stream.of(difference.source(), difference.destination())
                    .filter(variable -> value(variable).isEmpty())
                    .findFirst();
            if (missing.isPresent()) {
                return Optional.of(mayBeFromFork(server, "the environment has no " + missing.get()));
            }
            return RemoteUrl.path(value(difference.source()).orElseThrow())
                            .equals(RemoteUrl.path(
                                    value(difference.destination()).orElseThrow()))
                    ? Optional.empty()
                    : Optional.of(fromFork(server, difference.source()));
        }
        if (fork instanceof Fork.GitHubEvent) {
            if (event().isFork()) {
                return Optional.of(fromFork(server, "GITHUB_EVENT_PATH"));
            }
            // In a container the file may not be there.
            boolean isExpected = isPullRequestTarget() || isSet("GITHUB_EVENT_PATH");
            return !isExpected || event().headCommit().isPresent()
                    ? Optional.empty()
                    : Optional.of(mayBeFromFork(server, "the event's file GITHUB_EVENT_PATH can't be read"));
        }
        return Optional.of(server.name() + " builds a pull request, and does not show whether it is from a fork");
    }

    private static String fromFork(CiServer server, String variable) {
        return server.name() + " builds a pull request from a fork (" + variable
                + "), whose branch is in another repository";
    }

    private static String mayBeFromFork(CiServer server, String reason) {
        return server.name() + " builds a pull request that may be from a fork: " + reason;
    }

    private GitHubEvent event() {
        return GitHubEvent.read(value("GITHUB_EVENT_PATH"));
    }

    /** Such a workflow may check out the base or the head; GITHUB_SHA is the base. */
    private boolean isPullRequestTarget() {
        return value("GITHUB_EVENT_NAME").equals(Optional.of("pull_request_target"));
    }

    private Map<String, String> commits(CiServer server) {
        Map<String, String> commits = set(server.commits());
        commits.values().removeIf(value -> !HASH.matcher(value).matches());
        if (server == CiServer.GITHUB && isSet("GITHUB_HEAD_REF")) {
            if (isPullRequestTarget()) {
                commits.clear();
            }
            event().headCommit().ifPresent(commit -> commits.put("pull_request.head.sha", commit));
        }
        return commits;
    }

    /** Returns those of these variables that are set, in their order. */
    private Map<String, String> set(List<String> variables) {
        Map<String, String> values = new LinkedHashMap<>();
        variables.forEach(variable -> value(variable).ifPresent(value -> values.put(variable, value)));
        return values;
    }

    private static String listed(Map<String, String> variables) {
        return variables.entrySet().stream()
                .map(each -> each.getKey() + " is " + RemoteUrl.redacted(each.getValue()))
                .collect(Collectors.joining(", "));
    }

    /**
     * Whether a URL or a name with its owner is that of this checkout. On bitbucket.org it must be the repository of
     * the run; one on another host, such as a mirror, must be a remote of the checkout.
     */
    private static boolean isSame(String value, RepositoryId repository, Optional<List<String>> remoteUrls) {
        Optional<RepositoryId> onBitbucket = RemoteUrl.parse(value);
        if (onBitbucket.isPresent()) {
            return onBitbucket.get().equals(repository);
        }
        String path = RemoteUrl.path(value);
        boolean isName = !value.contains(":");
        if (isName && path.equals(repository.fullName())) {
            return true;
        }
        return remoteUrls.isEmpty()
                ? !isName
                : remoteUrls.get().stream()
                        .filter(url -> RemoteUrl.parse(url).isEmpty())
                        .map(RemoteUrl::path)
                        .anyMatch(remote ->
                                remote.equals(path) || remote.endsWith("/" + path) || path.endsWith("/" + remote));
    }

    private static List<String> refVariables(CiServer server) {
        return Stream.concat(server.tags().stream(), server.branches().stream())
                .distinct()
                .toList();
    }

    private boolean isSet(String sign) {
        return CiServer.isSet(sign, environment);
    }

    private Optional<String> value(String variable) {
        return Optional.ofNullable(environment.get(variable)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** TeamCity has the branch in a file of parameters, which a file of properties names; both are on the agent. */
    private void addTeamCityParameters() {
        Properties build = properties(value("TEAMCITY_BUILD_PROPERTIES_FILE"));
        Properties parameters =
                properties(Optional.ofNullable(build.getProperty("teamcity.configuration.properties.file")));
        CiServer.ALL.stream()
                .flatMap(server -> Stream.of(
                                server.branches(),
                                server.repositories(),
                                server.pullRequest().signs(),
                                server.pullRequest().branches())
                        .flatMap(List::stream))
                .filter(parameters.stringPropertyNames()::contains)
                .forEach(name -> environment.putIfAbsent(name, parameters.getProperty(name)));
    }

    private static Properties properties(Optional<String> file) {
        Properties properties = new Properties();
        if (file.isPresent()) {
            try (Reader reader = Files.newBufferedReader(Path.of(file.get()), StandardCharsets.ISO_8859_1)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                properties.clear();
            }
        }
        return properties;
    }
}
