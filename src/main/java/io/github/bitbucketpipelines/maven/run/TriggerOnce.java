package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Triggers one run, and never two. Bitbucket has no idempotency keys and returns no variables, so that nothing marks a run
 * as ours, except its response to our trigger.
 *
 * <p><b>The response arrives.</b> The run of a 201 is ours if its number is above the newest one listed before, no other
 * execution of this JVM owns it, and it is of the requested repository, target and pipeline where it names them. Where the
 * body is unreadable, the {@code Location} header names the run. A 201 about anything else proves that a run was created,
 * but not which one.
 *
 * <p><b>Bitbucket refuses, or no connection was made.</b> Nothing was done; the trigger may be sent again. Only a response
 * in Bitbucket's own format refuses: a gateway's 503 or 404 may hide a run.
 *
 * <p><b>The response is lost, or is not Bitbucket's.</b> A candidate is each run that the trigger may have created: newer by
 * its number, triggered manually, of our target, pipeline and account as far as they are known. Clocks exclude none.
 *
 * <ul>
 *   <li>No candidate, in the list and by number: the trigger is sent again. If one appears afterwards, the outcome is in doubt.
 *   <li>Any candidate: the outcome is in doubt. Nothing is sent again.
 * </ul>
 *
 * <p><b>Why one candidate is not ours.</b> Another build with the same credentials may trigger the same target in the second
 * in which our trigger is lost before Bitbucket processes it. Its run is then the only candidate, and is like ours in all
 * that Bitbucket shows.
 */
