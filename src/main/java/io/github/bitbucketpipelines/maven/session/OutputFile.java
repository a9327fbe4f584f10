package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.FileReplacement.Draft;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.OncePerSession;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.RawConfiguration;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;

/**
 * The file of the parameter {@code outputFile}: what a goal would print goes into it, in UTF-8, with line feeds, without
 * colours. What Maven does with standard output differs from version to version; a file is always the same. It is there when
 * it is complete; an earlier one is removed when the goal begins, since it would stand for what a goal that fails does not
 * write.
 */
public record OutputFile(GoalContext context, Path path) {
    private static final FileReplacement FILES = FileReplacement.real();

    /** Returns the file; empty where the parameter is absent. A relative path is one in the module's directory. */
    public static Optional<OutputFile> of(GoalContext context, File outputFile) {
        return context.file(outputFile)
                .map(path -> new OutputFile(context, context.directory().resolve(path)));
    }

    /** Removes the file that an earlier build left, once in a build; one that can't be removed is a warning. */
    static void removeEarlier(GoalContext context) {
        RawConfiguration.element(context.execution(), "outputFile")
                .map(element -> RawConfiguration.evaluated(
                        context.session(), context.execution(), Objects.toString(element.getValue(), "")))
                .flatMap(ParameterParser::optional)
                .flatMap(value -> of(context, new File(value)))
                // Once: the second module must not remove what the first one has written.
                .ifPresent(file -> OncePerSession.run(
                        context.session(), "outputFile " + file.path.normalize(), file::removeEarlier));
    }

    private void removeEarlier() {
        try {
            if (Files.isRegularFile(path)) {
                FILES.delete(path);
            }
        } catch (IOException e) {
            context.output()
                    .warn("The file " + context.display(path) + " of an earlier build could not be removed: "
                            + FileReplacement.describe(e));
        }
    }

    /** Writes content in pieces. */
    @FunctionalInterface
    interface Content {
        void writeTo(LogSink sink) throws MojoFailureException, InterruptedException;
    }

    /** Writes these lines, each with a line feed. */
    void write(List<String> lines) throws MojoExecutionException {
        claim();
        try {
            FILES.write(path, String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw failed(e);
        }
        logWritten();
    }

    /** Writes what the content has, also where it ends with a failure. */
    void write(Content content) throws MojoExecutionException, MojoFailureException, InterruptedException {
        claim();
        try (Draft draft = FILES.draft(path)) {
            try {
                content.writeTo((bytes, length) -> write(draft, bytes, length));
            } catch (MojoFailureException e) {
                draft.publish();
                throw e;
            }
            draft.publish();
        } catch (UncheckedIOException e) {
            throw failed(e.getCause());
        } catch (IOException e) {
            throw failed(e);
        }
        logWritten();
    }

    /** Refuses a second writer of the file in one build. */
    private void claim() throws MojoExecutionException {
        Optional<String> owner = context.claim(path);
        if (owner.isPresent()) {
            throw ParameterParser.invalid(
                    "outputFile",
                    "the " + owner.get() + " has written " + context.display(path)
                            + " in this build, and this execution would replace it. Give each a file of its own");
        }
    }

    private static void write(Draft draft, byte[] bytes, int length) {
        try {
            draft.stream().write(bytes, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void logWritten() {
        context.output().info("Wrote " + context.display(path));
    }

    private MojoExecutionException failed(IOException e) {
        return ParameterParser.invalid(
                "outputFile", context.display(path) + " could not be written: " + FileReplacement.describe(e));
    }
}
