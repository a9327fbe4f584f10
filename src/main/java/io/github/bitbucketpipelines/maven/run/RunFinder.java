package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds a run that this build did not trigger, such as one that a push started. Child pipelines (runs started by another
 * run) are considered only if there is no other match.
 */
public final class RunFinder {
    private static final int MAX_RUNS = 50;
    private static final Duration POLL_DELAY = Duration.ofSeconds(2);

    /** How long the pipeline of a run may take to become known. */
    private static final Duration MAX_PARSING = Duration.ofMinutes(1);

    /** How many runs of one commit are listed. */
    private static final int MAX_OF_COMMIT = 300;

    /** How many runs are listed to find that of a trigger whose outcome is not recorded. */
    private static final int MAX_SINCE_INTENT = 300;

    /** So long after a trigger, the list of runs has its run. */
    private static final Duration MAX_LIST_LAG = Duration.ofMinutes(10);

    /** A run that was created at another time than the trigger was sent is more likely one of another build. */
    private static final Duration MAX_INTENT_DISTANCE = Duration.ofMinutes(1);

    private final RunContext context;
    private final TimeLimit limit;
    private final Retrier retrier;

    /**
     * Creates a finder; it sends no request.
     *
     * @param limit of all searches together; a request is retried until then
     */
    public RunFinder(RunContext context, TimeLimit limit) {
        this.context = context;
        this.limit = limit;
        this.retrier = context.retrier();
    }

    /** Returns a finder that gives up after this time, if its own limit does not pass before. */
    public RunFinder atMost(Duration time) {
        return new RunFinder(context, limit.atMost(time));
    }

    /**
     * Finds the newest run that matches, and waits for it to appear. Runs for which {@code countsEnded} holds come before
     * others.
     *
     * @param description of the filter for messages, such as {@code deploy on branch main of acme/shop}
     * @param appearTimeout how long the run may take to appear, within the finder's limit
     * @param countsEnded whether a run counts that has ended when it is first read
     * @throws RunNotFoundException if none appeared, or more than one is unfinished
     * @throws PipelinesException if the runs can't be listed
     */
    public Run newest(RunFilter filter, String description, Duration appearTimeout, Predicate<Run> countsEnded)
            throws InterruptedException {
        Duration appearTime = Durations.shorter(appearTimeout, limit.remaining());
        Search search = new Search(filter, description, appearTime, countsEnded);
        List<Run> found = new Poller(context, appearTime)
                .until(
                        search.poll(),
                        runs -> !search.eligible(runs).isEmpty() && !mayBeOfOtherPipeline(runs, filter),
                        last -> search.poll(),
                        (last, elapsed) -> {
                            search.noticeOnce(last);
                            return POLL_DELAY;
                        });
        return search.select(found);
    }

    /** One search for the newest run. */
    private final class Search {
        private final RunFilter filter;
        private final String description;
        private final Duration appearTimeout;
        private final Predicate<Run> countsEnded;
        private final Set<String> seenUnfinished = new HashSet<>();
        private boolean noticed;

        Search(RunFilter filter, String description, Duration appearTimeout, Predicate<Run> countsEnded) {
            this.filter = filter;
            this.description = description;
            this.appearTimeout = appearTimeout;
            this.countsEnded = countsEnded;
        }

        List<Run> poll() throws InterruptedException {
            List<Run> runs = matching(filter);
            unfinished(runs).forEach(run -> seenUnfinished.add(run.uuid()));
            return runs;
        }

        /** The runs that may be selected, newest first. */
        List<Run> eligible(List<Run> runs) {
            List<Run> counted = runs.stream()
                    .filter(run -> seenUnfinished.contains(run.uuid()) || countsEnded.test(run))
                    .toList();
            List<Run> preferred = counted.stream().filter(countsEnded).toList();
            return preferred.isEmpty() ? counted : preferred;
        }

        void noticeOnce(List<Run> runs) {
            if (!noticed) {
                noticed = true;
                String found = runs.isEmpty() || !eligible(runs).isEmpty()
                        ? "No run of " + description + " yet; it has "
                        : "The newest run of " + description + ", #"
                                + runs.get(0).number()
                                + ", has already ended, and may be of an earlier build; a new one has ";
                context.events().accept(new RunEvent.Notice(found + Durations.format(appearTimeout) + " to appear."));
            }
        }

