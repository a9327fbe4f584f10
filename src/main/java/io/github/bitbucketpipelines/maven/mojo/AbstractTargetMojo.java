package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.session.ParameterParser;
import io.github.bitbucketpipelines.maven.session.SecuredVariables;
import io.github.bitbucketpipelines.maven.session.TargetResolver;
import io.github.bitbucketpipelines.maven.session.VariableResolver;
import java.io.File;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/** The goals that are about a target: what the run builds, and by which pipeline. */
abstract class AbstractTargetMojo extends AbstractPipelinesMojo {
    /**
     * The branch. Default, if no other target is given and the goal needs one: the branch that git has checked out; on a
     * detached HEAD the one that Jenkins, GitHub Actions or Bitbucket Pipelines names (BITBUCKET_TAG,
     * BITBUCKET_BRANCH, GITHUB_HEAD_REF, GITHUB_REF_NAME, CHANGE_BRANCH, TAG_NAME, BRANCH_NAME, GIT_BRANCH). {@code status} and {@code stop} take no default.
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
     * The commit's hash: alone, or together with a branch or a tag, in whose context it is then built. Default: none.
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
     * target; for the goals that look for a run, any.
     *
     * @since 1.0.0
     */
    @Parameter(property = "bitbucket.pipeline")
    private String pipeline;

    AbstractTargetMojo(SettingsDecrypter settingsDecrypter) {
        super(settingsDecrypter);
    }

    /** The target given, else the one that git or the CI server has. */
    final Target target(TargetResolver places) throws MojoExecutionException {
        return places.target(branch, tag, commit, pullRequest);
    }

    /** The target given; git and the CI server are not asked. */
    final Optional<Target> explicitTarget(TargetResolver places) throws MojoExecutionException {
        boolean given = Stream.of(branch, tag, commit, pullRequest)
                .anyMatch(text -> ParameterParser.optional(text).isPresent());
        return given ? Optional.of(target(places)) : Optional.empty();
    }

    /** The runs of what was given. */
    final RunFilter runFilter(TargetResolver places) throws MojoExecutionException {
        return new RunFilter(explicitTarget(places), pipeline());
    }

    /** What to trigger; the parameters of variables belong to the goals that take them. */
    final TriggerRequest request(
            TargetResolver places, File variablesFile, Map<String, String> variables, SecuredVariables securedVariables)
            throws MojoExecutionException {
        // Of what is blank Maven makes the module's own directory.
        File file = variablesFile != null && directory().equals(variablesFile.toPath()) ? null : variablesFile;
        return new TriggerRequest(
                target(places),
                pipeline(),
                VariableResolver.resolve(
                        file, variables, securedVariables, session().getUserProperties()));
    }

    final Optional<String> pipeline() {
        return ParameterParser.optional(pipeline);
    }
}
