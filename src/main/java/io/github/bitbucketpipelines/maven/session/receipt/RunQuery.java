package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.Optional;

/**
 * The parameters that select an existing run.
 *
 * @param receipt the id of an execution, or the path of a receipt
 * @param runs what the run must be; where number or receipt is given, as far as this is given for the execution itself
 */
public record RunQuery(Optional<Long> number, Optional<String> receipt, RunFilter runs) {
    /** Returns the receipt; empty where a number is given, which comes before it. */
    public Optional<String> usedReceipt() {
        return receipt.filter(name -> number.isEmpty());
    }

    /** Whether a commit is given. */
    public boolean namesCommit() {
        return runs.target().flatMap(Target::commit).isPresent();
    }
}
