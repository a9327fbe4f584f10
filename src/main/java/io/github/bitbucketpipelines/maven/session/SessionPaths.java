package io.github.bitbucketpipelines.maven.session;

import java.nio.file.Path;
import org.apache.maven.execution.MavenSession;

/** Formats paths for users. */
public final class SessionPaths {
    private SessionPaths() {}

    /** Returns the file relative to the directory in which Maven was started, if it is below that; else unchanged. */
    public static Path display(MavenSession session, Path file) {
        Path root = Path.of(session.getRequest().getBaseDirectory());
        return file.startsWith(root) ? root.relativize(file) : file;
    }
}
