package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Bitbucket as far as its documentation and observations go, with gateways before it: a list that lags, replicas that are
 * stale, a clock that differs, responses that are lost or about something else. It works in virtual time.
 */
final class SimulatedBitbucket {
    private static final List<String> RESULTS =
            List.of("SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL", "FAILED", "ERROR", "STOPPED", "EXPIRED", "MELTED");

    private final Interleaving time;
    private final Random random;
    private final int faultPercent;
    private final int triggerFaultPercent;
    private final Duration maxListLag;
    private final Duration maxNumberLag;
    private final boolean accountHidden;
    private final boolean datesWrong;
    private Duration offset;
    final List<ServerRun> runs = new ArrayList<>();

    SimulatedBitbucket(Interleaving time, Random random) {
        this.time = time;
        this.random = random;
        faultPercent = pick(0, 5, 20, 50);
        triggerFaultPercent = pick(0, 5, 30, 70);
        maxListLag = Duration.ofSeconds(pick(0, 3, 20, 60));
        maxNumberLag = Duration.ofSeconds(pick(0, 0, 5, 60));
        accountHidden = pick(0, 0, 0, 1) == 1;
        datesWrong = pick(0, 0, 0, 1) == 1;
        offset = Duration.ofSeconds(pick(0, 0, 2, -2, 15, -15, 600, -86_400));
        if (pick(0, 0, 0, 1) == 1) {
            time.after(upTo(Duration.ofMinutes(2)), () -> offset = offset.plusSeconds(pick(-20, -1, 1, 20)));
        }
    }

    int pick(int... values) {
        return values[random.nextInt(values.length)];
    }

    Duration upTo(Duration max) {
        return Duration.ofMillis(random.nextLong(max.toMillis() + 1));
    }

    private Instant now() {
        return time.instant();
    }

    /** Creates a run. */
    ServerRun create(TriggerRequest request, String trigger, String creator, Optional<Session> owner) {
        ServerRun run = new ServerRun(request, trigger, new Account(Optional.of(creator), Optional.empty()), owner);
        runs.add(run);
        return run;
    }

    /** A run as the server knows it. */
    final class ServerRun {
        private final TriggerRequest request;
        private final String trigger;
        private final Account creator;
        final Optional<Session> owner;
        final long number = runs.size() + 1L;
        final String uuid = "{" + number + "}";
        private final Instant created = now();
        private final Instant createdByServer = created.plus(offset);
        /** From when it can be read by its number: a replica that is behind has no later run either. */
        final Instant numbered = runs.stream()
                .map(run -> run.numbered)
                .reduce(
                        created.plus(random.nextInt(10) == 0 ? upTo(maxNumberLag) : Duration.ZERO),
                        (one, other) -> one.isAfter(other) ? one : other);

        private final Instant listed = created.plus(upTo(maxListLag));
        private final Instant parsed = created.plus(upTo(Duration.ofSeconds(4)));
        private final Instant started = parsed.plus(upTo(Duration.ofSeconds(pick(2, 10, 10, 90))));
        private final List<Instant> stepEnds = new ArrayList<>(List.of(started));
        private final Result result = Result.of(RESULTS.get(random.nextInt(RESULTS.size())));
        private final Optional<State> held = Optional.ofNullable(
                switch (random.nextInt(12)) {
                    case 0 -> State.Unfinished.HALTED;
                    case 1 -> State.Unfinished.PAUSED;
                    default -> null;
                });
        private final boolean lastIsManual = random.nextBoolean();
        private final boolean stepsShowResult = random.nextInt(10) > 0;
        private final boolean stepNeverEnds = random.nextInt(20) == 0;
        private Optional<Instant> stopped = Optional.empty();

        ServerRun(TriggerRequest request, String trigger, Account creator, Optional<Session> owner) {
            this.request = request;
            this.trigger = trigger;
            this.creator = creator;
            this.owner = owner;
            for (int i = pick(1, 2, 3); i > 0; i--) {
                stepEnds.add(last().plusSeconds(1).plus(upTo(Duration.ofSeconds(pick(5, 60, 200)))));
            }
        }

        private Instant last() {
            return stepEnds.get(stepEnds.size() - 1);
        }

        /** From when it waits for a person: a manual step is the last one. */
        private Instant heldSince() {
            return held.get() == State.Unfinished.HALTED ? started : stepEnds.get(stepEnds.size() - 2);
        }

