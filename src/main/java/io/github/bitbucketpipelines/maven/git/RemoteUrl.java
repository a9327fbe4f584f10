package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the URLs that git and a POM's {@code <scm>} use for a repository of bitbucket.org. */
public final class RemoteUrl {
    private static final int MAX_LENGTH = 2_000;
    private static final Set<String> HOSTS =
            Set.of("bitbucket.org", "www.bitbucket.org", "ssh.bitbucket.org", "altssh.bitbucket.org");

    /** Maven's prefix, with either of its delimiters, and its form for two URLs, of which the first is used. */
    private static final Pattern SCM = Pattern.compile("(?i)scm:git[:|](?:\\[fetch=])?(.*?)(?:\\[push=].*)?");

    /** Scheme, userinfo, host, port, path, rest. */
    private static final Pattern URL = Pattern.compile("(?i)(?:https?|ssh|git|git\\+ssh|ssh\\+git|git\\+https?)://"
            + "(?:[^/?#]*@)?([^/?#@:]+)(?::([^/?#@]*))?([^?#]*).*");

    /** {@code git@bitbucket.org:workspace/slug.git}, the short form of git over ssh. */
    private static final Pattern SCP_LIKE = Pattern.compile("(?:[^/?#@:]+@)?([^/?#@:]+):([^?#]*)");

    /** A port of Bitbucket's, which the short form can't have: without {@code ssh://} it reads like a workspace. */
    private static final Pattern PORT = Pattern.compile("^/?(?:22|443)/(?=[^/]+/[^/]+)");

    private RemoteUrl() {}

    /**
     * Parses the repository out of a URL, in lower case as on Bitbucket; empty for every URL that is not on
     * bitbucket.org. Path segments after the slug are ignored: Maven appends the names of child modules.
     */
    public static Optional<RepositoryId> parse(String remoteUrl) {
        String text = remoteUrl.strip();
        if (text.length() > MAX_LENGTH || text.chars().anyMatch(c -> c <= ' ' || c == '\\' || c > '~')) {
            return Optional.empty();
        }
        Matcher scm = SCM.matcher(text);
        if (scm.matches()) {
            text = scm.group(1);
        }
        Matcher url = URL.matcher(text);
        if (url.matches()) {
            String port = url.group(2) == null ? "" : url.group(2);
            // ssh://git@bitbucket.org:workspace/slug, a mixture of two forms, is common in POMs.
            boolean isPort = port.chars().allMatch(c -> c >= '0' && c <= '9');
            return repository(url.group(1), isPort ? url.group(3) : port + url.group(3));
        }
        Matcher scpLike = SCP_LIKE.matcher(text);
        return scpLike.matches() && !text.contains("://")
                ? repository(scpLike.group(1), PORT.matcher(scpLike.group(2)).replaceFirst(""))
                : Optional.empty();
    }

    /**
     * Parses an address as a POM's {@code <scm>} may have it: Maven's form for two URLs may name two repositories.
     */
    public static List<RepositoryId> parseAll(String scmUrl) {
        return Arrays.stream(scmUrl.split("\\[(?:fetch|push)=]"))
                .flatMap(part -> parse(part).stream())
                .distinct()
                .toList();
    }

    private static Optional<RepositoryId> repository(String host, String path) {
        if (!HOSTS.contains(host.toLowerCase(Locale.ROOT))) {
            return Optional.empty();
        }
        List<String> segments = new ArrayList<>(
                Arrays.asList(decoded(path).toLowerCase(Locale.ROOT).split("/")));
        segments.removeIf(String::isEmpty);
        if (segments.size() < 2) {
            return Optional.empty();
        }
        String workspace = segments.get(0);
        String slug = segments.get(1).endsWith(".git")
                ? segments.get(1).substring(0, segments.get(1).length() - ".git".length())
                : segments.get(1);
        return RepositoryId.isWorkspace(workspace) && RepositoryId.isSlug(slug)
                ? Optional.of(new RepositoryId(workspace, slug))
                : Optional.empty();
    }

    /** Decodes {@code %2D}; text with anything else after a percent sign stays as it is, and is no slug. */
    private static String decoded(String path) {
        try {
            return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return path;
        }
    }

    /** Returns the host to which git connects by ssh; empty for other URLs. */
    static Optional<String> sshHost(String remoteUrl) {
        String text = remoteUrl.strip();
        Matcher url = URL.matcher(text);
        Matcher scpLike = SCP_LIKE.matcher(text);
        boolean isSsh = url.matches() && text.matches("(?i)(git\\+)?ssh(\\+git)?://.*");
        return (isSsh
                        ? Optional.of(url.group(1))
                        : Optional.of(scpLike)
                                .filter(matcher -> !text.contains("://") && matcher.matches())
                                .map(matcher -> matcher.group(1)))
                // One that begins with a hyphen would be an option of ssh.
                .filter(host -> host.matches("[A-Za-z0-9][A-Za-z0-9._-]*"));
    }

    /** Returns the path of a URL on any host, in lower case, without its first slash and without {@code .git}. */
    static String path(String remoteUrl) {
        String text = remoteUrl.strip();
        Matcher url = URL.matcher(text);
        Matcher scpLike = SCP_LIKE.matcher(text);
        String path = url.matches() ? url.group(3) : scpLike.matches() ? scpLike.group(2) : text;
        return path.toLowerCase(Locale.ROOT).replaceFirst("^/+", "").replaceFirst("(\\.git)?/*$", "");
    }

    /**
     * Returns the URL as one printable line without user, password, token and query. It removes everything before the
     * last {@code @}, since a password may contain a slash.
     */
    public static String redacted(String remoteUrl) {
        int scheme = remoteUrl.indexOf("://");
        int at = remoteUrl.lastIndexOf('@');
        String prefix = scheme >= 0 && scheme < at ? remoteUrl.substring(0, scheme + "://".length()) : "";
        String safe = at >= 0 ? prefix + remoteUrl.substring(at + 1) : remoteUrl;
        return TextSanitizer.singleLine(safe.replaceFirst("[?#].*", ""), 300);
    }
}
