package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import java.time.Clock;
import org.apache.maven.execution.MavenSession;

/** Lets the goals of a session run in a test's time. */
public final class SessionTime {
    private SessionTime() {}

    /** Sets clock and sleeper of a session in which no goal has run yet. */
    public static void set(MavenSession session, Clock clock, Sleeper sleeper) {
        SessionContext.of(session, clock, sleeper);
    }
}
