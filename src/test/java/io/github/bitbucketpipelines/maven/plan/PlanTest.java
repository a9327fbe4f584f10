package io.github.bitbucketpipelines.maven.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTest {
    @Test
    void idsKeepTheOrderOfTheConfiguration() {
        assertThat(plan(run("web", "api"), run("api"), run("docs")).ids()).containsExactly("web", "api", "docs");
    }

    @Test
    void circleIsRefusedAndNamed() {
        assertThatThrownBy(() -> plan(run("a"), run("api", "db"), run("db", "web"), run("web", "api", "a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the runs need each other in a circle: api needs db needs web needs api; remove one of these"
                                + " needs");
    }

    @Test
    void runThatNeedsItselfIsRefused() {
        assertThatThrownBy(() -> plan(run("api", "api"))).hasMessageContaining("api needs api");
    }

    @Test
    void unknownNeedIsRefusedWithTheNearestId() {
        assertThatThrownBy(() -> plan(run("api"), run("web", "apii")))
                .hasMessage("run 'web' needs 'apii', and no run has that id: did you mean 'api'?");
    }

    @Test
    void idsThatDifferOnlyInCaseAreRefusedSinceTheyAreFileNames() {
        assertThatThrownBy(() -> plan(run("api"), run("API"))).hasMessageContaining("two runs have the id 'API'");
    }

    @Test
    void idsWithAMeaningOfTheirOwnAreRefused() {
        assertThatThrownBy(() -> plan(run("run"))).hasMessageContaining("'run'");
        assertThatThrownBy(() -> plan(run("output"))).hasMessageContaining("'output'");
        assertThatThrownBy(() -> plan(run("a.b"))).hasMessageContaining("other characters");
        assertThatThrownBy(() -> plan(run("../x"))).hasMessageContaining("other characters");
        assertThatThrownBy(() -> plan(run(""))).hasMessageContaining("other characters");
    }

    static Plan plan(Plan.Entry... entries) {
        return new Plan(List.of(entries));
    }

    static Plan.Entry run(String id, String... needs) {
        return new Plan.Entry(id, Set.copyOf(Arrays.asList(needs)));
    }
}
