package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogFileWriterTest {
    private static final SecretMasker MASKER = new SecretMasker(List.of("s3cret"));

    @TempDir
    private Path directory;

    private static Step step(int position, String name) {
        return new Step(
                position,
                "{u}",
                Optional.ofNullable(name),
                State.Unfinished.IN_PROGRESS,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "Build, 001-build.log",
        "Deploy to production, 001-deploy-to-production.log",
        "../../etc/passwd, 001-etc-passwd.log",
        "..\\..\\windows, 001-windows.log",
        "/, 001-step.log",
        "..., 001-step.log",
        "a..b, 001-a.b.log",
        "日本, 001-step.log",
        "C:\\con, 001-c-con.log",
        ", 001-step.log"
    })
    void stepNameCanNotLeaveTheDirectory(String name, String file) {
        assertThat(LogFileWriter.name(step(1, name))).isEqualTo(file);
    }

    @Test
    void longNameIsCutButNotThePosition() {
        assertThat(LogFileWriter.name(step(1_234, "x".repeat(5_000))))
                .hasSize(80 + 9)
                .startsWith("1234-xxx");
    }

    @Test
    void bytesAreWrittenUnchanged() throws Exception {
        byte[] bytes = {0, (byte) 0xFF, 0x1B, '[', '\r', '\n'};
        Path file = new LogFileWriter(directory, MASKER)
                .write(step(3, "Build"), sink -> {
                    sink.accept(bytes, bytes.length);
                    return bytes.length;
                })
                .orElseThrow();
        assertThat(file)
                .isEqualTo(directory.resolve("logs").resolve("003-build.log"))
                .hasBinaryContent(bytes);
    }

    @Test
    void incompleteLogLeavesNoFile() {
        assertThatThrownBy(() -> new LogFileWriter(directory, MASKER).write(step(1, "Build"), sink -> {
                    sink.accept("half".getBytes(StandardCharsets.UTF_8), 4);
                    throw new IllegalStateException("the connection broke");
                }))
                .hasMessage("the connection broke");
        assertThat(directory.resolve("logs")).isEmptyDirectory();
    }

    @Test
    void emptyLogLeavesNoFile() throws Exception {
        assertThat(new LogFileWriter(directory, MASKER).write(step(1, "Build"), sink -> 0))
                .isEmpty();
        assertThat(directory.resolve("logs")).isEmptyDirectory();
    }

    @Test
    void clearRemovesLogsButNoOtherFiles() throws IOException {
        LogFileWriter files = new LogFileWriter(directory, MASKER);
        Files.createDirectories(files.directory());
        Files.writeString(files.directory().resolve("007-old.log"), "old");
        Files.writeString(files.directory().resolve("notes.txt"), "mine");
        files.clear();
        assertThat(files.directory().toFile().list()).containsExactly("notes.txt");
    }
}
