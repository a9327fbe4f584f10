package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import java.util.Set;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.codehaus.plexus.util.xml.Xpp3Dom;

/**
 * A task that ends with a warning, whatever its result: nothing was run, it was a rehearsal. A quiet build shows it, too:
 * a {@code rehearse} that was left behind in a settings profile must not pass for a deployment.
 */
record RehearsedTask(GoalContext context, GoalTask task) implements GoalTask {
    private static final String PROPERTY = "bitbucket.rehearse";

    /** The goals that act on a run; the others only show something. */
    private static final Set<String> GOALS = Set.of("run", "trigger", "wait", "rerun", "stop");

    /** Returns the task of a goal, with the warning where it is rehearsed. */
    static GoalTask of(GoalContext context, GoalTask task) {
        return context.isRehearsal() && GOALS.contains(context.execution().getGoal())
                ? new RehearsedTask(context, task)
                : task;
    }

    @Override
    public void run(BitbucketConnection connection)
            throws MojoExecutionException, MojoFailureException, InterruptedException {
        try {
            task.run(connection);
        } finally {
            context.output()
                    .warn("Nothing was run on Bitbucket: goal "
                            + context.execution().getGoal() + " was rehearsed, by "
                            + source() + ". Remove it to run the goal for real.");
        }
    }

    @Override
    public SentValues sent() {
        return task.sent();
    }

    @Override
    public boolean warnIfNotLast() {
        return task.warnIfNotLast();
    }

    /** Where the parameter's value comes from; the order is Maven's. */
    private String source() {
        Xpp3Dom configuration = context.execution().getConfiguration();
        Xpp3Dom value = configuration == null ? null : configuration.getChild("rehearse");
        String literal = value == null || value.getValue() == null ? "" : value.getValue();
        if (!literal.isEmpty() && !literal.equals("${" + PROPERTY + "}")) {
            return "<rehearse>" + literal + "</rehearse> in the POM";
        }
        if (context.session().getUserProperties().containsKey(PROPERTY)) {
            return "-D" + PROPERTY + " on the command line or in .mvn/maven.config";
        }
        if (context.session().getSystemProperties().containsKey(PROPERTY)) {
            return "-D" + PROPERTY + " of the JVM (MAVEN_OPTS)";
        }
        return "the property " + PROPERTY + " of the POM or of a profile";
    }
}
