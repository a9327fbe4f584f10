package io.github.bitbucketpipelines.maven.session.context;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * The standard error of the process. Maven's log may be closed while the JVM shuts down, or hide warnings; Maven 4 replaces
 * System.err, and closes it with its log.
 */
final class StandardError {
    /** Never closed: it belongs to the process. */
    private static final PrintStream STREAM =
            new PrintStream(new FileOutputStream(FileDescriptor.err), true, Charset.defaultCharset());

    private StandardError() {}

    /** Prints a line. */
    static void print(String line) {
        STREAM.println(line);
    }
}
