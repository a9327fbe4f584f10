package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.console.Terminal.Size;
import io.github.bitbucketpipelines.maven.testing.TerminalEmulator;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StatusBlockTest {
    private static final Size SIZE = new Size(10, 60);

    private final TerminalEmulator terminal = new TerminalEmulator(SIZE.rows(), SIZE.columns());
    private final CountDownLatch closed = new CountDownLatch(1);
    private final StatusBlock block =
            new StatusBlock(terminal, StandardCharsets.UTF_8, () -> SIZE, StatusBlock::startThread, closed::countDown);

    @AfterEach
    void end() {
        block.end();
    }

    @Test
    void linesAreDrawnAndErasedInTheEnd() {
        terminal.print("before\n");
        block.show(size -> List.of("", "#42 läuft", "二"));
        terminal.await("二");
        assertThat(terminal.lines()).containsExactly("before", "", "#42 läuft", "二");

        block.end();

        assertThat(terminal.lines()).containsExactly("before");
        assertThat(closed.getCount()).isZero();
    }

    @Test
    void newLinesTakeThePlaceOfOldOnes() {
        block.show(size -> List.of("", "one", "two", "three"));
        terminal.await("three");
        block.show(size -> List.of("", "four"));
        terminal.await("four");

        assertThat(terminal.lines()).containsExactly("", "four");
    }

    @Test
    void linesAreDrawnAgainAfterASecond() {
        CountDownLatch draws = new CountDownLatch(2);
        block.show(size -> {
            draws.countDown();
            return List.of("", draws.getCount() + " left");
        });

        terminal.await("0 left");

        assertThat(terminal.lines()).containsExactly("", "0 left");
    }

    @Test
    void nothingIsDrawnAfterTheEnd() {
        block.end();
        block.show(size -> List.of("late"));
        block.draw(SIZE);

        assertThat(terminal.lines()).isEmpty();
    }

    @Test
    void outputOfOtherCodeStaysWhole() {
        block.show(size -> List.of("", "#42 IN_PROGRESS"));
        terminal.await("IN_PROGRESS");

        terminal.print("[WARNING] of another thread\n");
        block.draw(SIZE);

        assertThat(terminal.lines()).containsExactly("[WARNING] of another thread", "", "#42 IN_PROGRESS");
    }

    @Test
    void killedProgramLeavesThePromptItsOwnLine() {
        terminal.print("[INFO] before\n");
        block.show(size -> List.of("", "#42 IN_PROGRESS"));
        terminal.await("IN_PROGRESS");

        terminal.print("Killed\n");

        assertThat(terminal.lines()).containsExactly("[INFO] before", "Killed", "#42 IN_PROGRESS");
    }

    @Test
    void widerLineThanTheTerminalIsCut() {
        block.show(size -> List.of("", "x".repeat(100), "y".repeat(59)));
        terminal.await("y");

        assertThat(terminal.lines()).containsExactly("", "x".repeat(58) + "…", "y".repeat(59));
        assertThat(terminal.wraps()).isZero();
    }

    @Test
    void terminalThatIsGoneDisturbsNothing() throws Exception {
        CountDownLatch tried = new CountDownLatch(1);
        StatusBlock closed = new StatusBlock(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        tried.countDown();
                        throw new IOException("Broken pipe");
                    }
                },
                StandardCharsets.UTF_8,
                () -> SIZE,
                StatusBlock::startThread,
                () -> {});
        closed.show(size -> List.of("live"));
        tried.await();

        closed.above(recording()).info("printed");
        closed.end();

        assertThat(terminal.lines()).containsExactly("info printed");
    }

    @Test
    void everyLineOfAnOutputErasesTheBlockFirst() throws Exception {
        for (String level : List.of("debug", "info", "warn", "error")) {
            block.show(size -> List.of("", level + " is next"));
            terminal.await(level + " is next");

            Output.class.getMethod(level, String.class).invoke(block.above(recording()), "text");

            assertThat(terminal.lines()).last().isEqualTo(level + " text");
        }
        assertThat(terminal.lines()).containsExactly("debug text", "info text", "warn text", "error text");
    }

    @Test
    void everyLineOfAnOutputWithAPrefixBeginsWithIt() throws Exception {
        for (String level : List.of("debug", "info", "warn", "error")) {
            Output.class.getMethod(level, String.class).invoke(recording().prefixed("[rehearsal] "), "text");

            assertThat(terminal.lines()).last().isEqualTo(level + " [rehearsal] text");
        }
    }

    @Test
    void outputThatIsWrappedShowsInfoWhereTheOriginalDoes() {
        assertThat(recording().prefixed("any").isInfoEnabled()).isTrue();
        assertThat(block.above(recording()).isInfoEnabled()).isTrue();
    }

    /** An output that prints on the same terminal, each line with its level. */
    private Output recording() {
        return (Output) Proxy.newProxyInstance(
                Output.class.getClassLoader(), new Class<?>[] {Output.class}, (proxy, method, arguments) -> {
                    if (method.isDefault()) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    if (arguments == null) {
                        return true;
                    }
                    terminal.print(method.getName() + " " + arguments[0] + "\n");
                    return null;
                });
    }
}
