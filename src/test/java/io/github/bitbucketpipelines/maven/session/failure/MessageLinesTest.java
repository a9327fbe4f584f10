package io.github.bitbucketpipelines.maven.session.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageLinesTest {
    private static final String LONG = "word ".repeat(30).strip();

    @Test
    void eachSentenceBeginsALine() {
        assertThat(MessageLines.format("It failed. Was it pushed? Nothing was triggered.")
                        .lines())
                .containsExactly("It failed.", "Was it pushed?", "Nothing was triggered.");
    }

    @Test
    void versionsAddressesAbbreviationsAndForeignWordsAreNotDivided() {
        String text = "At https://a.b/c?d=E of 1.2.0, e.g. Maven, it said (Bad request. Try again)";

        assertThat(MessageLines.format(text)).isEqualTo(text);
    }

    @Test
    void longSentenceIsBrokenAfterAClauseElseAfterAWord() {
        String clause = "x".repeat(70) + ", ";

        assertThat(MessageLines.format(clause + LONG).lines()).startsWith(clause.strip());
        assertThat(MessageLines.format(LONG).lines())
                .hasSize(2)
                .allMatch(line -> line.length() <= 100)
                .last()
                .asString()
                .startsWith("  word");
    }

    @Test
    void commandUrlAndIndentedLineStayWhole() {
        String command = "To wait for it: mvn a.b:c:1:wait \"-Dbitbucket.number=42\" "
                + "\"-Dx=y\" ".repeat(20).strip();
        String url = "https://bitbucket.org/" + "x".repeat(120);
        String indented = "  <server>" + LONG + "</server>";
        String all = String.join(System.lineSeparator(), command, url, indented);

        assertThat(MessageLines.format(all)).isEqualTo(all);
        assertThat(MessageLines.format("See " + url + " there").lines()).anyMatch(line -> line.endsWith(url));
    }

    @Test
    void formattedMessageStaysAsItIs() {
        String once = MessageLines.format("It failed. " + LONG + ". Nothing was triggered.");

        assertThat(MessageLines.format(once)).isEqualTo(once);
    }
}
