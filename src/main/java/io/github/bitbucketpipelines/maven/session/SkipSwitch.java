package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/** Decides whether a goal is skipped: by the parameter skip, or by the property {@code bitbucket.skip.GOAL}. */
final class SkipSwitch {
    static final String PROPERTY = "bitbucket.skip";

    private SkipSwitch() {}

    /** Returns the name of the goal's own property. */
    static String property(String goal) {
        return PROPERTY + "." + goal;
    }

    /**
     * Returns the line that says why the goal is skipped; empty if it is not.
     *
     * @throws MojoExecutionException if one of the two is neither true nor false
     */
    static Optional<String> reason(GoalContext context) throws MojoExecutionException {
        String goal = context.execution().getGoal();
        BuildProperties properties = BuildProperties.of(context.session(), context.project());
        boolean isAll =
                ParameterParser.parseBoolean("skip", context.parameters().skip());
        boolean isGoal = ParameterParser.parseBoolean(
                "skip." + goal, properties.get(property(goal)).orElse(""));
        if (isAll) {
            return Optional.of("Skipped: " + PROPERTY + " is true.");
        }
        return isGoal ? Optional.of("Skipped: " + property(goal) + " is true.") : Optional.empty();
    }
}
