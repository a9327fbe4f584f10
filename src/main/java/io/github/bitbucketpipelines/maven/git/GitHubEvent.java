package io.github.bitbucketpipelines.maven.git;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The pull request in the payload of a GitHub event, which a workflow finds in the file GITHUB_EVENT_PATH.
 *
 * @param isFork whether the source branch is in another repository than the destination branch
 * @param headCommit the hash of the source branch's commit
 */
record GitHubEvent(boolean isFork, Optional<String> headCommit) {
    /** GitHub limits the payload of an event to 25 MB. */
    private static final long MAX_BYTES = 25L * 1024 * 1024;

    private static final GitHubEvent UNKNOWN = new GitHubEvent(false, Optional.empty());

    /** Reads the file. One that is missing, too large, or without a pull request yields no fork and no commit. */
    static GitHubEvent read(Optional<String> file) {
        if (file.isEmpty()) {
            return UNKNOWN;
        }
        try {
            Path path = Path.of(file.get());
            if (Files.size(path) > MAX_BYTES) {
                return UNKNOWN;
            }
            JsonNode pullRequest =
                    new ObjectMapper().readTree(Files.readAllBytes(path)).path("pull_request");
            JsonNode head = pullRequest.path("head");
            String base =
                    pullRequest.path("base").path("repo").path("full_name").asText();
            // The repository of a deleted fork is null.
            boolean isFork = pullRequest.isObject()
                    && !base.equals(head.path("repo").path("full_name").asText());
            return new GitHubEvent(
                    isFork, Optional.of(head.path("sha").asText()).filter(sha -> !sha.isEmpty()));
        } catch (IOException | InvalidPathException e) {
            return UNKNOWN;
        }
    }
}
