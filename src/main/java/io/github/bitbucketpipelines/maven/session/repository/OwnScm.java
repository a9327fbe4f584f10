package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.InputLocation;
import org.apache.maven.model.InputSource;
import org.apache.maven.model.Model;
import org.apache.maven.model.Scm;
import org.apache.maven.project.MavenProject;

/**
 * Reads {@code <scm>} as a POM of this build has it itself. A parent outside the build, such as a company's, has its own
 * repository; and to what a module inherits, Maven appends the module's path.
 */
final class OwnScm {
    private final MavenSession session;
    private final MavenProject project;

    OwnScm(MavenSession session, MavenProject project) {
        this.session = session;
        this.project = project;
    }

    /**
     * Returns the addresses of the nearest POM that has any: that of the project, else of a parent in this build. They
     * are interpolated, and in the order of their precedence.
     */
    List<String> addresses() {
        for (MavenProject pom = project; pom != null; pom = pom.getParent()) {
            if (pom.equals(project) || isInBuild(pom)) {
                List<String> addresses = addressesOf(pom);
                if (!addresses.isEmpty()) {
                    return addresses;
                }
            }
        }
        return List.of();
    }

    /** Whether Maven inherits an address for the project, wherever it is from. */
    boolean isInherited() {
        Scm scm = project.getScm();
        return scm != null
                && Stream.of(scm.getDeveloperConnection(), scm.getConnection(), scm.getUrl())
                        .anyMatch(address -> ParameterParser.optional(address).isPresent());
    }

    private boolean isInBuild(MavenProject pom) {
        // Without those that -pl leaves out, a module's root may be missing.
        return Stream.of(session.getAllProjects(), session.getProjects())
                .anyMatch(projects -> projects != null && projects.contains(pom));
    }

    private static List<String> addressesOf(MavenProject pom) {
        List<String> addresses = new ArrayList<>();
        addAddress(addresses, pom, "developerConnection", Scm::getDeveloperConnection);
        addAddress(addresses, pom, "connection", Scm::getConnection);
        addAddress(addresses, pom, "url", Scm::getUrl);
        return addresses;
    }

    private static void addAddress(
            List<String> addresses, MavenProject pom, String element, Function<Scm, String> value) {
        if (pom.getScm() != null && isOwn(pom, element, value)) {
            ParameterParser.optional(value.apply(pom.getScm())).ifPresent(addresses::add);
        }
    }

    /** The effective model names the POM of each element; an original model may be a plugin's (flatten), else. */
    private static boolean isOwn(MavenProject pom, String element, Function<Scm, String> value) {
        Optional<String> declaring = Optional.ofNullable(pom.getScm().getLocation(element))
                .map(InputLocation::getSource)
                .map(InputSource::getModelId);
        if (declaring.isPresent()) {
            // The version may be raw, such as ${revision}.
            return declaring.get().startsWith(pom.getGroupId() + ":" + pom.getArtifactId() + ":");
        }
        return Optional.ofNullable(pom.getOriginalModel())
                .map(Model::getScm)
                .map(value)
                .isPresent();
    }
}
