package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.MavenServices;
import io.github.bitbucketpipelines.maven.session.context.PipelineFile;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.parameter.TargetParameters;
import io.github.bitbucketpipelines.maven.session.repository.TargetResolver;
import java.io.File;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.Parameter;

/** Declares the parameters that select a target and a pipeline. */
abstract class AbstractTargetMojo extends AbstractPipelinesMojo {
    /**
     * The branch. Default, if no other target is given and the goal needs one: the branch that git has checked out; on
     * a detached HEAD the one that the CI server names for this commit and repository (Bitbucket Pipelines, GitHub
     * Actions, Jenkins, GitLab, Azure Pipelines, Bamboo, TeamCity, CircleCI, Travis CI, Drone, Woodpecker, Buildkite,
     * AppVeyor, CodeBuild). {@code status}, {@code stop} and {@code rerun} have no default.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.branch")
    private String branch;

    /**
     * The tag. Not together with a branch. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.tag")
    private String tag;

    /**
     * The commit's hash: alone, or together with the branch or tag in whose context it is built. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.commit")
    private String commit;

    /**
     * The number of a pull request. Not together with another target. Default: none.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.pullRequest")
    private String pullRequest;

    /**
     * The name of a pipeline under {@code custom:} in bitbucket-pipelines.yml. Default: the definition that matches the
     * target; for the goals that search for a run, any.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.pipeline")
    private String pipeline;

    AbstractTargetMojo(MavenServices services) {
        super(services);
    }

    /** Parses the parameters into a filter of runs; without a target it matches runs of every target. */
    final RunFilter toRunFilter(TargetResolver targets) throws MojoExecutionException {
        return new RunFilter(targets.explicitTarget(targetParameters()), pipeline());
    }

    /**
     * Parses the parameters into the request that triggers a run.
     *
     * @param pipelineFile {@code variables}, {@code securedVariables}, {@code variablesFile} and this are declared by the
     *     goals that trigger
     */
    final TriggerRequest toRequest(
            GoalContext context,
            TargetResolver targets,
            Map<String, String> variables,
            SecuredVariables securedVariables,
            File variablesFile,
            File pipelineFile)
            throws MojoExecutionException {
        TriggerRequest request = new TriggerRequest(
                targets.resolve(targetParameters()),
                pipeline(),
                context.variables(variables, securedVariables, variablesFile, targets::warn),
                context.pipelineContent(pipelineFile));
        PipelineFile.checkSendable(request);
        return request;
    }

    /** Returns the parameters that select a target; not yet parsed. */
    final TargetParameters targetParameters() {
        return new TargetParameters(branch, tag, commit, pullRequest);
    }

    /** Returns the parameter of that name; not yet parsed. */
    final String pipelineParameter() {
        return pipeline;
    }

    private Optional<String> pipeline() {
        return ParameterParser.optional(pipeline);
    }
}
