package io.github.bitbucketpipelines.maven.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Writes to standard output without Maven's log, for scripts; always in UTF-8. */
public final class StandardOutput {
    private StandardOutput() {}

    /** Prints the text and a line feed. */
    public static void print(String text) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, bytes.length);
    }

    /** Writes the first {@code length} bytes and flushes. */
    public static void write(byte[] bytes, int length) {
        PrintStream out = isReplaced(System.out) ? ProcessOutput.STREAM : System.out;
        out.write(bytes, 0, length);
        out.flush();
    }

    /** Whether Maven replaced the stream: Maven 4 prints each line as {@code [INFO] [stdout]} in its log. */
    private static boolean isReplaced(PrintStream out) {
        return out.getClass().getName().startsWith("org.apache.maven.");
    }

    /** Holds the standard output of the process; created on first use and never closed. */
    private static final class ProcessOutput {
        static final PrintStream STREAM =
                new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    }
}
