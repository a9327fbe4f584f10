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
 * Records which runs are owned by an execution of this JVM. Concurrent executions whose trigger's response is lost then
 * never take each other's run. Thread-safe.
 */
public final class RunClaims {
    private final Set<String> claimed = ConcurrentHashMap.newKeySet();
    private final Map<Object, ReentrantLock> triggering = new ConcurrentHashMap<>();

    /** The lock to hold while a run is triggered, so that no other run of the same repository and ref is triggered. */
    ReentrantLock lockFor(RepositoryId repository, TriggerRequest request) {
        record TargetKey(String repository, Class<?> kind, Optional<String> ref) {}
        Target target = request.target();
        // Without the commit: it may be abbreviated, and may be the head that another request names by its branch.
        return triggering.computeIfAbsent(
                new TargetKey(repository.fullName().toLowerCase(Locale.ROOT), target.getClass(), target.refName()),
                key -> new ReentrantLock(true));
    }

    /** Claims a run; false if it was claimed before. */
    boolean claim(String runUuid) {
        return claimed.add(runUuid);
    }

    boolean isClaimed(String runUuid) {
        return claimed.contains(runUuid);
    }
}
