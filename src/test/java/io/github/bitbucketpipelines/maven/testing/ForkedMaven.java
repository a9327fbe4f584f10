package io.github.bitbucketpipelines.maven.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A Maven process that a test starts in order to kill it: with the Maven and the JDK that the Invoker used. */
public final class ForkedMaven implements AutoCloseable {
    private final Process process;
    private final Path console;

    private ForkedMaven(Process process, Path console) {
        this.process = process;
        this.console = console;
    }

    /**
     * Starts it.
     *
     * @param basedir the directory; its {@code build.log} names the Maven and JDK that the Invoker used
     * @param console receives standard output and standard error
     */
    public static ForkedMaven start(File basedir, File console, List<String> arguments) throws IOException {
        return launch(basedir, console, command(basedir, arguments));
    }

    /** Starts it in a terminal of its own; requires {@link #hasTerminals}. */
    public static ForkedMaven startInTerminal(File basedir, File console, List<String> arguments) throws IOException {
        String line = command(basedir, arguments).stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ", "exec ", ""));
        return launch(basedir, console, List.of("script", "-qec", line, "/dev/null"));
    }

    /** Returns whether util-linux's script, which creates a terminal, is available. */
    public static boolean hasTerminals() throws InterruptedException {
        try {
            return new ProcessBuilder("script", "-qec", "test -t 0", "/dev/null")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> command(File basedir, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(said(invokerLog(basedir), "Maven home: (.*)") + "/bin/mvn"));
        command.addAll(arguments);
        return command;
    }

    private static String invokerLog(File basedir) throws IOException {
        return Files.readString(basedir.toPath().resolve("build.log"));
    }

    private static ForkedMaven launch(File basedir, File console, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(basedir);
        builder.environment().put("JAVA_HOME", said(invokerLog(basedir), "Java version: .*runtime: (.*)"));
        builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1");
        builder.environment().put("MAVEN_ARGS", "");
        builder.redirectErrorStream(true).redirectOutput(console);
        return new ForkedMaven(builder.start(), console.toPath());
    }

    private static String said(String log, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(log);
        InvokerBitbucket.check(matcher.find(), "the log has no '" + pattern + "'");
        // Some versions of Maven colour this line.
        return matcher.group(1).replaceAll("\\u001b\\[[0-9;]*m", "").strip();
    }

    /** Whether a build that this process starts can be interrupted: not if this one was started to ignore SIGINT. */
    public static boolean heedsInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return true;
        }
        long ignored = Long.parseUnsignedLong(said(Files.readString(status), "SigIgn:\\s*([0-9a-f]+)"), 16);
        return (ignored & 1L << 2 - 1) == 0;
    }

    /** Sends a signal, such as {@code TERM}. */
    public void signal(String name) throws IOException, InterruptedException {
        signal(process.toHandle(), name);
    }

    /**
     * Sends a signal, such as {@code TERM}, to any process. It uses the kill of the shell, since not every machine has
     * another.
     */
    public static void signal(ProcessHandle process, String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
        InvokerBitbucket.check(exit == 0, "SIG" + name + " could not be sent");
    }

    /** Sends Ctrl-C through the terminal. */
    public void interruptKey() throws IOException {
        process.getOutputStream().write(3);
        process.getOutputStream().flush();
    }

    /** Waits for its exit code; empty if it still runs after this time. */
    public OptionalInt exitWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    /** Its output so far. */
    public String console() throws IOException {
        return Files.readString(console);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
