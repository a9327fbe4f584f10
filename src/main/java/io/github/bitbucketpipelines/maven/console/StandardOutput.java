package io.github.bitbucketpipelines.maven.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What scripts read: standard output itself, past Maven's log; in UTF-8, whatever the machine's own charset. */
public final class StandardOutput {
    private StandardOutput() {}

    /** Prints the text and a line end. */
    public static void print(String text) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, bytes.length);
    }

    /** Writes the first bytes, and lets them be seen at once. */
    public static void write(byte[] bytes, int length) {
        PrintStream out = isDecorated(System.out) ? Own.OUT : System.out;
        out.write(bytes, 0, length);
        out.flush();
    }

    /** Maven 4 takes what is printed for lines of its log, and puts {@code [INFO] [stdout]} before each. */
    private static boolean isDecorated(PrintStream out) {
        return out.getClass().getName().startsWith("org.apache.maven.");
    }

    /** The process's own, made only where it is needed, and never closed. */
    private static final class Own {
        static final PrintStream OUT =
                new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    }
}
