package io.github.bitbucketpipelines.maven.session.plan;

import io.github.bitbucketpipelines.maven.console.ConsoleListener;
import io.github.bitbucketpipelines.maven.console.RunLabel;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.plan.PlanState;
import io.github.bitbucketpipelines.maven.plan.PlanState.Status;
import io.github.bitbucketpipelines.maven.plan.PlannedTask;
import io.github.bitbucketpipelines.maven.plan.TotalLimit;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.BusyCheck;
import io.github.bitbucketpipelines.maven.run.ConcurrencyGuard.OnBusy;
import io.github.bitbucketpipelines.maven.run.RunStopper;
import io.github.bitbucketpipelines.maven.run.TriggerPreventedException;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.failure.ExceptionMapper;
import io.github.bitbucketpipelines.maven.session.failure.MessageLines;
import io.github.bitbucketpipelines.maven.session.failure.UnexpectedFailure;
import io.github.bitbucketpipelines.maven.session.receipt.SelectedRun;
import io.github.bitbucketpipelines.maven.session.run.StepSelector;
import io.github.bitbucketpipelines.maven.session.run.TriggerConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchConfig;
import io.github.bitbucketpipelines.maven.session.run.WatchOperation;
import io.github.bitbucketpipelines.maven.session.run.WatchOperation.Conclusion;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/** One of several runs, from its trigger to its end. Its failures are kept, and do not stop the others. */
public final class PlannedExecution implements PlannedTask {
    /** How long a run may take to stop. */
    private static final Duration STOP_TIMEOUT = Duration.ofMinutes(1);

    private final GoalContext context;
    private final RepositoryId repository;
    private final BitbucketConnection connection;
    private final Beginning beginning;
    private volatile Optional<WatchOperation> watching = Optional.empty();
    private volatile Optional<Ending> ending = Optional.empty();

    /** When to poll again for a run that is in the way; empty where none is known. */
    private volatile Optional<Instant> nextAttempt = Optional.empty();

    /** Why it was not triggered, where {@link #begin} was called. */
    private volatile Optional<String> prevention = Optional.empty();

    /** The time limit of all runs, where it leaves this one less time than its own. */
    private Optional<Duration> totalTimeout = Optional.empty();

    /**
     * How a run ended.
     *
     * @param run empty where none was triggered
     * @param text the lines of the verdict, and what to do next
     * @param outputs what the run has handed over, by key
     */
    record Ending(Optional<Run> run, Decision decision, String text, Map<String, String> outputs) {}

    /** Begins to watch the run, which may be triggered first. */
    @FunctionalInterface
    interface Beginning {
        Optional<Conclusion> run(PlannedExecution execution)
                throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /** Creates the execution of a run. */
    public PlannedExecution(
            GoalContext context, RepositoryId repository, BitbucketConnection connection, Beginning beginning) {
        this.context = context;
        this.repository = repository;
        this.connection = connection;
        this.beginning = beginning;
    }

    /** Triggers a run when no other one is in its way, unless nothing may be triggered by then. */
    static Beginning triggering(PlannedRun run, PlanValues values, PlanState state, TotalLimit total) {
        return new Triggering(run, values, state, total);
    }

    /** Triggers a run; while another one is in its way, each call only polls for that. */
    private static final class Triggering implements Beginning {
        private final PlannedRun run;
        private final PlanValues values;
        private final PlanState state;
        private final TotalLimit total;
        private Optional<BusyCheck> check = Optional.empty();

        Triggering(PlannedRun run, PlanValues values, PlanState state, TotalLimit total) {
            this.run = run;
            this.values = values;
            this.state = state;
            this.total = total;
        }

