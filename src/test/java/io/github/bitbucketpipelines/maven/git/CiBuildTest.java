package io.github.bitbucketpipelines.maven.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CiBuildTest {
    @Test
    void pageOfAGitHubRunIsPutTogether() {
        CiBuild build = CiBuild.of(Map.of(
                        "GITHUB_ACTIONS", "true",
                        "GITHUB_SERVER_URL", "https://github.com",
                        "GITHUB_REPOSITORY", "acme/shop",
                        "GITHUB_RUN_ID", "7",
                        "GITHUB_ACTOR", "ada"))
                .orElseThrow();

        assertThat(build)
                .isEqualTo(new CiBuild(
                        "GitHub Actions",
                        Optional.of(URI.create("https://github.com/acme/shop/actions/runs/7")),
                        Optional.of("ada")));
    }

    @Test
    void projectOfAzureMayHaveASpace() {
        assertThat(CiBuild.of(Map.of(
                                "TF_BUILD", "True",
                                "SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/",
                                "SYSTEM_TEAMPROJECT", "The Shop",
                                "BUILD_BUILDID", "7"))
                        .flatMap(CiBuild::url))
                .contains(URI.create("https://dev.azure.com/acme/The%20Shop/_build/results?buildId=7"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://ada:secret@ci.example/job/7", "javascript:alert(1)", "ci.example/7", "https://", "a b"})
    void addressThatIsNoPlainWebPageIsNoLink(String url) {
        assertThat(CiBuild.of(Map.of("JENKINS_URL", "https://ci.example/", "BUILD_URL", url)))
                .contains(new CiBuild("Jenkins", Optional.empty(), Optional.empty()));
    }

    @Test
    void withoutACiServerThereIsNoBuild() {
        assertThat(CiBuild.of(Map.of("BUILD_URL", "https://ci.example/7", "GITHUB_ACTIONS", "false")))
                .isEmpty();
    }
}
