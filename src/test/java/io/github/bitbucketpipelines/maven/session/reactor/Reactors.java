package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.maven.execution.DefaultMavenExecutionRequest;
import org.apache.maven.execution.DefaultMavenExecutionResult;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Build;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.DefaultRepositorySystemSession;

/** Sessions, modules and executions as Maven makes them. */
final class Reactors {
    private Reactors() {}

    static MavenSession session(String... modules) {
        return session(
                MavenExecutionRequest.REACTOR_FAIL_FAST,
                List.of("deploy"),
                Arrays.stream(modules).map(Reactors::module).toList());
    }

    @SuppressWarnings("deprecation") // No other constructor is in all Mavens.
    static MavenSession session(String failureBehavior, List<String> goals, List<MavenProject> modules) {
        DefaultMavenExecutionRequest request = new DefaultMavenExecutionRequest();
        request.setGoals(goals);
        request.setReactorFailureBehavior(failureBehavior);
        request.setSystemProperties(new Properties());
        request.setUserProperties(new Properties());
        MavenSession session = new MavenSession(
                null, new DefaultRepositorySystemSession(), request, new DefaultMavenExecutionResult());
        session.setProjects(new ArrayList<>(modules));
        return session;
    }

    static MavenProject module(String name, String... executions) {
        Plugin plugin = new Plugin();
        plugin.setGroupId("io.github.bitbucketpipelines");
        plugin.setArtifactId("bitbucket-pipelines-maven-plugin");
        for (String id : executions) {
            PluginExecution execution = new PluginExecution();
            execution.setId(id);
            execution.addGoal("run");
            plugin.addExecution(execution);
        }
        Build build = new Build();
        build.addPlugin(plugin);
        Model model = new Model();
        model.setGroupId("g");
        model.setArtifactId(name);
        model.setVersion("1");
        model.setBuild(build);
        return new MavenProject(model);
    }

    static MojoExecution mojo(String id, MojoExecution.Source source) {
        PluginDescriptor plugin = new PluginDescriptor();
        plugin.setGroupId("io.github.bitbucketpipelines");
        plugin.setArtifactId("bitbucket-pipelines-maven-plugin");
        Plugin model = new Plugin();
        model.setGroupId(plugin.getGroupId());
        model.setArtifactId(plugin.getArtifactId());
        plugin.setPlugin(model);
        MojoDescriptor mojo = new MojoDescriptor();
        mojo.setGoal("run");
        mojo.setPluginDescriptor(plugin);
        return new MojoExecution(mojo, id, source);
    }

    static MojoExecution bound(String id) {
        return mojo(id, MojoExecution.Source.LIFECYCLE);
    }

    static SentValues values(Map<String, String> values) {
        SentValues sent = new SentValues();
        values.forEach(sent::add);
        return sent;
    }
}
