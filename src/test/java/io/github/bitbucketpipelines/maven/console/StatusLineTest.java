package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.polling.Forecast;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StatusLineTest {
    private static final String ERASE = "\r\u001B[2K";
    private static final String DRAWN = ERASE + "\u001B[?7l%s\u001B[?7h\r";

    private final Screen screen = new Screen();
    private final StatusLine line = new StatusLine(screen, StandardCharsets.UTF_8);

    @AfterEach
    void end() {
        line.end();
    }

    @Test
    void textIsDrawnInOneLineThatIsErasedInTheEnd() {
        line.show(() -> "#42 läuft");
        screen.await(DRAWN.formatted("#42 läuft"));

        line.end();

        assertThat(screen.text()).endsWith(ERASE).doesNotContain("\n");
    }

    @Test
    void newTextTakesThePlaceOfTheOldOne() {
        line.show(() -> "one");
        screen.await(DRAWN.formatted("one"));
        line.show(() -> "two");
        screen.await(DRAWN.formatted("two"));
    }

    @Test
    void lineIsErasedBeforeAnythingElseIsPrinted() {
        line.show(() -> "live");
        screen.await("live");

        line.above(recording()).info("printed");

        assertThat(screen.text()).contains(DRAWN.formatted("live") + ERASE + "info printed");
    }

    @Test
    void nothingIsErasedWhereNothingWasDrawn() {
        line.above(recording()).info("printed");

        assertThat(screen.text()).isEqualTo("info printed");
    }

    @Test
    void terminalThatIsGoneDisturbsNothing() {
        StatusLine closed = new StatusLine(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        screen.write("tried");
                        throw new IOException("Broken pipe");
                    }
                },
                StandardCharsets.UTF_8);
        closed.show(() -> "live");
        screen.await("tried");

        closed.end();

        assertThat(screen.text()).doesNotContain("live");
    }

    @Test
    void everyLineOfAnOutputErasesTheStatusLineFirst() throws Exception {
        for (String level : List.of("debug", "info", "warn", "error")) {
            line.show(() -> level + " is next");
            screen.await(DRAWN.formatted(level + " is next"));

            Output.class.getMethod(level, String.class).invoke(line.above(recording()), "text");

            assertThat(screen.text()).endsWith(ERASE + level + " text");
        }
    }

    @Test
    void everyLineOfAnOutputWithAPrefixBeginsWithIt() throws Exception {
        for (String level : List.of("debug", "info", "warn", "error")) {
            Output.class.getMethod(level, String.class).invoke(recording().prefixed("[rehearsal] "), "text");

            assertThat(screen.text()).endsWith(level + " [rehearsal] text");
        }
    }

    @Test
    void outputThatIsWrappedShowsInfoWhereTheOriginalDoes() {
        assertThat(recording().prefixed("any").isInfoEnabled()).isTrue();
        assertThat(line.above(recording()).isInfoEnabled()).isTrue();
    }

    @Test
    void consoleShowsHowFarTheRunIsUntilItIsOver() {
        ConsoleListener console = new ConsoleListener(
                recording(),
                RunLabel.of(new RepositoryId("acme", "shop")),
                new SecretMasker(List.of()),
                Set.of(),
                false,
                Optional.of(line));
        RunEvent.Polled polled = new RunEvent.Polled(
                Runs.run(State.Unfinished.IN_PROGRESS),
                List.of(Runs.step(1, "Deploy", State.Unfinished.IN_PROGRESS)),
                new Forecast(Optional.empty(), Duration.ofSeconds(70)));

        console.accept(polled);
        screen.await("#42 IN_PROGRESS  1m 1");
        console.accept(new RunEvent.Heartbeat(polled.run(), polled.steps(), Duration.ofSeconds(70), polled.forecast()));
        console.accept(new RunEvent.WatchEnded());

        assertThat(screen.text()).contains("step 1 of 1: Deploy").endsWith(ERASE);
        assertThat(screen.text()).doesNotContain("info ");
    }

    /** An output that prints on the same screen, each line with its level. */
    private Output recording() {
        return (Output) Proxy.newProxyInstance(
                Output.class.getClassLoader(), new Class<?>[] {Output.class}, (proxy, method, arguments) -> {
                    if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    if (arguments == null) {
                        return true;
                    }
                    screen.write(method.getName() + " " + arguments[0]);
                    return null;
                });
    }

    /** A terminal that keeps what is written to it. */
    private static final class Screen extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
            bytes.write(b);
            notifyAll();
        }

        void write(String text) {
            for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                write(b);
            }
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        /** Returns when the text has been written. */
        synchronized void await(String text) {
            try {
                while (!text().contains(text)) {
                    wait();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("not written: " + text, e);
            }
        }
    }
}
