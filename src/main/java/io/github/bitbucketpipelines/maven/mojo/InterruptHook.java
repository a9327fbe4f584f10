package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.Pipelines;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What happens when the build is killed (Ctrl-C, SIGTERM from Jenkins) while a run is going. Maven never interrupts a
 * goal: a shutdown hook is all there is. Maven's Log may be closed by then, and Maven 4 closes System.err with it, so that
 * this speaks to the process's own standard error.
 */
final class InterruptHook implements AutoCloseable {
    /** What to do with the run. */
    enum OnInterrupt {
        LEAVE,
        STOP
    }

    /** Jenkins kills for good a few seconds after it asked nicely: together these stay below 5 s. */
    private static final Duration TRIGGER_LIMIT = Duration.ofMillis(2_000);

    private static final Duration STOP_LIMIT = Duration.ofMillis(2_500);

    private final OnInterrupt onInterrupt;
    private final Pipelines pipelines;
    private final Function<Run, String> reattach;
    private final PrintStream out;
    private volatile Consumer<PrintStream> first = printer -> {};
    private final CompletableFuture<Run> going = new CompletableFuture<>();
    private final Thread thread = new Thread(this::interrupted, "bitbucket-pipelines-interrupt");

    InterruptHook(OnInterrupt onInterrupt, Pipelines pipelines, Function<Run, String> reattach, PrintStream out) {
        this.onInterrupt = onInterrupt;
        this.pipelines = pipelines;
        this.reattach = reattach;
        this.out = out;
    }

    /**
     * From now on a killed build does this.
     *
     * @param reattach the command that waits for a run again
     */
    static InterruptHook register(OnInterrupt onInterrupt, Pipelines pipelines, Function<Run, String> reattach) {
        PrintStream standardError = new PrintStream(new FileOutputStream(FileDescriptor.err), true);
        InterruptHook hook = new InterruptHook(onInterrupt, pipelines, reattach, standardError);
        Runtime.getRuntime().addShutdownHook(hook.thread);
        return hook;
    }

    /** There is a run now. */
    void started(Run run) {
        going.complete(run);
    }

    /** What is done with what is known, before anything that takes time; it may not use Maven's Log either. */
    void first(Consumer<PrintStream> work) {
        first = work;
    }

    /** What a killed build does. */
    void interrupted() {
        Optional<Run> run = startedRun();
        if (run.isEmpty()) {
            out.println("[WARNING] Killed before Bitbucket told of a run; if the trigger was on its way, there may be one:"
                    + " look at mvn bitbucket-pipelines:status");
            return;
        }
        first.accept(out);
        String name = "pipeline #" + run.get().number();
        if (onInterrupt == OnInterrupt.STOP) {
            try {
                boolean stopped = pipelines.within(STOP_LIMIT).stop(run.get().number());
                out.println("[WARNING] Killed: " + name + (stopped ? " was asked to stop" : " is over already"));
                return;
            } catch (RuntimeException e) {
                out.println("[WARNING] Killed: " + name + " could not be stopped: " + e.getMessage());
            }
        }
        out.println("[WARNING] Killed: " + name + " goes on. To wait for it again: " + reattach.apply(run.get()));
        out.println("[WARNING] " + run.get().url());
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
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook runs, and that is what it is for.
        }
    }
}
