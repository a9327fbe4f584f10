package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReplacementTest {
    @TempDir
    private Path directory;

    private final ManualClock time = new ManualClock();
    private final WindowsFiles windows = new WindowsFiles();
    private final FileReplacement files = new FileReplacement(time, windows);

    @Test
    void fileIsWrittenInUtf8WithTheDirectoriesAboveIt() throws IOException {
        Path file = directory.resolve("a/b/out.txt");

        files.write(file, "ü\n");

        assertThat(file).hasContent("ü\n");
        assertThat(time.sleeps()).isEmpty();
    }

    @Test
    void fileHeldOpenIsReplacedWhenItIsClosed() throws IOException {
        Path file = Files.writeString(directory.resolve("out.txt"), "old");
        windows.failures.add(new AccessDeniedException("out.txt"));
        windows.failures.add(new FileSystemException("out.txt", null, "used by another process"));

        files.write(file, "new");

        assertThat(file).hasContent("new");
        assertThat(time.sleeps()).containsExactly(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(names()).containsExactly("out.txt");
    }

    @Test
    void fileHeldOpenForLongFailsAndIsKept() throws IOException {
        Path file = Files.writeString(directory.resolve("out.txt"), "old");
        windows.failures.addAll(
                Collections.nCopies(FileReplacement.MAX_ATTEMPTS, new AccessDeniedException("out.txt")));

        assertThatThrownBy(() -> files.write(file, "new")).isInstanceOf(AccessDeniedException.class);

        assertThat(file).hasContent("old");
        assertThat(time.passed()).isEqualTo(Duration.ofMillis(1_550));
        assertThat(names()).containsExactly("out.txt");
    }

    @Test
    void otherFailuresAreNotRepeated() {
        windows.failures.add(new NoSuchFileException("out.txt"));

        assertThatThrownBy(() -> files.write(directory.resolve("out.txt"), "new"))
                .isInstanceOf(NoSuchFileException.class);

        assertThat(time.sleeps()).isEmpty();
    }

    @Test
    void fileSystemWithoutAtomicMoveIsServed() throws IOException {
        windows.atomic = false;
        Path file = Files.writeString(directory.resolve("out.txt"), "old");

        files.write(file, "new");

        assertThat(file).hasContent("new");
    }

    @Test
    void fileHeldOpenIsDeletedWhenItIsClosed() throws IOException {
        Path file = Files.writeString(directory.resolve("out.txt"), "old");
        windows.failures.add(new AccessDeniedException("out.txt"));

        files.delete(file);
        files.delete(file);

        assertThat(file).doesNotExist();
        assertThat(time.sleeps()).hasSize(1);
    }

    @Test
    void interruptedThreadMakesNoFurtherAttempt() {
        windows.failures.add(new AccessDeniedException("out.txt"));
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> files.delete(directory.resolve("out.txt"))).isInstanceOf(AccessDeniedException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Fails as often as there are failures left, then works as the real file system does. */
    private static final class WindowsFiles implements FileReplacement.Calls {
        private final Deque<IOException> failures = new ArrayDeque<>();
        private boolean atomic = true;

        @Override
        public void move(Path from, Path to, CopyOption... options) throws IOException {
            fail();
            if (!atomic && List.of(options).contains(StandardCopyOption.ATOMIC_MOVE)) {
                throw new AtomicMoveNotSupportedException(from.toString(), to.toString(), "other volume");
            }
            Files.move(from, to, options);
        }

        @Override
        public void delete(Path file) throws IOException {
            fail();
            Files.deleteIfExists(file);
        }

        private void fail() throws IOException {
            if (!failures.isEmpty()) {
                throw failures.poll();
            }
        }
    }
}