final class TriggerOnce {
    /** A push may be a moment old: the delays before a trigger is repeated whose ref Bitbucket does not know. */
    private static final List<Duration> REF_RETRY_DELAYS =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(4));

    /** The number of lost responses, each without a run, after which the trigger fails. */
    private static final int MAX_LOST_RESPONSES = 5;

    /** How long a run may be unknown whose UUID a response has named. */
    private static final Duration APPEAR_TIMEOUT = Duration.ofMinutes(1);

    private static final Duration LATE_RUN_TIMEOUT = Duration.ofSeconds(5);

    /** How long after the deadline the search for late runs may go on. */
    private static final Duration LATE_RUN_GRACE = Duration.ofSeconds(1);

    /** The share of the account's hour below which a trigger does without a listing of its own. */
    private static final long SCARCE_REQUESTS = 100;

    /** How old a listing may be that several triggers share. */
    private static final Duration MAX_LISTING_AGE = Duration.ofMinutes(1);

    private static final String NOT_RETRIED = " Nothing was triggered again.";

    private final RunContext context;
    private final PipelinesClient pipelines;
    private final Retrier retrier;
    private final RunClaims claims;
    private final TriggerGuard guard;
    private final CreatedRunSearch search;
    private int lost;
    private List<Run> before = List.of();
    private Optional<PipelinesException> refusal = Optional.empty();
    private Optional<TriggerIntent> sent = Optional.empty();
    private boolean inFlight;
    private Optional<Account> account = Optional.empty();

    /**
     * A run that is known to be ours.
     *
     * @param recovered whether it was read after the response, which names it and is unreadable
     */
    private record TriggeredRun(Run run, boolean recovered) {}

    TriggerOnce(RunContext context, Retrier retrier, RunClaims claims, TriggerGuard guard) {
        this.context = context;
        this.pipelines = context.pipelines();
        this.retrier = retrier;
        this.claims = claims;
        this.guard = guard;
        this.search = new CreatedRunSearch(context, retrier, claims);
    }

    /**
     * Triggers the run.
     *
     * @param deadline until when to try
     * @throws PipelinesException if Bitbucket refused or could not be reached; there is no run
     * @throws InDoubtException if there may be a run, and it can't be identified
     * @throws TriggerPreventedException if the guard has prevented the trigger; there is no run
     * @throws InterruptedException if the build was cancelled
     */
    Run trigger(TriggerRequest request, Instant deadline) throws InterruptedException {
        ReentrantLock lock = claims.lockFor(pipelines.repository(), request);
        if (!lock.tryLock(Math.max(0, until(deadline).toMillis()), TimeUnit.MILLISECONDS)) {
            throw new PipelinesException(
                    Kind.NOT_PROCESSED,
                    "There was no time left to trigger " + request.target() + " of " + pipelines.repository()
                            + ": another execution of this build was still about to trigger it, too");
        }
        try {
            before = listBefore(deadline);
            claims.forgetListed(pipelines.repository());
            TriggeredRun triggered = triggerOnce(request, deadline);
            if (lost == 0) {
                keepListed(triggered.run());
            }
            context.events().accept(new RunEvent.Triggered(triggered.run(), request, triggered.recovered()));
            if (lost > 0) {
                requireNoOther(triggered.run(), deadline);
            }
            return triggered.run();
        } catch (CancellationException e) {
            throw new InterruptedException();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the recent runs. Where few requests are left, those that this build has listed itself a moment ago, and those
     * that it has created since: a run that another build has created meanwhile makes a lost response a doubt.
     */
    private List<Run> listBefore(Instant deadline) throws InterruptedException {
        if (pipelines.requestsLeft() < SCARCE_REQUESTS) {
            Optional<List<Run>> listed =
                    claims.listed(pipelines.repository(), context.clock().instant(), MAX_LISTING_AGE);
            if (listed.isPresent()) {
                return listed.get();
            }
        }
        return search.list(deadline);
    }

    private void keepListed(Run run) {
        claims.keepListed(
                pipelines.repository(),
                Stream.concat(Stream.of(run), before.stream())
                        .limit(CreatedRunSearch.MAX_LISTED)
                        .toList(),
                context.clock().instant());
    }

    /** Whether a trigger was sent that is not known to have created no run. */
    boolean mayHaveTriggered() {
        return inFlight || lost > 0;
    }

    /** The recent runs as they were listed before the trigger, newest first. */
    List<Run> listedBefore() {
        return before;
    }

    private TriggeredRun triggerOnce(TriggerRequest request, Instant deadline) throws InterruptedException {
        for (int refTries = 0; ; ) {
            try {
                return retrier.call(
                        "the trigger", deadline, this::isSurelyNotDone, timeout -> send(request, timeout, deadline));
            } catch (PipelinesException e) {
                if (e.kind() == Kind.NOT_FOUND
                        && refTries < REF_RETRY_DELAYS.size()
                        && until(deadline).compareTo(REF_RETRY_DELAYS.get(refTries)) > 0) {
                    if (refTries == 0) {
                        warn(e.getMessage() + ". It may have been pushed a moment ago: retrying for a few seconds.");
                    }
                    context.sleeper().sleep(REF_RETRY_DELAYS.get(refTries++));
                } else if (e.kind() == Kind.OUTCOME_UNKNOWN) {
                    Optional<Run> found = find(e, deadline);
                    if (found.isPresent()) {
                        return new TriggeredRun(found.get(), true);
                    }
                    if (lost == MAX_LOST_RESPONSES) {
                        throw new PipelinesException(
                                Kind.OUTCOME_UNKNOWN,
                                "The responses to " + MAX_LOST_RESPONSES
                                        + " triggers were lost, and Bitbucket has no run of them: " + e.getMessage());
                    }
                    warn("Bitbucket has no run that the lost trigger created; triggering again.");
                } else {
                    throw lost == 0 ? e : mayAppear("the repeated trigger failed: " + e.getMessage());
                }
            } catch (TriggerPreventedException e) {
                throw lost == 0 ? e : mayAppear("it was not triggered again. " + e.getMessage());
            }
        }
    }

    /** A run that Bitbucket did not show may still appear: it is not certain that nothing was triggered. */
    private static InDoubtException mayAppear(String what) {
        return InDoubtException.ofTrigger(
                "The response to a trigger was lost. Bitbucket had no run of it, but one may appear later; " + what,
                List.of());
    }

    private Duration until(Instant deadline) {
        return Duration.between(context.clock().instant(), deadline);
    }

    private boolean isSurelyNotDone(PipelinesException e) {
        refusal = Optional.of(e).filter(last -> last.kind().isSafeToRepeat());
        return refusal.isPresent();
    }

    private TriggeredRun send(TriggerRequest request, Duration timeout, Instant deadline) {
        Instant limit = context.clock().instant().plus(timeout);
        if (sent.isPresent()) {
            listAgain(timeout);
        }
        Instant now = context.clock().instant();
        if (!now.isBefore(deadline) || !now.isBefore(limit)) {
            // A run that is created now would be abandoned at once.
            throw refusal.orElseGet(() -> new PipelinesException(
                    Kind.NOT_PROCESSED,
                    "There was no time left to trigger " + request.target() + " of " + pipelines.repository()
                            + (lost == 0 ? "" : " again")));
        }
        TriggerIntent intent = new TriggerIntent(
                now,
                request.target(),
                request.pipeline(),
                before.stream().mapToLong(Run::number).max().orElse(0),
                request.content().map(PipelineContent::fingerprint));
        guard.begin(intent);
        sent = Optional.of(intent);
        inFlight = true;
        try {
            Run run = pipelines.withTimeout(Duration.between(now, limit)).trigger(request);
            requireOurs(run);
            return new TriggeredRun(run, false);
        } catch (PipelinesException e) {
            if (e.kind() != Kind.OUTCOME_UNKNOWN) {
                inFlight = false;
                if (lost == 0) {
                    guard.refused();
                }
            }
            throw e;
        }
    }

    /**
     * Lists the runs before a trigger is repeated. If all triggers before were refused, what was created meanwhile is not
     * ours. After a lost response, the trigger is not repeated where a candidate is listed by now.
     */
    private void listAgain(Duration timeout) {
        List<Run> listed;
        try {
            listed = search.list(timeout);
        } catch (PipelinesException e) {
            // The list has failed: the trigger was not sent.
            throw e.kind() == Kind.OUTCOME_UNKNOWN ? new PipelinesException(Kind.NOT_PROCESSED, e.getMessage()) : e;
        }
        if (lost == 0) {
            before = listed;
        } else if (listed.stream().anyMatch(run -> search.isCandidate(run, sent.orElseThrow(), account))) {
            throw new PipelinesException(Kind.OUTCOME_UNKNOWN, "another run is listed since");
        }
    }

    /**
     * Claims the run of a 201.
     *
     * @throws PipelinesException if the response is about another run: one was created, and it is not known which
     */
    private void requireOurs(Run run) {
        boolean isOurs = sent.orElseThrow().mayHaveCreated(run, Optional.empty())
                && RunMatcher.isOfRepository(run, pipelines.repository(), before)
                && claims.claim(run.uuid());
        if (!isOurs) {
            throw PipelinesException.created(
                    "Bitbucket's response names " + list(List.of(run)) + ", which is not a new run of "
                            + sent.get().target() + " of " + pipelines.repository(),
                    Optional.empty());
        }
    }

    /**
     * Returns the run that an unreadable response names; empty if a lost one has created none, as far as Bitbucket shows.
     *
     * @throws InDoubtException if it may have created one
     */
    private Optional<Run> find(PipelinesException e, Instant deadline) throws InterruptedException {
        if (inFlight) {
            inFlight = false;
            // A response that names its run leaves no other one behind.
            lost += e.createdRun().isPresent() ? 0 : 1;
        }
        String reason = "The response to the trigger was lost (" + e.getMessage() + ").";
        warn(reason + " Looking for the run before anything is triggered again.");
        try {
            if (e.createdRun().isPresent()) {
                Run run = readCreated(e.createdRun().get(), deadline);
                requireOurs(run);
                return Optional.of(run);
            }
            CreatedRunSearch.Candidates found = search.search(sent.orElseThrow(), e.isCreated(), deadline);
            account = found.account();
            if (!found.runs().isEmpty()) {
                throw inDoubt(found.runs());
            }
            if (e.isCreated()) {
                throw InDoubtException.ofTrigger(
                        reason + " It confirmed that there is a run now, but Bitbucket does not list it." + NOT_RETRIED,
                        List.of());
            }
            if (found.gap().isPresent()) {
                throw unknown(reason, found.gap().get());
            }
            if (!context.clock().instant().isBefore(deadline)) {
                throw InDoubtException.ofTrigger(
                        reason + " There was no time left to find out whether it created a run." + NOT_RETRIED,
                        List.of());
            }
            return Optional.empty();
        } catch (PipelinesException f) {
            throw unknown(reason, f.getMessage());
        }
    }

    private static InDoubtException unknown(String reason, String why) {
        return InDoubtException.ofTrigger(
                reason + " It is not known whether there is a run now: " + why + "." + NOT_RETRIED, List.of());
    }

    private Run readCreated(String uuid, Instant deadline) throws InterruptedException {
        Instant appeared = context.clock().instant().plus(APPEAR_TIMEOUT);
        return retrier.call(
                "the run just triggered",
                deadline,
                e -> e.kind().isRetryable()
                        || e.kind() == Kind.NOT_FOUND
                                && context.clock().instant().isBefore(appeared),
                timeout -> pipelines.withTimeout(timeout).getRun(uuid));
    }

    private static InDoubtException inDoubt(List<Run> candidates) {
        return InDoubtException.ofTrigger(
                "The response to the trigger was lost, and "
                        + (candidates.size() == 1
                                ? "one run may be the one that it created, or one of another build with the same"
                                        + " credentials: "
                                : candidates.size() + " runs may be the one that it created: ")
                        + list(candidates) + "." + NOT_RETRIED,
                candidates);
    }

    /** The number of a repeated trigger's run shows whether a lost one has created a run after all. */
    private void requireNoOther(Run ours, Instant deadline) throws InterruptedException {
        List<Run> others = others(ours, deadline);
        if (!others.isEmpty()) {
            List<Run> all = Stream.concat(Stream.of(ours), others.stream()).toList();
            throw InDoubtException.ofTrigger(
                    "A trigger whose response was lost may have created a run after all, beside the one of the repeated"
                            + " trigger: " + list(all) + ". Stop those that are not another build's.",
                    all);
        }
    }

    /**
     * Reports runs that a lost trigger may have created while the run of the repeated one was watched.
     *
     * @param deadline of the watch
     */
    void warnAboutLateRuns(Run ours, Instant deadline) throws InterruptedException {
        List<Run> others = lost == 0 ? List.of() : others(ours, deadline);
        if (!others.isEmpty()) {
            warn("A trigger whose response was lost may have created a run after all, beside " + list(List.of(ours))
                    + ": " + list(others) + ". Stop it if it is not another build's.");
        }
    }

    private List<Run> others(Run ours, Instant deadline) throws InterruptedException {
        Instant now = context.clock().instant();
        Instant end = deadline.plus(LATE_RUN_GRACE);
        if (!now.isBefore(end)) {
            return unknown(ours, "the time limit has passed");
        }
        try {
            Instant limit = now.plus(LATE_RUN_TIMEOUT);
            CreatedRunSearch.Candidates found =
                    search.searchOnce(sent.orElseThrow(), limit.isBefore(end) ? limit : end);
            List<Run> others = found.runs().stream()
                    .filter(run -> !run.uuid().equals(ours.uuid()))
                    .toList();
            return others.isEmpty() && found.gap().isPresent()
                    ? unknown(ours, found.gap().get())
                    : others;
        } catch (PipelinesException e) {
            return unknown(ours, e.getMessage());
        }
    }

    private List<Run> unknown(Run ours, String reason) {
        warn("It is not known whether a trigger whose response was lost has created a run after all, beside "
                + list(List.of(ours)) + ": " + reason);
        return List.of();
    }

    private void warn(String text) {
        context.events().accept(new RunEvent.Warning(text));
    }

    private static String list(List<Run> runs) {
        return runs.stream()
                .limit(10)
                .map(run -> "#" + run.number() + " (" + run.url() + ")")
                .collect(Collectors.joining(", "));
    }
}
