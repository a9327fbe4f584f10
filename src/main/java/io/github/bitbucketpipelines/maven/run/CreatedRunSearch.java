package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lists the runs that a trigger may have created whose response is lost. It polls the list of runs, which may lag, and then
 * reads the build numbers that the list lacks: numbers increase by one. A run that was found once stays a candidate.
 */
final class CreatedRunSearch {
    /** The delays before the polls: the list of runs lags behind. */
    private static final List<Duration> DELAYS =
            Stream.of(1, 2, 4, 9, 7, 15).map(Duration::ofSeconds).toList();

    /** After so many polls the search ends, unless a candidate is not parsed yet, or a run is certain to exist. */
    private static final int MIN_POLLS = 4;

    /** Build numbers that are read one by one; Bitbucket's administrators can leave a gap of any size. */
    private static final int MAX_NUMBERS = 20;

    /** How long after the deadline build numbers are read. */
    private static final Duration MAX_OVERRUN = Duration.ofSeconds(2);

    private static final Duration ACCOUNT_TIMEOUT = Duration.ofSeconds(15);

    /** How many recent runs are listed beside a trigger. */
    static final int MAX_LISTED = 50;

    private final RunContext context;
    private final Retrier retrier;
    private final RunClaims claims;
    private final int limit;
    private final boolean areCreatorsCompared;

    /** Creates a search for the run of a trigger that was sent with the credentials of this build. */
    CreatedRunSearch(RunContext context, Retrier retrier, RunClaims claims) {
        this(context, retrier, claims, MAX_LISTED, true);
    }

    /**
     * Creates a search.
     *
     * @param limit how many recent runs are listed
     * @param areCreatorsCompared whether the runs of other accounts than that of the credentials are no candidates
     */
    CreatedRunSearch(RunContext context, Retrier retrier, RunClaims claims, int limit, boolean areCreatorsCompared) {
        this.limit = limit;
        this.areCreatorsCompared = areCreatorsCompared;
        this.context = context;
        this.retrier = retrier;
        this.claims = claims;
    }

    /**
     * What was found.
     *
     * @param runs the candidates, newest first
     * @param account of the credentials; empty where Bitbucket does not name it
     * @param complete whether every number up to the newest one was read
     * @param failure of the read of a number: there may be candidates that are not found
     */
    record Candidates(List<Run> runs, Optional<Account> account, boolean complete, Optional<String> failure) {
        /** Returns why not every number was read. */
        Optional<String> gap() {
            return complete ? Optional.empty() : Optional.of(failure.orElse("There are too many new runs"));
        }
    }

    /** Lists the recent runs, newest first. */
    List<Run> list(Instant deadline) throws InterruptedException {
        return retrier.call("the recent runs", deadline, this::list);
    }

    /** Lists the recent runs, once. */
    List<Run> list(Duration timeout) {
        return context.pipelines().withTimeout(timeout).listRuns(RunFilter.all(), limit);
    }

    /**
     * Searches with several polls; with fewer where the deadline is near.
     *
     * @param isCreated whether a run is certain to exist
     * @throws PipelinesException if the runs or the account can't be read
     */
    Candidates search(TriggerIntent intent, boolean isCreated, Instant deadline) throws InterruptedException {
        Optional<Account> account = account(deadline);
        Map<String, Run> seen = new HashMap<>();
        List<Run> found = List.of();
        boolean isOpen = true;
        for (int poll = 0; poll < DELAYS.size() && (poll < MIN_POLLS || isOpen) && isBefore(deadline); poll++) {
            Duration left = Duration.between(context.clock().instant(), deadline);
            context.sleeper().sleep(Durations.shorter(DELAYS.get(poll), left));
            list(deadline).forEach(run -> seen.put(run.uuid(), run));
            found = candidates(seen, intent, account);
            isOpen = found.isEmpty()
                    ? isCreated
                    : found.stream().anyMatch(run -> run.selector().isEmpty());
        }
        return withMissing(seen, intent, account, deadline);
    }

