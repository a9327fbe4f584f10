package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import java.util.Optional;

/**
 * The run that a goal works on.
 *
 * @param reason why it was selected, for the log
 * @param receipt the receipt that names it
 */
public record SelectedRun(Run run, String reason, Optional<StoredReceipt> receipt) {}
