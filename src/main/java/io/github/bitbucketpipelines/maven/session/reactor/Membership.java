package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.List;
import java.util.Set;

/**
 * Which modules are expected to get to an execution. It is advice, made once per session: what really happens are
 * {@link Fact facts}.
 *
 * @param modules all modules of the build, in the order of the reactor
 * @param expected the ids of those whose build plan has the execution
 * @param declared the ids of those whose POM has the execution, bound to some phase
 * @param unplanned the ids of those whose build plan can't be calculated
 */
record Membership(List<ReactorModule> modules, Set<String> expected, Set<String> declared, Set<String> unplanned) {
    Membership {
        modules = List.copyOf(modules);
        expected = Set.copyOf(expected);
        declared = Set.copyOf(declared);
        unplanned = Set.copyOf(unplanned);
    }

    /** Whether the plan has the module get to the execution, or leaves it open. */
    boolean mayCome(String module) {
        return expected.contains(module) || unplanned.contains(module) && declared.contains(module);
    }

    boolean isExpected(String module) {
        return expected.contains(module);
    }

    boolean isDeclared(String module) {
        return declared.contains(module);
    }

    /** The module of an id; one that the session does not list gets its id as its name. */
    ReactorModule module(String id) {
        return modules.stream()
                .filter(module -> module.id().equals(id))
                .findFirst()
                .orElseGet(() -> new ReactorModule(id, id));
    }

    /** The place in the order of the reactor. */
    int position(String id) {
        return modules.indexOf(module(id));
    }
}
