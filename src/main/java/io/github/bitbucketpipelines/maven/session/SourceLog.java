package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.console.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Keeps the log lines that name the sources of defaults until the goal runs, which one module of a reactor does. */
final class SourceLog {
    private final List<Consumer<Output>> lines = new ArrayList<>();

    void info(String line) {
        lines.add(output -> output.info(line));
    }

    void warn(String line) {
        lines.add(output -> output.warn(line));
    }

    void print(Output output) {
        lines.forEach(line -> line.accept(output));
    }
}
