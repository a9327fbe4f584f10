package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.git.GitResult.Absent;
import io.github.bitbucketpipelines.maven.git.GitResult.Value;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the git executable, which knows worktrees, includes and {@code insteadOf} best: within a time limit, with
 * bounded output, never prompting, and always with an answer.
 *
 * @param environment added to that of this process
 */
record GitCommand(String executable, Path directory, Duration limit, Map<String, String> environment) {
    private static final int MAX_BYTES = 64 * 1024;

    /** The first line that git prints; where git fails without a word, {@code otherwise} is the reason. */
    GitResult<String> run(String otherwise, String... arguments) {
        GitResult<String> all = runForLines(otherwise, arguments);
        return all instanceof Value<String> found
                ? new Value<>(found.content().lines().findFirst().orElseThrow().strip())
                : all;
    }

    /** All that git prints. */
    GitResult<String> runForLines(String otherwise, String... arguments) {
        if (!Files.isDirectory(directory)) {
            return new Absent<>(shown(directory) + " is not a directory");
        }
        Process process;
        try {
            process = start(arguments);
        } catch (IOException e) {
            return new Absent<>("the command 'git' can't be run: is git installed and on the PATH?");
        }
        try {
            process.getOutputStream().close();
            long end = System.nanoTime() + limit.toNanos();
            CompletableFuture<String> out = reading(process.getInputStream());
            CompletableFuture<String> err = reading(process.getErrorStream());
            String printed = out.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            String complaint = err.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException();
            }
            return process.exitValue() == 0 && !printed.isBlank()
                    ? new Value<>(printed.strip())
                    : new Absent<>(reason(complaint, otherwise));
        } catch (TimeoutException e) {
            return new Absent<>("git did not answer within " + limit.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Absent<>("the build was interrupted");
        } catch (ExecutionException | IOException e) {
            return new Absent<>("git's answer could not be read");
        } finally {
            process.destroyForcibly();
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(executable));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        prepare(builder.environment());
        return builder.start();
    }

    /** Makes of this process's environment the one that git gets. */
    void prepare(Map<String, String> inherited) {
        // A git hook that runs Maven passes these on; they would point git away from the directory asked for.
        List.of("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX").forEach(inherited::remove);
        inherited.keySet().removeIf(name -> name.startsWith("GIT_TRACE"));
        inherited.put("GIT_TERMINAL_PROMPT", "0");
        inherited.put("GIT_OPTIONAL_LOCKS", "0");
        inherited.put("LC_ALL", "C");
        inherited.putAll(environment);
    }

    /** Both streams are read at once: a git that fills the one nobody reads would stand still. */
    private static CompletableFuture<String> reading(InputStream in) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try (in) {
                        text.complete(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        text.completeExceptionally(e);
                    }
                },
                "git-output");
        reader.setDaemon(true);
        reader.start();
        return text;
    }

    private String reason(String complaint, String otherwise) {
        if (complaint.contains("dubious ownership") || complaint.contains("is owned by someone else")) {
            return "git does not trust the checkout in " + shown(directory)
                    + ", which belongs to another user (git config --global --add safe.directory DIRECTORY)";
        }
        if (complaint.contains("not a git repository")) {
            return shown(directory) + " is not in a git checkout";
        }
        return complaint
                .lines()
                .filter(line -> line.startsWith("fatal:") || line.startsWith("error:"))
                .findFirst()
                .filter(line -> !line.contains("No such remote") && !line.contains("Needed a single revision"))
                .map(line -> "git says '" + TextSanitizer.singleLine(line.replaceAll("//\\S*@", "//"), 200) + "'")
                .orElse(otherwise);
    }

    private static String shown(Path directory) {
        return TextSanitizer.singleLine(directory.toString(), 300);
    }
}
