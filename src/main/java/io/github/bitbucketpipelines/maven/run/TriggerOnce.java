package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.Pipelines;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Triggers one run, and never two. A trigger is sent again only if the first one surely did nothing; when its answer is
 * lost, we look for the run that it may have made.
 */
final class TriggerOnce {
    /** The list of runs lags behind: a run is surely absent only if it is not listed after this. */
    private static final List<Duration> LOOKS =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofSeconds(9));

    /** More looks, while a run is listed whose definition is not known yet. */
    private static final List<Duration> LATE_LOOKS = List.of(Duration.ofSeconds(7), Duration.ofSeconds(15));

    /** A push may be a moment old: how often a ref that Bitbucket does not know is asked for again. */
    private static final List<Duration> REF_TRIES =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(4));

    /** How many answers may be lost, each without a run, before we give up. */
    private static final int LOST_ANSWERS = 5;

    /** How far two clocks that are told to the second may be apart. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(3);

    /** How many recent runs are listed. */
    static final int LISTED = 50;

    private final Pipelines pipelines;
    private final Clock clock;
    private final Sleeper sleeper;
    private final Patience patience;
    private final Claims claims;
    private final Consumer<RunEvent> events;
    private List<Run> before = List.of();
    /** When the trigger was sent last. */
    private Instant sent = Instant.MIN;

    TriggerOnce(
            Pipelines pipelines,
            Clock clock,
            Sleeper sleeper,
            Patience patience,
            Claims claims,
            Consumer<RunEvent> events) {
        this.pipelines = pipelines;
        this.clock = clock;
        this.sleeper = sleeper;
        this.patience = patience;
        this.claims = claims;
        this.events = events;
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
        lock.lockInterruptibly();
        try {
            // Before the trigger: what is listed now can't be ours.
            before = listed(deadline);
            long newestBefore = before.stream().mapToLong(Run::number).max().orElse(0);
            Run run = triggerOnce(request, newestBefore, deadline);
            claims.claim(run.uuid());
            return run;
        } finally {
            lock.unlock();
        }
    }

    /** The recent runs as they were listed before the trigger, newest first. */
    List<Run> listedBefore() {
        return before;
    }

    private Run triggerOnce(TriggerRequest request, long newestBefore, Instant deadline) throws InterruptedException {
        int refTries = 0;
        for (int lost = 1; ; ) {
            try {
                // Only what surely did nothing is sent again here.
                Run run = patience.ask("the trigger", deadline, e -> e.kind().isSurelyNotDone(), left -> {
                    // Minutes may have passed since a 429: a run that was made meanwhile is not ours.
                    sent = clock.instant();
                    return pipelines.within(left).trigger(request);
                });
                events.accept(new RunEvent.Triggered(run, request, false));
                return run;
            } catch (PipelinesException e) {
                if (e.kind() == Kind.NOT_FOUND && refTries < REF_TRIES.size()) {
                    if (refTries == 0) {
                        events.accept(new RunEvent.Noted(e.getMessage()
                                + " It may have been pushed a moment ago: asking" + " again for a few seconds."));
                    }
                    sleeper.sleep(REF_TRIES.get(refTries++));
                } else if (e.kind() == Kind.UNCLEAR) {
                    Optional<Run> found = find(e, request, newestBefore, deadline);
                    if (found.isPresent()) {
                        events.accept(new RunEvent.Triggered(found.get(), request, true));
                        return found.get();
                    }
                    if (lost++ == LOST_ANSWERS) {
                        throw new PipelinesException(
                                Kind.UNCLEAR,
                                "The answers to " + LOST_ANSWERS + " triggers were lost, and none of them made a run: "
                                        + e.getMessage());
                    }
                    events.accept(
                            new RunEvent.Noted("Bitbucket lists no run that the lost trigger made; triggering again."));
                } else {
                    throw e;
                }
            }
        }
    }

    /** The run that a trigger made whose answer is lost; empty if there surely is none. */
    private Optional<Run> find(PipelinesException lost, TriggerRequest request, long newestBefore, Instant deadline)
            throws InterruptedException {
        events.accept(new RunEvent.Noted("The answer to the trigger was lost (" + lost.getMessage()
                + ") Looking for the run before anything is triggered again."));
        try {
            if (lost.createdRun().isPresent()) {
                String uuid = lost.createdRun().get();
                return Optional.of(patience.ask(
                        "the run just triggered",
                        deadline,
                        e -> e.kind().mayHeal() || e.kind() == Kind.NOT_FOUND,
                        left -> pipelines.within(left).run(uuid)));
            }
            Optional<Account> self = patience.ask(
                    "the account", deadline, left -> pipelines.within(left).account());
            List<Run> candidates = List.of();
            for (Duration pause : LOOKS) {
                sleeper.sleep(pause);
                candidates = candidates(request, newestBefore, self, deadline);
            }
            for (Duration pause : LATE_LOOKS) {
                if (candidates.stream().anyMatch(run -> run.selector().isEmpty())) {
                    sleeper.sleep(pause);
                    candidates = candidates(request, newestBefore, self, deadline);
                }
            }
            if (candidates.size() > 1) {
                throw new InDoubtException(
                        "The answer to the trigger was lost, and " + candidates.size()
                                + " runs might be the one it made: " + list(candidates) + ".",
                        candidates);
            }
            return candidates.stream().findFirst();
        } catch (PipelinesException e) {
            throw new InDoubtException(
                    "The answer to the trigger was lost (" + lost.getMessage() + "), and Bitbucket did not tell whether"
                            + " there is a run now: " + e.getMessage(),
                    List.of());
        }
    }

    /** The runs that may be ours: newer, triggered by hand, of the same target, by us as far as that can be told. */
    private List<Run> candidates(TriggerRequest request, long newestBefore, Optional<Account> self, Instant deadline)
            throws InterruptedException {
        Instant earliest = sent.plus(pipelines.clockLead()).minus(CLOCK_TOLERANCE);
        return listed(deadline).stream()
                .filter(run -> run.number() > newestBefore)
                .filter(run -> !claims.isClaimed(run.uuid()))
                .filter(run -> run.trigger().map("MANUAL"::equals).orElse(true))
                .filter(run -> run.created()
                        .map(created -> !created.isBefore(earliest))
                        .orElse(true))
                .filter(run -> isSameAccount(run, self))
                .filter(run -> mayBeOf(run, request))
                .toList();
    }

    private static boolean isSameAccount(Run run, Optional<Account> self) {
        Optional<String> ours = self.flatMap(Account::uuid);
        Optional<String> theirs = run.creator().flatMap(Account::uuid);
        return ours.isEmpty() || theirs.isEmpty() || ours.equals(theirs);
    }

    private static boolean mayBeOf(Run run, TriggerRequest request) {
        boolean sameTarget = run.target().isEmpty() || isSameTarget(run, request.target());
        // No selector yet: bitbucket-pipelines.yml is not parsed, which is no difference.
        boolean samePipeline = run.selector().isEmpty()
                || run.selector().flatMap(Selector::pipeline).equals(request.pipeline());
        return sameTarget && samePipeline;
    }

    private static boolean isSameTarget(Run run, Target wanted) {
        Target actual = run.target().orElseThrow();
        boolean sameKind = actual.getClass().equals(wanted.getClass());
        boolean sameName = actual instanceof Target.PullRequest || wanted instanceof Target.PullRequest
                ? actual.equals(wanted)
                : actual.refName().equals(wanted.refName());
        boolean sameCommit = wanted.commit().isEmpty()
                || run.commit().isEmpty()
                || run.commit().get().startsWith(wanted.commit().get());
        return sameKind && sameName && sameCommit;
    }

    private List<Run> listed(Instant deadline) throws InterruptedException {
        return patience.ask(
                "the recent runs", deadline, left -> pipelines.within(left).newest(RunFilter.all(), LISTED));
    }

    private static String list(List<Run> runs) {
        return runs.stream()
                .limit(10)
                .map(run -> "#" + run.number() + " (" + run.url() + ")")
                .collect(Collectors.joining(", "));
    }
}
