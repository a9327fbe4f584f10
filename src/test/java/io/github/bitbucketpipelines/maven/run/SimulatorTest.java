package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.run.SimulatedBitbucket.Killed;
import io.github.bitbucketpipelines.maven.run.SimulatedBitbucket.ServerRun;
import io.github.bitbucketpipelines.maven.run.SimulatedBitbucket.Session;
import io.github.bitbucketpipelines.maven.run.SimulatedBitbucket.SimulatedJvm;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One to three builds at random interleavings against a {@link SimulatedBitbucket}, with runs of others and kills. Each
 * schedule is made from its seed alone: {@code -Dsimulator.seed=N} repeats one and prints its course.
 */
class SimulatorTest {
    private static final long FIRST_SEED = 20_261_123;
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration WAIT_LIMIT = Duration.ofMinutes(3);

    private final Map<String, Integer> counts = new TreeMap<>();

    @Test
    void invariantsHoldInEachSchedule() throws Exception {
        Long seed = Long.getLong("simulator.seed");
        if (seed != null) {
            SimulatedSchedule schedule = new SimulatedSchedule(seed);
            List<String> broken = schedule.run();
            schedule.course.forEach(System.out::println);
            assertThat(broken).isEmpty();
        } else {
            simulate(2_000);
        }
    }

    @Test
    @Tag("soak")
    void invariantsHoldInManySchedules() throws Exception {
        simulate(Integer.getInteger("simulator.schedules", 100_000));
    }

    @Test
    void aSeedDeterminesTheSchedule() throws Exception {
        for (long seed = 1; seed <= 20; seed++) {
            SimulatedSchedule one = new SimulatedSchedule(seed);
            SimulatedSchedule other = new SimulatedSchedule(seed);
            assertThat(one.run()).isEqualTo(other.run());
            assertThat(one.course).isNotEmpty().isEqualTo(other.course);
        }
    }

    private void simulate(int schedules) throws Exception {
        Map<Long, List<String>> broken = new TreeMap<>();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + schedules && broken.size() < 20; seed++) {
            List<String> found = new SimulatedSchedule(seed).run();
            if (!found.isEmpty()) {
                broken.put(seed, found);
            }
        }
        System.out.printf("Simulator: %d schedules from seed %d: %s%n", schedules, FIRST_SEED, counts);
        assertThat(broken).as("by -Dsimulator.seed").isEmpty();
        assertThat(counts)
                .containsKeys("green", "red", "in doubt", "killed", "recovered", "wait: found", "wait: in doubt");
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    /** One schedule. */
    private final class SimulatedSchedule {
        final List<String> course = new ArrayList<>();
        private final List<String> broken = new ArrayList<>();
        private final Random random;
        private final Interleaving time;
        private final SimulatedBitbucket bitbucket;
        private final List<Build> builds = new ArrayList<>();
        private final TriggerRequest usual =
                new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.empty(), List.of());

        SimulatedSchedule(long seed) {
            random = new Random(seed);
            time = new Interleaving(random);
            bitbucket = new SimulatedBitbucket(time, random);
        }

        List<String> run() throws Exception {
            for (int i = random.nextInt(3); i > 0; i--) {
                bitbucket.create(usual, "MANUAL", "{us}", Optional.empty());
            }
            SimulatedJvm shared = jvm();
            RunClaims claims = claims();
            boolean isParallel = random.nextInt(3) == 0;
            for (int i = bitbucket.pick(1, 2, 2, 3); i > 0; i--) {
                Build build = new Build(isParallel ? shared : jvm(), isParallel ? claims : claims());
                builds.add(build);
                time.spawn(near(), build::run);
            }
            for (int i = bitbucket.pick(0, 0, 1, 2, 3); i > 0; i--) {
                String creator = random.nextInt(3) == 0 ? "{us}" : "{them}";
                String trigger = random.nextInt(3) == 0 ? "PUSH" : "MANUAL";
                time.after(near(), () -> bitbucket.create(request(), trigger, creator, Optional.empty()));
            }
            time.run();
            builds.forEach(Build::check);
            return broken;
        }

        private Duration near() {
            return bitbucket.upTo(Duration.ofSeconds(bitbucket.pick(0, 2, 30, 60)));
        }

        private SimulatedJvm jvm() {
            return new SimulatedJvm(
                    random.nextInt(3) == 0 ? random.nextInt(8 << random.nextInt(6)) : Integer.MAX_VALUE);
        }

