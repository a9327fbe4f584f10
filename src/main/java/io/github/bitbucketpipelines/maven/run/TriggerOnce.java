package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.ServerClock;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Triggers one run, and never two. A trigger is sent again only if those before surely made no run; when an answer is lost,
 * we look for the run that was made.
 *
 * <p><b>What can be told.</b> A run is not ours if it was listed before the trigger, or was created before it; if a push, a
 * schedule or another run started it; if it belongs to another account (an access token is not told which one is its own),
 * to another target, pipeline or commit (where the request names one), or to another build of this JVM. A 201 proves that
 * there is a run of ours, whatever became of its body. A reset, a time-out, a 5xx, a web page prove nothing.
 *
 * <p><b>What can't.</b> Of two runs of the same account, target and pipeline nothing tells which one is ours: variables do
 * not come back ({@code has_variables} neither), nothing can be labelled, and build numbers only tell the order. So two
 * that might be ours are a doubt. A single one is ours if it was created while the trigger was on its way, by Bitbucket's
 * clock, which its Date header tells to the second. One that was created later may have come late (a gateway gives up, and
 * the trigger goes on behind it), or be somebody else's: neither to be adopted nor to be triggered past, a doubt.
 *
 * <p><b>What remains.</b> Another machine's build with the same credentials, which triggers the same target in the very
 * seconds in which our trigger is on its way and gets lost before it does anything: that build's run looks like ours.
 */
final class TriggerOnce {
    /** The pauses before the looks for a run: the list of runs lags behind. */
    private static final List<Duration> LOOKS =
            Stream.of(1, 2, 4, 9, 7, 15).map(Duration::ofSeconds).toList();

    /**
     * A run that is not listed after so many looks is surely absent. More are for one whose definition is not known yet,
     * and for one that is surely there and not listed.
     */
    private static final int ENOUGH_LOOKS = 4;

