package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptLockTest {
    @TempDir
    private Path directory;

    /** Another process: says whether it gets the lock, and keeps it until its input ends. */
    public static final class Other {
        private Other() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println(ReceiptLock.acquire(Path.of(arguments[0])).isPresent() ? "locked" : "refused");
            System.in.read();
            // The process ends with the lock, as one that is killed.
            Runtime.getRuntime().halt(0);
        }
    }

    private Process other(Path receipt) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        receipt.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String line(Process process) throws IOException {
        return process.inputReader().readLine();
    }

    private static void end(Process process) throws Exception {
        process.getOutputStream().close();
        process.waitFor();
    }

    @Test
    void oneProcessAtATimeHasTheLock() throws Exception {
        Path receipt = directory.resolve("a/deploy.json");
        try (ReceiptLock lock = ReceiptLock.acquire(receipt).orElseThrow()) {
            // A second attempt of this process must not end the lock, as it would on Unix.
            assertThat(ReceiptLock.acquire(receipt)).isEmpty();
            assertThat(lock).isNotNull();
            Process other = other(receipt);
            assertThat(line(other)).isEqualTo("refused");
            end(other);
        }
        assertThat(directory.resolve("a")).isEmptyDirectory();

        Process other = other(receipt);
        assertThat(line(other)).isEqualTo("locked");
        assertThat(ReceiptLock.acquire(receipt)).isEmpty();
        end(other);

        try (ReceiptLock after = ReceiptLock.acquire(receipt).orElseThrow()) {
            assertThat(after).isNotNull();
        }
    }

    @Test
    void receiptsOfOtherExecutionsAreNotLocked() throws IOException {
        try (ReceiptLock one = ReceiptLock.acquire(directory.resolve("a.json")).orElseThrow();
                ReceiptLock two =
                        ReceiptLock.acquire(directory.resolve("b.json")).orElseThrow()) {
            assertThat(one).isNotSameAs(two);
        }
    }

    @Test
    void manyThreadsHaveItOneAfterTheOther() throws Exception {
        Path receipt = directory.resolve("deploy.json");
        AtomicInteger inside = new AtomicInteger();
        int threads = 8;
        CyclicBarrier begin = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> got = IntStream.range(0, threads)
                    .mapToObj(i -> pool.submit((Callable<Integer>) () -> {
                        begin.await();
                        int times = 0;
                        for (int attempt = 0; attempt < 500; attempt++) {
                            Optional<ReceiptLock> lock = ReceiptLock.acquire(receipt);
                            if (lock.isPresent()) {
                                assertThat(inside.incrementAndGet()).isOne();
                                inside.decrementAndGet();
                                lock.get().close();
                                times++;
                            }
                        }
                        return times;
                    }))
                    .toList();
            int all = 0;
            for (Future<Integer> each : got) {
                all += each.get();
            }
            assertThat(all).isPositive();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void fileOfAKilledBuildIsNoObstacleAndWhatItIsLinkedToStays() throws IOException {
        Path other = Files.writeString(directory.resolve("other.txt"), "mine");
        Files.createLink(directory.resolve("deploy.lock"), other);

        ReceiptLock.acquire(directory.resolve("deploy.json")).orElseThrow().close();

        assertThat(other).hasContent("mine");
        assertThat(directory.resolve("deploy.lock")).doesNotExist();
    }

    @Test
    void linkInItsPlaceIsNotFollowed() throws IOException {
        Path other = directory.resolve("other.txt");
        Files.createSymbolicLink(directory.resolve("deploy.lock"), other);

        assertThatThrownBy(() -> ReceiptLock.acquire(directory.resolve("deploy.json")))
                .isInstanceOf(IOException.class);

        assertThat(other).doesNotExist();
    }
}
