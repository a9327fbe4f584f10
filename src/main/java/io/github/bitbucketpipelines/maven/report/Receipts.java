package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent.Fingerprint;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the receipts that earlier executions wrote. Ignores files that are not receipts. */
public final class Receipts {
    /** The outcome while a trigger is in flight. */
    static final String TRIGGERING = "TRIGGERING";

    /** The outcomes of a trigger of which it is not known whether there is a run. */
    static final Set<String> UNRESOLVED = Set.of(TRIGGERING, RunSnapshot.Outcome.IN_DOUBT.name());

    private static final String SUFFIX = ".json";
    private static final long MAX_FILE_BYTES = 10 * 1024 * 1024;

    private Receipts() {}

    /**
     * A receipt that was found.
     *
     * @param executionId of the execution that wrote it
     * @param number the build number; 0 where there is only the intent
     * @param uuid of the run, with its braces; numbers repeat in other repositories and in rehearsals. Empty where there is
     *     only the intent
     * @param target of the run, with its commit if that is known; empty if the receipt names none
     * @param content of an on-demand pipeline; empty where the run used the repository's bitbucket-pipelines.yml
     * @param rehearsal whether the run was one of the embedded Bitbucket
     * @param over whether it contains a result
     * @param intent a trigger whose outcome was not recorded
     * @param inDoubt whether a build has reported that trigger as in doubt
     */
    public record StoredReceipt(
            Path file,
            String executionId,
            RepositoryId repository,
            long number,
            String uuid,
            Optional<Target> target,
            Optional<String> pipeline,
            Optional<Fingerprint> content,
            boolean rehearsal,
            boolean over,
            Optional<TriggerIntent> intent,
            boolean inDoubt) {
        /** The HTML report beside it, if there is one. */
        public Optional<Path> page() {
            return Optional.of(file.resolveSibling(baseName(file) + ".html")).filter(Links::isFile);
        }

        /** Whether its run is one of this repository. */
        public boolean isOf(RepositoryId other) {
            return repository.fullName().equalsIgnoreCase(other.fullName());
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

    /** Returns the files of the on-demand runs that the receipts of a directory name, by the UUID of the run. */
    public static Map<String, Fingerprint> onDemandRuns(Path directory) {
        Map<String, Fingerprint> files = new HashMap<>();
        in(directory).forEach(receipt -> receipt.content().ifPresent(file -> files.putIfAbsent(receipt.uuid(), file)));
        return files;
    }

    /** Reads one receipt; empty where there is no such file, or it is not a receipt. */
    public static Optional<StoredReceipt> read(Path file) {
        try {
            return readIfPresent(file);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads one receipt; empty where there is no such file.
     *
     * @throws IOException if it can't be read, or is not a receipt
     */
    public static Optional<StoredReceipt> readIfPresent(Path file) throws IOException {
        if (isAbsent(file)) {
            return Optional.empty();
        }
        if (!file.toString().endsWith(SUFFIX)) {
            throw new IOException("it is not a receipt");
        }
        JsonNode json = tree(file);
        long number = json.path("number").asLong();
        String uuid = json.path("uuid").asText();
        Optional<TriggerIntent> intent = intent(json);
        if ((number <= 0 || uuid.isEmpty()) && intent.isEmpty()) {
            throw new IOException("it names no run");
        }
        try {
            return Optional.of(new StoredReceipt(
                    file,
                    json.path("execution").asText(baseName(KeptReceipts.original(file))),
                    new RepositoryId(
                            json.path("workspace").asText(),
                            json.path("repository").asText()),
                    number,
                    uuid,
                    target(json.path("target")),
                    text(json, "pipeline"),
                    content(json),
                    json.path("rehearsal").asBoolean(),
                    json.path("result").isTextual(),
                    intent,
                    json.path("outcome").asText().equals(RunSnapshot.Outcome.IN_DOUBT.name())));
        } catch (IllegalArgumentException e) {
            throw new IOException("it names no repository", e);
        }
    }

    /**
     * Reads a JSON file.
     *
     * @throws IOException if it can't be read, or is a link or too large
     */
    static JsonNode tree(Path file) throws IOException {
        if (!Links.isFile(file) || Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException(
                    Links.exists(file) && Files.isSymbolicLink(file) ? "it is a link" : "it is not a receipt");
        }
        return ResultJson.MAPPER.readTree(Files.readAllBytes(file));
    }

    /** Also true where a directory of the path is a file; false where that can't be determined. */
    private static boolean isAbsent(Path file) {
        Path parent = file.getParent();
        return Files.notExists(file, LinkOption.NOFOLLOW_LINKS)
                || parent != null && (Files.isRegularFile(parent) || isAbsent(parent));
    }

    private static Optional<TriggerIntent> intent(JsonNode json) throws IOException {
        JsonNode trigger = json.path("trigger");
        if (!UNRESOLVED.contains(json.path("outcome").asText())) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TriggerIntent(
                    Instant.parse(trigger.path("time").asText()),
                    target(json.path("target")).orElseThrow(() -> new IOException("it names no target")),
                    text(json, "pipeline"),
                    trigger.path("newestNumber").asLong(Long.MAX_VALUE),
                    content(json)));
        } catch (DateTimeException e) {
            throw new IOException("it names no time", e);
        }
    }

    private static Optional<Fingerprint> content(JsonNode json) {
        JsonNode file = json.path("pipelineFile");
        return file.isObject()
                ? Optional.of(new Fingerprint(
                        file.path("name").asText(), file.path("sha256").asText()))
                : Optional.empty();
    }

    private static Optional<Target> target(JsonNode json) {
        Optional<String> commit = text(json, "commit");
        if (json.path("pullRequest").isIntegralNumber()) {
            return Optional.of(new Target.PullRequest(json.path("pullRequest").asLong(), commit));
        }
        return text(json, "branch")
                .<Target>map(name -> new Target.Branch(name, commit))
                .or(() -> text(json, "tag").map(name -> new Target.Tag(name, commit)))
                .or(() -> commit.map(Target.Commit::new));
    }

    private static Optional<String> text(JsonNode json, String name) {
        return Optional.ofNullable(json.path(name).textValue());
    }

    /**
     * Whether a file may be the receipt of a run that had not ended: also one that can't be read, but none of a rehearsal.
     */
    static boolean mayBeOfUnfinishedRun(Path file) {
        if (!PlanResult.runs(file).isEmpty()) {
            return PlanResult.mayHaveUnfinishedRun(file);
        }
        try {
            return readIfPresent(file)
                    .filter(receipt -> !receipt.over() && !receipt.rehearsal())
                    .isPresent();
        } catch (IOException e) {
            return true;
        }
    }

    /** Returns the id of the execution whose run a receipt names, if that run is real and may not have ended. */
    public static Optional<String> unfinishedExecution(Path file) {
        return read(file)
                .filter(receipt -> !receipt.over() && !receipt.rehearsal())
                .map(StoredReceipt::executionId);
    }

    /** Returns the files that an execution fetched from the Downloads, as its receipt names them; none outside of there. */
    static List<Path> downloads(Path receipt) {
        List<Path> files = new ArrayList<>();
        Path directory = receipt.resolveSibling(DownloadWriter.DIRECTORY).normalize();
        try {
            for (JsonNode download : tree(receipt).path("downloads")) {
                Path file =
                        receipt.resolveSibling(download.path("file").asText()).normalize();
                if (Links.isDirectory(directory) && Links.isFileBelow(directory, file)) {
                    files.add(file);
                }
            }
        } catch (IOException | InvalidPathException e) {
            // It is no receipt, and names no files.
            return List.of();
        }
        return files;
    }

    private static String baseName(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - SUFFIX.length());
    }
}
