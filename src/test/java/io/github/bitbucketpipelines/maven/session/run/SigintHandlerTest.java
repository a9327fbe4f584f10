package io.github.bitbucketpipelines.maven.session.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.testing.ForkedMaven;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.OS;

/** A JVM of its own takes the signal, as a terminal sends it. */
@DisabledOnOs(OS.WINDOWS)
@EnabledIf("heedsInterrupts")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SigintHandlerTest {
    /** What Maven 3.10 and 4 do to SIGINT in a terminal, then what the first argument says. */
    static final class Child {
        public static void main(String[] args) throws Exception {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("last words")));
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance("INT"),
                            handler.getField("SIG_DFL").get(null));
            SigintHandler.install();
            SigintHandler.install();
            SigintHandler.restore();
            if (args[0].equals("given-back")) {
                SigintHandler.restore();
            }
            System.out.println("ready");
            System.in.read();
        }
    }

    /** What nohup or a script's & started ignores SIGINT, and so do its children. */
    static boolean heedsInterrupts() throws IOException {
        return ForkedMaven.heedsInterrupts();
    }

    @Test
    void sigintRunsShutdownHooksWhileInstalled() throws Exception {
        assertThat(interrupted("taken")).isEqualTo("last words, exit code 130");
    }

    @Test
    void lastRestoreBringsTheSystemDefaultBack() throws Exception {
        assertThat(interrupted("given-back")).isEqualTo("null, exit code 130");
    }

    private static String interrupted(String argument) throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-classpath",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        argument)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = child.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine()).isEqualTo("ready");
            ForkedMaven.signal(child.toHandle(), "INT");
            String line = said.readLine();
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            return line + ", exit code " + child.exitValue();
        } finally {
            child.destroyForcibly();
        }
    }
}
