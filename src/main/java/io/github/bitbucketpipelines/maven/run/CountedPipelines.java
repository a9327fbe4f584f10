package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the questions that a run costs: Bitbucket gives a user so many an hour, and mostly does not say how many are left. */
final class CountedPipelines implements PipelinesClient {
    private final PipelinesClient pipelines;
    private final AtomicLong asked;

    CountedPipelines(PipelinesClient pipelines) {
        this(pipelines, new AtomicLong());
    }

    private CountedPipelines(PipelinesClient pipelines, AtomicLong asked) {
        this.pipelines = pipelines;
        this.asked = asked;
    }

    /** How many so far, those of {@link #within} included. */
    long asked() {
        return asked.get();
    }

    private PipelinesClient counted() {
        asked.incrementAndGet();
        return pipelines;
    }

    @Override
    public RepositoryId repository() {
        return pipelines.repository();
    }

    @Override
    public PipelinesClient withTimeout(Duration limit) {
        return new CountedPipelines(pipelines.withTimeout(limit), asked);
    }

    @Override
    public Run trigger(TriggerRequest request) {
        // What is triggered is not a question; the others that watch do not count theirs either.
        return pipelines.trigger(request);
    }

    @Override
    public Run getRun(long number) {
        return counted().getRun(number);
    }

    @Override
    public Run getRun(String uuid) {
        return counted().getRun(uuid);
    }

    @Override
    public List<Step> listSteps(long number) {
        return counted().listSteps(number);
    }

    @Override
    public boolean stop(long number) {
        return counted().stop(number);
    }

    @Override
    public List<Run> listRuns(RunFilter filter, int most) {
        return counted().listRuns(filter, most);
    }

    @Override
    public Optional<LogPart> readLog(long number, String stepUuid, LogRange range, LogSink sink) {
        return counted().readLog(number, stepUuid, range, sink);
    }

    @Override
    public Optional<Account> currentAccount() {
        return counted().currentAccount();
    }

    @Override
    public Optional<Duration> clockLead() {
        return pipelines.clockLead();
    }

    @Override
    public Duration turn() {
        return pipelines.turn();
    }
}
