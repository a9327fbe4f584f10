package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.git.CiBuild;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.report.BuildFacts;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.time.ZoneId;
import java.util.Optional;

/** Reads what the reports say about the build, from Maven, git and the environment. */
record BuildFactsReader(GoalContext context) {
    BuildFacts read() {
        Optional<CiBuild> ciBuild = CiBuild.of(context.environment());
        SecretMasker masker = SessionContext.of(context.session()).masker();
        return new BuildFacts(
                context.execution().getGoal(),
                context.executionId(),
                SessionContext.version(),
                context.isRehearsal(),
                project(),
                context.isRehearsal() ? Optional.empty() : Optional.of(serverId()),
                context.checkout().head().value(),
                ciBuild.map(CiBuild::server),
                // A link with a part that is masked leads nowhere.
                ciBuild.flatMap(CiBuild::url)
                        .filter(url -> masker.mask(url.toString()).equals(url.toString())),
                ciBuild.flatMap(CiBuild::startedBy)
                        .or(() -> ciBuild.isEmpty()
                                ? ParameterParser.optional(
                                        context.session().getSystemProperties().getProperty("user.name"))
                                : Optional.empty())
                        .map(masker::mask),
                ZoneId.systemDefault());
    }

    private Optional<BuildFacts.Project> project() {
        return Optional.of(context.project())
                .filter(project -> project.getFile() != null)
                .map(project ->
                        new BuildFacts.Project(project.getGroupId(), project.getArtifactId(), project.getVersion()));
    }

    private String serverId() {
        return ParameterParser.optional(context.parameters().serverId()).orElse(GoalParameters.DEFAULT_SERVER_ID);
    }
}
