package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.IncompleteStepsException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.session.context.GoalCommands;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Leaves or stops the run when the build is killed (Ctrl-C, SIGTERM) or its thread is interrupted (IDEs, the Maven daemon).
 * From that moment no trigger is sent. A trigger in flight is awaited, so that its run gets a receipt and can be stopped.
 *
 * <p>A killed JVM interrupts no thread: it runs shutdown hooks, and the goal's thread continues beside them. An interrupted
 * goal calls {@link #cancelled} itself. Thread-safe.
 */
public final class InterruptHook implements AutoCloseable {
    /** The action on the run. */
    public enum OnInterrupt {
        LEAVE,
        STOP
    }

    /** How long a trigger in flight is awaited. With the stop it stays below 5 s, after which CI servers send SIGKILL. */
    private static final Duration RESPONSE_TIMEOUT = Duration.ofMillis(3_800);

    private static final Duration MIN_STOP_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration MAX_STOP_TIMEOUT = Duration.ofMillis(2_500);

    /** How long the steps are read that still run after the stop. */
    private static final Duration STEPS_TIMEOUT = Duration.ofSeconds(1);

    /** Less than this is not enough for the steps after the stop. */
    private static final Duration MIN_TIME_FOR_STEPS = Duration.ofSeconds(2);

    private final OnInterrupt onInterrupt;
    private final PipelinesClient pipelines;
    private final ResumeCommands commands;
    private final Consumer<String> shutdownLog;
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread thread = new Thread(this::interrupted, "bitbucket-pipelines-interrupt");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile Consumer<Consumer<String>> first = log -> {};
    private volatile Optional<Run> run = Optional.empty();
    private volatile boolean triggerSent;
    private volatile boolean hasEnded;
    private volatile boolean isCancelled;
    private volatile boolean isKilled;

    /** The commands that a message shows. */
    interface ResumeCommands {
        /** Waits for a run. */
        String waitFor(Run run);

        /** Waits for the run that the last trigger may have created. */
        String waitByReceipt();

        /** Returns the commands of a goal whose trigger has this receipt. */
        static ResumeCommands of(GoalCommands commands, Path receipt) {
            return new ResumeCommands() {
                @Override
                public String waitFor(Run run) {
                    return commands.waitFor(run);
                }

                @Override
                public String waitByReceipt() {
                    return commands.waitFor(receipt);
                }
            };
        }
    }

    InterruptHook(
            OnInterrupt onInterrupt, PipelinesClient pipelines, ResumeCommands commands, Consumer<String> shutdownLog) {
        this.onInterrupt = onInterrupt;
        this.pipelines = pipelines;
        this.commands = commands;
        this.shutdownLog = shutdownLog;
    }

    /**
     * Creates a hook and registers it with the JVM.
     *
     * @param shutdownLog prints one line, also when Maven's Log is closed
     */
    static InterruptHook register(
            OnInterrupt onInterrupt, PipelinesClient pipelines, ResumeCommands commands, Consumer<String> shutdownLog) {
        InterruptHook hook = new InterruptHook(onInterrupt, pipelines, commands, shutdownLog);
        Runtime.getRuntime().addShutdownHook(hook.thread);
        SigintHandler.install();
        return hook;
    }

    /**
     * Called immediately before a trigger is sent.
     *
     * @throws CancellationException if the build was killed or its thread interrupted
     */
    void beginTrigger() {
        locked(() -> {
            if (isCancelled || Thread.currentThread().isInterrupted()) {
                throw new CancellationException();
            }
            triggerSent = true;
        });
    }

    /** The trigger has created no run. */
    void triggerRefused() {
        locked(() -> triggerSent = false);
    }

    /** There is a run now, or it is in another state. */
    void observe(Run current) {
        locked(() -> {
            run = Optional.of(current);
            triggerSent = false;
        });
    }

    /** The run is completed; what remains is to report it. */
    void ended() {
        locked(() -> hasEnded = true);
    }

    /**
     * Sets what is done with what is known, before anything that takes time.
     *
     * @param work gets the log for its lines; it may not use Maven's Log
     */
    void first(Consumer<Consumer<String>> work) {
        locked(() -> first = work);
    }

    /** Runs when the JVM shuts down. */
    void interrupted() {
        try {
            locked(() -> {
                isCancelled = true;
                isKilled = true;
            });
            leaveOrStop("Killed", awaitResponse(), shutdownLog);
        } finally {
            done.countDown();
        }
    }

    /**
     * Handles the interrupt of the goal's own thread as a killed build. The interrupt status is set afterwards.
     *
     * @param log for single lines
     * @return the exception that fails the goal
     */
    public MojoExecutionException cancelled(Consumer<String> log) {
        // Requests of a thread whose interrupt status is set fail.
        Thread.interrupted();
        locked(() -> isCancelled = true);
        try {
            if (isKilled) {
                awaitHook();
            } else {
                leaveOrStop("Cancelled", RESPONSE_TIMEOUT, log);
            }
        } finally {
            Thread.currentThread().interrupt();
        }
        return new MojoExecutionException("The build was cancelled"
                + run.map(known -> " while it watched pipeline #" + known.number() + ": " + known.url())
                        .orElse(
                                triggerSent
                                        ? " before Bitbucket confirmed a run"
                                        : " before a trigger: nothing was triggered"));
    }

    /**
     * Describes what is known of the run of a goal that fails unexpectedly, and how to go on, in lines; empty where nothing was
     * triggered.
     */
    public List<String> outlook() {
        if (run.isPresent()) {
            return List.of(
                    "Could not see how pipeline #" + run.get().number()
                            + " went; it may still be going, and this is not a verdict on it.",
                    run.get().url().toString(),
                    "To wait for it again: " + commands.waitFor(run.get()));
        }
        return triggerSent
                ? List.of(
                        "A trigger was sent before, and it is not known whether there is a run.",
                        "To wait for it: " + commands.waitByReceipt())
                : List.of();
    }

    /** Waits while a trigger is in flight; returns what is left of the time. */
    private Duration awaitResponse() {
        lock.lock();
        try {
            long nanos = RESPONSE_TIMEOUT.toNanos();
            while (triggerSent && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return Duration.ofNanos(Math.max(0, nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    private void leaveOrStop(String verb, Duration timeLeft, Consumer<String> log) {
        if (run.isEmpty()) {
            log.accept(
                    triggerSent
                            ? verb + " before Bitbucket confirmed a run; there may be one. To wait for it: "
                                    + commands.waitByReceipt()
                            : verb + " before a trigger: nothing was triggered");
            return;
        }
        first.accept(log);
        Run known = run.get();
        String name = "pipeline #" + known.number();
        if (hasEnded) {
            log.accept(verb + " after the end of " + name + ": " + known.url());
            return;
        }
        if (onInterrupt != OnInterrupt.STOP || !stop(verb, known, timeLeft, log)) {
            log.accept(verb + ": " + name + " goes on. To wait for it again: " + commands.waitFor(known));
            log.accept(known.url().toString());
        }
    }

    /** Returns whether the run ends. Bitbucket accepts the stop of a paused run, and ignores it. */
    private boolean stop(String verb, Run known, Duration timeLeft, Consumer<String> log) {
        String name = verb + ": pipeline #" + known.number();
        PipelinesClient limited = pipelines.withTimeout(
                Durations.shorter(MAX_STOP_TIMEOUT, MIN_STOP_TIMEOUT.plus(timeLeft.dividedBy(2))));
        try {
            boolean stopped = limited.stop(known);
            if (stopped && isHeld(limited, known)) {
                log.accept(
                        name + " waits for a person, and Bitbucket ignores the stop of such a run. Stop it on its web"
                                + " page");
                return false;
            }
            log.accept(
                    stopped
                            ? name + " was requested to stop." + stillRunning(known, timeLeft)
                            : name + " is over already");
            return true;
        } catch (RuntimeException e) {
            log.accept(name + " could not be stopped: " + e.getMessage());
            return false;
        }
    }

    private String stillRunning(Run known, Duration timeLeft) {
        if (timeLeft.compareTo(MIN_TIME_FOR_STEPS) < 0) {
            return "";
        }
        try {
            return StepSelector.stillRunning(
                    pipelines.withTimeout(STEPS_TIMEOUT).listSteps(known.number()));
        } catch (IncompleteStepsException e) {
            return StepSelector.stillRunning(e.steps());
        } catch (RuntimeException e) {
            return "";
        }
    }

    private static boolean isHeld(PipelinesClient limited, Run known) {
        if (!known.state().isIn(State.Phase.HELD)) {
            return false;
        }
        try {
            return limited.getRun(known).state().isIn(State.Phase.HELD);
        } catch (RuntimeException e) {
            return true;
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Removes the hook from the JVM. If it runs already, its end is awaited: it uses the goal's connection. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
            SigintHandler.restore();
        } catch (IllegalStateException e) {
            // The JVM shuts down.
            awaitHook();
        }
    }

    /** Waits until what is done when the JVM shuts down is done, for a limited time. */
    void awaitHook() {
        try {
            done.await(RESPONSE_TIMEOUT.plus(MAX_STOP_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
