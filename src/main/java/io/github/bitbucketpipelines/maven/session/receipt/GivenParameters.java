package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.RawConfiguration;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * The parameters that are given for this execution itself: on the command line, or in the execution's own configuration. A
 * property of the POM or a profile, and the configuration that all executions of the plugin share, are defaults.
 */
public final class GivenParameters {
    private static final String PREFIX = "bitbucket.";

    private final GoalContext context;

    /** Creates it for the execution of a context. */
    public GivenParameters(GoalContext context) {
        this.context = context;
    }

    /** Whether the parameter of this name is given. */
    public boolean has(String name) {
        Optional<String> used =
                RawConfiguration.element(context.execution(), name).map(Xpp3Dom::getValue);
        Properties started = BuildProperties.started(context.session());
        return Optional.ofNullable(started.getProperty(PREFIX + name))
                        .filter(typed -> !typed.isBlank())
                        .filter(typed -> used.map(
                                        raw -> RawConfiguration.evaluated(context.session(), context.execution(), raw))
                                .filter(typed::equals)
                                .isPresent())
                        .isPresent()
                || isOwn(name);
    }

    /** Returns what is given of a filter of runs. */
    RunFilter of(RunFilter runs) {
        return new RunFilter(runs.target().flatMap(this::given), runs.pipeline().filter(any -> has("pipeline")));
    }

    private Optional<Target> given(Target target) {
        Optional<String> commit = target.commit().filter(any -> has("commit"));
        if (target instanceof Target.Branch branch && has("branch")) {
            return Optional.of(new Target.Branch(branch.name(), commit));
        }
        if (target instanceof Target.Tag tag && has("tag")) {
            return Optional.of(new Target.Tag(tag.name(), commit));
        }
        if (target instanceof Target.PullRequest && has("pullRequest")) {
            return Optional.of(target);
        }
        return commit.map(Target.Commit::new);
    }

    /** Maven merges the plugin's configuration into that of each execution: what is the same in both is the plugin's. */
    private boolean isOwn(String name) {
        return RawConfiguration.plugins(context.project(), context.execution())
                .anyMatch(plugin -> Optional.ofNullable(plugin.getExecutionsAsMap()
                                .get(context.execution().getExecutionId()))
                        .flatMap(execution -> value(execution.getConfiguration(), name))
                        .filter(own -> !Objects.equals(
                                own, value(plugin.getConfiguration(), name).orElse(null)))
                        .isPresent());
    }

    private static Optional<String> value(Object configuration, String name) {
        return Optional.ofNullable((Xpp3Dom) configuration)
                .map(all -> all.getChild(name))
                .map(Xpp3Dom::getValue)
                .filter(value -> !value.isBlank());
    }
}
