package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Finds a run that this build did not trigger, such as one that a push started. Runs that another run started (child
 * pipelines) count only where there is no other.
 */
public final class RunFinder {
    private static final int MAX_RUNS = 50;
    private static final Duration POLL_DELAY = Duration.ofSeconds(2);

    /** How long to try to get one answer. */
    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(1);

    private final RunContext means;
    private final Retrier patience;

    /** Looks for nothing yet. */
    public RunFinder(RunContext means) {
        this.means = means;
        this.patience = means.retrier();
    }

    /**
     * The newest run that matches.
     *
     * @param description to call what is looked for, such as {@code deploy on branch main of acme/shop}
     * @param appearTimeout how long it may take to appear
     * @throws RunNotFoundException none appeared, or more than one is unfinished
     * @throws PipelinesException Bitbucket does not tell
     */
    public Run newest(RunFilter wanted, String description, Duration appearTimeout) throws InterruptedException {
        Instant start = means.clock().instant();
        Instant deadline = start.plus(appearTimeout);
        boolean noticed = false;
        while (true) {
            // The time is for the run to appear; an answer has its own.
            List<Run> found = matching(wanted, means.clock().instant().plus(CALL_TIMEOUT));
            List<Run> unfinished =
                    found.stream().filter(run -> !run.state().isCompleted()).toList();
            // A run whose bitbucket-pipelines.yml is not parsed yet may turn out to be of another pipeline.
            boolean inconclusive = wanted.pipeline().isPresent()
                    && unfinished.stream().anyMatch(run -> run.selector().isEmpty());
            Instant now = means.clock().instant();
            boolean timedOut = !now.isBefore(deadline);
            if (!inconclusive || timedOut) {
                if (unfinished.size() > 1) {
                    throw ambiguous(unfinished, description);
                }
                if (!found.isEmpty()) {
                    return found.get(0);
                }
            }
            if (timedOut) {
                throw new RunNotFoundException(
                        "No run of " + description + " has appeared within " + Durations.format(appearTimeout)
                                + ". Is the name right, and was it pushed or triggered?",
                        List.of());
            }
            if (!noticed) {
                noticed = true;
                means.events()
                        .accept(new RunEvent.Notice("No run of " + description + " yet; it has "
                                + Durations.format(appearTimeout) + " to appear."));
            }
            Duration remaining = Duration.between(now, deadline);
            Duration delay = means.throttled(POLL_DELAY);
            means.sleeper().sleep(Durations.shorter(delay, remaining));
        }
    }

    /**
     * The one unfinished run that matches; where there is none, the newest one that is over.
     *
     * @param description to call what is looked for, such as {@code deploy on branch main of acme/shop}
     * @throws RunNotFoundException there is none, or more than one is unfinished
     * @throws PipelinesException Bitbucket does not tell
     */
    public Run unfinishedOrNewest(RunFilter wanted, String description) throws InterruptedException {
        List<Run> found = matching(wanted, means.clock().instant().plus(CALL_TIMEOUT));
        List<Run> unfinished =
                found.stream().filter(run -> !run.state().isCompleted()).toList();
        if (unfinished.size() > 1) {
            throw ambiguous(unfinished, description);
        }
        return (unfinished.isEmpty() ? found : unfinished)
                .stream()
                        .findFirst()
                        .orElseThrow(
                                () -> new RunNotFoundException("There is no run of " + description + ".", List.of()));
    }

    private static RunNotFoundException ambiguous(List<Run> unfinished, String description) {
        return new RunNotFoundException(
                unfinished.size() + " unfinished runs match " + description
                        + "; tell which one is meant with -Dbitbucket.number:" + RunMatcher.format(unfinished),
                unfinished);
    }

    private List<Run> matching(RunFilter wanted, Instant deadline) throws InterruptedException {
        // Bitbucket's own filter by pipeline leaves out what is not parsed yet.
        List<Run> found = list(new RunFilter(wanted.target(), Optional.empty()), deadline);
        if (wanted.pipeline().isPresent()) {
            found = found.stream()
                    .filter(run -> RunMatcher.mayMatchPipeline(run, wanted.pipeline()))
                    .toList();
            if (found.isEmpty()) {
                found = list(wanted, deadline);
            }
        }
        List<Run> parents = found.stream()
                .filter(run -> run.trigger().filter("PARENT_STEP"::equals).isEmpty())
                .toList();
        return parents.isEmpty() ? found : parents;
    }

    /** The newest runs that fit, at most so many. */
    public List<Run> listNewest(RunFilter wanted, int limit) throws InterruptedException {
        return patience.call(
                "the recent runs",
                means.clock().instant().plus(CALL_TIMEOUT),
                left -> means.pipelines().withTimeout(left).listRuns(wanted, limit));
    }

    private List<Run> list(RunFilter filter, Instant deadline) throws InterruptedException {
        return patience.call(
                "the recent runs",
                deadline,
                left -> means.pipelines().withTimeout(left).listRuns(filter, MAX_RUNS));
    }

    /** The run of this number, or an error that will not heal. */
    public Run byNumber(long number) throws InterruptedException {
        return patience.call(
                "the run",
                means.clock().instant().plus(CALL_TIMEOUT),
                left -> means.pipelines().withTimeout(left).getRun(number));
    }
}
