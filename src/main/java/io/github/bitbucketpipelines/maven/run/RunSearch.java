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
public final class RunSearch {
    private static final int LISTED = 50;
    private static final Duration PACE = Duration.ofSeconds(2);

    /** How long to try to get one answer. */
    private static final Duration ONE_QUESTION = Duration.ofMinutes(1);

    private final Means means;
    private final Patience patience;

    /** Looks for nothing yet. */
    public RunSearch(Means means) {
        this.means = means;
        this.patience = means.patience();
    }

    /**
     * The newest run that matches.
     *
     * @param what to call what is looked for, such as {@code deploy on branch main of acme/shop}
     * @param appear how long it may take to appear
     * @throws RunNotFoundException none appeared, or more than one is unfinished
     * @throws PipelinesException Bitbucket does not tell
     */
    public Run newest(RunFilter wanted, String what, Duration appear) throws InterruptedException {
        Instant begin = means.clock().instant();
        Instant deadline = begin.plus(appear);
        boolean told = false;
        while (true) {
            // The time is for the run to appear; an answer has its own.
            List<Run> found = matching(wanted, means.clock().instant().plus(ONE_QUESTION));
            List<Run> unfinished =
                    found.stream().filter(run -> !run.state().isCompleted()).toList();
            // A run whose bitbucket-pipelines.yml is not parsed yet may turn out to be of another pipeline.
            boolean unclear = wanted.pipeline().isPresent()
                    && unfinished.stream().anyMatch(run -> run.selector().isEmpty());
            Instant now = means.clock().instant();
            boolean over = !now.isBefore(deadline);
            if (!unclear || over) {
                if (unfinished.size() > 1) {
                    throw ambiguous(unfinished, what);
                }
                if (!found.isEmpty()) {
                    return found.get(0);
                }
            }
            if (over) {
                throw new RunNotFoundException(
                        "No run of " + what + " has appeared within " + Durations.format(appear)
                                + ". Is the name right, and was it pushed or triggered?",
                        List.of());
            }
            if (!told) {
                told = true;
                means.events()
                        .accept(new RunEvent.Waiting(
                                "No run of " + what + " yet; it has " + Durations.format(appear) + " to appear."));
            }
            Duration left = Duration.between(now, deadline);
            Duration pace = means.paced(PACE);
            means.sleeper().sleep(Durations.shorter(pace, left));
        }
    }

    /**
     * The one unfinished run that matches; where there is none, the newest one that is over.
     *
     * @param what to call what is looked for, such as {@code deploy on branch main of acme/shop}
     * @throws RunNotFoundException there is none, or more than one is unfinished
     * @throws PipelinesException Bitbucket does not tell
     */
    public Run unfinishedOrNewest(RunFilter wanted, String what) throws InterruptedException {
        List<Run> found = matching(wanted, means.clock().instant().plus(ONE_QUESTION));
        List<Run> unfinished =
                found.stream().filter(run -> !run.state().isCompleted()).toList();
        if (unfinished.size() > 1) {
            throw ambiguous(unfinished, what);
        }
        return (unfinished.isEmpty() ? found : unfinished)
                .stream()
                        .findFirst()
                        .orElseThrow(() -> new RunNotFoundException("There is no run of " + what + ".", List.of()));
    }

    private static RunNotFoundException ambiguous(List<Run> unfinished, String what) {
        return new RunNotFoundException(
                unfinished.size() + " unfinished runs match " + what
                        + "; tell which one is meant with -Dbitbucket.number:" + RunLikeness.list(unfinished),
                unfinished);
    }

    private List<Run> matching(RunFilter wanted, Instant deadline) throws InterruptedException {
        // Bitbucket's own filter by pipeline leaves out what is not parsed yet.
        List<Run> found = list(new RunFilter(wanted.target(), Optional.empty()), deadline);
        if (wanted.pipeline().isPresent()) {
            found = found.stream()
                    .filter(run -> RunLikeness.mayFollow(run, wanted.pipeline()))
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
    public List<Run> listed(RunFilter wanted, int most) throws InterruptedException {
        return patience.ask(
                "the recent runs",
                means.clock().instant().plus(ONE_QUESTION),
                left -> means.pipelines().withTimeout(left).listRuns(wanted, most));
    }

    private List<Run> list(RunFilter filter, Instant deadline) throws InterruptedException {
        return patience.ask(
                "the recent runs",
                deadline,
                left -> means.pipelines().withTimeout(left).listRuns(filter, LISTED));
    }

    /** The run of this number, or an error that will not heal. */
    public Run numbered(long number) throws InterruptedException {
        return patience.ask(
                "the run",
                means.clock().instant().plus(ONE_QUESTION),
                left -> means.pipelines().withTimeout(left).getRun(number));
    }
}
