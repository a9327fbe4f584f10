package io.github.bitbucketpipelines.maven.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of Atlassian's page "Use glob patterns on the Pipelines yaml file", and cases that it leaves open. */
class GlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "feature/*                | feature/any",
                "feature/bb-123-fix-links | feature/bb-123-fix-links",
                "feature/bb-123-*         | feature/bb-123-fix-links",
                "*                        | main",
                "**                       | main",
                "**                       | feature/bb-123-fix-links",
                "*/feature                | team/feature",
                "release/**               | release/1/2",
                "**/hotfix                | a/b/hotfix",
                "feature-*                | feature-",
                "{feature,fix}/*          | fix/a",
                "'{feature/*,fix/*,main}' | main",
                "'v{1,2{a,b}}'            | v2b",
                "'a{,b}'                  | a",
                "release-?.?              | release-1.2",
                "v[0-9]*                  | v1.2.3",
                "v[!a-z]                  | v1",
                "a{b                      | a{b",
                "a}b{c                    | a}b{c",
                "v1.0+build               | v1.0+build",
            })
    void nameMatches(String pattern, String name) {
        assertThat(new Glob(pattern).match(name)).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "feature/*       | feature/any/mine",
                "feature/*       | feature",
                "*               | feature/bb-123-fix-links",
                "*/feature       | feature",
                "*/feature       | a/b/feature",
                "main            | Main",
                "main            | main2",
                "{feature,fix}/* | docs/a",
                "release-?.?     | release-1.10",
                "a?b             | a/b",
                "v[0-9]*         | va",
                "v[!a-z]         | va",
                "a[!x]b          | a/b",
                "a.c             | abc",
            })
    void nameDoesNotMatch(String pattern, String name) {
        assertThat(new Glob(pattern).match(name)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "feature/bb-123-fix-links | feature/*      | feature/bb-123-fix-links",
                "feature/bb-123-*         | feature/bb-*   | feature/bb-123-fix-links",
                "my-branch-a              | my-branch-*    | my-branch-a",
                "my-branch-*              | my-*           | my-branch-b",
                "my-*                     | *              | my-awesome-branch",
                "*                        | **             | main",
                "feature/*                | feature/**     | feature/a",
                "feature/**               | **             | feature/a/b",
                "*/feature                | **/feature     | a/feature",
                "dev/pagespeed            | '{feature/*,fix/*,dev/*}' | dev/pagespeed",
                "dev/*                    | '{feature-for-many/*,**}'  | dev/a",
                "v[0-9]                   | v*             | v1",
                "v?                       | v*             | v1",
            })
    void firstPatternIsMoreSpecific(String first, String second, String name) {
        assertThat(new Glob(first).match(name).orElseThrow())
                .isGreaterThan(new Glob(second).match(name).orElseThrow());
    }

    @Test
    void matchingDoesNotBacktrack() {
        Glob glob = new Glob("*a".repeat(300) + "b");
        Assertions.assertTimeout(
                Duration.ofSeconds(5),
                () -> assertThat(glob.match("a".repeat(5_000))).isEmpty());
    }

    @Test
    void tooLargePatternIsRejected() {
        assertThatThrownBy(() -> new Glob("{a,b}".repeat(20))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Glob("{" + ",".repeat(500) + "}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Glob("x".repeat(5_000))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closestNameIsSuggested() {
        List<String> names = List.of("deploy-to-production", "deploy-to-staging", "nightly", "e2e");
        Stream.of("deploy-to-prodcution", "deploy-to-productio", "Deploy-To-Production", "deploy_to_production")
                .forEach(typo -> assertThat(NameSuggestion.closest(typo, names)).contains("deploy-to-production"));
        assertThat(NameSuggestion.closest("e2", names)).contains("e2e");
        assertThat(NameSuggestion.closest("release", names)).isEmpty();
        assertThat(NameSuggestion.closest("", names)).isEmpty();
        assertThat(NameSuggestion.closest("x".repeat(100_000), names)).isEmpty();
        assertThat(NameSuggestion.closest("abd", List.of("abcc", "abc", "abe"))).contains("abc");
    }
}
