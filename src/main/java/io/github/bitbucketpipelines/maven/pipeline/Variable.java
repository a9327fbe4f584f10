package io.github.bitbucketpipelines.maven.pipeline;

import java.util.regex.Pattern;

/**
 * A variable given to a run. Bitbucket never returns them.
 *
 * @param key ASCII letters, digits and underscores, not starting with a digit
 * @param value any text, the empty one included
 * @param secured whether Bitbucket must mask the value
 */
public record Variable(String key, String value, boolean secured) {
    private static final Pattern KEY = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    /** Refuses, by an {@link IllegalArgumentException} fit for users, a name that Bitbucket would not take. */
    public Variable {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException(
                    "'" + TextSanitizer.singleLine(key, 100) + "' is not a variable's name: it has ASCII"
                            + " letters, digits and '_' only, and does not start with a digit");
        }
    }

    /** Never shows the value: a secret may be in a plain variable by mistake. */
    @Override
    public String toString() {
        return key + (secured ? " (secured)" : "");
    }
}
