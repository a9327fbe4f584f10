package io.github.bitbucketpipelines.maven.rehearsal;

import java.util.Arrays;
import java.util.List;

/** A scope, with its name for access tokens and OAuth, and its name for API tokens. */
enum Scope {
    READ_RUNS("pipeline", "read:pipeline:bitbucket"),
    WRITE_RUNS("pipeline:write", "write:pipeline:bitbucket"),
    READ_REPOSITORY("repository", "read:repository:bitbucket"),
    ADMIN_REPOSITORY("repository:admin", "admin:repository:bitbucket"),
    READ_RUNNERS("runner", "read:runner:bitbucket"),
    READ_PULL_REQUESTS("pullrequest", "read:pullrequest:bitbucket"),
    READ_ACCOUNT("account", "read:user:bitbucket");

    private final String classic;
    private final String granular;

    Scope(String classic, String granular) {
        this.classic = classic;
        this.granular = granular;
    }

    String name(boolean ofApiToken) {
        return ofApiToken ? granular : classic;
    }

    boolean isGrantedBy(List<String> granted) {
        return granted.contains(classic)
                || granted.contains(granular)
                || this == READ_REPOSITORY && (granted.contains("repository:write") || granted.contains("pullrequest"));
    }

    static List<String> all(boolean ofApiToken) {
        return Arrays.stream(values()).map(scope -> scope.name(ofApiToken)).toList();
    }
}
