package io.github.bitbucketpipelines.maven.session.context;

import java.util.HashSet;
import java.util.Set;
import org.apache.maven.execution.MavenSession;
import org.eclipse.aether.SessionData;

/**
 * Runs actions once in a Maven session, whichever module and class realm comes first; the others wait until it is done.
 * The session's data have JDK types alone, under a key that names the version of the format.
 */
public final class OncePerSession {
    private static final String KEY = "io.github.bitbucketpipelines:once:1";

    private OncePerSession() {}

    /** Runs the action, unless one with the same name was run in this session. */
    @SuppressWarnings("unchecked")
    public static void run(MavenSession session, String name, Runnable action) {
        SessionData data = session.getRepositorySession().getData();
        Set<String> fresh = new HashSet<>();
        Set<String> names = data.set(KEY, null, fresh) ? fresh : (Set<String>) data.get(KEY);
        synchronized (names) {
            if (names.add(name)) {
                action.run();
            }
        }
    }
}