        State stateAt(Instant at) {
            boolean endsBefore =
                    held.isEmpty() && stopped.filter(last()::isAfter).isEmpty();
            if (!endsBefore && stopped.filter(end -> !at.isBefore(end)).isPresent()) {
                return completed(Result.Known.STOPPED);
            }
            if (held.isPresent() && !at.isBefore(heldSince())) {
                return held.get();
            }
            if (at.isBefore(started)) {
                return at.isBefore(parsed) ? State.Unfinished.PARSING : State.Unfinished.PENDING;
            }
            return at.isBefore(last()) ? State.Unfinished.IN_PROGRESS : completed(result);
        }

        /** Whether only a manual step is left, and none has failed. */
        boolean hasDoneItsWork() {
            return stateAt(now()) == State.Unfinished.PAUSED && lastIsManual;
        }

        Run at(Instant at) {
            State state = stateAt(at);
            return new Run(
                    number,
                    uuid,
                    URI.create("https://bitbucket.org/acme/shop/pipelines/results/" + number),
                    state,
                    Optional.of(request.target()),
                    Optional.of("5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4"),
                    state == State.Unfinished.PARSING
                            ? Optional.empty()
                            : Optional.of(request.pipeline()
                                    .map(Selector::custom)
                                    .orElse(new Selector("default", Optional.empty()))),
                    Optional.of(trigger),
                    Optional.of(creator),
                    Optional.of(createdByServer),
                    Optional.empty(),
                    Optional.empty());
        }

        private List<Step> stepsAt(Instant at) {
            if (at.isBefore(parsed)) {
                return List.of();
            }
            return IntStream.range(1, stepEnds.size())
                    .mapToObj(i -> new Step(
                            i,
                            "{" + number + "-" + i + "}",
                            Optional.of("Step " + i),
                            stepAt(i, at),
                            lastIsManual && held.isPresent() && i == stepEnds.size() - 1,
                            Optional.of(stepEnds.get(i - 1).plus(offset)).filter(start -> !at.isBefore(start)),
                            Optional.empty(),
                            Optional.empty()))
                    .toList();
        }

        private State stepAt(int step, Instant at) {
            boolean isLast = step == stepEnds.size() - 1;
            if (held.isPresent() && isLast && !at.isBefore(heldSince())) {
                return held.get();
            }
            if (at.isBefore(stepEnds.get(step - 1))
                    || held.filter(State.Unfinished.HALTED::equals).isPresent()) {
                return State.Unfinished.PENDING;
            }
            if (at.isBefore(stepEnds.get(step)) || isLast && stepNeverEnds) {
                return State.Unfinished.IN_PROGRESS;
            }
            return completed(isLast && stepsShowResult ? result : Result.Known.SUCCESSFUL);
        }

        /** A run that is held accepts a stop and stays as it is. */
        private boolean stop() {
            State state = stateAt(now());
            if (!state.isCompleted() && !state.isIn(State.Phase.HELD)) {
                stopped = Optional.of(now().plus(upTo(Duration.ofSeconds(5))));
            }
            return !state.isCompleted();
        }
    }

    private static State completed(Result result) {
        return new State.Completed(result, Optional.empty(), Optional.empty());
    }

    /** A build's connection. It lives in a JVM that may be killed at each request, response and sleep. */
    final class Session {
        final SimulatedJvm jvm;
        final String account;
        Optional<Duration> skew = Optional.empty();
        /** When a run was last reported as missing, by its number. */
        Optional<Instant> missing = Optional.empty();
        /** What a 201 may name in our run's place and be recognized. */
        Predicate<ServerRun> isDistinguishable = run -> false;

        private final Consumer<String> course;
        private long requests;

        Session(SimulatedJvm jvm, String account, Consumer<String> course) {
            this.jvm = jvm;
            this.account = account;
            this.course = course;
        }

        PipelinesClient client() {
            return new Client(this, Duration.ofMinutes(1), Optional.empty());
        }

        List<ServerRun> created() {
            return runs.stream()
                    .filter(run -> run.owner.filter(this::equals).isPresent())
                    .toList();
        }

        /** Whether a run could be seen by its number when that was last tried. */
        boolean couldSee(ServerRun run) {
            return missing.map(at -> !run.numbered.isAfter(at)).orElse(!run.numbered.isAfter(now()));
        }

        void pause(String at, Duration duration) {
            jvm.checkpoint(at);
            time.sleep(duration);
            jvm.checkpoint(at);
        }
    }

