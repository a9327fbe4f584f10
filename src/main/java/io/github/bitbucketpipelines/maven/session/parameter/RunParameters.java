package io.github.bitbucketpipelines.maven.session.parameter;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One {@code <run>} of the parameter {@code runs}, as Maven injected it: not yet parsed, {@code null} where absent. What it does
 * not set comes from the execution.
 */
public final class RunParameters {
    /** The names of those that are one: a run that sets one of them takes none of the execution's. */
    static final Set<String> TARGET = Set.of("branch", "tag", "commit", "pullRequest");

    /** The names of those that a property of the execution can set, too. */
    static final Set<String> NAMES = Stream.concat(
                    TARGET.stream(),
                    Stream.of(
                            "workspace",
                            "repository",
                            "serverId",
                            "apiUrl",
                            "pipeline",
                            "variablesFile",
                            "pipelineFile",
                            "timeout"))
            .collect(Collectors.toUnmodifiableSet());

    private String id;
    private String needs;
    private String workspace;
    private String repository;
    private String serverId;
    private String apiUrl;
    private String branch;
    private String tag;
    private String commit;
    private String pullRequest;
    private String pipeline;
    private Map<String, String> variables;
    private SecuredVariables securedVariables;
    private File variablesFile;
    private File pipelineFile;
    private String timeout;
    private List<String> outputs;
    private List<String> downloads;

    /** Returns the id; by default the position. */
    public String id(int index) {
        return ParameterParser.optional(id).orElse(Integer.toString(index + 1));
    }

    /** Returns the ids of the runs that must succeed first. */
    public Set<String> needed() {
        return Arrays.stream(ParameterParser.optional(needs).orElse("").split(","))
                .map(String::strip)
                .filter(need -> !need.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the name of the custom pipeline. */
    public String pipeline() {
        return pipeline;
    }

    /** Returns the plain variables; empty if there are none. */
    public Map<String, String> variables() {
        return variables == null ? Map.of() : variables;
    }

    /** Returns the secured variables; empty if there are none. */
    public Map<String, String> securedVariables() {
        return securedVariables == null ? Map.of() : securedVariables;
    }

    /** Returns the file of variables. */
    public File variablesFile() {
        return variablesFile;
    }

    /** Returns the file that is sent in place of bitbucket-pipelines.yml. */
    public File pipelineFile() {
        return pipelineFile;
    }

    /** Returns the time limit of the run. */
    public String timeout() {
        return timeout;
    }

    /** Returns what the run must hand to the build as properties. */
    public List<String> outputs() {
        return outputs;
    }

    /** Returns what the run must hand to the build as files. */
    public List<String> downloads() {
        return downloads;
    }

    /** Returns the parameters that say where; those of the execution where this run has none. */
    public GoalParameters where(GoalParameters execution) {
        // acme/shop has a workspace of its own.
        boolean hasWorkspace = ParameterParser.optional(workspace).isPresent()
                || ParameterParser.optional(repository)
                        .filter(name -> name.contains("/"))
                        .isPresent();
        return new GoalParameters(
                hasWorkspace ? workspace : execution.workspace(),
                or(repository, execution.repository()),
                or(serverId, execution.serverId()),
                or(apiUrl, execution.apiUrl()),
                execution.skip(),
                execution.rehearse());
    }

    /** Returns the parameters of the target; those of the execution where this run has none of them. */
    public TargetParameters target(TargetParameters execution) {
        boolean hasTarget = Stream.of(branch, tag, commit, pullRequest)
                .anyMatch(value -> ParameterParser.optional(value).isPresent());
        return hasTarget ? new TargetParameters(branch, tag, commit, pullRequest) : execution;
    }

    private static String or(String value, String other) {
        return ParameterParser.optional(value).isPresent() ? value : other;
    }

    /** Under {@code -X} Maven prints it; values of variables are not in it. */
    @Override
    public String toString() {
        return "run " + id;
    }
}
