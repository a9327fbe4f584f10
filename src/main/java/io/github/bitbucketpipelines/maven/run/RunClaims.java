package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Records which runs are owned by an execution of this JVM. Concurrent executions whose trigger's response is lost then
 * never take each other's run. Thread-safe.
 */
public final class RunClaims {
    private final Set<String> claimed;
    private final ConcurrentMap<List<String>, ReentrantLock> triggering;
    private final Map<String, Listing> listings = new ConcurrentHashMap<>();

    /**
     * The runs of a repository that are known to exist.
     *
     * @param since when it was last known to be complete, but for runs of other builds
     */
    private record Listing(Instant since, List<Run> runs) {}

    /** Creates claims that no other object shares. */
    public RunClaims() {
        this(ConcurrentHashMap.newKeySet(), new ConcurrentHashMap<>());
    }

    /**
     * Creates claims over this state, which has JDK types alone: class realms share it.
     *
     * @param claimed uuids of runs; thread-safe
     * @param triggering locks by repository and ref
     */
    public RunClaims(Set<String> claimed, ConcurrentMap<List<String>, ReentrantLock> triggering) {
        this.claimed = claimed;
        this.triggering = triggering;
    }

    /** The lock to hold while a run is triggered, so that no other run of the same repository and ref is triggered. */
    ReentrantLock lockFor(RepositoryId repository, TriggerRequest request) {
        Target target = request.target();
        // Without the commit: it may be abbreviated, and may be the head that another request names by its branch.
        return triggering.computeIfAbsent(
                List.of(
                        repository.fullName().toLowerCase(Locale.ROOT),
                        target.getClass().getSimpleName(),
                        target.refName().orElse("")),
                key -> new ReentrantLock(true));
    }

    /** Claims a run; false if it was claimed before. */
    boolean claim(String runUuid) {
        return claimed.add(runUuid);
    }

    /** Keeps the newest runs of a repository, newest first, as of now. */
    void keepListed(RepositoryId repository, List<Run> runs, Instant now) {
        listings.put(repository.fullName(), new Listing(now, List.copyOf(runs)));
    }

    /** Forgets what was kept: a trigger may have created a run that it lacks. */
    void forgetListed(RepositoryId repository) {
        listings.remove(repository.fullName());
    }

    /** Returns the newest runs of a repository as they were kept no longer than this ago. */
    Optional<List<Run>> listed(RepositoryId repository, Instant now, Duration maxAge) {
        return Optional.ofNullable(listings.get(repository.fullName()))
                .filter(listing -> now.isBefore(listing.since().plus(maxAge)))
                .map(Listing::runs);
    }

    boolean isClaimed(String runUuid) {
        return claimed.contains(runUuid);
    }
}
