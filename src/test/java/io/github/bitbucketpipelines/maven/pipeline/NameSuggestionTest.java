package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameSuggestionTest {
    private static final List<String> NAMES = List.of("deploy-to-production", "deploy-to-staging", "FAILED", "nightly");

    @ParameterizedTest
    @CsvSource({
        "deploy-to-prodution, deploy-to-production",
        "deploy-to-prod, deploy-to-production",
        "fail, FAILED",
        "nigthly, nightly",
        "NIGHT, nightly"
    })
    void nearestNameOrTheOnlyOneOfThatBeginningIsSuggested(String wanted, String suggested) {
        assertThat(NameSuggestion.closest(wanted, NAMES)).contains(suggested);
    }

    @ParameterizedTest
    @CsvSource({"deploy-to", "production", "nig", "''"})
    void nothingIsSuggestedForABeginningOfSeveralNamesOrAShortOne(String wanted) {
        assertThat(NameSuggestion.closest(wanted, NAMES)).isEmpty();
    }

    @Test
    void distanceCountsBeforeABeginning() {
        assertThat(NameSuggestion.closest("logs", List.of("logsOfSteps", "log")))
                .contains("log");
    }
}
