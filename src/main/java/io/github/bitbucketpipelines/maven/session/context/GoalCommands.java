package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.report.ReportContext.Commands;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.maven.plugin.MojoExecution;

/**
 * Formats commands for a run of a repository. They can be pasted into sh, PowerShell and cmd, in any directory: they name
 * every setting that differs from its default.
 */
public record GoalCommands(GoalContext context, RepositoryId repository) {
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}\\p{N}_./@+#:,= -]+");

    /** Formats the command that waits for this run. */
    public String waitFor(Run run) {
        return command("wait", argument("number", Long.toString(run.number())), run.repository(repository));
    }

    /** Formats the command that repeats this run. */
    public String repeat(Run run) {
        return command("rerun", argument("number", Long.toString(run.number())), run.repository(repository));
    }

    /** Formats the command that waits for the run of this receipt. */
    public String waitFor(Path receipt) {
        return command(
                "wait", argument("receipt", receipt.toAbsolutePath().normalize().toString()), repository);
    }

    /** Formats the commands that can follow this run. */
    public Commands after(Run run) {
        RepositoryId of = run.repository(repository);
        return new Commands(
                Optional.of(waitFor(run)),
                Optional.of(command("logs", argument("number", Long.toString(run.number())), of)),
                run.target()
                        .filter(target -> isPlain(target.refName()) && isPlain(pipeline(run)))
                        .map(target -> command(
                                "run",
                                target(target)
                                        + pipeline(run)
                                                .map(name -> argument("pipeline", name))
                                                .orElse(""),
                                of)));
    }

    private static String target(Target target) {
        String commit = target.commit()
                .filter(hash -> !(target instanceof Target.Commit))
                .map(hash -> argument("commit", hash))
                .orElse("");
        if (target instanceof Target.Branch branch) {
            return argument("branch", branch.name()) + commit;
        }
        if (target instanceof Target.Tag tag) {
            return argument("tag", tag.name()) + commit;
        }
        return target instanceof Target.PullRequest pullRequest
                ? argument("pullRequest", Long.toString(pullRequest.id()))
                : argument("commit", target.commit().orElseThrow());
    }

    private static Optional<String> pipeline(Run run) {
        return run.selector().flatMap(Selector::pipeline);
    }

    /** No command contains a name from Bitbucket that a shell could take for more than a name. */
    private static boolean isPlain(Optional<String> name) {
        return name.filter(text -> !PLAIN.matcher(text).matches()).isEmpty();
    }

    /** Formats the command that waits for a run that is no rehearsed one, whatever this goal is. */
    public String waitForReal(long number) {
        return real("wait", argument("number", Long.toString(number)), repository);
    }

    /** Formats the command that waits for the real runs of a receipt. */
    public String waitForReal(Path receipt) {
        return real(
                "wait", argument("receipt", receipt.toAbsolutePath().normalize().toString()), repository);
    }

    private String command(String goal, String arguments, RepositoryId of) {
        return real(goal, arguments, of)
                + (context.isRehearsal() ? "   (only for a real run: a rehearsed one is gone after its build)" : "");
    }

    private String real(String goal, String arguments, RepositoryId of) {
        GoalParameters parameters = context.parameters();
        return "mvn " + plugin() + ":" + goal + arguments
                + argument("repository", of.fullName())
                + nonDefault("serverId", parameters.serverId(), GoalParameters.DEFAULT_SERVER_ID)
                + nonDefault("apiUrl", parameters.apiUrl(), GoalParameters.DEFAULT_API_URL);
    }

    /** The prefix is known to resolve only where settings.xml has the plugin's group. */
    private String plugin() {
        MojoExecution execution = context.execution();
        return context.session().getRequest().getPluginGroups().contains(execution.getGroupId())
                ? execution.getMojoDescriptor().getPluginDescriptor().getGoalPrefix()
                : execution.getGroupId() + ":" + execution.getArtifactId() + ":" + execution.getVersion();
    }

    private static String nonDefault(String parameter, String value, String defaultValue) {
        return ParameterParser.optional(value)
                .filter(text -> !text.equals(defaultValue))
                .map(text -> argument(parameter, text))
                .orElse("");
    }

    /**
     * Quotes the whole argument: PowerShell splits an unquoted one at its dot. cmd knows only double quotes; a value with a
     * character that the other shells expand between them is in single quotes.
     */
    private static String argument(String parameter, String value) {
        String quote = value.matches(".*[\"$`\\\\!].*") ? "'" : "\"";
        return " " + quote + "-Dbitbucket." + parameter + "=" + value + quote;
    }
}
