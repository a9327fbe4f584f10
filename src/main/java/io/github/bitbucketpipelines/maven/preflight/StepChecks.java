package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.pipeline.DeploymentEnvironment;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Runner;
import io.github.bitbucketpipelines.maven.pipeline.Runner.Availability;
import io.github.bitbucketpipelines.maven.preflight.Finding.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Checks what may hold up the steps of a pipeline: runners that are not online, environments that another run has. All of it
 * can change before the run, and the workspace's runners are not shown: nothing here fails.
 */
record StepChecks(PipelineDefinition definition) {
    boolean needRunners() {
        return !labels().isEmpty();
    }

    boolean needEnvironments() {
        return definition.steps().stream().anyMatch(step -> step.environment().isPresent());
    }

    private List<List<String>> labels() {
        return definition.steps().stream()
                .map(StepDefinition::labels)
                .filter(labels -> !labels.isEmpty())
                .distinct()
                .toList();
    }

    /** Reports for each set of labels whether the repository has a runner for it. */
    List<Finding> runners(Optional<List<Runner>> known) {
        if (known.isEmpty()) {
            return List.of(Subject.STEPS.unknown(
                    "Whether a runner takes the steps with labels: the list of runners is incomplete"));
        }
        List<Finding> findings = new ArrayList<>();
        for (List<String> labels : labels()) {
            String names = String.join(", ", labels);
            List<Runner> fit =
                    known.get().stream().filter(runner -> runner.hasAll(labels)).toList();
            long online = fit.stream()
                    .filter(runner -> runner.availability() == Availability.ONLINE)
                    .count();
            findings.add(
                    online > 0
                            ? Subject.STEPS.ok("Runners of this repository with the labels " + names
                                    + " that are online: " + online)
                            : Subject.STEPS.unknown("Whether a runner takes the steps with the labels " + names
                                    + ": this repository has "
                                    + (fit.isEmpty()
                                            ? "none with them"
                                            : fit.size() + ", of which none is known to be online")
                                    + "; whether the workspace has one is not shown"));
        }
        return findings;
    }

    /** Names the runs that hold environments, and the environments that only administrators may deploy to. */
    List<Finding> environments(List<DeploymentEnvironment> known, Function<String, Optional<Run>> unfinished) {
        List<Finding> findings = new ArrayList<>();
        for (String name : definition.steps().stream()
                .flatMap(step -> step.environment().stream())
                .distinct()
                .toList()) {
            Optional<DeploymentEnvironment> environment =
                    known.stream().filter(candidate -> candidate.isNamed(name)).findFirst();
            environment
                    .flatMap(DeploymentEnvironment::lockedBy)
                    .flatMap(unfinished)
                    .ifPresent(run -> findings.add(Subject.STEPS.unknown("Whether a run is HALTED: the environment "
                            + name + " is held by pipeline #" + run.number() + " at the moment: " + run.url()
                            + "; the parameter onHalted decides what a build does then")));
            environment
                    .filter(DeploymentEnvironment::isAdminOnly)
                    .ifPresent(restricted -> findings.add(Subject.STEPS.unknown("Whether a run is PAUSED: only"
                            + " administrators may deploy to the environment " + name)));
        }
        return findings;
    }
}
