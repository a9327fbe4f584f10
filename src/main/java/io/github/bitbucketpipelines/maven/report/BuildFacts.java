package io.github.bitbucketpipelines.maven.report;

import java.net.URI;
import java.time.ZoneId;
import java.util.Optional;

/**
 * What is known of an execution before it has a run: the build that it belongs to.
 *
 * @param goal the goal's name, such as {@code run}
 * @param executionId the base of the file names
 * @param pluginVersion the version that writes them
 * @param rehearsal whether its run is one of the embedded Bitbucket
 * @param project the Maven project; absent without a POM
 * @param serverId the id of the server in settings.xml whose credentials are used; absent in a rehearsal
 * @param head the hash of the checkout's HEAD, where git knows it
 * @param ciServer the name of the CI server
 * @param ciBuild the web page of the CI server's build
 * @param startedBy who started the build, by the CI server, else by the machine
 * @param zone the time zone of the machine
 */
public record BuildFacts(
        String goal,
        String executionId,
        String pluginVersion,
        boolean rehearsal,
        Optional<Project> project,
        Optional<String> serverId,
        Optional<String> head,
        Optional<String> ciServer,
        Optional<URI> ciBuild,
        Optional<String> startedBy,
        ZoneId zone) {
    /** Returns the same for another execution's files. */
    public BuildFacts of(String otherExecutionId) {
        return new BuildFacts(
                goal,
                otherExecutionId,
                pluginVersion,
                rehearsal,
                project,
                serverId,
                head,
                ciServer,
                ciBuild,
                startedBy,
                zone);
    }

    /** The coordinates of a Maven project. */
    public record Project(String groupId, String artifactId, String version) {
        @Override
        public String toString() {
            return groupId + ":" + artifactId + ":" + version;
        }
    }
}
