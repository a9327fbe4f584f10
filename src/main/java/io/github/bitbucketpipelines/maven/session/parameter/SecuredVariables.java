package io.github.bitbucketpipelines.maven.session.parameter;

import java.util.LinkedHashMap;

/** Maps keys to secrets; {@link #toString}, which Maven prints under {@code -X}, has no values. */
public final class SecuredVariables extends LinkedHashMap<String, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
        return keySet() + " (values not shown)";
    }
}
