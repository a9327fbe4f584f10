package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the receipts that earlier executions wrote. Ignores files that are not receipts. */
public final class Receipts {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SUFFIX = ".json";
    private static final long MAX_FILE_BYTES = 10 * 1024 * 1024;

    private Receipts() {}

    /**
     * A receipt that was found.
     *
     * @param executionId of the execution that wrote it
     * @param number the build number
     * @param uuid of the run, with its braces; numbers repeat in other repositories and in rehearsals
     * @param over whether it contains a result
     */
    public record StoredReceipt(
            Path file, String executionId, RepositoryId repository, long number, String uuid, boolean over) {
        /** The HTML report beside it, if there is one. */
        public Optional<Path> page() {
            return Optional.of(file.resolveSibling(baseName(file) + ".html")).filter(Files::isRegularFile);
        }
    }

    /** Reads all receipts of a directory, in the order of their names; empty where it can't be read. */
    public static List<StoredReceipt> in(Path directory) {
        List<StoredReceipt> receipts = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
                for (Path file : files) {
                    read(file).ifPresent(receipts::add);
                }
            } catch (IOException e) {
                return List.of();
            }
        }
        receipts.sort(Comparator.comparing(receipt -> receipt.file().toString()));
        return receipts;
    }

    /** Reads one receipt; empty where there is no such file, or it is not a receipt. */
    public static Optional<StoredReceipt> read(Path file) {
        try {
            if (!Files.isRegularFile(file) || !file.toString().endsWith(SUFFIX) || Files.size(file) > MAX_FILE_BYTES) {
                return Optional.empty();
            }
            JsonNode json = JSON.readTree(file.toFile());
            long number = json.path("number").asLong();
            String uuid = json.path("uuid").asText();
            if (number <= 0 || uuid.isEmpty()) {
                return Optional.empty();
            }
            RepositoryId repository = new RepositoryId(
                    json.path("workspace").asText(), json.path("repository").asText());
            String executionId = json.path("execution").asText(baseName(file));
            return Optional.of(new StoredReceipt(
                    file,
                    executionId,
                    repository,
                    number,
                    uuid,
                    json.path("result").isTextual()));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String baseName(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }
}
