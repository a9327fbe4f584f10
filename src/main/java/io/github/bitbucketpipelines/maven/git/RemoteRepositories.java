package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.util.List;

/**
 * The repositories of bitbucket.org that the remotes of a checkout name. A remote comes with its push address first,
 * which is where commits of the branch go.
 *
 * @param current those of the remotes to which the checked-out branch belongs, and then of {@code origin}; where the
 *     branch belongs to none, those of {@code origin}, else of the only remote. Empty where that remote names none.
 * @param all those of all remotes
 * @param absenceReason why {@code current} is empty, as half a sentence fit for users; blank where it is not
 */
public record RemoteRepositories(List<RemoteRepository> current, List<RemoteRepository> all, String absenceReason) {
    /** Whether a remote names this repository. */
    public boolean contains(RepositoryId repository) {
        return all.stream().anyMatch(each -> each.repository().equals(repository));
    }
}
