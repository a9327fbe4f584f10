package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * What the runs of a plan know of each other: the outputs of those that have succeeded, and which runs are of this plan.
 * Thread-safe.
 *
 * @param outputs of a run, by its id
 */
record PlanValues(
        Function<String, Map<String, String>> outputs, Set<String> uuids, ConcurrentMap<RepositoryId, Lock> locks) {
    /** Creates values of a plan in which no run was triggered. */
    PlanValues(Function<String, Map<String, String>> outputs) {
        this(outputs, ConcurrentHashMap.newKeySet(), new ConcurrentHashMap<>());
    }

    /** Returns the lock of a repository in which a run is triggered. */
    Lock lockFor(RepositoryId repository) {
        return locks.computeIfAbsent(repository, any -> new ReentrantLock());
    }

    /** The run is of this plan. */
    void add(Run run) {
        uuids.add(run.uuid());
    }

    /** Whether the run is of this plan. */
    boolean isOurs(Run run) {
        return uuids.contains(run.uuid());
    }

    /** Returns the value of a reference such as {@code api.URL}; empty where it refers to no output. */
    Optional<String> find(String reference) {
        int dot = reference.indexOf('.');
        return dot < 0
                ? Optional.empty()
                : Optional.ofNullable(outputs.apply(reference.substring(0, dot)).get(reference.substring(dot + 1)));
    }

    /** Returns the value of a reference to an output of a run that has succeeded. */
    String get(String reference) {
        return find(reference).orElseThrow(() -> new IllegalStateException("there is no value of " + reference));
    }
}
