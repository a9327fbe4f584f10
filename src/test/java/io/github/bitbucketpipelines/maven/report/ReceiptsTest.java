package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    void intentIsReadAsWritten() throws IOException {
        Receipt receipt = new Receipt(directory, "deploy");
        TriggerIntent intent = new TriggerIntent(
                Instant.parse("2026-11-26T10:00:00.123Z"),
                new Target.Branch("main", Optional.of("5f0c1d2e3f40")),
                Optional.of("nightly"),
                41);
        ReportContext context = new ReportContext(
                new BuildFacts(
                        "run",
                        "deploy",
                        "1",
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        ZoneOffset.UTC),
                new RepositoryId("acme", "shop"),
                Optional.of("nightly"),
                Optional.of(intent.target()),
                Optional.empty(),
                run -> ReportContext.Commands.NONE,
                ReportContext.Environments.UNKNOWN);

        receipt.writeIntent(context, intent);

        StoredReceipt stored = Receipts.read(receipt.file()).orElseThrow();
        assertThat(stored.intent()).contains(intent);
        assertThat(stored.over()).isFalse();
        assertThat(Receipts.mayBeOfUnfinishedRun(receipt.file())).isTrue();
        JsonNode json = new ObjectMapper().readTree(receipt.file().toFile());
        JsonNode schema = new ObjectMapper()
                .readTree(Path.of("docs", "trigger-intent.schema.json").toFile());
        assertThat(json.fieldNames())
                .toIterable()
                .allMatch(name -> schema.path("properties").has(name));
        assertThat(schema.path("required")).allMatch(name -> json.has(name.asText()));
        assertThat(json.path("trigger").fieldNames()).toIterable().containsExactly("time", "newestNumber");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"TRIGGERING | {}", "IN_DOUBT | {}", "TRIGGERING | {\"time\":\"yesterday\",\"newestNumber\":1}"})
    void incompleteIntentIsNoReceipt(String outcome, String trigger) throws IOException {
        assertThat(Receipts.read(write(
                        "x.json",
                        "{\"workspace\":\"acme\",\"repository\":\"shop\",\"outcome\":\"" + outcome + "\","
                                + "\"target\":{\"branch\":\"main\"},\"trigger\":" + trigger + "}")))
                .isEmpty();
    }

    @Test
    void missingFileOrDirectoryIsEmpty() {
        assertThat(Receipts.in(directory.resolve("nowhere"))).isEmpty();
        assertThat(Receipts.read(directory.resolve("nowhere.json"))).isEmpty();
    }
}
