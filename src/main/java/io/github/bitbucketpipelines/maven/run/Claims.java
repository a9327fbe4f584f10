package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which run belongs to which of the builds of one JVM, so that two of them, side by side, never take each other's when an
 * answer is lost.
 */
public final class Claims {
    private final Set<String> claimed = ConcurrentHashMap.newKeySet();
    private final Map<Object, ReentrantLock> triggering = new ConcurrentHashMap<>();

    /** Held while a run is triggered, so that no other one like it comes into being meanwhile. */
    ReentrantLock lockFor(RepositoryId repository, TriggerRequest request) {
        record Likeness(RepositoryId repository, Object target) {}
        return triggering.computeIfAbsent(
                new Likeness(repository, request.target()), likeness -> new ReentrantLock(true));
    }

    void claim(String runUuid) {
        claimed.add(runUuid);
    }

    boolean isClaimed(String runUuid) {
        return claimed.contains(runUuid);
    }
}
