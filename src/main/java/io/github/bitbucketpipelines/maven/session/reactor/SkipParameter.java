package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.Optional;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/** Reads from outside whether a module skips an execution, for modules in which the goal is not called. */
final class SkipParameter {
    private final MavenSession session;

    SkipParameter(MavenSession session) {
        this.session = session;
    }

    boolean isSet(MavenProject module, ExecutionKey key, Optional<PluginExecution> execution) {
        Optional<String> configured = execution
                .map(found -> (Xpp3Dom) found.getConfiguration())
                .map(configuration -> configuration.getChild("skip"))
                .map(Xpp3Dom::getValue)
                .filter(value -> !value.isBlank());
        return isTrue(configured.or(() -> property(module, "bitbucket.skip")))
                || isTrue(property(module, "bitbucket.skip." + key.goal()));
    }

    private Optional<String> property(MavenProject module, String name) {
        return BuildProperties.of(session, module).get(name);
    }

    private static boolean isTrue(Optional<String> value) {
        return value.filter(text -> text.strip().equalsIgnoreCase("true")).isPresent();
    }
}
