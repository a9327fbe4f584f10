package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.console.Output;
import org.apache.maven.plugin.logging.Log;

/** Adapts Maven's log of one goal to {@link Output}. */
public record MavenOutput(Log log) implements Output {
    @Override
    public void debug(String line) {
        log.debug(line);
    }

    @Override
    public void info(String line) {
        log.info(line);
    }

    @Override
    public void warn(String line) {
        if (log.isWarnEnabled()) {
            log.warn(line);
        } else {
            StandardError.print("[WARNING] " + line);
        }
    }

    @Override
    public void error(String line) {
        log.error(line);
    }

    @Override
    public boolean isInfoEnabled() {
        return log.isInfoEnabled();
    }
}
