package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.run.ConcurrentRunException;
import io.github.bitbucketpipelines.maven.run.InDoubtException;
import io.github.bitbucketpipelines.maven.run.RunNotFoundException;
import java.util.function.Function;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Maps the exceptions of a goal to Maven's: a result that fails the build becomes a {@link MojoFailureException}, all
 * others a {@link MojoExecutionException}. Neither has a cause, so that Maven prints no stack trace.
 *
 * @param waitCommand formats the command that waits for a run
 */
record ExceptionMapper(Function<Run, String> waitCommand) {
    @FunctionalInterface
    interface Call {
        void run() throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /** A call with a result. */
    @FunctionalInterface
    interface Supplied<T> {
        T get() throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /** Runs the call; an interrupt is kept as the thread's interrupt status. */
    void run(Call call) throws MojoExecutionException, MojoFailureException {
        try {
            supply(() -> {
                call.run();
                return Boolean.TRUE;
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MojoExecutionException("Interrupted while waiting for Bitbucket");
        }
    }

    /** Returns the result of the call. */
    <T> T supply(Supplied<T> call) throws MojoExecutionException, MojoFailureException, InterruptedException {
        try {
            return call.get();
        } catch (ConcurrentRunException e) {
            throw new MojoFailureException(e.getMessage());
        } catch (InDoubtException e) {
            throw new MojoExecutionException(e.getMessage()
                    + e.candidates().stream()
                            .findFirst()
                            .map(run -> System.lineSeparator() + "To wait for one of them: " + waitCommand.apply(run))
                            .orElse(""));
        } catch (PipelinesException | RunNotFoundException e) {
            throw new MojoExecutionException(e.getMessage());
        }
    }
}