        Run select(List<Run> runs) {
            List<Run> eligible = eligible(runs);
            requireUnambiguous(unfinished(eligible), description);
            if (mayBeOfOtherPipeline(eligible, filter)) {
                throw new RunNotFoundException(
                        "Bitbucket has not reported within " + Durations.format(appearTimeout)
                                + " whether this run is one of " + description
                                + "; select it with -Dbitbucket.number:" + RunMatcher.format(unfinished(eligible)),
                        unfinished(eligible));
            }
            return eligible.stream().findFirst().orElseThrow(() -> notFound(runs));
        }

        private RunNotFoundException notFound(List<Run> ended) {
            if (ended.isEmpty()) {
                return new RunNotFoundException(
                        "No run of " + description + " has appeared within " + Durations.format(appearTimeout)
                                + ". Is the name right, and was it pushed or triggered?",
                        List.of());
            }
            Run newest = ended.get(0);
            return new RunNotFoundException(
                    "No new run of " + description + " has appeared within " + Durations.format(appearTimeout)
                            + ". The newest one, #" + newest.number() + ", had already ended "
                            + newest.state().label()
                            + ", and is not known to be of the checkout's HEAD: it may be of an earlier build."
                            + System.lineSeparator()
                            + "If it is the one you mean, name it by \"-Dbitbucket.number=" + newest.number() + "\""
                            + newest.commit()
                                    .map(commit -> " or its commit by \"-Dbitbucket.commit=" + commit + "\"")
                                    .orElse("")
                            + "; its page: " + newest.url(),
                    List.of(newest));
        }
    }

    /** Lists the other runs of a run's commit, newest first; without child pipelines, and empty if the commit is unknown. */
    public List<Run> ofSameCommit(Run run, Optional<String> pipeline) throws InterruptedException {
        if (run.commit().isEmpty()) {
            return List.of();
        }
        RunFilter filter = new RunFilter(run.commit().map(Target.Commit::new), pipeline);
        return matching(filter).stream()
                .filter(other -> !other.uuid().equals(run.uuid()) && !isChild(other))
                .toList();
    }

    /**
     * Lists all runs that match, newest first, and waits for the first one to appear.
     *
     * @param description of the filter for messages, such as {@code commit 5f0c1d2e3f40 of acme/shop}
     * @param appearTimeout how long the first run may take to appear, within the finder's limit
     * @throws RunNotFoundException if none appeared, or there are too many
     * @throws PipelinesException if the runs can't be listed
     */
    public List<Run> awaitAll(RunFilter filter, String description, Duration appearTimeout)
            throws InterruptedException {
        Duration appearTime = Durations.shorter(appearTimeout, limit.remaining());
        List<Run> first = all(filter);
        if (first.isEmpty()) {
            context.events()
                    .accept(new RunEvent.Notice("No run of " + description + " yet; it has "
                            + Durations.format(appearTime) + " to appear."));
        }
        List<Run> found = new Poller(context, appearTime)
                .until(first, runs -> !runs.isEmpty(), last -> all(filter), (last, elapsed) -> POLL_DELAY);
        if (found.isEmpty()) {
            throw new RunNotFoundException(
                    "No run of " + description + " has appeared within " + Durations.format(appearTime)
                            + ". Is the name right, and was it pushed or triggered?",
                    List.of());
        }
        return found;
    }

    /**
     * Lists all runs that match, newest first; without child pipelines.
     *
     * @throws RunNotFoundException if there are too many, or the pipeline of one does not become known
     * @throws PipelinesException if the runs can't be listed
     */
    public List<Run> all(RunFilter filter) throws InterruptedException {
        Duration time = Durations.shorter(MAX_PARSING, limit.remaining());
        List<Run> found = new Poller(context, time)
                .until(
                        list(filter),
                        runs -> !mayBeOfOtherPipeline(runs, filter),
                        last -> list(filter),
                        (last, elapsed) -> POLL_DELAY);
        if (mayBeOfOtherPipeline(found, filter)) {
            throw new RunNotFoundException(
                    "Bitbucket has not reported within " + Durations.format(time)
                            + " which pipeline each of these runs is:" + RunMatcher.format(unfinished(found)),
                    unfinished(found));
        }
        return found;
    }

