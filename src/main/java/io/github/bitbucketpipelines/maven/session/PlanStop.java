package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.session.context.BitbucketConnection;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.failure.ExceptionMapper;
import io.github.bitbucketpipelines.maven.session.failure.UnexpectedFailure;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * Stops each run of an execution of several runs that was triggered: requests all stops first, then waits for all of them. One that
 * can't be stopped keeps no other one running.
 *
 * @param timeout of all stops together
 * @param stored the runs of the plan
 */
record PlanStop(GoalContext context, Path outputDirectory, Duration timeout, List<StoredRun> stored) {
    /** How long the first request of a run may be retried before the next run's; each later one twice as long. */
    private static final Duration FIRST_ATTEMPT = Duration.ofSeconds(5);

    /**
     * Stops the runs.
     *
     * @throws MojoFailureException if one of them has not stopped, or it is not known whether it has; names all of these
     */
    void run(BitbucketConnection connection, TimeLimit limit) throws MojoFailureException, InterruptedException {
        List<Stopping> all = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        for (StoredRun run : stored) {
            // One that can't be read may be of a run that goes on: then the goal fails.
            if (!Files.notExists(run.receipt())) {
                all.add(new Stopping(run));
            } else if (run.unfinished()) {
                lost.add(run.id() + ": it was triggered, and its receipt " + context.display(run.receipt())
                        + " is not there any more; to stop it, give -Dbitbucket.number");
            } else if (run.waiting()) {
                context.output()
                        .warn(run.id() + " was not triggered, and may still be: the build that triggers it has not"
                                + " recorded its end. Unless that build is over, cancel it, and stop once more.");
            } else {
                context.output().info(run.id() + " was not triggered");
            }
        }
        try {
            signal(all, connection, limit);
            for (Stopping stopping : all) {
                stopping.await(limit);
            }
        } finally {
            all.forEach(Stopping::close);
        }
        String problems = Stream.concat(lost.stream(), all.stream().flatMap(stopping -> stopping.problem().stream()))
                .collect(Collectors.joining(System.lineSeparator()));
        if (!problems.isEmpty()) {
            throw new MojoFailureException(problems);
        }
    }

    /** Requests the stops in rounds, so that no run waits for the retries of another one. */
    private static void signal(List<Stopping> all, BitbucketConnection connection, TimeLimit limit)
            throws InterruptedException {
        List<Stopping> open = all;
        for (Duration time = FIRST_ATTEMPT; !open.isEmpty(); time = time.multipliedBy(2)) {
            for (Stopping stopping : open) {
                stopping.signal(connection, limit.atMost(time));
            }
            open = limit.hasPassed()
                    ? List.of()
                    : open.stream().filter(Stopping::mayBeRepeated).toList();
        }
    }

    /** The stop of one of the runs; its failure is kept. */
    private final class Stopping {
        private final StoredRun run;
        private Optional<BitbucketConnection> own = Optional.empty();
        private Optional<StopOperation.Stop> stop = Optional.empty();
        private Optional<String> problem = Optional.empty();
        private boolean mayBeRepeated;

        Stopping(StoredRun run) {
            this.run = run;
        }

        Optional<String> problem() {
            return problem.map(text -> run.id() + ": " + text);
        }

        /** Whether the request has failed for lack of time alone. */
        boolean mayBeRepeated() {
            return mayBeRepeated;
        }

        void signal(BitbucketConnection connection, TimeLimit limit) throws InterruptedException {
            mayBeRepeated = false;
            attempt(() -> {
                try {
                    open(connection).signal(limit);
                } catch (PipelinesException e) {
                    // Where it was given up before the time was over, it is not begun anew.
                    mayBeRepeated = (e.kind().isRetryable() || e.isNoSuchRun()) && limit.hasPassed();
                    throw e;
                }
            });
        }

        void await(TimeLimit limit) throws InterruptedException {
            if (problem.isEmpty()) {
                attempt(() -> stop.orElseThrow().await(limit));
            }
        }

        private StopOperation.Stop open(BitbucketConnection connection) throws MojoExecutionException {
            if (stop.isEmpty()) {
                own = Optional.of(connection.to(run));
                GoalContext runContext =
                        context.forRun(run.id(), context.parameters().of(run.repository(), run.serverId()));
                RunQuery ofRun =
                        new RunQuery(Optional.empty(), Optional.of(run.receipt().toString()), RunFilter.all());
                StopOperation operation =
                        new StopOperation(runContext, run.repository(), ofRun, timeout, outputDirectory);
                stop = Optional.of(operation.new Stop(own.get()));
            }
            return stop.get();
        }

        private void attempt(ExceptionMapper.Call call) throws InterruptedException {
            problem = Optional.empty();
            try {
                new ExceptionMapper(context.waitCommand(run.repository())).supply(() -> {
                    call.run();
                    return true;
                });
            } catch (CancellationException e) {
                throw new InterruptedException();
            } catch (MojoExecutionException | MojoFailureException e) {
                problem = Optional.of(e.getMessage());
            } catch (RuntimeException e) {
                problem = Optional.of(
                        UnexpectedFailure.isUnexpected(e)
                                ? UnexpectedFailure.of(e, context.output(), List.of())
                                        .getMessage()
                                : e.getMessage());
            }
        }

        void close() {
            own.ifPresent(BitbucketConnection::close);
        }
    }
}
