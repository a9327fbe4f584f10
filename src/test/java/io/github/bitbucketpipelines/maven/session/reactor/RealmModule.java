package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.project.MavenProject;

/** One module's goal, to be loaded in a class realm of its own; given the module and the list of triggers. */
public final class RealmModule implements BiConsumer<MavenSession, Object[]> {
    @Override
    @SuppressWarnings("unchecked")
    public void accept(MavenSession session, Object[] arguments) {
        MavenProject module = (MavenProject) arguments[0];
        List<String> triggers = (List<String>) arguments[1];
        WarningLog log = new WarningLog(new ArrayList<>());
        try {
            ReactorGuard.of(session, any -> List.of(Reactors.bound("deploy")), () -> log)
                    .enter(
                            module,
                            Reactors.bound("deploy"),
                            new ReactorTask(
                                    ReactorMode.LAST,
                                    new SentValues(),
                                    true,
                                    () -> triggers.add(module.getArtifactId())),
                            log);
        } catch (MojoExecutionException | MojoFailureException e) {
            throw new IllegalStateException(e);
        }
    }
}
