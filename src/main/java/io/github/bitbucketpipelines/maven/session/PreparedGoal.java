package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryMove;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.run.TriggerPreventedException;
import io.github.bitbucketpipelines.maven.session.context.FailureRecorder;
import io.github.bitbucketpipelines.maven.session.context.RehearsalText;
import io.github.bitbucketpipelines.maven.session.failure.ExceptionMapper;
import io.github.bitbucketpipelines.maven.session.failure.UnexpectedFailure;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.repository.SourceLog;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * A goal whose parameters and credentials are all checked, and for which nothing was sent yet.
 *
 * @param sources log lines that name the source of each default
 * @param sent what the work would send
 * @param warnIfNotLast whether to warn if modules or publishing goals come after the goal
 * @param move of the repository, known after the work
 * @param waitCommand formats the command that waits for a run
 * @param isRehearsal whether the messages of exceptions say that this is a rehearsal
 * @param failures records a failure in the file of the result
 */
record PreparedGoal(
        Output output,
        SourceLog sources,
        SentValues sent,
        boolean warnIfNotLast,
        ExceptionMapper.Call work,
        Supplier<Optional<RepositoryMove>> move,
        Function<Run, String> waitCommand,
        boolean isRehearsal,
        Optional<FailureRecorder> failures) {
    /** Logs the sources of the defaults and runs the task; its exceptions become Maven's. */
    void perform() throws MojoExecutionException, MojoFailureException {
        sources.print(output);
        try {
            execute();
        } catch (MojoFailureException e) {
            throw recorded(isRehearsal ? new MojoFailureException(RehearsalText.of(e.getMessage())) : e);
        } catch (MojoExecutionException e) {
            throw recorded(isRehearsal ? new MojoExecutionException(RehearsalText.of(e.getMessage())) : e);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            throw recorded(UnexpectedFailure.of(e, output, List.of()));
        }
    }

    private <E extends Exception> E recorded(E e) {
        failures.ifPresent(recorder -> recorder.failed(e));
        return e;
    }

    private void execute() throws MojoExecutionException, MojoFailureException {
        try {
            new ExceptionMapper(waitCommand).run(work, move);
        } catch (TriggerPreventedException e) {
            // As where a module had failed before this goal's turn; what has failed makes the build red.
            output.warn(e.getMessage());
        }
    }
}
