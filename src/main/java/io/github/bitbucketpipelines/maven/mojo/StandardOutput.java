package io.github.bitbucketpipelines.maven.mojo;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What scripts read: standard output itself, past Maven's log; in UTF-8, whatever the machine's own charset. */
final class StandardOutput {
    private StandardOutput() {}

    /** Prints the text and a line end. */
    static void print(String text) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, bytes.length);
    }

    /** Writes the first bytes, and lets them be seen at once. */
    static void write(byte[] bytes, int length) {
        PrintStream out = System.out;
        out.write(bytes, 0, length);
        out.flush();
    }
}
