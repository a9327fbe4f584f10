package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/** Selects a step by its name, else by its position from 1 or by its name in another case. */
public final class StepSelector {
    private static final int MAX_NAME_CHARACTERS = 100;

    private StepSelector() {}

    /**
     * Returns the only step that the parameter {@code step} names.
     *
     * @param run names the run in messages
     * @throws MojoExecutionException if no step or more than one has that name; the message lists the run's steps
     */
    public static Step select(String step, List<Step> steps, String run) throws MojoExecutionException {
        List<Step> matches =
                steps.stream().filter(each -> each.displayName().equals(step)).toList();
        if (matches.isEmpty()) {
            matches = steps.stream()
                    .filter(each -> Integer.toString(each.position()).equals(step)
                            || each.displayName().equalsIgnoreCase(step))
                    .toList();
        }
        if (matches.size() == 1) {
            return matches.get(0);
        }
        String problem = matches.isEmpty()
                ? "has no step '" + shown(step) + "'" + suggestion(step, steps)
                : "has " + matches.size() + " steps '" + shown(step) + "'; give its position";
        String separator = steps.isEmpty() || problem.endsWith("?") ? "" : ".";
        throw ParameterParser.invalid("step", "pipeline " + run + " " + problem + separator + list(steps));
    }

    private static String suggestion(String step, List<Step> steps) {
        return NameSuggestion.closest(
                        step, steps.stream().map(Step::displayName).toList())
                .map(name -> "; did you mean '" + name + "'?")
                .orElse("");
    }

    private static String list(List<Step> steps) {
        return steps.isEmpty()
                ? "; it has no steps (yet)"
                : steps.stream()
                        .map(step -> step.position() + " " + shown(step.displayName()))
                        .collect(Collectors.joining(", ", " Its steps: ", ""));
    }

    /** Names the steps that run after a stop, with a space before; empty where none does, or it is not known. */
    public static String stillRunning(List<Step> steps) {
        List<String> running = steps.stream()
                .filter(step -> step.state().isIn(State.Phase.RUNNING))
                .map(step -> "'" + shown(step.displayName()) + "'")
                .toList();
        return running.isEmpty()
                ? ""
                : " Still running: " + String.join(", ", running) + ". Final steps run after a stop, too.";
    }

    /** Returns the name of a step as messages show it. */
    public static String shown(String name) {
        return TextSanitizer.singleLine(name, MAX_NAME_CHARACTERS);
    }
}