    /** A push may be a moment old: how often a ref that Bitbucket does not know is asked for again. */
    private static final List<Duration> REF_TRIES =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(4));

    /** How many answers may be lost, each without a run, before we give up. */
    private static final int LOST_ANSWERS = 5;

    /** How far the clocks of Bitbucket's own machines may be apart. */
    private static final Duration SKEW = Duration.ofSeconds(1);

    /** How much more a clock may be ahead than a Date header shows, which has whole seconds and was on its way. */
    private static final Duration DATE_LAG = Duration.ofSeconds(2);

    /** A run that seems to be older than the trigger by less than this may still be ours. */
    private static final Duration CLOCKS_IN_DOUBT = Duration.ofSeconds(10);

    /** A run whose UUID we were told may be unknown for a moment. */
    private static final Duration APPEARANCE = Duration.ofMinutes(1);

    private static final String REFUSED = " Nothing was triggered again.";

    private static final Duration AFTERTHOUGHT = Duration.ofSeconds(5);

    private static final Duration WHO_WE_ARE = Duration.ofSeconds(15);

    /** How many recent runs are listed. */
    static final int LISTED = 50;

    private final PipelinesClient pipelines;
    private final ServerClock serverClock;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Retrier patience;
    private final RunClaims claims;
    private final Consumer<RunEvent> events;
    private final List<Attempt> lost = new ArrayList<>();
    private List<Run> before = List.of();
    private Optional<Account> self = Optional.empty();
    private Optional<PipelinesException> refusal = Optional.empty();
    private Instant sent = Instant.MIN;

    /**
     * A trigger whose answer is lost: when it was sent, and when we gave it up, by our clock.
     *
     * @param lead how far Bitbucket's clock was ahead of ours then: one of them may be set meanwhile
     */
    private record Attempt(Instant sent, Instant givenUp, Optional<Duration> lead) {}

    private record Made(Run run, boolean adopted) {}

    TriggerOnce(RunContext means, Retrier patience, RunClaims claims) {
        this.pipelines = means.pipelines();
        this.serverClock = means.serverClock();
        this.clock = means.clock();
        this.sleeper = means.sleeper();
        this.patience = patience;
        this.claims = claims;
        this.events = means.events();
    }

    /**
     * Triggers the run.
     *
     * @param deadline until when to try
     * @throws PipelinesException Bitbucket refused, or could not be reached; there is no run
     * @throws InDoubtException there may be a run, and nothing tells which
     */
    Run trigger(TriggerRequest request, Instant deadline) throws InterruptedException {
        ReentrantLock lock = claims.lockFor(pipelines.repository(), request);
        if (!lock.tryLock(Math.max(0, millisUntil(deadline)), TimeUnit.MILLISECONDS)) {
            throw new PipelinesException(
                    Kind.NOT_PROCESSED,
                    "There was no time left to trigger " + request.target() + " of " + pipelines.repository()
                            + ": another execution of this build was still about to trigger it, too. Nothing was"
                            + " triggered here");
        }
        try {
            // Before the trigger: what is listed now can't be ours.
            before = patience.call("the recent runs", deadline, this::listed);
            Made made = triggerOnce(request, deadline);
            if (!claims.claim(made.run().uuid()) && made.adopted()) {
                throw doubt(
                        "the one run that might be the one it made belongs to another execution", List.of(made.run()));
            }
            events.accept(new RunEvent.Triggered(made.run(), request, made.adopted()));
            if (!lost.isEmpty() && !made.adopted() && millisUntil(deadline) > 0) {
                tellOfLatecomers(
                        made.run(),
                        request,
                        Durations.shorter(AFTERTHOUGHT, Duration.between(clock.instant(), deadline)));
            }
            return made.run();
        } finally {
            lock.unlock();
        }
    }

    /** The recent runs as they were listed before the trigger, newest first. */
    List<Run> listedBefore() {
        return before;
    }

    private Made triggerOnce(TriggerRequest request, Instant deadline) throws InterruptedException {
        for (int refTries = 0; ; ) {
            try {
                return patience.call(
                        "the trigger", deadline, this::isSurelyNotDone, left -> send(request, left, deadline));
            } catch (PipelinesException e) {
                if (e.kind() == Kind.NOT_FOUND
                        && refTries < REF_TRIES.size()
                        && hasTime(REF_TRIES.get(refTries), deadline)) {
                    if (refTries == 0) {
                        events.accept(new RunEvent.Warning(e.getMessage()
                                + " It may have been pushed a moment ago: asking again for a few seconds."));
                    }
                    sleeper.sleep(REF_TRIES.get(refTries++));
                } else if (e.kind() == Kind.OUTCOME_UNKNOWN) {
                    lost.add(new Attempt(sent, clock.instant(), serverClock.skew()));
                    Optional<Run> found = find(e, request, deadline);
                    if (found.isPresent()) {
                        return new Made(found.get(), true);
                    }
                    if (lost.size() == LOST_ANSWERS) {
                        throw new PipelinesException(
                                Kind.OUTCOME_UNKNOWN,
                                "The answers to " + LOST_ANSWERS + " triggers were lost, and none of them made a run: "
                                        + e.getMessage());
                    }
                    events.accept(new RunEvent.Warning(
                            "Bitbucket lists no run that the lost trigger made; triggering again."));
                } else {
                    throw e;
                }
            }
        }
    }

    private long millisUntil(Instant deadline) {
        return Duration.between(clock.instant(), deadline).toMillis();
    }

    private boolean hasTime(Duration pause, Instant deadline) {
        return clock.instant().plus(pause).isBefore(deadline);
    }

    /** Only what surely did nothing is sent again as it is. */
    private boolean isSurelyNotDone(PipelinesException e) {
        refusal = Optional.of(e).filter(last -> last.kind().isSafeToRepeat());
        return refusal.isPresent();
    }

    /** Sends the trigger; but if one was lost before, only after a look whether its run has shown up by now. */
    private Made send(TriggerRequest request, Duration left, Instant deadline) {
        Instant limit = clock.instant().plus(left);
        if (!lost.isEmpty()) {
            Optional<Run> late = theOne(candidates(request, listedBeforeAnotherTrigger(left)));
            if (late.isPresent()) {
                return new Made(late.get(), true);
            }
        }
        // Minutes may have passed since a 429: a run that was made meanwhile is not ours.
        sent = clock.instant();
        if (!sent.isBefore(deadline) || !sent.isBefore(limit)) {
            // A run that is made now would be given up at once.
            throw refusal.orElseGet(() -> new PipelinesException(
                    Kind.NOT_PROCESSED,
                    "There was no time left to trigger " + request.target() + " of " + pipelines.repository()
                            + ". Nothing was triggered"));
        }
        return new Made(pipelines.withTimeout(Duration.between(sent, limit)).trigger(request), false);
    }

    private List<Run> listedBeforeAnotherTrigger(Duration left) {
        try {
            return listed(left);
        } catch (PipelinesException e) {
            // It is the list that failed: the trigger was not sent.
            throw e.kind() == Kind.OUTCOME_UNKNOWN ? new PipelinesException(Kind.NOT_PROCESSED, e.getMessage()) : e;
        }
    }

    /** The run that a trigger made whose answer is lost; empty if there surely is none. */
    private Optional<Run> find(PipelinesException e, TriggerRequest request, Instant deadline)
            throws InterruptedException {
        String why = "The answer to the trigger was lost (" + e.getMessage() + ").";
        events.accept(new RunEvent.Warning(why + " Looking for the run before anything is triggered again."));
        try {
            if (e.createdRun().isPresent()) {
                return Optional.of(created(e.createdRun().get(), deadline));
            }
            boolean knowsWhoWeAre = askWhoWeAre(deadline);
            List<Run> candidates = look(e.isCreated(), request, deadline);
            if (candidates.isEmpty() && e.isCreated()) {
                throw new InDoubtException(
                        why + " It said that there is a run now, but Bitbucket does not list it." + REFUSED, List.of());
            }
            if (candidates.isEmpty() && !clock.instant().isBefore(deadline)) {
                throw new InDoubtException(
                        why + " There was no time left to see whether it made a run." + REFUSED, List.of());
            }
            if (!candidates.isEmpty() && !knowsWhoWeAre) {
                throw doubt(
                        "Bitbucket did not tell whose credentials these are, so that what might be the one it made may"
                                + " be somebody else's",
                        candidates);
            }
            return theOne(candidates);
        } catch (PipelinesException f) {
            throw new InDoubtException(
                    why + " Bitbucket did not tell whether there is a run now: " + f.getMessage() + "." + REFUSED,
                    List.of());
        }
    }

    /** Some credentials are nobody's, which is an answer, too; trouble is none, and no reason not to look for the run. */
    private boolean askWhoWeAre(Instant deadline) throws InterruptedException {
        Instant limit = clock.instant().plus(WHO_WE_ARE);
        try {
            self = patience.call(
                    "the account",
                    limit.isBefore(deadline) ? limit : deadline,
                    left -> pipelines.withTimeout(left).currentAccount());
            return true;
        } catch (PipelinesException e) {
            return false;
        }
    }

    private Run created(String uuid, Instant deadline) throws InterruptedException {
        Instant appeared = clock.instant().plus(APPEARANCE);
        return patience.call(
                "the run just triggered",
                deadline,
                e -> e.kind().isRetryable()
                        || e.kind() == Kind.NOT_FOUND && clock.instant().isBefore(appeared),
                left -> pipelines.withTimeout(left).getRun(uuid));
    }

    /** The runs that may be ours, after several looks; fewer where the deadline is near. */
    private List<Run> look(boolean isThere, TriggerRequest request, Instant deadline) throws InterruptedException {
        List<Run> candidates = List.of();
        boolean unclear = true;
        for (int i = 0; i < LOOKS.size() && (i < ENOUGH_LOOKS || unclear) && hasTime(Duration.ZERO, deadline); i++) {
            Duration left = Duration.between(clock.instant(), deadline);
            sleeper.sleep(Durations.shorter(LOOKS.get(i), left));
            candidates = candidates(request, patience.call("the recent runs", deadline, this::listed));
            unclear = candidates.isEmpty()
                    ? isThere
                    : candidates.stream().anyMatch(run -> run.selector().isEmpty());
        }
        return candidates;
    }

    /** The runs that may be ours: newer, triggered by hand, of the same target, by us as far as that can be told. */
    private List<Run> candidates(TriggerRequest request, List<Run> listed) {
        long newestBefore = before.stream().mapToLong(Run::number).max().orElse(0);
        Optional<Instant> earliest =
                lead(lost.get(0)).map(lead -> lost.get(0).sent().plus(lead).minus(CLOCKS_IN_DOUBT));
        return listed.stream()
                .filter(run -> run.number() > newestBefore)
                .filter(run -> !claims.isClaimed(run.uuid()))
                .filter(run -> run.trigger().map("MANUAL"::equals).orElse(true))
                .filter(run -> earliest.isEmpty()
                        || run.created()
                                .map(created -> !created.isBefore(earliest.get()))
                                .orElse(true))
                .filter(run -> isSameAccount(run, self))
                .filter(run -> mayBeOf(run, request))
                .toList();
    }

    /** The one run that is ours, or none; whatever else there is leaves a doubt. */
    private Optional<Run> theOne(List<Run> candidates) {
        if (candidates.size() > 1) {
            throw doubt(candidates.size() + " runs might be the one it made", candidates);
        }
        if (candidates.stream().anyMatch(run -> !wasMadeOnTheWay(run))) {
            throw doubt(
                    "one run might be the one it made, or somebody else's, for it was not created while the trigger"
                            + " was on its way",
                    candidates);
        }
        return candidates.stream().findFirst();
    }

    /** Whether a lost trigger made this run at once, and not some time before or after, by Bitbucket's clock. */
    private boolean wasMadeOnTheWay(Run run) {
        return run.target().isPresent()
                && run.created().isPresent()
                && lost.stream()
                        .anyMatch(attempt -> wasMadeMeanwhile(run.created().get(), attempt));
    }

    private boolean wasMadeMeanwhile(Instant created, Attempt attempt) {
        return lead(attempt)
                .map(created::minus)
                .filter(at -> !at.isBefore(attempt.sent().minus(SKEW))
                        && !at.isAfter(attempt.givenUp().plus(DATE_LAG).plus(SKEW)))
                .isPresent();
    }

    private Optional<Duration> lead(Attempt attempt) {
        return attempt.lead().or(serverClock::skew);
    }

    private static InDoubtException doubt(String what, List<Run> candidates) {
        return new InDoubtException(
                "The answer to the trigger was lost, and " + what + ": " + list(candidates) + "." + REFUSED,
                candidates);
    }

    /** What we thought had made no run may have made one after all, too late to be seen in time. */
    private void tellOfLatecomers(Run ours, TriggerRequest request, Duration limit) {
        try {
            List<Run> others = candidates(request, listed(limit));
            if (!others.isEmpty()) {
                events.accept(
                        new RunEvent.Warning("A trigger that was thought lost may have made a run after all, beside #"
                                + ours.number() + ": " + list(others) + ". Stop it if it is not somebody else's."));
            }
        } catch (PipelinesException e) {
            // Then nobody knows; our own run is there.
            return;
        }
    }

    private static boolean isSameAccount(Run run, Optional<Account> self) {
        Optional<String> ours = self.flatMap(Account::uuid);
        Optional<String> theirs = run.creator().flatMap(Account::uuid);
        return ours.isEmpty() || theirs.isEmpty() || ours.equals(theirs);
    }

    private static boolean mayBeOf(Run run, TriggerRequest request) {
        return (run.target().isEmpty() || isSameTarget(run, request.target()))
                && RunMatcher.mayMatchPipeline(run, request.pipeline());
    }

    private static boolean isSameTarget(Run run, Target wanted) {
        boolean sameCommit = wanted.commit().isEmpty()
                || run.commit().isEmpty()
                || run.commit().get().startsWith(wanted.commit().get());
        return wanted.isSameRef(run.target().orElseThrow()) && sameCommit;
    }

    private List<Run> listed(Duration limit) {
        return pipelines.withTimeout(limit).listRuns(RunFilter.all(), LISTED);
    }

    private static String list(List<Run> runs) {
        return runs.stream()
                .limit(10)
                .map(run -> "#" + run.number() + " (" + run.url() + ")")
                .collect(Collectors.joining(", "));
    }
}
