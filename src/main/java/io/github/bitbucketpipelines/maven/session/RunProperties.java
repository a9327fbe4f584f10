package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.project.MavenProject;

/** Sets the properties {@code bitbucket.run.*}, which later plugins of the build can read in every module. */
public final class RunProperties {
    private RunProperties() {}

    /** Sets them in all projects of the reactor. */
    public static void set(MavenSession session, Run run) {
        set(session, "number", Long.toString(run.number()));
        set(session, "uuid", run.uuid());
        set(session, "url", run.url().toString());
        // An unfinished run has no result: its state takes the place.
        set(
                session,
                "result",
                run.state().finalResult().map(Result::name).orElse(run.state().label()));
        run.commit().ifPresentOrElse(commit -> set(session, "commit", commit), () -> remove(session, "commit"));
    }

    /** An earlier run of the build may have set it. */
    private static void remove(MavenSession session, String name) {
        for (MavenProject project : session.getProjects()) {
            project.getProperties().remove("bitbucket.run." + name);
        }
    }

    private static void set(MavenSession session, String name, String value) {
        for (MavenProject project : session.getProjects()) {
            project.getProperties().setProperty("bitbucket.run." + name, value);
        }
    }
}