        @Override
        public Optional<Conclusion> run(PlannedExecution execution)
                throws MojoExecutionException, MojoFailureException, InterruptedException {
            TriggerConfig trigger = run.trigger();
            // With onBusy=fail, a run of this plan that was created a moment ago must be known as such.
            Lock lock = trigger.onBusy() == OnBusy.FAIL ? values.lockFor(execution.repository) : new ReentrantLock();
            lock.lockInterruptibly();
            try {
                if (check.isEmpty()) {
                    check = Optional.of(check(execution.connection));
                }
                execution.nextAttempt = check.get().poll();
                return execution.nextAttempt.isPresent() ? Optional.empty() : trigger(execution);
            } finally {
                lock.unlock();
            }
        }

        private BusyCheck check(BitbucketConnection connection) {
            TriggerConfig trigger = run.trigger();
            return trigger.busyCheck(
                    connection.runContext(
                            new ConsoleListener(run.context().output(), trigger.label(), connection.masker())),
                    run.watch().timeout(),
                    other -> {
                        requireOpen(run.context(), connection);
                        return values.isOurs(other);
                    });
        }

        private Optional<Conclusion> trigger(PlannedExecution execution)
                throws MojoExecutionException, MojoFailureException, InterruptedException {
            requireOpen(run.context(), execution.connection);
            Instant now = execution.connection.clock().instant();
            WatchOperation watching = execution.watch(
                    run.trigger().label(),
                    run.trigger().outputDirectory(),
                    run.watch().with(total.limit(run.watch().timeout(), now), run.outputs(values::find)));
            execution.totalTimeout = total.limit()
                    .filter(limit -> watching.timeout().compareTo(run.watch().timeout()) < 0);
            Optional<Conclusion> conclusion = watching.begin(
                    run.request(values::get), Optional::empty, () -> prevention(run.context(), execution.connection));
            total.triggered(watching.limitsBegin());
            values.add(watching.run());
            return conclusion;
        }

        private void requireOpen(GoalContext context, BitbucketConnection connection) {
            prevention(context, connection).ifPresent(reason -> {
                throw new TriggerPreventedException(reason);
            });
        }

        /** Why the run may not be triggered any more; called before each trigger, the repeated ones too. */
        private Optional<String> prevention(GoalContext context, BitbucketConnection connection) {
            if (total.hasPassed(connection.clock().instant())) {
                return total.limit()
                        .map(limit ->
                                "Not run: all runs together may take " + Durations.format(limit) + " (totalTimeout).");
            }
            return state.isClosed()
                    ? Optional.of("Not run, since another run has failed (onFailure).")
                    : context.prevention();
        }
    }

    /**
     * Watches a run that exists.
     *
     * @param begin of the time limits
     */
    public static Beginning watching(
            SelectedRun selected, RunLabel label, Path outputDirectory, WatchConfig config, Instant begin) {
        return execution ->
                execution.watch(label, outputDirectory, config).begin(selected.run(), selected.receipt(), begin);
    }

    private WatchOperation watch(RunLabel label, Path outputDirectory, WatchConfig config) {
        watching = Optional.of(new WatchOperation(context, label, outputDirectory, config, connection));
        watching.get().open();
        return watching.get();
    }

    /** How the run ended; empty before that, and where it was not triggered. */
    Optional<Ending> ending() {
        return ending;
    }

    /** Why it was not triggered, where {@link #begin} was called; else empty. */
    Optional<String> prevention() {
        return prevention;
    }

    /** What the run has handed over, by key. */
    Map<String, String> outputs() {
        return ending.map(Ending::outputs).orElse(Map.of());
    }

    @Override
    public Optional<Status> begin() throws InterruptedException {
        return attempt(() -> beginning.run(this));
    }

    @Override
    public boolean isTriggered() {
        return watching.isPresent();
    }

    @Override
    public Instant nextPoll() {
        return watching.map(WatchOperation::nextPoll).orElseGet(nextAttempt::orElseThrow);
    }

    @Override
    public Instant nextLimit() {
        return watching.map(WatchOperation::nextLimit).orElse(Instant.MAX);
    }

    @Override
    public Optional<Status> poll() throws InterruptedException {
        return isTriggered() ? attempt(() -> watching.orElseThrow().poll()) : begin();
    }

