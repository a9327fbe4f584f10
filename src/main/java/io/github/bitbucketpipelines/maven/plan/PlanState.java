package io.github.bitbucketpipelines.maven.plan;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How the runs of a plan stand, and which of them may be triggered next. Not thread-safe but for {@link #isClosed}; it has no clock
 * and no I/O. */
public final class PlanState {
    /** How one run stands. */
    public enum Status {
        /** It is not triggered yet. */
        WAITING,
        /** It is being triggered, or watched. */
        RUNNING,
        /** What needs it may be triggered. */
        SUCCEEDED,
        /** It did not succeed, and the build passes with a warning all the same. */
        IGNORED,
        /** It fails the build. */
        FAILED,
        /** It will not be triggered. */
        NOT_RUN
    }

    private static final Set<Status> ENDED =
            EnumSet.of(Status.SUCCEEDED, Status.IGNORED, Status.FAILED, Status.NOT_RUN);

    private final Plan plan;
    private final int parallel;
    private final OnFailure onFailure;
    private final Map<String, Status> statuses = new LinkedHashMap<>();

    /** Read by other threads, too. */
    private volatile boolean isClosed;

    /**
     * Creates a state in which no run is triggered.
     *
     * @param parallel how many runs may be unfinished at once
     */
    public PlanState(Plan plan, int parallel, OnFailure onFailure) {
        this.plan = plan;
        this.parallel = parallel;
        this.onFailure = onFailure;
        plan.ids().forEach(id -> statuses.put(id, Status.WAITING));
    }

    /** Returns the runs that may be triggered now, in the order of the plan; call {@link #start} for each. */
    public List<String> startable() {
        List<String> startable = new ArrayList<>();
        long free = parallel - count(Status.RUNNING);
        for (Plan.Entry entry : plan.entries()) {
            if (startable.size() < free
                    && status(entry.id()) == Status.WAITING
                    && entry.needs().stream().allMatch(need -> status(need) == Status.SUCCEEDED)) {
                startable.add(entry.id());
            }
        }
        return isClosed ? List.of() : startable;
    }

    /** The run is being triggered. */
    public void start(String id) {
        if (!startable().contains(id)) {
            throw new IllegalStateException(id + " may not be triggered now");
        }
        statuses.put(id, Status.RUNNING);
    }

    /** The run is a known one, which is watched without a trigger. */
    public void adopt(String id) {
        statuses.put(id, Status.RUNNING);
    }

    /**
     * The run has ended, or is no longer watched.
     *
     * @param status one of SUCCEEDED, IGNORED and FAILED; or NOT_RUN if it was not triggered after all
     */
    public void end(String id, Status status) {
        if (status(id) != Status.RUNNING || !ENDED.contains(status)) {
            throw new IllegalStateException(id + " is " + status(id) + ", and can't become " + status);
        }
        statuses.put(id, status);
        if (status == Status.FAILED && onFailure != OnFailure.CONTINUE) {
            isClosed = true;
        }
        settle();
    }

    /** No other run is triggered. */
    public void close() {
        isClosed = true;
        settle();
    }

    /** Whether no other run may be triggered, also one that {@link #start} has named. Any thread may call it. */
    public boolean isClosed() {
        return isClosed;
    }

    /** What can't be triggered any more is not run. */
    private void settle() {
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (Plan.Entry entry : plan.entries()) {
                if (status(entry.id()) == Status.WAITING && (isClosed || needsUnsuccessful(entry))) {
                    statuses.put(entry.id(), Status.NOT_RUN);
                    isChanged = true;
                }
            }
        }
    }

    private boolean needsUnsuccessful(Plan.Entry entry) {
        return entry.needs().stream()
                .map(this::status)
                .anyMatch(status -> ENDED.contains(status) && status != Status.SUCCEEDED);
    }

    /** Whether the runs that run are to be stopped. */
    public boolean isStopping() {
        return onFailure == OnFailure.STOP && count(Status.FAILED) > 0;
    }

    /** Whether every run has ended or will not be triggered. */
    public boolean isOver() {
        return ENDED.containsAll(statuses.values());
    }

    /** Returns how the run stands. */
    public Status status(String id) {
        return statuses.get(id);
    }

    /** Whether a run that is not run lacks only runs whose failure the build ignores: then it is no failure either. */
    public boolean isIgnored(String id) {
        return status(id) == Status.NOT_RUN
                && count(Status.FAILED) == 0
                && plan.entries().stream()
                        .filter(entry -> entry.id().equals(id))
                        .flatMap(entry -> entry.needs().stream())
                        .anyMatch(need -> status(need) == Status.IGNORED || isIgnored(need));
    }

    private long count(Status status) {
        return statuses.values().stream().filter(status::equals).count();
    }
}
