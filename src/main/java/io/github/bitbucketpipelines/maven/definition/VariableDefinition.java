package io.github.bitbucketpipelines.maven.definition;

import java.util.List;
import java.util.Optional;

/**
 * A variable that a custom pipeline declares.
 *
 * @param defaultValue the value where the trigger gives none
 * @param allowedValues the allowed values; empty where any value is allowed
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/">Pipeline start
 *     conditions</a>
 */
public record VariableDefinition(
        String name, Optional<String> defaultValue, List<String> allowedValues, Optional<String> description) {
    /** Copies the list. */
    public VariableDefinition {
        allowedValues = List.copyOf(allowedValues);
    }

    /** Returns whether the variable may have this value. */
    public boolean allows(String value) {
        return allowedValues.isEmpty() || allowedValues.contains(value);
    }
}
