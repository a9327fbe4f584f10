package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Below the output directory nothing is read, written or deleted through a link. */
class LinksTest {
    private static final Step STEP = new Step(
            1,
            "{u}",
            Optional.of("Build"),
            State.Unfinished.IN_PROGRESS,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    private static final byte[] BYTES = "new".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path root;

    private final List<String> warnings = new ArrayList<>();
    private Path output;
    private Path elsewhere;
    private Path theirs;

    @BeforeEach
    void create() throws IOException {
        output = Files.createDirectory(root.resolve("output"));
        elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        theirs = Files.writeString(elsewhere.resolve("001-build.log"), "theirs");
    }

    private Optional<Path> writeLog() throws InterruptedException {
        return new LogFileWriter(output, new SecretMasker(List.of())).write(STEP, sink -> {
            sink.accept(BYTES, BYTES.length);
            return BYTES.length;
        });
    }

    private void writeDownload(Optional<String> runId, String name) throws InterruptedException {
        new DownloadWriter(output, runId).write(name, sink -> {
            sink.accept(BYTES, BYTES.length);
            return BYTES.length;
        });
    }

    @Test
    void logsAreNotWrittenIntoALinkedDirectory() throws IOException {
        Files.createSymbolicLink(output.resolve("logs"), elsewhere);

        assertThatThrownBy(this::writeLog)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(output.resolve("logs") + " is a link");
        assertThatThrownBy(() -> new LogFileWriter(output, new SecretMasker(List.of())).clear())
                .hasMessageContaining("is a link");

        assertThat(theirs).hasContent("theirs");
        assertThat(elsewhere.toFile().list()).hasSize(1);
    }

    @Test
    void logsAreNotRemovedFromALinkedDirectory() throws IOException {
        Files.createSymbolicLink(output.resolve("logs"), elsewhere);

        EarlierFiles.removeLogs(output, warnings::add);

        assertThat(theirs).hasContent("theirs");
        assertThat(warnings).singleElement().asString().contains("logs of an earlier run", "is a link");
    }

    @Test
    void logReplacesALinkAndNotWhatItIsLinkedTo() throws Exception {
        Files.createDirectory(output.resolve("logs"));
        Files.createSymbolicLink(output.resolve("logs/001-build.log"), theirs);
        Files.createSymbolicLink(output.resolve("logs/001-build.log.part"), theirs);

        assertThat(writeLog().orElseThrow()).hasContent("new").isRegularFile();

        assertThat(Files.isSymbolicLink(output.resolve("logs/001-build.log"))).isFalse();
        assertThat(theirs).hasContent("theirs");
    }

    @Test
    void filesReplaceHardLinksAndNotWhatTheyAreLinkedTo() throws Exception {
        Files.createDirectory(output.resolve("logs"));
        Files.createLink(output.resolve("logs/001-build.log"), theirs);
        Files.createLink(output.resolve("deploy.json"), theirs);

        writeLog();
        FileReplacement.real().write(output.resolve("deploy.json"), "new");

        assertThat(output.resolve("logs/001-build.log")).hasContent("new");
        assertThat(output.resolve("deploy.json")).hasContent("new");
        assertThat(theirs).hasContent("theirs");
    }

    @Test
    void downloadsAreNotWrittenIntoALinkedDirectory() throws IOException {
        Files.createSymbolicLink(output.resolve("downloads"), elsewhere);

        assertThatThrownBy(() -> writeDownload(Optional.empty(), "001-build.log"))
                .hasMessageContaining(output.resolve("downloads") + " is a link");
        assertThatThrownBy(() -> writeDownload(Optional.of("api"), "app.jar")).hasMessageContaining("is a link");

        assertThat(elsewhere.toFile().list()).containsExactly("001-build.log");
        assertThat(theirs).hasContent("theirs");
    }

    @Test
    void downloadsOfARunAreNotWrittenIntoALinkedDirectory() throws IOException {
        Files.createDirectory(output.resolve("downloads"));
        Files.createSymbolicLink(output.resolve("downloads/api"), elsewhere);

        assertThatThrownBy(() -> writeDownload(Optional.of("api"), "001-build.log"))
                .hasMessageContaining(output.resolve("downloads/api") + " is a link");

        assertThat(theirs).hasContent("theirs");
    }

    @Test
    void danglingLinkIsNoDirectory() throws IOException {
        Files.createSymbolicLink(output.resolve("logs"), root.resolve("nowhere"));

        assertThatThrownBy(this::writeLog).hasMessageContaining("delete it");

        assertThat(root.resolve("nowhere")).doesNotExist();
    }

    @Test
    void earlierDownloadsAreNotDeletedThroughALink() throws IOException {
        Path receipt = output.resolve("deploy.json");
        Files.writeString(
                receipt,
                "{\"downloads\":[{\"file\":\"downloads/api/001-build.log\"},{\"file\":\"downloads/001-build.log\"},"
                        + "{\"file\":\"downloads/../../elsewhere/001-build.log\"},"
                        + "{\"file\":\"" + theirs + "\"},{\"file\":\"downloads/\\u0000\"}]}");
        Files.createDirectory(output.resolve("downloads"));
        Files.createSymbolicLink(output.resolve("downloads/api"), elsewhere);
        Files.createSymbolicLink(output.resolve("downloads/001-build.log"), theirs);

        new EarlierFiles(output, "deploy", warnings::add).remove(any -> false);

        assertThat(theirs).hasContent("theirs");
        assertThat(Files.isSymbolicLink(output.resolve("downloads/001-build.log")))
                .isTrue();
    }

    @Test
    void linkIsNoReceiptAndKeepsItsRunUnknown() throws IOException {
        Path receipt = Files.writeString(
                elsewhere.resolve("deploy.json"),
                "{\"workspace\":\"acme\",\"repository\":\"shop\",\"number\":42,\"uuid\":\"{u}\"}");
        assertThat(Receipts.read(receipt)).isPresent();
        Path link = Files.createSymbolicLink(output.resolve("deploy.json"), receipt);

        assertThat(Receipts.read(link)).isEmpty();
        assertThatThrownBy(() -> Receipts.readIfPresent(link)).hasMessage("it is a link");
        assertThat(Receipts.in(output)).isEmpty();
        assertThat(Receipts.mayBeOfUnfinishedRun(link)).isTrue();
        assertThat(PlanResult.runs(link)).isEmpty();
        assertThat(FailureReport.isWithoutRun(link)).isFalse();
    }

    @Test
    void removedReportsAreTheLinksThemselves() throws IOException {
        for (String name : List.of("deploy.html", "deploy.css", "TEST-deploy.xml")) {
            Files.createSymbolicLink(output.resolve(name), theirs);
        }

        new EarlierFiles(output, "deploy", warnings::add).remove(any -> false);

        assertThat(output).isEmptyDirectory();
        assertThat(theirs).hasContent("theirs");
        assertThat(warnings).isEmpty();
    }

    @Test
    void outputDirectoryItselfMayBeALink() throws Exception {
        Path linked = Files.createSymbolicLink(root.resolve("linked"), output);
        output = linked;

        assertThat(writeLog().orElseThrow()).hasContent("new");
    }
}
