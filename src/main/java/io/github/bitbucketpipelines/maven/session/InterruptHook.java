package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * What happens when the build is killed (Ctrl-C, SIGTERM from Jenkins) or cancelled while a run is going. A killed Maven
 * interrupts no goal: a shutdown hook is all there is. IDEs and the Maven daemon cancel a build by interrupting its thread:
 * the goal then calls {@link #cancelled}.
 */
public final class InterruptHook implements AutoCloseable {
    /** What to do with the run. */
    public enum OnInterrupt {
        LEAVE,
        STOP
    }

    /** Jenkins kills for good a few seconds after it asked nicely: together these stay below 5 s. */
    private static final Duration TRIGGER_LIMIT = Duration.ofMillis(2_000);

    private static final Duration STOP_LIMIT = Duration.ofMillis(2_500);

    private final OnInterrupt onInterrupt;
    private final PipelinesClient pipelines;
    private final Function<Run, String> reattach;
    private final Consumer<String> lastWords;
    private volatile Consumer<Consumer<String>> first = log -> {};
    private volatile boolean hasEnded;
    private final CompletableFuture<Run> going = new CompletableFuture<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread = new Thread(this::interrupted, "bitbucket-pipelines-interrupt");

    InterruptHook(
            OnInterrupt onInterrupt,
            PipelinesClient pipelines,
            Function<Run, String> reattach,
            Consumer<String> lastWords) {
        this.onInterrupt = onInterrupt;
        this.pipelines = pipelines;
        this.reattach = reattach;
        this.lastWords = lastWords;
    }

    /**
     * From now on a killed build does this.
     *
     * @param reattach the command that waits for a run again
     * @param lastWords prints one line, also when Maven's Log is closed
     */
    public static InterruptHook register(
            OnInterrupt onInterrupt,
            PipelinesClient pipelines,
            Function<Run, String> reattach,
            Consumer<String> lastWords) {
        InterruptHook hook = new InterruptHook(onInterrupt, pipelines, reattach, lastWords);
        Runtime.getRuntime().addShutdownHook(hook.thread);
        SigintHandler.install();
        return hook;
    }

    /** There is a run now. */
    public void started(Run run) {
        going.complete(run);
    }

    /** The run is over; what is still to do is to tell of it. */
    public void ended() {
        hasEnded = true;
    }

    /**
     * Sets what is done with what is known, before anything that takes time.
     *
     * @param work gets the log for its lines; it may not use Maven's Log
     */
    public void first(Consumer<Consumer<String>> work) {
        first = work;
    }

    /** What a killed build does. */
    void interrupted() {
        try {
            leaveOrStop("Killed", startedRun(), lastWords);
        } finally {
            over.countDown();
        }
    }

    /**
     * Does what a killed build does, on the goal's own thread, which was interrupted: an IDE and the Maven daemon cancel a
     * build like this. The interrupt status is set afterwards.
     *
     * @param log for single lines
     * @return the exception that fails the goal
     */
    public MojoExecutionException cancelled(Consumer<String> log) {
        // Requests of a thread whose interrupt status is set fail.
        Thread.interrupted();
        Optional<Run> run = Optional.ofNullable(going.getNow(null));
        try {
            leaveOrStop("Cancelled", run, log);
        } finally {
            Thread.currentThread().interrupt();
        }
        return new MojoExecutionException("The build was cancelled"
                + run.map(known -> " while it watched pipeline #" + known.number() + ": " + known.url())
                        .orElse(" before Bitbucket confirmed a run"));
    }

    private void leaveOrStop(String verb, Optional<Run> run, Consumer<String> log) {
        if (run.isEmpty()) {
            log.accept(verb + " before Bitbucket confirmed a run; if the trigger was on its way, there may be one: see"
                    + " mvn bitbucket-pipelines:status");
            return;
        }
        first.accept(log);
        String name = "pipeline #" + run.get().number();
        if (hasEnded) {
            log.accept(verb + " after the end of " + name + ": " + run.get().url());
            return;
        }
        if (onInterrupt == OnInterrupt.STOP) {
            try {
                boolean stopped =
                        pipelines.withTimeout(STOP_LIMIT).stop(run.get().number());
                log.accept(verb + ": " + name + (stopped ? " was asked to stop" : " is over already"));
                return;
            } catch (RuntimeException e) {
                log.accept(verb + ": " + name + " could not be stopped: " + e.getMessage());
            }
        }
        log.accept(verb + ": " + name + " goes on. To wait for it again: " + reattach.apply(run.get()));
        log.accept(run.get().url().toString());
    }

    /** The goal's own thread goes on while the JVM goes down: a trigger on its way may yet be answered. */
    private Optional<Run> startedRun() {
        try {
            return Optional.of(going.get(TRIGGER_LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** The run is over, or nobody waits for it any more. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
            SigintHandler.restore();
        } catch (IllegalStateException e) {
            // The JVM is going down, and the hook runs: the goal's own thread, which may have failed on a terminal that
            // Maven 4 has closed, must not close the connection under it.
            awaitTheEnd();
        }
    }

    private void awaitTheEnd() {
        try {
            over.await(TRIGGER_LIMIT.plus(STOP_LIMIT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