        private RunClaims claims() {
            return new RunClaims(ConcurrentHashMap.newKeySet(), new ConcurrentHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                public ReentrantLock computeIfAbsent(
                        List<String> key, Function<? super List<String>, ? extends ReentrantLock> create) {
                    return super.computeIfAbsent(key, any -> time.lock());
                }
            });
        }

        private TriggerRequest request() {
            return switch (random.nextInt(8)) {
                case 0 ->
                    new TriggerRequest(new Target.Branch("feature", Optional.empty()), Optional.empty(), List.of());
                case 1 -> new TriggerRequest(usual.target(), Optional.of("deploy"), List.of());
                default -> usual;
            };
        }

        private RunContext context(Session session, Consumer<RunEvent> events) {
            return new RunContext(
                    session.client(),
                    () -> session.skew,
                    time,
                    duration -> session.pause("sleep", duration),
                    random,
                    events);
        }

        /** One build: what {@code run} does, with a disk in memory. */
        private final class Build implements TriggerGuard {
            final Session session;
            private final RunClaims claims;
            private final TriggerRequest request = request();
            private final WatchOptions options = options();
            private final List<String> said = new ArrayList<>();
            private Optional<TriggerIntent> intent = Optional.empty();
            private Optional<String> receipt = Optional.empty();
            private Optional<Run> watched = Optional.empty();
            private String outcome = "";

            Build(SimulatedJvm jvm, RunClaims claims) {
                this.session = bitbucket.new Session(jvm, random.nextInt(4) == 0 ? "{them}" : "{us}", this::note);
                this.claims = claims;
            }

            private WatchOptions options() {
                return new WatchOptions(
                        Duration.ofSeconds(bitbucket.pick(20, 60, 300, 900)),
                        Optional.of(Duration.ofSeconds(45)).filter(limit -> random.nextInt(4) == 0),
                        one(WatchOptions.OnTimeout.values()),
                        one(WatchOptions.OnPaused.values()),
                        one(WatchOptions.OnHalted.values()),
                        one(WatchOptions.Logs.values()),
                        100);
            }

            private <T> T one(T[] values) {
                return values[random.nextInt(values.length)];
            }

            void run() {
                try {
                    outcome = perform();
                    session.jvm.checkpoint("end");
                } catch (Killed e) {
                    outcome = "killed";
                    count("killed: at " + session.jvm.killedAt.orElseThrow());
                } catch (InDoubtException e) {
                    outcome = "in doubt";
                    said.add(e.getMessage());
                } catch (PipelinesException e) {
                    outcome = "red";
                    said.add(e.getMessage());
                } catch (InterruptedException | RuntimeException e) {
                    outcome = "broken";
                    violation("ended with " + e);
                }
                note("ended: " + outcome + " " + said);
                count(outcome);
                intent.ifPresent(left -> time.spawn(
                        bitbucket.upTo(Duration.ofSeconds(bitbucket.pick(0, 20, 1_500))), () -> waitForRunOf(left)));
            }

            private String perform() throws InterruptedException {
                Instant begin = time.instant();
                RunLifecycle lifecycle = new RunLifecycle(context(session, this::receive), claims);
                Run run;
                try {
                    run = lifecycle.trigger(request, options.timeout(), this);
                } finally {
                    requireInTime("the trigger", begin.plus(options.timeout()));
                }
                watched = Optional.of(run);
                Instant triggered = lifecycle.triggered();
                Schedule schedule = random.nextBoolean()
                        ? Schedule.auto()
                        : Schedule.every(Duration.ofSeconds(1 + random.nextInt(9)));
                WatchResult result = lifecycle.watch(run, triggered, schedule, options);
                requireInTime("the watch", triggered.plus(options.timeout()));
                Verdict verdict = Verdict.of(
                        result,
                        "#" + run.number(),
                        new Verdict.Policy(Set.of("SUCCESSFUL"), false, options.onTimeout(), options.onPaused()));
                if (verdict.decision() == Decision.PASS) {
                    requireSuccess(result.run());
                    return "green";
                }
                return verdict.decision() == Decision.WARN ? "yellow" : "red";
            }

            private void requireSuccess(Run seen) {
                ServerRun run = bitbucket.runs.get((int) seen.number() - 1);
                boolean isSuccessful = run.uuid.equals(seen.uuid())
                        && run.stateAt(time.instant())
                                .finalResult()
                                .filter(Result.Known.SUCCESSFUL::equals)
                                .isPresent();
                boolean isPaused = options.onPaused() == WatchOptions.OnPaused.SUCCEED && run.hasDoneItsWork();
                require(isSuccessful || isPaused, "green, but its run is " + run.stateAt(time.instant()));
            }

            private void requireInTime(String what, Instant end) {
                if (session.jvm.killedAt.isEmpty()) {
                    Duration late = Duration.between(end.plus(GRACE), time.instant());
                    require(late.isNegative() || late.isZero(), what + " ended late by " + late);
                }
            }

            /** As the recorder of the receipt does: the first intent stays until the run is known. */
            @Override
            public void begin(TriggerIntent next) {
                session.jvm.checkpoint("before the intent");
                intent = intent.or(() -> Optional.of(next));
                session.isDistinguishable = run -> run.number <= next.newestNumber()
                        || !run.at(time.instant()).target().orElseThrow().isSameRef(request.target())
                        || claims.isClaimed(run.uuid);
                session.jvm.checkpoint("after the intent");
                note("trigger after #" + next.newestNumber());
                session.created()
                        .forEach(run -> require(
                                !session.couldSee(run), "triggers again, though #" + run.number + " can be seen"));
            }

            @Override
            public void refused() {
                intent = Optional.empty();
            }

            private void receive(RunEvent event) {
                if (event instanceof RunEvent.Triggered triggered) {
                    session.jvm.checkpoint("before the receipt");
                    receipt = Optional.of(triggered.run().uuid());
                    intent = Optional.empty();
                    session.jvm.checkpoint("after the receipt");
                    if (triggered.recovered()) {
                        count("recovered");
                    }
                    note("triggered #" + triggered.run().number() + (triggered.recovered() ? " (recovered)" : ""));
                } else if (event instanceof RunEvent.Warning warning && session.jvm.killedAt.isEmpty()) {
                    said.add(warning.text());
                    note("WARNING: " + warning.text());
                }
            }

            /** What {@code wait} does in a later build. */
            private void waitForRunOf(TriggerIntent left) {
                Session later = bitbucket.new Session(new SimulatedJvm(Integer.MAX_VALUE), session.account, this::note);
                List<String> others = builds.stream()
                        .filter(build -> build.session.jvm == session.jvm)
                        .flatMap(build -> build.receipt.stream())
                        .toList();
                TimeLimit limit = TimeLimit.in(time, WAIT_LIMIT);
                String result;
                try {
                    Optional<Run> found = new RunFinder(context(later, event -> {}), limit)
                            .triggeredBy(left, outcome.equals("in doubt"), others);
                    boolean isOurs = found.filter(run -> isOurs(run.uuid())).isPresent();
                    for (ServerRun run : session.created()) {
                        require(isOurs || !later.couldSee(run), "wait: overlooks #" + run.number + " for " + found);
                    }
                    boolean isOfAccount = found.flatMap(Run::creator)
                            .filter(creator -> creator.uuid().equals(Optional.of(session.account)))
                            .isPresent();
                    require(found.isEmpty() || isOfAccount, "wait: uses a run of an unknown account");
                    require(found.isEmpty() || !outcome.equals("in doubt"), "wait: resolves a doubt that was reported");
                    result = found.isEmpty()
                            ? "found none"
                            : isOurs ? "found" : "used another's of our account, with a WARNING";
                } catch (InDoubtException e) {
                    for (ServerRun run : session.created()) {
                        boolean isNamed = e.candidates().isEmpty() || names(e.getMessage(), run);
                        require(isNamed || !later.couldSee(run), "wait: does not name #" + run.number);
                    }
                    result = "in doubt";
                } catch (PipelinesException e) {
                    result = "red";
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                requireInTime("wait", limit.end());
                note("wait: " + result);
                count("wait: " + result);
            }

            private boolean isOurs(String uuid) {
                return session.created().stream().anyMatch(run -> run.uuid.equals(uuid));
            }

            void check() {
                List<ServerRun> created = session.created();
                watched.filter(run -> !isOurs(run.uuid()))
                        .ifPresent(run -> violation("watches #" + run.number() + " of another build"));
                counts.merge("pipelines created", created.size(), Integer::sum);
                if (created.size() > 1) {
                    count("several pipelines of a build, " + outcome);
                }
                boolean saysNone = said.stream().anyMatch(text -> text.endsWith("othing was triggered."));
                require(created.isEmpty() || !saysNone, "nothing was triggered, it says");
                created.forEach(this::requireOnRecord);
            }

            private void requireOnRecord(ServerRun run) {
                boolean isRecorded = receipt.filter(run.uuid::equals).isPresent()
                        || receipt.isEmpty()
                                && intent.filter(left -> left.mayHaveCreated(run.at(time.instant()), Optional.empty()))
                                        .isPresent();
                boolean isInDoubt = said.stream()
                        .anyMatch(text -> names(text, run) || text.startsWith("It is not known whether a trigger"));
                if (!isRecorded && !isInDoubt && !session.couldSee(run)) {
                    count("pipeline that appeared after the last search, " + outcome);
                } else {
                    require(isRecorded || isInDoubt, "#" + run.number + " is neither recorded nor named");
                }
            }

            private boolean names(String text, ServerRun run) {
                return Pattern.compile("#" + run.number + "\\b").matcher(text).find();
            }

            private void require(boolean holds, String violation) {
                if (!holds) {
                    violation(violation);
                }
            }

            private void violation(String text) {
                String full = "Build " + builds.indexOf(this) + " (" + outcome + "): " + text;
                broken.add(full);
                note("VIOLATION " + full);
            }

            private void note(String text) {
                course.add(time.instant() + " build " + builds.indexOf(this) + " " + text + " [" + bitbucket.runs.size()
                        + " runs]");
            }
        }
    }
}
