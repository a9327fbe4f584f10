package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.maven.plugin.MojoExecution;

/**
 * Formats the command that waits for a run of a repository. It can be pasted into sh, PowerShell and cmd, in any
 * directory: it names every setting that differs from its default.
 */
record WaitCommand(GoalContext context, RepositoryId repository) implements Function<Run, String> {
    @Override
    public String apply(Run run) {
        return command(argument("number", Long.toString(run.number())));
    }

    /** Returns the commands that also name a receipt. */
    InterruptHook.ResumeCommands withReceipt(Path receipt) {
        return new InterruptHook.ResumeCommands() {
            @Override
            public String waitFor(Run run) {
                return apply(run);
            }

            @Override
            public String waitByReceipt() {
                return command(
                        argument("receipt", receipt.toAbsolutePath().normalize().toString()));
            }
        };
    }

    private String command(String selection) {
        GoalParameters parameters = context.parameters();
        return "mvn " + plugin() + ":wait" + selection
                + argument("repository", repository.fullName())
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
