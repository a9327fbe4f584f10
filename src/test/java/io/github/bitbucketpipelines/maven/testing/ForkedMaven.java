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

/** A Maven that a test starts itself, so as to kill it: the same one that the Invoker ran, on the same JDK. */
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
     * @param basedir where; its {@code build.log} tells which Maven and JDK the Invoker used
     * @param console takes what it prints, both streams in one
     */
    public static ForkedMaven start(File basedir, File console, List<String> arguments) throws IOException {
        return launch(basedir, console, command(basedir, arguments));
    }

    /** Starts it in a terminal of its own, which must be there to be had: see {@link #hasTerminals}. */
    public static ForkedMaven startInTerminal(File basedir, File console, List<String> arguments) throws IOException {
        String line = command(basedir, arguments).stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ", "exec ", ""));
        return launch(basedir, console, List.of("script", "-qec", line, "/dev/null"));
    }

    /** Whether a terminal can be had: util-linux's script makes one. */
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
        // Some Mavens colour even this.
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

    /** Sends a signal, such as {@code TERM}, to any process. The shell's own kill does it: not every machine has another. */
    public static void signal(ProcessHandle process, String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
        InvokerBitbucket.check(exit == 0, "SIG" + name + " could not be sent");
    }

    /** Presses Ctrl-C, in a terminal. */
    public void interruptKey() throws IOException {
        process.getOutputStream().write(3);
        process.getOutputStream().flush();
    }

    /** Its exit code; empty if it is still there after this time. */
    public OptionalInt exitWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    /** What it printed. */
    public String console() throws IOException {
        return Files.readString(console);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