    private final class Client implements PipelinesClient {
        private final Session session;
        private final Duration timeout;
        private final Optional<Duration> maxDelay;

        Client(Session session, Duration timeout, Optional<Duration> maxDelay) {
            this.session = session;
            this.timeout = timeout;
            this.maxDelay = maxDelay;
        }

        @Override
        public RepositoryId repository() {
            return new RepositoryId("acme", "shop");
        }

        @Override
        public PipelinesClient withTimeout(Duration limit) {
            return new Client(session, limit, maxDelay);
        }

        @Override
        public PipelinesClient deferrable(Duration max) {
            return new Client(session, timeout, Optional.of(Durations.longer(max, Duration.ZERO)));
        }

        @Override
        public long requests() {
            return session.requests;
        }

        @Override
        public long requestsLeft() {
            return Long.MAX_VALUE;
        }

        private Duration latency() {
            return Duration.ofMillis(1 + random.nextInt(pick(100, 100, 100, 2_000)));
        }

        /** Fails after the time of a response, or of the timeout if it is not to come. */
        private PipelinesException failure(String what, PipelinesException failure, boolean stalls) {
            session.pause(what, stalls ? timeout : Durations.shorter(timeout, latency()));
            session.course.accept(what + ": " + failure.getMessage());
            return failure;
        }

        private PipelinesException lost(String why) {
            return new PipelinesException(Kind.OUTCOME_UNKNOWN, why);
        }

        /** Responses to any request that was not processed. */
        private PipelinesException refused(int kind) {
            return switch (kind) {
                case 0 -> new PipelinesException(Kind.NOT_PROCESSED, "connection refused");
                case 1 -> new PipelinesException(Kind.RATE_LIMITED, "429");
                case 2 -> new PipelinesException(Kind.RATE_LIMITED, "429", Duration.ofSeconds(pick(0, 2, 30)));
                default -> new PipelinesException(Kind.NOT_PROCESSED, "503", Duration.ofSeconds(pick(0, 5, 60)));
            };
        }

        private <T> T read(String what, Supplier<T> work) {
            if (maxDelay.isPresent() && random.nextInt(20) == 0) {
                Duration max = maxDelay.get();
                Duration delay = upTo(Duration.ofSeconds(30));
                session.pause(what, Durations.shorter(max, delay));
                Duration left = Durations.longer(max.minus(delay), Duration.ofSeconds(2));
                return new Client(session, Durations.shorter(timeout, left), Optional.empty()).read(what, work);
            }
            session.requests++;
            if (random.nextInt(100) < faultPercent) {
                int kind = random.nextInt(9);
                throw switch (kind) {
                    case 0, 1, 2, 3 -> failure(what, refused(kind), false);
                    case 4 -> failure(what, lost("timeout"), true);
                    case 5 -> failure(what, lost("500"), false);
                    case 6 -> failure(what, PipelinesException.foreign(Kind.OUTCOME_UNKNOWN, "login page"), false);
                    case 7 -> failure(what, lost("the response is about another run"), false);
                    default -> failure(what, lost("the body is truncated"), false);
                };
            }
            Duration there = latency();
            Duration back = latency();
            if (there.plus(back).compareTo(timeout) > 0) {
                throw failure(what, lost("timeout"), true);
            }
            session.pause(what, there);
            T response = work.get();
            Instant date = now().plus(offset).truncatedTo(ChronoUnit.SECONDS);
            session.pause(what, back);
            session.course.accept(what + ": " + response);
            session.skew = Optional.of(Duration.between(now(), date).plusSeconds(datesWrong ? pick(0, -15, 15) : 0));
            return response;
        }

