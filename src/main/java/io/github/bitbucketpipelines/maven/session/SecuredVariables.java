package io.github.bitbucketpipelines.maven.session;

import java.util.LinkedHashMap;

/** A map of secrets: Maven prints every parameter under {@code -X}, this one without its values. */
public final class SecuredVariables extends LinkedHashMap<String, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
        return keySet() + " (values not shown)";
    }
}
