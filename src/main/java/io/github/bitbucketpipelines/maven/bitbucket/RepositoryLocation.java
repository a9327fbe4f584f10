package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The repository that requests are for: the requested one, until a redirect shows that it was renamed or transferred.
 * Thread-safe.
 *
 * <p>Reads and stops go to the new repository from then on. Triggers go to the requested one until Bitbucket redirects a
 * trigger itself: that a read is redirected does not show that a trigger would be.
 */
final class RepositoryLocation {
    private final ApiUrl url;
    private final RepositoryId requested;
    private final Consumer<RepositoryMove> listener;
    private final Pattern resource;
    private volatile RepositoryId current;
    private volatile RepositoryId ofTriggers;

    /**
     * Creates the location of a repository that is where it was requested.
     *
     * @param listener receives each move once
     */
    RepositoryLocation(ApiUrl url, RepositoryId requested, Consumer<RepositoryMove> listener) {
        this.url = url;
        this.requested = requested;
        this.listener = listener;
        this.current = requested;
        this.ofTriggers = requested;
        String base = URI.create(url.toString()).getRawPath();
        this.resource = Pattern.compile(Pattern.quote(base) + "/repositories/([^/]+)/([^/]+)(/.*?)?/?");
    }

    /** A resource of a repository; {@code path} is what follows the repository, without a slash at its end. */
    private record Resource(RepositoryId repository, String path) {}

    /** Returns the repository for reads, stops and messages. */
    RepositoryId current() {
        return current;
    }

    /** Returns the repository for triggers. */
    RepositoryId ofTriggers() {
        return ofTriggers;
    }

    /** Returns the move, where there was one. */
    Optional<RepositoryMove> move() {
        RepositoryId now = current;
        return isSame(now, requested) ? Optional.empty() : Optional.of(new RepositoryMove(requested, now));
    }

    /** Whether a redirect leads to the same resource, of any repository. */
    boolean isSameResource(URI from, URI to) {
        Optional<String> path = resource(from).map(Resource::path);
        return path.isPresent() && path.equals(resource(to).map(Resource::path));
    }

    /**
     * Learns from a redirect on the API's own origin; returns the address to go on with. That of the same resource in
     * another repository keeps the query, which a redirect may lack: a list without its order would be another list.
     */
    URI follow(URI from, URI to) {
        if (!isSameResource(from, to)) {
            return to;
        }
        Resource next = resource(to).orElseThrow();
        if (resource(from)
                .filter(old -> isSame(old.repository(), next.repository()))
                .isPresent()) {
            return to;
        }
        moved(next.repository());
        URI moved = url.resource(
                "repositories", next.repository().workspace(), next.repository().slug());
        return URI.create(moved + next.path() + (from.getRawQuery() == null ? "" : "?" + from.getRawQuery()));
    }

    /** Learns from the redirect of a trigger to the same resource; returns the address to send it to. */
    URI followTrigger(URI from, URI to) {
        URI next = follow(from, to);
        ofTriggers = resource(next).orElseThrow().repository();
        return next;
    }

    /** Learns from a redirect that is not followed: the run that a trigger may have created is in that repository. */
    void observe(URI to) {
        resource(to).map(Resource::repository).ifPresent(this::moved);
    }

    private void moved(RepositoryId repository) {
        synchronized (this) {
            if (isSame(current, repository)) {
                return;
            }
            current = repository;
        }
        move().ifPresent(listener);
    }

    private Optional<Resource> resource(URI uri) {
        Matcher matcher = resource.matcher(String.valueOf(uri.getRawPath()));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String path = matcher.group(3) == null ? "" : matcher.group(3);
        try {
            return Optional.of(
                    new Resource(new RepositoryId(decoded(matcher.group(1)), decoded(matcher.group(2))), path));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String decoded(String segment) {
        return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static boolean isSame(RepositoryId one, RepositoryId other) {
        return one.fullName().equalsIgnoreCase(other.fullName());
    }
}
