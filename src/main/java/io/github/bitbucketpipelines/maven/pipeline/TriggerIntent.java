package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Instant;
import java.util.Optional;

/**
 * A trigger that is about to be sent. It describes the run that may exist afterwards, whatever becomes of the response.
 *
 * @param time by the local clock
 * @param target what the run builds
 * @param pipeline the name of a pipeline under {@code custom:}
 * @param newestNumber the greatest build number that was listed before; 0 if there was no run
 * @param content of an on-demand pipeline that is sent with it
 */
public record TriggerIntent(
        Instant time,
        Target target,
        Optional<String> pipeline,
        long newestNumber,
        Optional<PipelineContent.Fingerprint> content) {
    /** A trigger of a pipeline of the repository. */
    public TriggerIntent(Instant time, Target target, Optional<String> pipeline, long newestNumber) {
        this(time, target, pipeline, newestNumber, Optional.empty());
    }

    /**
     * Whether the trigger may have created this run: it is newer by its build number, was triggered manually, and its
     * creator, target, commit and pipeline are the requested ones. What the run does not name counts as equal. No clock is
     * compared. The selector of an on-demand run counts for {@link #isOfPipeline} alone: it selects from a definition that
     * the repository does not have, and it is not documented what Bitbucket shows of it.
     *
     * @param account of the credentials, where it is known
     */
    public boolean mayHaveCreated(Run run, Optional<Account> account) {
        return run.number() > newestNumber
                && run.trigger().map("MANUAL"::equals).orElse(true)
                && isSameUuid(account, run.creator())
                && run.target().map(target::isSameRef).orElse(true)
                && isSameCommit(run)
                && (content.isPresent() || isOfPipeline(run));
    }

    /** Whether the run names the requested pipeline, or none. */
    public boolean isOfPipeline(Run run) {
        return run.mayBeOfPipeline(pipeline);
    }

    private static boolean isSameUuid(Optional<Account> one, Optional<Account> other) {
        Optional<String> first = one.flatMap(Account::uuid);
        Optional<String> second = other.flatMap(Account::uuid);
        return first.isEmpty() || second.isEmpty() || first.equals(second);
    }

    private boolean isSameCommit(Run run) {
        return target.commit().isEmpty()
                || run.commit().isEmpty()
                || run.commit().get().startsWith(target.commit().get());
    }
}