    /**
     * Reads a run again until its pipeline is known or it has ended, as long as Bitbucket may take to parse its
     * bitbucket-pipelines.yml.
     */
    public Run parsed(Run run) throws InterruptedException {
        return new Poller(context, Durations.shorter(MAX_PARSING, limit.remaining()))
                .until(
                        run,
                        read -> read.selector().isPresent() || read.state().isCompleted(),
                        last -> byNumber(last.number()),
                        (last, elapsed) -> POLL_DELAY);
    }

    private List<Run> list(RunFilter filter) throws InterruptedException {
        // Bitbucket's own filter by pipeline omits runs that are not parsed yet.
        List<Run> found = retrier.call(
                "the runs",
                limit.end(),
                timeout -> context.polling(limit.end())
                        .withTimeout(timeout)
                        .listAllRuns(filter.withoutPipeline(), MAX_OF_COMMIT));
        if (found.size() == MAX_OF_COMMIT) {
            throw new RunNotFoundException(
                    MAX_OF_COMMIT + " runs or more match; name those that count, with -Dbitbucket.branch or"
                            + " -Dbitbucket.pipeline",
                    List.of());
        }
        return found.stream()
                .filter(run -> !isChild(run) && (filter.pipeline().isEmpty() || run.mayBeOfPipeline(filter.pipeline())))
                .toList();
    }

