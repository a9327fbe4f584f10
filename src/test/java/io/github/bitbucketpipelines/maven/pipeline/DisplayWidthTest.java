package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisplayWidthTest {
    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "Deploy, 6",
        "Übergabe, 8",
        "U\u0308bergabe, 8",
        "本番環境へ, 10",
        "ﾃｽﾄ, 3",
        "ＡＢ, 4",
        "배포, 4",
        "\u1107\u1162\u1111\u1169, 4",
        "🚀, 2",
        "✅, 2",
        "e\u200Df, 2",
        "𠀋, 2"
    })
    void charactersAreMeasuredByTheirColumns(String text, int columns) {
        assertThat(DisplayWidth.of(text)).isEqualTo(columns);
    }

    @ParameterizedTest
    @CsvSource({
        "Deploy, 6, Deploy",
        "Deploy, 5, Depl…",
        "Deploy, 1, …",
        "Deploy, 0, ''",
        "Deploy now, 8, Deploy…",
        "本番環境へ, 9, 本番環境…",
        "本番環境へ, 8, 本番環…",
        "🚀🚀🚀, 4, 🚀…",
        "cafe\u0301 au lait, 5, cafe\u0301…"
    })
    void longerTextIsCut(String text, int columns, String cut) {
        assertThat(DisplayWidth.cut(text, columns)).isEqualTo(cut);
    }

    @ParameterizedTest
    @CsvSource({"ab, 4, 'ab  '", "本, 4, '本  '", "abcdef, 4, abcdef"})
    void shorterTextIsPadded(String text, int columns, String padded) {
        assertThat(DisplayWidth.pad(text, columns)).isEqualTo(padded);
    }
}
