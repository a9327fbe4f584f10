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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs the git executable in a directory, within a time limit, with bounded output, and without prompts. Every failure
 * is a {@link GitResult.Absent}. The executable, not a library, since it resolves worktrees, includes and {@code
 * insteadOf}.
 *
 * @param timeout for one run
 * @param environment added to that of this process
 */
record GitCommand(String executable, Path directory, Duration timeout, Map<String, String> environment) {
    private static final int MAX_OUTPUT_BYTES = 64 * 1024;

    /** What {@code git rev-parse --local-env-vars} prints: these point git to another repository or configuration. */
    private static final List<String> LOCAL_VARIABLES = List.of(
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_CONFIG",
            "GIT_CONFIG_PARAMETERS",
            "GIT_CONFIG_COUNT",
            "GIT_OBJECT_DIRECTORY",
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_IMPLICIT_WORK_TREE",
            "GIT_GRAFT_FILE",
            "GIT_INDEX_FILE",
            "GIT_NO_REPLACE_OBJECTS",
            "GIT_REPLACE_REF_BASE",
            "GIT_PREFIX",
            "GIT_INTERNAL_SUPER_PREFIX",
            "GIT_SHALLOW_FILE",
            "GIT_COMMON_DIR");

    /** The directory that a {@code .git} file names, as of a worktree or a submodule, where it does not exist. */
    private static final Pattern MISSING_DIRECTORY = Pattern.compile("not a git repository: (?!\\(null\\))(.+)");

    /**
     * Runs git and returns the last line of this form: wrappers of git print lines of their own.
     *
     * @param defaultReason explains a failure without a message
     */
    GitResult<String> run(String defaultReason, Pattern form, String... arguments) {
        GitResult<String> output = runForLines(defaultReason, arguments);
        return output instanceof Value<String> lines
                ? lines.content()
                        .lines()
                        .map(String::strip)
                        .filter(line -> form.matcher(line).matches())
                        .reduce((earlier, later) -> later)
                        .<GitResult<String>>map(Value::new)
                        .orElseGet(() -> new Absent<>("git printed '"
                                + TextSanitizer.singleLine(
                                        lines.content().lines().findFirst().orElse(""), 100)
                                + "', which is not its usual output"))
                : output;
    }

    /** Runs git and returns everything it prints. */
    GitResult<String> runForLines(String defaultReason, String... arguments) {
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
            long deadline = System.nanoTime() + timeout.toNanos();
            CompletableFuture<String> out = read(process.getInputStream());
            CompletableFuture<String> err = read(process.getErrorStream());
            String stdout = out.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            String stderr = err.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException();
            }
            return process.exitValue() == 0 && !stdout.isBlank()
                    ? new Value<>(stdout.strip())
                    : new Absent<>(reason(
                            stderr,
                            process.exitValue() <= 1
                                    ? defaultReason
                                    : "git ended with exit code " + process.exitValue()));
        } catch (TimeoutException e) {
            return new Absent<>("git did not finish within " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Absent<>("the build was interrupted");
        } catch (ExecutionException | IOException e) {
            return new Absent<>("git's output could not be read");
        } finally {
            process.destroyForcibly();
        }
    }

    private Process start(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder().directory(directory.toFile());
        prepare(builder.environment());
        builder.command(command(GitExecutable.IS_WINDOWS, builder.environment(), arguments));
        return builder.start();
    }

    /** Returns the command line to start in this environment. */
    List<String> command(boolean isWindows, Map<String, String> started, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(GitExecutable.find(executable, directory, isWindows, started));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Turns this process's environment into the one for git. */
    void prepare(Map<String, String> inherited) {
        // A git hook that runs Maven passes these on.
        LOCAL_VARIABLES.forEach(inherited::remove);
        inherited.keySet().removeIf(name -> name.startsWith("GIT_TRACE") || name.endsWith("_PATHSPECS"));
        inherited.put("GIT_TERMINAL_PROMPT", "0");
        inherited.put("GIT_OPTIONAL_LOCKS", "0");
        inherited.put("GIT_NO_LAZY_FETCH", "1");
        inherited.put("LC_ALL", "C");
        inherited.putAll(environment);
    }

    /** Reads a stream in a thread of its own: git would block on a full stream that is read later. */
    private static CompletableFuture<String> read(InputStream in) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try (in) {
                        text.complete(new String(in.readNBytes(MAX_OUTPUT_BYTES), StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        text.completeExceptionally(e);
                    }
                },
                "git-output");
        reader.setDaemon(true);
        reader.start();
        return text;
    }

    private String reason(String stderr, String defaultReason) {
        if (stderr.contains("dubious ownership") || stderr.contains("unsafe repository")) {
            return "git does not trust the checkout in " + shown(directory)
                    + ", which belongs to another user (git config --global --add safe.directory DIRECTORY)";
        }
        Matcher missing = MISSING_DIRECTORY.matcher(stderr);
        if (missing.find()) {
            return "the file .git above " + shown(directory) + " names the directory "
                    + TextSanitizer.singleLine(missing.group(1), 300)
                    + ", which is not here; a worktree or a submodule needs it, in a container too";
        }
        if (stderr.contains("not a git repository")) {
            return shown(directory) + " is not in a git checkout";
        }
        return stderr.lines()
                .filter(line -> line.startsWith("fatal:") || line.startsWith("error:"))
                .findFirst()
                .filter(line -> !line.contains("No such remote") && !line.contains("Needed a single revision"))
                .map(line -> "git says '" + TextSanitizer.singleLine(line.replaceAll("//\\S*@", "//"), 200) + "'")
                .orElse(defaultReason);
    }

    private static String shown(Path directory) {
        return TextSanitizer.singleLine(directory.toString(), 300);
    }
}
