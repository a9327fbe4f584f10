package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.VariableDefinition;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.util.ArrayList;
import java.util.List;

/** The variables given, against those that a pipeline declares. A value is never shown: it may be a secret. */
final class VariableCheck {
    private VariableCheck() {}

    static List<Finding> check(PipelineDefinition definition, List<Variable> given, boolean custom) {
        if (!custom) {
            return given.isEmpty()
                    ? List.of()
                    : List.of(Finding.unknown(
                            "Whether the variables arrive: Bitbucket documents them for custom pipelines only"));
        }
        List<VariableDefinition> declared = definition.variables();
        if (declared.isEmpty()) {
            return given.isEmpty()
                    ? List.of(Finding.ok("It declares no variables, and none are given"))
                    : List.of(Finding.unknown("Whether the variables are meant: the pipeline declares none; Bitbucket"
                            + " passes them on all the same"));
        }
        List<Finding> findings = new ArrayList<>();
        for (Variable variable : given) {
            definition
                    .variable(variable.key())
                    .ifPresentOrElse(
                            known -> check(known, variable, findings),
                            () -> findings.add(undeclared(variable.key(), declared)));
        }
        for (VariableDefinition known : declared) {
            boolean isGiven = given.stream().anyMatch(variable -> variable.key().equals(known.name()));
            if (!isGiven && known.defaultValue().isEmpty()) {
                findings.add(Finding.failed("Variable " + known.name() + " is not given, and has no default"
                        + known.description().map(text -> " (" + text + ")").orElse("")
                        + ": give it with -Dbitbucket.variable."
                        + known.name() + allowed(known)));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("The variables are as the pipeline declares them"));
        }
        return findings;
    }

    private static void check(VariableDefinition known, Variable variable, List<Finding> findings) {
        if (!known.allows(variable.value())) {
            findings.add(Finding.failed("Variable " + variable.key() + " has a value that the pipeline does not allow"
                    + NameSuggestion.closest(variable.value(), known.allowedValues())
                            .map(near -> ": did you mean '" + near + "'?")
                            .orElse("")
                    + allowed(known)));
        }
    }

    private static Finding undeclared(String key, List<VariableDefinition> declared) {
        List<String> names = declared.stream().map(VariableDefinition::name).toList();
        return Finding.failed("Variable " + key + " is not declared by the pipeline"
                + NameSuggestion.closest(key, names)
                        .map(near -> ": did you mean " + near + "?")
                        .orElse("; it declares " + String.join(", ", names)));
    }

    private static String allowed(VariableDefinition known) {
        return known.allowedValues().isEmpty() ? "" : "; allowed: " + String.join(", ", known.allowedValues());
    }
}
