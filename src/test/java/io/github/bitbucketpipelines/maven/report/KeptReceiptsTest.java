package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.report.KeptReceipts.Moved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptReceiptsTest {
    private final Path directory;

    KeptReceiptsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @ParameterizedTest
    @ValueSource(strings = {"default-cli", "release.api", "in stall/1", "con"})
    void receiptGetsItsNameBack(String execution) throws IOException {
        Path file = write(new Receipt(directory, execution).file(), execution, 42, false);
        String text = Files.readString(file);
        KeptReceipts kept = new KeptReceipts(directory, execution);

        Moved moved = kept.keep(List.of(), receipt -> false);

        assertThat(file).doesNotExist();
        assertThat(moved.plan()).isEmpty();
        assertThat(moved.receipts()).singleElement().satisfies(receipt -> {
            assertThat(receipt.number()).isEqualTo(42);
            assertThat(receipt.executionId()).isEqualTo(execution);
            assertThat(KeptReceipts.isKept(receipt.file())).isTrue();
            assertThat(KeptReceipts.original(receipt.file())).isEqualTo(file);
        });
        assertThat(Receipts.in(directory))
                .extracting(Receipts.StoredReceipt::number)
                .containsExactly(42L);
        assertThat(kept.files(Optional.empty())).hasSize(1);
        kept.restore();
        assertThat(file).hasContent(text);
        assertThat(kept.files(Optional.empty())).isEmpty();
    }

    @Test
    void receiptsOfOtherExecutionsAreNotTouched() throws IOException {
        write(new Receipt(directory, "a").file(), "a", 42, false);
        new KeptReceipts(directory, "a").keep(List.of(), receipt -> false);

        assertThat(new KeptReceipts(directory, "b").files(Optional.empty())).isEmpty();
        new KeptReceipts(directory, "b").restore();
        assertThat(new KeptReceipts(directory, "a").files(Optional.empty())).hasSize(1);
    }

    @Test
    void severalStayWhereTheyAreAndOnlyEndedOnesAreRemoved() throws IOException {
        Path file = new Receipt(directory, "a").file();
        KeptReceipts kept = new KeptReceipts(directory, "a");
        for (int number : List.of(42, 43)) {
            write(file, "a", number, false);
            kept.keep(List.of(), receipt -> false);
        }
        List<Path> files = kept.files(Optional.empty());
        assertThat(files).hasSize(2);

        kept.restore();
        assertThat(kept.files(Optional.empty())).isEqualTo(files);

        write(files.get(0), "a", 42, true);
        kept.restore();
        assertThat(file).exists();
        assertThat(kept.files(Optional.empty())).isEmpty();
        assertThat(Receipts.in(directory)).hasSize(1);
    }

    @Test
    void settledEndedAndRehearsedOnesAreNotKept() throws IOException {
        Path file = new Receipt(directory, "a").file();
        KeptReceipts kept = new KeptReceipts(directory, "a");

        write(file, "a", 42, false);
        assertThat(kept.keep(List.of(), receipt -> receipt.number() == 42).receipts())
                .isEmpty();
        write(file, "a", 42, true);
        assertThat(kept.keep(List.of(), receipt -> false).receipts()).isEmpty();
        Files.writeString(file, Files.readString(file).replace("\"result\":\"FAILED\"", "\"rehearsal\":true"));
        assertThat(kept.keep(List.of(), receipt -> false).receipts()).isEmpty();

        assertThat(file).exists();
    }

    @Test
    void nameOfNoExecutionIsThatOfAKeptReceipt() {
        for (String execution : List.of("a~kept-0123456789ab", "a~kept-0123456789ab.api", "a b~kept-0123456789ab")) {
            assertThat(KeptReceipts.isKept(new Receipt(directory, execution).file()))
                    .isFalse();
        }
    }

    private static Path write(Path file, String execution, int number, boolean over) throws IOException {
        return Files.writeString(
                file,
                "{\"execution\":\"" + execution + "\",\"workspace\":\"acme\",\"repository\":\"shop\",\"number\":"
                        + number + ",\"uuid\":\"{" + number + "}\"" + (over ? ",\"result\":\"FAILED\"" : "") + "}");
    }
}
