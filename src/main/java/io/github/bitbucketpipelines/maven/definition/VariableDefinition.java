package io.github.bitbucketpipelines.maven.definition;

import java.util.List;
import java.util.Optional;

/**
 * A variable that a custom pipeline declares.
 *
 * @param defaultValue what it has when the trigger does not give it
 * @param allowedValues what it may be; empty where anything goes
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/">Pipeline start
 *     conditions</a>
 */
public record VariableDefinition(
        String name, Optional<String> defaultValue, List<String> allowedValues, Optional<String> description) {
    /** Copies its lists. */
    public VariableDefinition {
        allowedValues = List.copyOf(allowedValues);
    }

    /** Whether the variable may have this value. */
    public boolean allows(String value) {
        return allowedValues.isEmpty() || allowedValues.contains(value);
    }
}
