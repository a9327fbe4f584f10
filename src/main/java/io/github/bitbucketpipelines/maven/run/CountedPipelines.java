package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.Pipelines;
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
final class CountedPipelines implements Pipelines {
    private final Pipelines pipelines;
    private final AtomicLong asked;

    CountedPipelines(Pipelines pipelines) {
        this(pipelines, new AtomicLong());
    }

    private CountedPipelines(Pipelines pipelines, AtomicLong asked) {
        this.pipelines = pipelines;
        this.asked = asked;
    }

    /** How many so far, those of {@link #within} included. */
    long asked() {
        return asked.get();
    }

    private Pipelines counted() {
        asked.incrementAndGet();
        return pipelines;
    }

    @Override
    public RepositoryId repository() {
        return pipelines.repository();
    }

    @Override
    public Pipelines within(Duration limit) {
        return new CountedPipelines(pipelines.within(limit), asked);
    }

    @Override
    public Run trigger(TriggerRequest request) {
        // What is triggered is not a question; the others that watch do not count theirs either.
        return pipelines.trigger(request);
    }

    @Override
    public Run run(long number) {
        return counted().run(number);
    }

    @Override
    public Run run(String uuid) {
        return counted().run(uuid);
    }

    @Override
    public List<Step> steps(long number) {
        return counted().steps(number);
    }

    @Override
    public boolean stop(long number) {
        return counted().stop(number);
    }

    @Override
    public List<Run> newest(RunFilter filter, int most) {
        return counted().newest(filter, most);
    }

    @Override
    public Optional<LogPart> log(long number, String stepUuid, LogRange range, LogSink sink) {
        return counted().log(number, stepUuid, range, sink);
    }

    @Override
    public Optional<Account> account() {
        return counted().account();
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
