package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.VariableDefinition;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.preflight.Finding.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks the variables of a trigger against those that a pipeline declares. Never shows a value: it may be a secret.
 */
final class VariableCheck {
    private VariableCheck() {}

    static List<Finding> check(
            PipelineDefinition definition, List<Variable> given, Set<String> handedOver, boolean custom) {
        if (!custom) {
            return given.isEmpty()
                    ? List.of()
                    : List.of(Subject.VARIABLES.unknown(
                            "Whether the variables take effect: Bitbucket documents them for custom pipelines only"));
        }
        List<VariableDefinition> declared = definition.variables();
        if (declared.isEmpty()) {
            return given.isEmpty()
                    ? List.of(Subject.VARIABLES.ok("It declares no variables, and none are given"))
                    : List.of(Subject.VARIABLES.unknown(
                            "Whether the variables are intended: the pipeline declares none; Bitbucket"
                                    + " passes them on nevertheless"));
        }
        List<Finding> findings = new ArrayList<>();
        for (Variable variable : given) {
            definition
                    .variable(variable.key())
                    .ifPresentOrElse(
                            declaration -> {
                                if (!handedOver.contains(variable.key())) {
                                    check(declaration, variable, findings);
                                } else if (!declaration.allowedValues().isEmpty()) {
                                    findings.add(Subject.VARIABLES.unknown("Whether the pipeline allows the value of "
                                            + variable.key() + ": another run hands it over" + allowed(declaration)));
                                }
                            },
                            () -> findings.add(undeclared(variable.key(), declared, given)));
        }
        for (VariableDefinition declaration : declared) {
            boolean isGiven = given.stream().anyMatch(variable -> variable.key().equals(declaration.name()));
            if (!isGiven && declaration.defaultValue().isEmpty()) {
                findings.add(
                        Subject.VARIABLES.failed("Variable " + declaration.name() + " is not given, and has no default"
                                + declaration
                                        .description()
                                        .map(text -> " (" + text + ")")
                                        .orElse("")
                                + ": give it with -Dbitbucket.variable."
                                + declaration.name() + allowed(declaration)));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Subject.VARIABLES.ok("The variables are as the pipeline declares them"));
        }
        return findings;
    }

    private static void check(VariableDefinition declaration, Variable variable, List<Finding> findings) {
        if (!declaration.allows(variable.value())) {
            findings.add(Subject.VARIABLES.failed(
                    "Variable " + variable.key() + " has a value that the pipeline does not allow"
                            + NameSuggestion.closest(variable.value(), declaration.allowedValues())
                                    .map(other -> ": did you mean '" + other + "'?")
                                    .orElse("")
                            + allowed(declaration)));
        }
    }

    /** Bitbucket passes on what is not declared: it fails only where it looks like a declared one that is missing. */
    private static Finding undeclared(String key, List<VariableDefinition> declared, List<Variable> given) {
        List<String> names = declared.stream().map(VariableDefinition::name).toList();
        Optional<String> near = NameSuggestion.closest(key, names);
        if (near.isEmpty()) {
            return Subject.VARIABLES.unknown("Whether variable " + key
                    + " is intended: the pipeline does not declare it, and Bitbucket passes it on nevertheless;"
                    + " it declares " + String.join(", ", names));
        }
        String text = "Variable " + key + " is not declared by the pipeline: did you mean " + near.get() + "?";
        boolean isGiven = given.stream().anyMatch(variable -> variable.key().equals(near.get()));
        return isGiven ? Subject.VARIABLES.unknown(text) : Subject.VARIABLES.failed(text);
    }

    private static String allowed(VariableDefinition declaration) {
        List<String> values = declaration.allowedValues();
        return values.isEmpty() ? "" : "; allowed: " + String.join(", ", values);
    }
}
