package io.github.bitbucketpipelines.maven.session.failure;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.run.ConcurrentRunException;
import io.github.bitbucketpipelines.maven.run.InDoubtException;
import io.github.bitbucketpipelines.maven.run.RunNotFoundException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Maps the exceptions of a goal to Maven's: a result that fails the build becomes a {@link MojoFailureException}, all
 * others a {@link MojoExecutionException}. Neither has a cause, so that Maven prints no stack trace.
 *
 * @param waitCommand formats the command that waits for a run
 */
public record ExceptionMapper(Function<Run, String> waitCommand) {
    /** A call that throws the plugin's exceptions. */
    @FunctionalInterface
    public interface Call {
        void run() throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    /**
     * Runs the call; an interrupt is kept as the thread's interrupt status.
     *
     * @param move of the repository, known after the call; each message shows how to set the new one
     */
    public void run(Call call, Supplier<Optional<RepositoryMove>> move)
            throws MojoExecutionException, MojoFailureException {
        try {
            map(call);
        } catch (MojoFailureException e) {
            throw move.get().isPresent()
                    ? new MojoFailureException(withAdvice(e, move.get().get()))
                    : e;
        } catch (MojoExecutionException e) {
            throw move.get().isPresent()
                    ? new MojoExecutionException(withAdvice(e, move.get().get()))
                    : e;
        }
    }

    /** Returns the message, with how to set the new repository. */
    public static String withAdvice(Exception e, RepositoryMove move) {
        return e.getMessage().contains(move.advice())
                ? e.getMessage()
                : e.getMessage() + System.lineSeparator() + move.advice() + ".";
    }

    /** A call with a result. */
    @FunctionalInterface
    public interface Supplied<T> {
        T get() throws MojoExecutionException, MojoFailureException, InterruptedException;
    }

    private void map(Call call) throws MojoExecutionException, MojoFailureException {
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
    public <T> T supply(Supplied<T> call) throws MojoExecutionException, MojoFailureException, InterruptedException {
        try {
            return call.get();
        } catch (ConcurrentRunException e) {
            throw new MojoFailureException(e.getMessage());
        } catch (InDoubtException e) {
            throw new MojoExecutionException(e.getMessage() + waysOn(e));
        } catch (PipelinesException | RunNotFoundException e) {
            throw new MojoExecutionException(e.getMessage());
        }
    }

    private String waysOn(InDoubtException e) {
        String wait = e.candidates().stream()
                .findFirst()
                .map(run -> System.lineSeparator()
                        + (e.candidates().size() == 1 ? "To wait for it: " : "To wait for one of them: ")
                        + waitCommand.apply(run))
                .orElse("");
        return e.isOfTrigger()
                ? wait + System.lineSeparator() + "To trigger "
                        + (e.candidates().isEmpty() ? "again" : "another run")
                        + ", look at the runs on Bitbucket first, then repeat the build with"
                        + " \"-Dbitbucket.onUnfinished=start\"."
                : wait;
    }
}
