package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.nio.file.Path;
import org.apache.maven.execution.MavenSession;

/** Formats paths for users. */
public final class SessionPaths {
    /** In characters; no common system has longer paths. */
    private static final int MAX_PATH = 32_767;

    private SessionPaths() {}

    /**
     * Returns the file relative to the directory in which Maven was started, if it is below that; else its absolute path.
     * With {@code -f} that is not the directory of the POM.
     */
    public static Path display(MavenSession session, Path file) {
        Path started = Path.of(session.getSystemProperties()
                .getProperty("user.dir", session.getRequest().getBaseDirectory()));
        Path absolute = Path.of(session.getRequest().getBaseDirectory()).resolve(file);
        Path shown = absolute.startsWith(started) ? started.relativize(absolute) : absolute;
        // A name on the disk may drive a terminal.
        return Path.of(TextSanitizer.singleLine(shown.toString(), MAX_PATH));
    }
}
