package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Resolves which repositories of bitbucket.org the remotes of a checkout name. An address counts as it is after {@code
 * insteadOf}; else as it is configured, which is right inside Bitbucket Pipelines, whose runner rewrites addresses by
 * {@code insteadOf}; else with the host that ssh makes of an alias.
 */
final class RemoteResolver {
    /** The settings that {@link #resolve} reads, for {@code git config --get-regexp}. */
    static final String SETTINGS =
            "^(branch\\..*\\.(remote|pushremote)|remote\\..*\\.(url|pushurl)|remote\\.pushdefault)$";

    private static final Pattern REMOTE = Pattern.compile("([^\t]+)\t(.+) \\((fetch|push)\\).*");

    /** What can be a host's name in the internet; an alias of ssh is often none. */
    private static final Pattern HOST_NAME = Pattern.compile("(?i)[a-z0-9-]+(\\.[a-z0-9-]+)*\\.[a-z]{2,}");

    /** A remote with its addresses after {@code insteadOf}; by default git pushes to the fetch address. */
    record Remote(String name, List<String> fetch, List<String> push) {}

    private final List<Remote> remotes;
    private final Map<String, List<String>> settings;
    private final GitCommand ssh;
    private final Map<String, Optional<String>> hosts = new HashMap<>();

    /**
     * Creates a resolver.
     *
     * @param settings what {@code git config --null --get-regexp} prints for {@link #SETTINGS}; may be empty
     */
    RemoteResolver(List<Remote> remotes, String settings, GitCommand ssh) {
        this.remotes = remotes;
        this.settings = parseSettings(settings);
        this.ssh = ssh;
    }

    /** Parses what {@code git remote --verbose} prints. */
    static List<Remote> parse(String lines) {
        Map<String, Remote> remotes = new LinkedHashMap<>();
        lines.lines().map(REMOTE::matcher).filter(Matcher::matches).forEach(line -> {
            Remote remote = remotes.computeIfAbsent(
                    line.group(1), name -> new Remote(name, new ArrayList<>(), new ArrayList<>()));
            (line.group(3).equals("fetch") ? remote.fetch() : remote.push()).add(line.group(2));
        });
        return List.copyOf(remotes.values());
    }

    private static Map<String, List<String>> parseSettings(String text) {
        Map<String, List<String>> settings = new HashMap<>();
        for (String entry : text.split("\0")) {
            String[] keyAndValue = entry.strip().split("\n", 2);
            if (keyAndValue.length == 2) {
                settings.computeIfAbsent(keyAndValue[0], key -> new ArrayList<>())
                        .add(keyAndValue[1]);
            }
        }
        return settings;
    }

    /** Resolves the repositories of this branch; without one, of the checkout. */
    RemoteRepositories resolve(Optional<String> branch) {
        List<RemoteRepository> all = repositories(remotes.stream());
        List<Remote> ofBranch = branch.map(this::remotesOfBranch).orElse(List.of());
        List<Remote> chosen = ofBranch.isEmpty() ? defaultRemote() : ofBranch;
        List<RemoteRepository> current = repositories(chosen.stream());
        if (current.isEmpty()) {
            return new RemoteRepositories(List.of(), all, absenceReason(chosen) + hint(all));
        }
        return new RemoteRepositories(
                Stream.concat(
                                current.stream(),
                                all.stream().filter(each -> each.remote().equals("origin")))
                        .distinct()
                        .toList(),
                all,
                "");
    }

    /** Returns the remote to which git pushes the branch, and the one from which it fetches it. */
    private List<Remote> remotesOfBranch(String branch) {
        return Stream.of(
                        setting("branch." + branch + ".pushremote").or(() -> setting("remote.pushdefault")),
                        setting("branch." + branch + ".remote"))
                .flatMap(Optional::stream)
                .distinct()
                .flatMap(name -> remote(name).stream())
                .toList();
    }

    /** Finds a remote; git also takes an address in place of its name. A dot is this very checkout. */
    private Optional<Remote> remote(String name) {
        return remotes.stream()
                .filter(remote -> remote.name().equals(name))
                .findFirst()
                .or(() -> Optional.of(new Remote(RemoteUrl.redacted(name), List.of(name), List.of(name)))
                        .filter(remote -> name.contains(":") || name.contains("/")));
    }

