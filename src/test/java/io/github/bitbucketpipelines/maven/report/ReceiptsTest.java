package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiptsTest {
    @TempDir
    private Path directory;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static String receipt(long number, String more) {
        return "{\"schema\":1,\"workspace\":\"acme\",\"repository\":\"shop\",\"number\":" + number
                + ",\"uuid\":\"{u}\",\"state\":\"PENDING\"" + more + "}";
    }

    @Test
    void receiptsOfADirectoryAreFound() throws IOException {
        write("b.json", receipt(43, ",\"result\":\"FAILED\""));
        write("a.json", receipt(42, ""));
        write("other.json", "[]");
        write("a.html", receipt(44, ""));
        assertThat(Receipts.in(directory))
                .extracting(StoredReceipt::executionId)
                .containsExactly("a", "b");
        assertThat(Receipts.in(directory)).extracting(StoredReceipt::over).containsExactly(false, true);
        assertThat(Receipts.in(directory).get(0).number()).isEqualTo(42);
        assertThat(Receipts.in(directory).get(0).repository()).hasToString("acme/shop");
    }

    @Test
    void executionIdIsReadFromTheContent() throws IOException {
        write("deploy_to_prod.json", receipt(42, ",\"execution\":\"deploy to prod\""));
        Path page = write("deploy_to_prod.html", "");
        assertThat(Receipts.in(directory))
                .extracting(StoredReceipt::executionId)
                .containsExactly("deploy to prod");
        assertThat(Receipts.in(directory).get(0).page()).contains(page);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "{\"number\":42}",
                "{\"number\":\"x\",\"uuid\":\"{u}\"}",
                "{\"workspace\":\"../..\",\"repository\":\"x\",\"number\":1,\"uuid\":\"{u}\"}"
            })
    void otherFilesAreIgnored(String text) throws IOException {
        assertThat(Receipts.read(write("x.json", text))).isEmpty();
    }

    @Test
    void missingFileOrDirectoryIsEmpty() {
        assertThat(Receipts.in(directory.resolve("nowhere"))).isEmpty();
        assertThat(Receipts.read(directory.resolve("nowhere.json"))).isEmpty();
    }
}