    @Override
    public Status stop() throws InterruptedException {
        if (!isTriggered()) {
            return Status.NOT_RUN;
        }
        WatchOperation operation = watching.orElseThrow();
        context.output().warn("Stopping it, since another run has failed (onFailure=stop)");
        return attempt(() -> {
                    RunStopper.Stopped stopped = new RunStopper(connection.runContext(operation.listener()))
                            .stop(operation.run(), TimeLimit.in(connection.clock(), STOP_TIMEOUT));
                    Optional<Conclusion> conclusion = operation.pollNow();
                    if (conclusion.isEmpty()) {
                        throw new MojoExecutionException("Pipeline #"
                                + operation.run().number()
                                + " was to stop, since another run has failed (onFailure=stop), and has not ended."
                                + StepSelector.stillRunning(stopped.runningSteps())
                                + System.lineSeparator() + operation.run().url());
                    }
                    return conclusion;
                })
                .orElseThrow();
    }

    @Override
    public void cancel() {
        // One that has ended a moment ago is left as it is.
        watching.filter(operation -> ending.isEmpty()).ifPresent(operation -> {
            operation.cancelled();
            operation.close();
        });
    }

    /** Waits until a killed build has left or stopped the run, for a limited time. */
    void awaitInterrupted() {
        watching.ifPresent(WatchOperation::awaitInterrupted);
    }

    private Optional<Status> attempt(ExceptionMapper.Supplied<Optional<Conclusion>> call) throws InterruptedException {
        try {
            return new ExceptionMapper(context.waitCommand(repository))
                    .supply(call)
                    .map(this::ended);
        } catch (TriggerPreventedException e) {
            return Optional.of(notRun(e.getMessage()));
        } catch (MojoExecutionException | MojoFailureException e) {
            return failed(e);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            if (e instanceof RuntimeException own && !UnexpectedFailure.isUnexpected(e)) {
                return failed(own);
            }
            return failed(watching.map(operation -> operation.unexpected(e))
                    .orElseGet(() -> UnexpectedFailure.of(e, context.output(), List.of())));
        }
    }

    private Status notRun(String reason) {
        context.output().warn(reason);
        prevention = Optional.of(reason);
        watching.ifPresent(WatchOperation::close);
        watching = Optional.empty();
        return Status.NOT_RUN;
    }

    private Optional<Status> failed(Exception e) {
        context.failures().ifPresent(recorder -> recorder.failed(e));
        String text = connection
                .move()
                .map(move -> ExceptionMapper.withAdvice(e, move))
                .orElse(e.getMessage());
        return Optional.of(end(new Ending(
                watching.flatMap(WatchOperation::knownRun),
                e instanceof MojoFailureException ? Decision.FAIL : Decision.UNKNOWN,
                text,
                Map.of())));
    }

    private Status ended(Conclusion conclusion) {
        Decision decision = conclusion.verdict().decision();
        if (decision == Decision.PASS || decision == Decision.WARN) {
            watching.orElseThrow().print(conclusion);
        }
        String text = conclusion.text()
                + totalTimeout
                        .filter(limit -> !conclusion.run().state().isCompleted())
                        .map(limit -> System.lineSeparator() + "All runs together may take " + Durations.format(limit)
                                + " (totalTimeout).")
                        .orElse("");
        return end(new Ending(Optional.of(conclusion.run()), decision, text, conclusion.outputs()));
    }

    private Status end(Ending end) {
        ending = Optional.of(end);
        watching.ifPresent(WatchOperation::close);
        if (end.decision() == Decision.FAIL || end.decision() == Decision.UNKNOWN) {
            MessageLines.format(end.text()).lines().forEach(context.output()::error);
        }
        return switch (end.decision()) {
            case PASS -> Status.SUCCEEDED;
            case WARN -> Status.IGNORED;
            case FAIL, UNKNOWN -> Status.FAILED;
        };
    }
}