    /** Searches with one poll. */
    Candidates searchOnce(TriggerIntent intent, Instant deadline) throws InterruptedException {
        Optional<Account> account = account(deadline);
        Map<String, Run> seen = new HashMap<>();
        list(deadline).forEach(run -> seen.put(run.uuid(), run));
        return withMissing(seen, intent, account, deadline);
    }

    /** Whether the trigger may have created the run, and no other execution of this JVM owns it. */
    boolean isCandidate(Run run, TriggerIntent intent, Optional<Account> account) {
        Optional<Account> creator = areCreatorsCompared ? account : Optional.empty();
        return intent.mayHaveCreated(run, creator) && !claims.isClaimed(run.uuid());
    }

    private boolean isBefore(Instant deadline) {
        return context.clock().instant().isBefore(deadline);
    }

    private List<Run> candidates(Map<String, Run> seen, TriggerIntent intent, Optional<Account> account) {
        return seen.values().stream()
                .filter(run -> isCandidate(run, intent, account))
                .sorted(Comparator.comparingLong(Run::number).reversed())
                .toList();
    }

    /** Returns the candidates among the runs that were listed, and among those that the list lacks. */
    private Candidates withMissing(
            Map<String, Run> listed, TriggerIntent intent, Optional<Account> account, Instant deadline)
            throws InterruptedException {
        boolean complete = false;
        Optional<String> failure = Optional.empty();
        try {
            complete = readMissing(listed, intent, deadline);
        } catch (PipelinesException e) {
            // What was found before is to be named.
            failure = Optional.of(e.getMessage());
        }
        return new Candidates(candidates(listed, intent, account), account, complete, failure);
    }

    /**
     * Reads the runs that the list lacks: above its newest number until there is none, and between its numbers. Returns
     * whether that were all.
     */
    private boolean readMissing(Map<String, Run> seen, TriggerIntent intent, Instant deadline)
            throws InterruptedException {
        Set<Long> known = seen.values().stream().map(Run::number).collect(Collectors.toSet());
        long newest = known.stream().reduce(intent.newestNumber(), Math::max);
        int left = MAX_NUMBERS;
        // Runs of other builds may be as new as ours, and not listed either.
        for (long number = newest + 1; ; number++) {
            if (left-- == 0) {
                return false;
            }
            if (!read(number, seen, deadline)) {
                break;
            }
        }
        for (long number = newest - 1; number > intent.newestNumber(); number--) {
            if (!known.contains(number)) {
                if (left-- == 0) {
                    return false;
                }
                read(number, seen, deadline);
            }
        }
        return true;
    }

    /** Reads a run; returns whether there is one. Nothing but Bitbucket's own words show that there is none. */
    private boolean read(long number, Map<String, Run> seen, Instant deadline) throws InterruptedException {
        if (!isBefore(deadline.plus(MAX_OVERRUN))) {
            throw new PipelinesException(Kind.OUTCOME_UNKNOWN, "There was no time left to read run #" + number);
        }
        try {
            Run run = retrier.call(
                    "the newest run",
                    deadline,
                    timeout -> context.pipelines().withTimeout(timeout).getRun(number));
            seen.put(run.uuid(), run);
            return true;
        } catch (PipelinesException e) {
            if (e.isNoSuchRun()) {
                return false;
            }
            throw e;
        }
    }

    /** An access token has no account, or none that it may read. */
    private Optional<Account> account(Instant deadline) throws InterruptedException {
        Instant limit = context.clock().instant().plus(ACCOUNT_TIMEOUT);
        try {
            return retrier.call(
                    "the account",
                    limit.isBefore(deadline) ? limit : deadline,
                    timeout -> context.pipelines().withTimeout(timeout).currentAccount());
        } catch (PipelinesException e) {
            return Optional.empty();
        }
    }
}
