package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Keeps the log lines that name the sources of defaults until the goal runs, which one module of a reactor does. */
public final class SourceLog {
    private final List<Consumer<Output>> lines = new ArrayList<>();

    /** Keeps a line; it may have a name that git or the environment gives. */
    void info(String line) {
        lines.add(output -> output.info(TextSanitizer.singleLine(line)));
    }

    void warn(String line) {
        lines.add(output -> output.warn(TextSanitizer.singleLine(line)));
    }

    /** Prints what was kept. */
    public void print(Output output) {
        lines.forEach(line -> line.accept(output));
    }
}
