package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.project.MavenProject;

/** Sets the properties {@code bitbucket.run.*} and {@code bitbucket.output.*}, which later plugins of the build can read in every module. */
public final class RunProperties {
    private RunProperties() {}

    /** Sets them in all projects of the reactor; those of a run of a plan have its id: {@code bitbucket.run.ID.number}. */
    public static void set(GoalContext context, Run run) {
        String id = context.runId().map(name -> name + ".").orElse("");
        set(context, id + "number", Long.toString(run.number()));
        set(context, id + "uuid", run.uuid());
        set(context, id + "url", run.url().toString());
        // An unfinished run has no result: its state takes the place.
        set(
                context,
                id + "result",
                run.state().finalResult().map(Result::name).orElse(run.state().label()));
        run.commit()
                .ifPresentOrElse(
                        commit -> set(context, id + "commit", commit), () -> remove(context.session(), id + "commit"));
    }

    /** Sets the outputs of a run in all projects of the reactor. */
    static void setOutputs(GoalContext context, Map<String, String> values) {
        values.forEach((key, value) -> {
            String name = output(context.runId(), key);
            boolean isFirst =
                    SessionContext.of(context.session()).outputProperties().add(name);
            if (!isFirst && context.isParallel()) {
                context.output()
                        .warn("The property " + name
                                + " has another value now, that of this run: what other modules do at"
                                + " the same time (-T) may see either. Give each execution outputs of its own names");
            }
            setProperty(context, name, value);
        });
    }

    /**
     * Removes what an earlier execution of the build has set for a run of a plan: one that is not triggered would seem to have it.
     *
     * @param id of the run
     */
    public static void removeOfRun(MavenSession session, String id, List<OutputRequest> outputs) {
        Stream.of("number", "uuid", "url", "result", "commit").forEach(name -> remove(session, id + "." + name));
        removeOutputs(session, Optional.of(id), outputs);
    }

    /** Removes outputs that an earlier run of the build has set. */
    public static void removeOutputs(MavenSession session, Optional<String> id, List<OutputRequest> outputs) {
        outputs.forEach(request -> removeProperty(session, output(id, request.key())));
    }

    /** Returns what would hide an output of a run from later plugins. */
    static Optional<String> hiddenOutput(MavenSession session, Optional<String> id, String key) {
        String name = output(id, key);
        if (BuildProperties.started(session).containsKey(name)) {
            return Optional.of("-D" + name + " is set, and would hide what the run gives; take it away");
        }
        return session.getProjects().stream()
                .filter(project -> project.getProperties().containsKey(name)
                        && !SessionContext.of(session).outputProperties().contains(name))
                .findFirst()
                .map(project -> "the POM of " + project.getArtifactId() + ", or a profile, sets the property " + name
                        + ": Maven has put that value in place of it already, and no run can change it; take it away,"
                        + " and give a default as " + key + "=default");
    }

    private static String output(Optional<String> id, String key) {
        return "bitbucket.output." + id.map(run -> run + ".").orElse("") + key;
    }

    /** An earlier run of the build may have set it. */
    private static void remove(MavenSession session, String name) {
        removeProperty(session, "bitbucket.run." + name);
    }

    private static void removeProperty(MavenSession session, String name) {
        for (MavenProject project : session.getProjects()) {
            project.getProperties().remove(name);
        }
    }

    private static void set(GoalContext context, String name, String value) {
        // Maven and its plugins evaluate a value in which they find an expression, and this one is Bitbucket's text.
        setProperty(
                context, "bitbucket.run." + name, TextSanitizer.withoutExpressions(TextSanitizer.singleLine(value)));
    }

    private static void setProperty(GoalContext context, String name, String value) {
        Set<String> rehearsed = SessionContext.of(context.session()).rehearsedProperties();
        if (context.isRehearsal()) {
            rehearsed.add(name);
        } else {
            rehearsed.remove(name);
        }
        for (MavenProject project : context.session().getProjects()) {
            project.getProperties().setProperty(name, value);
        }
    }
}