    private List<Remote> defaultRemote() {
        List<Remote> origin = remotes.stream()
                .filter(remote -> remote.name().equals("origin"))
                .toList();
        return origin.isEmpty() && remotes.size() == 1 ? remotes : origin;
    }

    private List<RemoteRepository> repositories(Stream<Remote> from) {
        return from.flatMap(remote -> {
                    Set<RepositoryId> fetch = repositories(remote.fetch(), setting(remote, "url"));
                    Set<RepositoryId> push = repositories(
                            remote.push(),
                            Optional.of(setting(remote, "pushurl"))
                                    .filter(urls -> !urls.isEmpty())
                                    .orElseGet(() -> setting(remote, "url")));
                    Set<RepositoryId> ordered = new LinkedHashSet<>(push);
                    ordered.retainAll(fetch);
                    ordered.addAll(push);
                    ordered.addAll(fetch);
                    return ordered.stream()
                            .map(id -> new RemoteRepository(shown(remote.name()), !fetch.contains(id), id));
                })
                .toList();
    }

    private Set<RepositoryId> repositories(List<String> rewritten, List<String> configured) {
        Set<RepositoryId> ids = parse(rewritten.stream().map(RemoteUrl::parse));
        if (ids.isEmpty()) {
            ids = parse(configured.stream().map(RemoteUrl::parse));
        }
        return ids.isEmpty() ? parse(rewritten.stream().map(this::behindAlias)) : ids;
    }

    private static Set<RepositoryId> parse(Stream<Optional<RepositoryId>> ids) {
        return ids.flatMap(Optional::stream).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Optional<RepositoryId> behindAlias(String url) {
        return RemoteUrl.sshHost(url)
                .flatMap(this::resolveAlias)
                .flatMap(host -> RemoteUrl.parse("ssh://" + host + "/" + RemoteUrl.path(url)));
    }

    /** Reads the name that ssh connects to for a host, which may be an alias in its configuration; needs no network. */
    private Optional<String> resolveAlias(String host) {
        return hosts.computeIfAbsent(
                host,
                name -> ssh.runForLines("ssh fails", "-G", name)
                        .value()
                        .flatMap(lines -> lines.lines()
                                .filter(line -> line.startsWith("hostname "))
                                .map(line ->
                                        line.substring("hostname ".length()).strip())
                                .findFirst()));
    }

    private String absenceReason(List<Remote> chosen) {
        return chosen.isEmpty()
                ? "there is no remote called origin, and more than one other"
                : chosen.stream()
                        .map(remote -> "the remote " + shown(remote.name()) + " is "
                                + RemoteUrl.redacted(
                                        remote.fetch().stream().findFirst().orElse("without an address"))
                                + ", which is not on bitbucket.org" + aliasHint(remote))
                        .collect(Collectors.joining("; "));
    }

    /** A host that ssh does not know may be an alias in the configuration of another machine or user. */
    private String aliasHint(Remote remote) {
        return remote.fetch().stream()
                .filter(url -> RemoteUrl.sshHost(url).filter(this::mayBeAlias).isPresent())
                .findFirst()
                .map(url -> ", unless its host is an alias of ssh: then give -Dbitbucket.repository="
                        + shown(RemoteUrl.path(url)))
                .orElse("");
    }

    private boolean mayBeAlias(String host) {
        return resolveAlias(host)
                .map(name ->
                        name.equalsIgnoreCase(host) && !HOST_NAME.matcher(host).matches())
                .orElse(true);
    }

    private static String hint(List<RemoteRepository> all) {
        return all.stream()
                .map(each -> "; the remote " + each.remote() + " is " + each.repository()
                        + ", which -Dbitbucket.repository=" + each.repository() + " selects")
                .collect(Collectors.joining());
    }

    private List<String> setting(Remote remote, String name) {
        return settings.getOrDefault("remote." + remote.name() + "." + name, List.of());
    }

    /** Returns the value that counts: where a setting is there several times, the last one. */
    private Optional<String> setting(String name) {
        List<String> values = settings.getOrDefault(name, List.of(""));
        return Optional.of(values.get(values.size() - 1)).filter(value -> !value.isEmpty());
    }

    private static String shown(String name) {
        return TextSanitizer.singleLine(name, 200);
    }
}
