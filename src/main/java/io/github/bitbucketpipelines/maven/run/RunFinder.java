package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Finds a run that this build did not trigger, such as one that a push started. Child pipelines (runs started by another
 * run) are considered only if there is no other match.
 */
public final class RunFinder {
    private static final int MAX_RUNS = 50;
    private static final Duration POLL_DELAY = Duration.ofSeconds(2);

    /** How long one request is retried, independent of the time that the run may take to appear. */
    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(1);

    private final RunContext context;
    private final Retrier retrier;

    /** Creates a finder; it sends no request. */
    public RunFinder(RunContext context) {
        this.context = context;
        this.retrier = context.retrier();
    }

    /**
     * Finds the newest run that matches, and waits for it to appear.
     *
     * @param description of the filter for messages, such as {@code deploy on branch main of acme/shop}
     * @param appearTimeout how long the run may take to appear
     * @throws RunNotFoundException if none appeared, or more than one is unfinished
     * @throws PipelinesException if the runs can't be listed
     */
    public Run newest(RunFilter filter, String description, Duration appearTimeout) throws InterruptedException {
        AtomicBoolean noticed = new AtomicBoolean();
        List<Run> found = new Poller(context, appearTimeout)
                .until(
                        matching(filter),
                        runs -> !runs.isEmpty() && !mayBeOfOtherPipeline(runs, filter),
                        last -> matching(filter),
                        (last, elapsed) -> {
                            if (noticed.compareAndSet(false, true)) {
                                context.events()
                                        .accept(new RunEvent.Notice("No run of " + description + " yet; it has "
                                                + Durations.format(appearTimeout) + " to appear."));
                            }
                            return POLL_DELAY;
                        });
        requireUnambiguous(unfinished(found), description);
        if (found.isEmpty()) {
            throw new RunNotFoundException(
                    "No run of " + description + " has appeared within " + Durations.format(appearTimeout)
                            + ". Is the name right, and was it pushed or triggered?",
                    List.of());
        }
        return found.get(0);
    }

    /** The pipeline of a run is unknown until Bitbucket has parsed its bitbucket-pipelines.yml. */
    private static boolean mayBeOfOtherPipeline(List<Run> runs, RunFilter filter) {
        return filter.pipeline().isPresent()
                && unfinished(runs).stream().anyMatch(run -> run.selector().isEmpty());
    }

    /**
     * Finds the one unfinished run that matches; if there is none, the newest completed one.
     *
     * @param description of the filter for messages, such as {@code deploy on branch main of acme/shop}
     * @throws RunNotFoundException if there is none, or more than one is unfinished
     * @throws PipelinesException if the runs can't be listed
     */
    public Run unfinishedOrNewest(RunFilter filter, String description) throws InterruptedException {
        List<Run> found = matching(filter);
        List<Run> unfinished = unfinished(found);
        requireUnambiguous(unfinished, description);
        return (unfinished.isEmpty() ? found : unfinished)
                .stream()
                        .findFirst()
                        .orElseThrow(
                                () -> new RunNotFoundException("There is no run of " + description + ".", List.of()));
    }

    private static List<Run> unfinished(List<Run> runs) {
        return runs.stream().filter(run -> !run.state().isCompleted()).toList();
    }

    private static void requireUnambiguous(List<Run> unfinished, String description) {
        if (unfinished.size() > 1) {
            throw new RunNotFoundException(
                    unfinished.size() + " unfinished runs match " + description
                            + "; select one with -Dbitbucket.number:" + RunMatcher.format(unfinished),
                    unfinished);
        }
    }

    private List<Run> matching(RunFilter filter) throws InterruptedException {
        // Bitbucket's own filter by pipeline omits runs that are not parsed yet.
        List<Run> found = poll(filter.withoutPipeline());
        if (filter.pipeline().isPresent()) {
            found = found.stream()
                    .filter(run -> RunMatcher.mayMatchPipeline(run, filter.pipeline()))
                    .toList();
            if (found.isEmpty()) {
                found = poll(filter);
            }
        }
        List<Run> parents = found.stream()
                .filter(run -> run.trigger().filter("PARENT_STEP"::equals).isEmpty())
                .toList();
        return parents.isEmpty() ? found : parents;
    }

    private List<Run> poll(RunFilter filter) throws InterruptedException {
        Instant deadline = context.clock().instant().plus(CALL_TIMEOUT);
        return retrier.call(
                "the recent runs",
                deadline,
                timeout -> context.polling(deadline).withTimeout(timeout).listRuns(filter, MAX_RUNS));
    }

    /** Lists the newest runs that match, newest first. */
    public List<Run> listNewest(RunFilter filter, int limit) throws InterruptedException {
        return retrier.call(
                "the recent runs",
                context.clock().instant().plus(CALL_TIMEOUT),
                timeout -> context.pipelines().withTimeout(timeout).listRuns(filter, limit));
    }

    /**
     * Returns the run with this build number.
     *
     * @throws PipelinesException if there is none, or it can't be read
     */
    public Run byNumber(long number) throws InterruptedException {
        return retrier.call(
                "the run",
                context.clock().instant().plus(CALL_TIMEOUT),
                timeout -> context.pipelines().withTimeout(timeout).getRun(number));
    }
}
