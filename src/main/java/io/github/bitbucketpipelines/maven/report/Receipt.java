package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * {@code EXECUTION-ID.json}: which run an execution triggered, from the moment there is one, so that whatever happens to
 * the build, the run can be found again; and how it ended, as far as is known. Written atomically; holds no variable and
 * no secret.
 */
public final class Receipt {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    /** The receipt of one execution. */
    public Receipt(Path outputDirectory, String executionId) {
        // An execution's id is not a path.
        this.file = outputDirectory.resolve(executionId.replaceAll("[^A-Za-z0-9._-]", "_") + ".json");
    }

    /** Where it lies. */
    public Path file() {
        return file;
    }

    /**
     * Writes it anew.
     *
     * @throws UncheckedIOException the disk is full, the directory is not writable …
     */
    public void write(RepositoryId repository, Run run, Optional<String> pipeline, Optional<Target> target) {
        ObjectNode json = JSON.createObjectNode();
        json.put("schema", 1);
        json.put("workspace", repository.workspace());
        json.put("repository", repository.slug());
        json.put("number", run.number());
        json.put("uuid", run.uuid());
        json.put("url", run.url().toString());
        target.or(run::target).ifPresent(t -> json.set("target", target(t)));
        pipeline.ifPresent(p -> json.put("pipeline", p));
        run.creator().flatMap(creator -> creator.name()).ifPresent(name -> json.put("creator", name));
        run.created().ifPresent(created -> json.put("created", created.toString()));
        run.completed().ifPresent(ended -> json.put("ended", ended.toString()));
        json.put("state", run.state().label());
        run.state().ending().ifPresent(result -> json.put("result", result.name()));
        try {
            write(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can be written", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode target(Target target) {
        ObjectNode json = JSON.createObjectNode();
        if (target instanceof Target.Branch branch) {
            json.put("branch", branch.name());
        } else if (target instanceof Target.Tag tag) {
            json.put("tag", tag.name());
        } else if (target instanceof Target.PullRequest pullRequest) {
            json.put("pullRequest", pullRequest.id());
        }
        target.commit().ifPresent(commit -> json.put("commit", commit));
        return json;
    }

    private void write(String text) throws IOException {
        Files.createDirectories(file.getParent());
        Path fresh = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
        try {
            Files.writeString(fresh, text);
            try {
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** The build number in a receipt that is there. */
    public Optional<Long> number() {
        try {
            JsonNode number = JSON.readTree(file.toFile()).path("number");
            return number.canConvertToLong() && number.asLong() > 0 ? Optional.of(number.asLong()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
