package io.github.bitbucketpipelines.maven.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CiEnvironmentTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Bitbucket Pipelines
                "BITBUCKET_BRANCH=feature/x | branch feature/x from BITBUCKET_BRANCH",
                "BITBUCKET_TAG=v1 BITBUCKET_BRANCH= | tag v1 from BITBUCKET_TAG",
                // Jenkins, multibranch job: a branch, a pull request, one from a fork, a tag
                "BRANCH_NAME=feature/x GIT_BRANCH=origin/feature/x | branch feature/x from BRANCH_NAME",
                "BRANCH_NAME=PR-12 CHANGE_ID=12 CHANGE_BRANCH=feature/x GIT_BRANCH=PR-12 | branch feature/x from"
                        + " CHANGE_BRANCH",
                "BRANCH_NAME=PR-12 CHANGE_ID=12 CHANGE_BRANCH=main CHANGE_FORK=jane GIT_BRANCH=PR-12 | nothing",
                "BRANCH_NAME=PR-12 CHANGE_ID=12 | nothing",
                "BRANCH_NAME=v1 TAG_NAME=v1 GIT_BRANCH=v1 | tag v1 from TAG_NAME",
                "TAG_NAME=v1 | tag v1 from TAG_NAME",
                // TAG_NAME is the tag of an image
                "BRANCH_NAME=main TAG_NAME=latest | branch main from BRANCH_NAME",
                // Jenkins, other jobs
                "GIT_BRANCH=origin/main | branch main from GIT_BRANCH",
                "GIT_BRANCH=origin/feature/x | branch feature/x from GIT_BRANCH",
                "GIT_BRANCH=origin/origin/x | branch origin/x from GIT_BRANCH",
                "GIT_BRANCH=feature/x | branch feature/x from GIT_BRANCH",
                "GIT_BRANCH=refs/heads/feature/x | branch feature/x from GIT_BRANCH",
                "GIT_BRANCH=refs/remotes/origin/x | branch x from GIT_BRANCH",
                "GIT_BRANCH=upstream/main | branch main from GIT_BRANCH",
                "GIT_BRANCH=refs/heads/origin/x | branch origin/x from GIT_BRANCH",
                "GIT_BRANCH=refs/tags/v1 | tag v1 from GIT_BRANCH",
                "GIT_BRANCH=detached | nothing",
                "GIT_BRANCH=origin/ | nothing",
                // GitHub Actions
                "GITHUB_REF_TYPE=branch GITHUB_REF_NAME=feature/x | branch feature/x from GITHUB_REF_NAME",
                "GITHUB_REF_TYPE=tag GITHUB_REF_NAME=v1 | tag v1 from GITHUB_REF_NAME",
                "GITHUB_HEAD_REF=x GITHUB_REF_TYPE=branch GITHUB_REF_NAME=12/merge | branch x from GITHUB_HEAD_REF",
                "GITHUB_REF_NAME=v1 | nothing",
                "BRANCH_NAME= GIT_BRANCH= BITBUCKET_TAG= | nothing",
                "PATH=/bin | nothing",
            })
    void refIsReadFromTheVariablesOfTheCiServer(String variables, String expected) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables.split(" ")) {
            String[] nameAndValue = variable.split("=", 2);
            environment.put(nameAndValue[0], nameAndValue[1].isEmpty() ? "  " : nameAndValue[1]);
        }
        assertThat(new CiEnvironment(environment, List.of("origin", "upstream"))
                        .ref()
                        .map(ref -> ref.target() + " from " + ref.variable())
                        .orElse("nothing"))
                .isEqualTo(expected);
    }
}
