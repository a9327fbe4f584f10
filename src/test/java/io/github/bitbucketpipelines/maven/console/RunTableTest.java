package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.run.RunTestBase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunTableTest extends RunTestBase {
    private List<String> table(Colours colours) {
        return new RunTable(clock, colours).lines(cloud.listRuns(RunFilter.all(), 10));
    }

    private void place(Optional<String> pipeline, String creator, Duration ago, RunScript script) {
        shop.place(
                "MANUAL",
                "main",
                pipeline,
                EmbeddedAccount.person(creator),
                clock.instant().minus(ago),
                script);
    }

    @Test
    void columnsAreAligned() {
        place(Optional.empty(), "Ann", Duration.ofDays(12), lasting(Duration.ofMinutes(3)));
        place(
                Optional.of("deploy-to-production"),
                "Another Maker",
                Duration.ofHours(3),
                lasting(Duration.ofMinutes(1)));
        place(Optional.empty(), "Ann", Duration.ofMinutes(5), lasting(Duration.ofHours(1)));
        assertThat(table(Colours.NONE))
                .containsExactly(
                        "RUN  RESULT       TARGET  PIPELINE              CREATOR        STARTED      DURATION",
                        "#3   IN_PROGRESS  main    -                     Ann            5 min ago    5m 00s",
                        "#2   SUCCESSFUL   main    deploy-to-production  Another Maker  3 h ago      1m 00s",
                        "#1   SUCCESSFUL   main    -                     Ann            12 days ago  3m 00s");
    }

    @Test
    void columnsAreAlignedWithColours() {
        place(Optional.empty(), "Ann", Duration.ofHours(1), RunScript.ending("FAILED"));
        place(Optional.empty(), "Ann", Duration.ofHours(1), RunScript.successful());
        List<String> coloured = table((style, text) -> "<" + style + ">" + text + "<>");
        assertThat(coloured.get(1)).contains("<SUCCESS>SUCCESSFUL<>  main");
        assertThat(coloured.get(2)).contains("<FAILURE>FAILED<>      main");
        assertThat(coloured.stream()
                        .map(line -> line.replaceAll("<[A-Z]*>", ""))
                        .toList())
                .isEqualTo(table(Colours.NONE));
    }

    @Test
    void nameWithEscapesIsSanitizedAndCut() {
        place(
                Optional.empty(),
                "\u001B[2J" + "Mallory\n[INFO] BUILD SUCCESS ".repeat(10),
                Duration.ZERO,
                RunScript.successful());
        assertThat(table(Colours.NONE))
                .hasSize(2)
                .last()
                .asString()
                .contains("Mallory [INFO] BUILD SUCCESS Mallory [IN…")
                .doesNotContain("\u001B", "\n");
    }

    @ParameterizedTest
    @CsvSource({
        "PT-5S, just now",
        "PT59S, just now",
        "PT1M, 1 min ago",
        "PT59M, 59 min ago",
        "PT1H, 1 h ago",
        "PT47H, 47 h ago",
        "P2D, 2 days ago",
        "P4000D, '4,000 days ago'"
    })
    void ageIsRounded(Duration age, String text) {
        assertThat(RunTable.age(age)).isEqualTo(text);
    }
}