    private static boolean isChild(Run run) {
        return run.trigger().filter("PARENT_STEP"::equals).isPresent();
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
                    .filter(run -> run.mayBeOfPipeline(filter.pipeline()))
                    .toList();
            if (found.isEmpty()) {
                found = poll(filter);
            }
        }
        List<Run> parents = found.stream().filter(run -> !isChild(run)).toList();
        return parents.isEmpty() ? found : parents;
    }

    private List<Run> poll(RunFilter filter) throws InterruptedException {
        return retrier.call(
                "the recent runs",
                limit.end(),
                timeout -> context.polling(limit.end()).withTimeout(timeout).listRuns(filter, MAX_RUNS));
    }

    /**
     * Finds the run of a trigger whose outcome is not recorded. Nothing proves that a run is its own: one is returned, with a
     * warning, if it is the only candidate, and its target, pipeline, creator and time are known to be those of the trigger.
     *
     * @param isInDoubt whether a build has already reported the trigger as in doubt: then no run is returned
     * @param recorded the UUIDs of runs that have receipts of their own
     * @return empty if it has created none, as far as Bitbucket shows
     * @throws InDoubtException if it can't be identified, or whether there is one
     * @throws PipelinesException if the runs can't be read
     */
    public Optional<Run> triggeredBy(TriggerIntent intent, boolean isInDoubt, Collection<String> recorded)
            throws InterruptedException {
        RunClaims others = new RunClaims();
        recorded.forEach(others::claim);
        // The earlier build may have had credentials of another account, which its intent does not name.
        CreatedRunSearch search = new CreatedRunSearch(context, retrier, others, MAX_SINCE_INTENT, false);
        boolean mayLag = context.clock().instant().isBefore(intent.time().plus(MAX_LIST_LAG));
        CreatedRunSearch.Candidates found =
                mayLag ? search.search(intent, false, limit.end()) : search.searchOnce(intent, limit.end());
        String trigger = "a trigger of " + intent.target() + " at " + intent.time() + " whose outcome is not recorded";
        if (found.runs().isEmpty() && found.complete()) {
            return Optional.empty();
        }
        if (found.runs().isEmpty()) {
            throw InDoubtException.ofEarlierTrigger(
                    "It is not known whether there is a run of " + trigger + ": "
                            + found.gap().get() + ".",
                    List.of());
        }
        Optional<String> doubt = doubt(found, intent, isInDoubt);
        if (doubt.isPresent()) {
            throw InDoubtException.ofEarlierTrigger(
                    doubt.get() + " may be the one of " + trigger + ":" + RunMatcher.format(found.runs()),
                    // That all candidates have ended says nothing where there may be others.
                    found.failure().isPresent() ? unfinished(found.runs()) : found.runs());
        }
        Run run = found.runs().get(0);
        context.events()
                .accept(new RunEvent.Warning("Pipeline #" + run.number() + " (" + run.url()
                        + ") is used as the run of " + trigger + ": the only one newer than #" + intent.newestNumber()
                        + " of the same target, pipeline, account and time. Another build with the same credentials"
                        + " could have created it in the same seconds."));
        return Optional.of(run);
    }

    /** Returns why the candidates are not known to be the run of the trigger: the beginning of a sentence. */
    private Optional<String> doubt(CreatedRunSearch.Candidates found, TriggerIntent intent, boolean isInDoubt) {
        if (found.failure().isPresent()) {
            return Optional.of(
                    "Not all new runs could be read (" + found.failure().get() + "). One of these, or another,");
        }
        if (found.runs().size() > 1) {
            return Optional.of("These runs");
        }
        Run run = found.runs().get(0);
        if (isInDoubt) {
            return Optional.of("This run, or none,");
        }
        if (run.created().filter(created -> isAtTimeOf(intent, created)).isEmpty()) {
            return Optional.of("This run was created at another time, but");
        }
        if (!intent.isOfPipeline(run)) {
            return Optional.of("This run names another pipeline, but");
        }
        Optional<String> account = found.account().flatMap(Account::uuid);
        Optional<String> creator = run.creator().flatMap(Account::uuid);
        if (account.isEmpty() || creator.isEmpty()) {
            return Optional.of(
                    "Bitbucket does not name the account of these credentials, or the creator of this run. It");
        }
        if (!creator.equals(account)) {
            return Optional.of("This run is of another account than these credentials, but");
        }
        if (run.target().isEmpty() || run.selector().isEmpty() && !run.state().isCompleted()) {
            return Optional.of("Bitbucket does not name the target or the pipeline of this run. It");
        }
        return Optional.empty();
    }

    /** Whether the run was created about when the trigger was sent, by Bitbucket's clock. */
    private boolean isAtTimeOf(TriggerIntent intent, Instant created) {
        return context.serverClock()
                .skew()
                .map(created::minus)
                .filter(at -> Duration.between(intent.time(), at).abs().compareTo(MAX_INTENT_DISTANCE) <= 0)
                .isPresent();
    }

    /** Lists the newest runs that match, newest first. */
    public List<Run> listNewest(RunFilter filter, int count) throws InterruptedException {
        return retrier.call(
                "the recent runs",
                limit.end(),
                timeout -> context.pipelines().withTimeout(timeout).listRuns(filter, count));
    }

    /**
     * Returns the run with this build number.
     *
     * @throws PipelinesException if there is none, it can't be read, or the response is about one of another repository
     */
    public Run byNumber(long number) throws InterruptedException {
        return read(number, e -> e.kind().isRetryable());
    }

    /**
     * Returns the run that an earlier goal knew. One response that there is none may come from a replica that lags.
     *
     * @param repository of the run; another one may be this one's former name
     * @return empty if Bitbucket has another run of that number, or says that it has none, of this repository for 30 seconds
     * @throws PipelinesException if it can't be read, or another text than Bitbucket's says that there is none
     */
    public Optional<Run> recorded(long number, String uuid, RepositoryId repository) throws InterruptedException {
        boolean isOfThis = repository
                .fullName()
                .equalsIgnoreCase(context.pipelines().repository().fullName());
        Instant until = context.clock().instant().plus(isOfThis ? RunReader.NOT_FOUND_TOLERANCE : Duration.ZERO);
        try {
            Run run = read(
                    number,
                    e -> e.kind().isRetryable()
                            || e.kind() == Kind.NOT_FOUND
                                    && context.clock().instant().isBefore(until));
            return Optional.of(run).filter(found -> found.uuid().equals(uuid));
        } catch (PipelinesException e) {
            if (e.isNoSuchRun() && !context.clock().instant().isBefore(until)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Run read(long number, Predicate<PipelinesException> isRetryable) throws InterruptedException {
        return retrier.call("the run", limit.end(), isRetryable, timeout -> {
            Run run = context.pipelines().withTimeout(timeout).getRun(number);
            requireOfRepository(run, timeout);
            return run;
        });
    }

    /** Numbers repeat in other repositories, and a cache or a proxy may mix up responses. */
    private void requireOfRepository(Run run, Duration timeout) {
        RepositoryId repository = context.pipelines().repository();
        if (!RunMatcher.isOfRepository(run, repository, List.of())) {
            List<Run> listed = context.pipelines().withTimeout(timeout).listRuns(RunFilter.all(), 1);
            if (!RunMatcher.isOfRepository(run, repository, listed)) {
                throw new PipelinesException(
                        Kind.OUTCOME_UNKNOWN,
                        "Could not read run #" + run.number() + " of " + repository
                                + ": the response is about a run of another repository, " + RunMatcher.repository(run));
            }
        }
    }
}
