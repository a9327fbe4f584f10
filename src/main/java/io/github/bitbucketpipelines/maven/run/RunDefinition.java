package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.definition.FailureStrategy;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.util.List;
import java.util.Optional;

/**
 * The file that defines one run: bitbucket-pipelines.yml at the run's commit, which is read once, or what was sent with the
 * trigger of an on-demand pipeline. Not thread-safe.
 */
public final class RunDefinition implements FailureStrategies {
    private static final String FILE = "bitbucket-pipelines.yml";

    private final String name;
    private final Reading reading;
    private final LastResponse<Optional<PipelinesFile>> file = new LastResponse<>(Optional.empty());

    private RunDefinition(String name, Reading reading) {
        this.name = name;
        this.reading = reading;
    }

    /** Reads the text of the file; empty where there is none. */
    private interface Reading {
        Optional<String> read(Run run, TimeLimit limit);
    }

    /** The file of the repository, at the commit of the run. */
    public static RunDefinition ofRepository(RepositoryClient repository) {
        return new RunDefinition(
                FILE,
                (run, limit) -> repository
                        .withTimeout(limit.remaining())
                        .readFile(run.commit().orElseThrow(), FILE));
    }

    /** The file that is sent with the trigger. */
    public static RunDefinition of(PipelineContent content) {
        return new RunDefinition(content.name(), (run, limit) -> Optional.of(content.text()));
    }

    /** A file that another build has sent: Bitbucket does not return it. */
    public static RunDefinition unknown(PipelineContent.Fingerprint content) {
        return new RunDefinition(content.name(), (run, limit) -> Optional.empty());
    }

    /** The name of the file, for messages. */
    String name() {
        return name;
    }

    /** Returns the file; empty where there is none, or it can't be read. It is requested again after a failure. */
    Optional<PipelinesFile> read(Run run, TimeLimit limit) {
        return run.commit().isEmpty()
                ? Optional.empty()
                : file.readOnce(limit, () -> reading.read(run, limit).flatMap(RunDefinition::parse));
    }

    @Override
    public Known of(Run run, Step step, List<Step> steps, TimeLimit limit) {
        return new Known(
                name,
                read(run, limit)
                        .flatMap(read -> read.of(run))
                        .flatMap(pipeline -> pipeline.of(step, steps))
                        .map(StepDefinition::failureStrategy)
                        .orElse(FailureStrategy.UNKNOWN));
    }

    /** Why the last request failed. */
    Optional<String> failure() {
        return file.failure();
    }

    /** Whether a request has failed that may succeed later. */
    boolean mayBeReadLater() {
        return file.mayBeReadLater();
    }

    private static Optional<PipelinesFile> parse(String text) {
        try {
            return Optional.of(PipelinesFile.read(text));
        } catch (PipelinesFileException e) {
            return Optional.empty();
        }
    }
}
