package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.net.URI;
import java.net.URISyntaxException;
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
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");
    private static final int MAX_NAME = 100;

    /** Reads the build from these variables; empty where no CI server runs it. */
    public static Optional<CiBuild> of(Map<String, String> environment) {
        return CiServer.ALL.stream()
                .filter(server -> server.isMarkedIn(environment))
                .findFirst()
                .map(server -> new CiBuild(
                        server.name(),
                        expand(server.page(), environment).flatMap(CiBuild::page),
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
