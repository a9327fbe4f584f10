package io.github.bitbucketpipelines.maven.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Git for the scripts of the integration tests, independent of the machine's configuration. */
public final class ScratchGit {
    private final File directory;

    private ScratchGit(File directory) {
        this.directory = directory;
    }

    /** Uses git in this directory, with or without a repository. */
    public static ScratchGit in(File directory) {
        return new ScratchGit(directory);
    }

    /** Creates a repository here with all files in one commit on branch main, by a committer of its own. */
    public ScratchGit init() throws IOException, InterruptedException {
        run("init", "--quiet");
        run("symbolic-ref", "HEAD", "refs/heads/main");
        run("config", "user.name", "Jane");
        run("config", "user.email", "jane@mail.example");
        run("add", "--all");
        run("commit", "--quiet", "--message", "First");
        return this;
    }

    /**
     * Runs git and returns its output.
     *
     * @throws IOException if git fails or can't be started
     */
    public String run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + printed);
        }
        return printed;
    }
}
