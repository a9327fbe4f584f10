package io.github.bitbucketpipelines.maven.session.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.session.reactor.SimulatedBuild.Trigger;
import io.github.bitbucketpipelines.maven.session.reactor.SimulatedBuild.Witness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random reactors, their POMs made effective by Maven itself, built by the rules of Maven. */
class GeneratedReactorsTest {
    private static final int REACTORS = 10_000;

    private final Map<String, Integer> counts = new TreeMap<>();

    @Test
    void eachExecutionRunsOnceWithTheRightValuesOrTheBuildFailsWithAReason() {
        for (int seed = 0; seed < REACTORS; seed++) {
            SimulatedBuild build = new SimulatedBuild(PomTree.random(new Random(seed)), new Random(31L * seed));
            build.run();
            build.witnesses.forEach((execution, witness) -> check(build, execution, witness));
            if (!build.isGreen() && !build.hasFailedOtherwise) {
                assertThat(build.reasons).isNotEmpty();
            }
            for (String reason : build.reasons) {
                assertThat(build.witnesses.entrySet())
                        .as(reason)
                        .anyMatch(entry ->
                                reason.contains("execution '" + entry.getKey().split(" ")[0] + "'")
                                        && mayFailTheBuild(entry.getValue()));
            }
        }
        // Each kind of outcome is among them, often.
        assertThat(counts).hasSizeGreaterThanOrEqualTo(17);
        assertThat(counts.values()).allMatch(count -> count > 100);
    }

    private void check(SimulatedBuild build, String execution, Witness witness) {
        List<Trigger> triggers = witness.triggers;
        String what = execution + " " + witness.mode + (witness.differs ? " differs" : "") + " arrived "
                + witness.arrived + " skipped " + witness.skipped + " cached " + witness.cached + " triggers "
                + triggers
                + " reasons " + build.reasons;
        if (build.isGreen()) {
            assertThat(triggers).as(what).isEqualTo(right(build, witness));
            assertThat(isAmbiguous(witness)).as(what).isFalse();
            // What the cache skipped was not needed: the one run had been, or it is no member.
            assertThat(witness.cached.isEmpty() || witness.mode == ReactorMode.FIRST && triggers.size() == 1)
                    .as(what)
                    .isTrue();
            counts.merge("green " + witness.mode + " " + Math.min(2, triggers.size()), 1, Integer::sum);
            return;
        }
        counts.merge("red " + witness.mode + " " + Math.min(2, triggers.size()), 1, Integer::sum);
        assertThat(right(build, witness)).as(what).containsAll(triggers);
        assertThat(triggers).as(what).doesNotHaveDuplicates();
        if (build.failsNever && triggers.isEmpty() && !witness.arrived.isEmpty()) {
            assertThat(build.warnings).as(what).isNotEmpty();
        }
    }

    /** What has to be triggered where nothing fails. */
    private static List<Trigger> right(SimulatedBuild build, Witness witness) {
        List<Trigger> each = new ArrayList<>();
        List<String> ids = witness.mode == ReactorMode.LAST || witness.mode == ReactorMode.AUTO
                ? build.inOrder(witness.arrived)
                : witness.arrived;
        ids.forEach(id -> each.add(new Trigger(witness.differs ? id.split(":")[1] : "same", id)));
        if (each.isEmpty()) {
            return List.of();
        }
        return switch (witness.mode) {
            case FIRST -> each.subList(0, 1);
            case LAST -> each.subList(each.size() - 1, each.size());
            case EVERY -> each;
            case AUTO -> isAmbiguous(witness) ? List.of() : each.subList(each.size() - 1, each.size());
        };
    }

    private static boolean mayFailTheBuild(Witness witness) {
        return !witness.cached.isEmpty() || isAmbiguous(witness);
    }

    private static boolean isAmbiguous(Witness witness) {
        return witness.mode == ReactorMode.AUTO && witness.differs && witness.arrived.size() > 1;
    }
}
