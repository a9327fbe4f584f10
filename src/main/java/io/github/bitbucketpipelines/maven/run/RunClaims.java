package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which run belongs to which of the builds of one JVM, so that two of them, side by side, never take each other's when an
 * answer is lost.
 */
public final class RunClaims {
    private final Set<String> claimed = ConcurrentHashMap.newKeySet();
    private final Map<Object, ReentrantLock> triggering = new ConcurrentHashMap<>();

    /** Held while a run is triggered, so that no other one that looks like it comes into being meanwhile. */
    ReentrantLock lockFor(RepositoryId repository, TriggerRequest request) {
        record Likeness(String repository, Class<?> kind, Optional<String> ref) {}
        Target target = request.target();
        // Not the commit: it may be given by a part of its hash, and be the head that somebody else has not named.
        return triggering.computeIfAbsent(
                new Likeness(repository.fullName().toLowerCase(Locale.ROOT), target.getClass(), target.refName()),
                likeness -> new ReentrantLock(true));
    }

    /** Whether nobody had it. */
    boolean claim(String runUuid) {
        return claimed.add(runUuid);
    }

    boolean isClaimed(String runUuid) {
        return claimed.contains(runUuid);
    }
}
