package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.session.Goal;
import io.github.bitbucketpipelines.maven.session.GoalTask;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.plan.PlanGoal;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorMode;
import io.github.bitbucketpipelines.maven.session.receipt.PlanFiles;
import io.github.bitbucketpipelines.maven.session.receipt.RunFiles;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;

/** Declares the parameters of the goals that write files, or read those of others. */
abstract class AbstractRecordingMojo extends AbstractTargetMojo {
    /**
     * Where receipts, reports and logs are written. Without a POM: {@code target/bitbucket-pipelines} below the current
     * directory.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.outputDirectory", defaultValue = "${project.build.directory}/bitbucket-pipelines")
    private File outputDirectory;

    /**
     * The module of a multi-module build in which an execution that several modules inherit runs: {@code last}, when all
     * have reached it, with the values of the last of them; {@code first}; or {@code every}. {@code auto} is as {@code last}
     * where all modules would send the same; else it fails before anything is sent, and names what differs.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.reactor", defaultValue = "auto")
    private String reactor;

    AbstractRecordingMojo(MavenServices services) {
        super(services);
    }

    /** Executes a goal with these parameters. */
    final void execute(Goal goal) throws MojoExecutionException, MojoFailureException {
        execute(reactor, ReactorMode.AUTO, goal);
    }

    /** Executes a goal that has several runs. */
    final void execute(PlanGoal goal) throws MojoExecutionException, MojoFailureException {
        execute(reactor, ReactorMode.AUTO, goal);
    }

    /**
     * Executes a goal that writes files of its own: what an earlier build left of them is removed first.
     *
     * @param receipt the parameter of that name of a goal that reads receipts
     */
    final void executeRecording(Optional<String> receipt, Goal goal)
            throws MojoExecutionException, MojoFailureException {
        executeRecording(receipt, context -> {}, goal);
    }

    /**
     * As the other method.
     *
     * @param first is called before anything is removed
     */
    final void executeRecording(Optional<String> receipt, Consumer<GoalContext> first, Goal goal)
            throws MojoExecutionException, MojoFailureException {
        executeAfter(first.andThen(context -> RunFiles.begin(context, toOutputDirectory(context), receipt)), goal);
    }

    /** Executes a goal that has several runs, each of which writes files: what an earlier build left is removed first. */
    final void executeRecordingRuns(Goal goal) throws MojoExecutionException, MojoFailureException {
        executeAfter(context -> PlanFiles.begin(context, toOutputDirectory(context), List.of()), goal);
    }

    /** Executes a goal that writes the logs of all steps: those of an earlier run are removed first. */
    final void executeRecordingLogs(Goal goal) throws MojoExecutionException, MojoFailureException {
        executeAfter(context -> context.removeEarlierLogs(toOutputDirectory(context)), goal);
    }

    /**
     * Returns the goal for a run that a receipt can name; where it names several runs, each says where it is.
     *
     * @param number the parameter, which comes before the receipt
     * @param receipt the parameter
     */
    final Goal byReceipt(String number, String receipt, Goal goal) {
        Optional<String> name = ParameterParser.optional(receipt)
                .filter(given -> ParameterParser.optional(number).isEmpty());
        return new Goal() {
            @Override
            public GoalParameters parameters(GoalContext context) throws MojoExecutionException {
                return PlanFiles.parameters(context, toOutputDirectory(context), name);
            }

            @Override
            public GoalTask prepare(GoalContext context, RepositoryId repository, TargetResolver targets)
                    throws MojoExecutionException {
                return goal.prepare(context, repository, targets);
            }
        };
    }

    private void executeAfter(Consumer<GoalContext> removal, Goal goal)
            throws MojoExecutionException, MojoFailureException {
        execute(new Goal() {
            @Override
            public void begin(GoalContext context) {
                removal.accept(context);
            }

            @Override
            public GoalParameters parameters(GoalContext context) throws MojoExecutionException {
                return goal.parameters(context);
            }

            @Override
            public GoalTask prepare(GoalContext context, RepositoryId repository, TargetResolver targets)
                    throws MojoExecutionException {
                return goal.prepare(context, repository, targets);
            }
        });
    }

    final Path toOutputDirectory(GoalContext context) {
        return context.outputDirectory(outputDirectory);
    }
}
