package io.github.bitbucketpipelines.maven.git;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of CI servers: each entry is complete, on the site, and judged by the same rule. */
class CiServerTest {
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");
    private static final String HEAD = "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4";
    private static final String OTHER = "1111111111111111111111111111111111111111";
    private static final Optional<List<String>> REMOTES = Optional.of(List.of("git@bitbucket.org:acme/shop.git"));

    static Stream<CiServer> servers() {
        return CiServer.ALL.stream();
    }

    @Test
    void everyServerOfTheDesignIsThere() {
        assertThat(CiServer.ALL)
                .extracting(CiServer::name)
                .containsExactlyInAnyOrder(
                        "Jenkins",
                        "GitHub Actions",
                        "GitLab",
                        "Azure Pipelines",
                        "Bamboo",
                        "TeamCity",
                        "CircleCI",
                        "Travis CI",
                        "Drone",
                        "Woodpecker",
                        "Buildkite",
                        "AppVeyor",
                        "CodeBuild",
                        "Bitbucket Pipelines");
    }

    @ParameterizedTest
    @MethodSource("servers")
    void entryIsCompleteAndOnTheSite(CiServer server) throws IOException {
        assertThat(URI.create(server.documentation())).hasScheme("https");
        assertThat(server.branches()).isNotEmpty();
        assertThat(server.commits()).isNotEmpty();
        assertThat(server.repositories()).isNotEmpty();
        assertThat(server.page()).contains("{");
        String site = Files.readString(Path.of("src/site/markdown/ci-servers.md"));
        assertThat(site)
                .contains(
                        server.name(),
                        server.branches().get(0),
                        server.commits().get(0),
                        server.repositories().get(0));
    }

    /** The environment of a build of this server, with what it says of commit and repository. */
    private static CiEnvironment environment(CiServer server, Optional<String> commit, Optional<String> repository) {
        Map<String, String> environment = new HashMap<>();
        String[] marker = server.marker().split("=");
        environment.put(marker[0], marker.length == 1 ? "true" : marker[1]);
        environment.put("GITHUB_REF_TYPE", "branch");
        environment.put(server.branches().get(0), "feature/x");
        commit.ifPresent(hash -> environment.put(server.commits().get(0), hash));
        repository.ifPresent(address -> environment.put(server.repositories().get(0), address));
        CiEnvironment read = new CiEnvironment(environment, List.of("origin"));
        assertThat(read.ref()).hasValueSatisfying(ref -> {
            assertThat(ref.server()).isEqualTo(server.name());
            assertThat(ref.target().refName()).contains("feature/x");
        });
        return read;
    }

    @ParameterizedTest
    @MethodSource("servers")
    void wordAboutThisCheckoutCounts(CiServer server) {
        for (String address : List.of("https://bitbucket.org/acme/shop", "git@bitbucket.org:acme/shop.git")) {
            CiEnvironment environment = environment(server, Optional.of(HEAD), Optional.of(address));
            assertThat(environment.mismatch(Optional.of(HEAD), SHOP, REMOTES)).isEmpty();
            assertThat(environment.missingEvidence()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("servers")
    void wordAboutAnotherCommitOrRepositoryDoesNot(CiServer server) {
        assertThat(environment(server, Optional.of(OTHER), Optional.empty()).mismatch(Optional.of(HEAD), SHOP, REMOTES))
                .hasValueSatisfying(
                        text -> assertThat(text).contains(server.commits().get(0), OTHER, HEAD));
        assertThat(environment(server, Optional.of(HEAD), Optional.of("https://bitbucket.org/acme/other"))
                        .mismatch(Optional.of(HEAD), SHOP, REMOTES))
                .hasValueSatisfying(
                        text -> assertThat(text).contains(server.repositories().get(0), "acme/shop"));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void wordWithoutCommitAndRepositoryIsNamedAsNotCompared(CiServer server) {
        CiEnvironment environment = environment(server, Optional.empty(), Optional.empty());
        assertThat(environment.mismatch(Optional.of(HEAD), SHOP, REMOTES)).isEmpty();
        assertThat(environment.missingEvidence()).containsAll(server.commits()).containsAll(server.repositories());
    }
}
