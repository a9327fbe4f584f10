package io.github.bitbucketpipelines.maven.session.reactor;

/**
 * What makes two modules' executions one: the goal, the id, and the POM that first declares the id.
 *
 * @param goal the goal, such as {@code run}
 * @param id the execution's id
 * @param origin the id of the project whose POM declares it first; empty where no POM does, but an extension of the build
 */
record ExecutionKey(String goal, String id, String origin) {
    private static final String SEPARATOR = "\n";

    /** The key as a text that {@link #decode} reads: one that class realms of this plugin can share. */
    String encode() {
        return String.join(SEPARATOR, goal, id, origin);
    }

    static ExecutionKey decode(String text) {
        String[] parts = text.split(SEPARATOR, 3);
        return new ExecutionKey(parts[0], parts[1], parts[2]);
    }

    /** For messages: both are needed, since one execution may have two goals. */
    String label() {
        return "execution '" + id + "' (" + goal + ")";
    }
}