        @Override
        public Run trigger(TriggerRequest request) {
            session.requests++;
            AtomicReference<ServerRun> run = new AtomicReference<>();
            Duration there = Durations.shorter(latency(), timeout);
            Runnable work = () -> run.set(create(request, "MANUAL", session.account, Optional.of(session)));
            int kind = random.nextInt(100) < triggerFaultPercent ? random.nextInt(16) : 99;
            switch (kind) {
                case 0, 1, 2, 3 -> throw failure("trigger", refused(kind), false);
                case 4 -> throw failure("trigger", new PipelinesException(Kind.REJECTED, "400"), false);
                case 5 -> throw failure("trigger", new PipelinesException(Kind.NOT_FOUND, "404"), false);
                case 6, 7 -> throw failure("trigger", lost("connection reset"), false);
                // A gateway has it, and may send it when the client has long given up.
                case 8 -> time.after(upTo(timeout.plusSeconds(pick(1, 10, 60))), work);
                default -> time.after(there, work);
            }
            if (kind == 8) {
                throw failure("trigger", lost("timeout"), true);
            }
            session.pause("trigger", there.plus(latency()));
            Optional<ServerRun> other = runs.stream()
                    .filter(old -> old != run.get() && session.isDistinguishable.test(old))
                    .reduce((one, next) -> next);
            switch (kind) {
                case 9, 10 -> throw lost("connection reset");
                case 11 -> throw refused(3).withKind(Kind.OUTCOME_UNKNOWN);
                case 12 -> throw PipelinesException.created("unreadable", Optional.of(run.get().uuid));
                case 13 -> throw PipelinesException.created("unreadable", Optional.empty());
                default -> {
                    return (kind < 16 ? other.orElse(run.get()) : run.get()).at(now());
                }
            }
        }

        private Run find(Predicate<ServerRun> which) {
            // A replica may be behind, but has the run.
            Instant at = now().minus(random.nextInt(10) == 0 ? upTo(Duration.ofSeconds(30)) : Duration.ZERO);
            return runs.stream()
                    .filter(which.and(run -> !run.numbered.isAfter(now())))
                    .findFirst()
                    .map(run -> run.at(at))
                    .orElse(null);
        }

        private Run get(Predicate<ServerRun> which) {
            Run run = read("run", () -> {
                Run found = find(which);
                session.missing = found == null ? Optional.of(now()) : session.missing;
                return found;
            });
            if (run == null) {
                throw PipelinesException.noSuchRun("404");
            }
            return run;
        }

        @Override
        public Run getRun(Run run) {
            return get(found -> found.uuid.equals(run.uuid()));
        }

        @Override
        public Run getRun(long number) {
            try {
                return get(run -> run.number == number);
            } catch (PipelinesException e) {
                // As the real client does: a doubt names the run by it.
                throw e.withMessage("Could not read run #" + number + ": " + e.getMessage());
            }
        }

        @Override
        public Run getRun(String uuid) {
            return get(run -> run.uuid.equals(uuid));
        }

        @Override
        public List<Step> listSteps(Run run) {
            return listSteps(run.number());
        }

        @Override
        public List<Step> listSteps(long number) {
            return read("steps", () -> {
                Instant at = now().minus(random.nextInt(8) == 0 ? upTo(Duration.ofMinutes(3)) : Duration.ZERO);
                return random.nextInt(50) == 0
                        ? List.of()
                        : runs.get((int) number - 1).stepsAt(at);
            });
        }

        @Override
        public boolean stop(Run run) {
            return read("stop", () -> runs.get((int) run.number() - 1).stop());
        }

        @Override
        public List<Run> listRuns(RunFilter filter, int limit) {
            return read(
                    "list",
                    () -> runs.stream()
                            .filter(run -> !run.listed.isAfter(now()))
                            .sorted(Comparator.comparingLong((ServerRun run) -> run.number)
                                    .reversed())
                            .map(run -> run.at(now()))
                            .filter(filter::matches)
                            .limit(limit)
                            .toList());
        }

        @Override
        public List<Run> listAllRuns(RunFilter filter, int max) {
            return listRuns(filter, max);
        }

        @Override
        public List<Run> listChildren(Run parent) {
            return List.of();
        }

        @Override
        public Optional<LogPart> readLog(long number, String stepUuid, LogRange range, LogSink sink) {
            return read("log", Optional::empty);
        }

        @Override
        public Optional<Account> currentAccount() {
            return read(
                    "account",
                    () -> accountHidden
                            ? Optional.empty()
                            : Optional.of(new Account(Optional.of(session.account), Optional.empty())));
        }
    }

    /** A JVM that is killed at one of its checkpoints. Nothing is done by it afterwards. */
    static final class SimulatedJvm {
        private int checkpointsLeft;
        Optional<String> killedAt = Optional.empty();

        SimulatedJvm(int checkpoints) {
            checkpointsLeft = checkpoints;
        }

        void checkpoint(String at) {
            if (killedAt.isEmpty() && checkpointsLeft-- <= 0) {
                killedAt = Optional.of(at);
            }
            if (killedAt.isPresent()) {
                throw new Killed();
            }
        }
    }

    /** Ends a thread of a killed JVM. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }
}
