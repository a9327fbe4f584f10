package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import org.apache.maven.plugin.logging.Log;

/** Adapts Maven's log of one goal to {@link Output}; no line commands the CI server that reads the log. */
public record MavenOutput(Log log) implements Output {
    @Override
    public void debug(String line) {
        log.debug(TextSanitizer.withoutCommands(line));
    }

    @Override
    public void info(String line) {
        log.info(TextSanitizer.withoutCommands(line));
    }

    @Override
    public void warn(String line) {
        String safe = TextSanitizer.withoutCommands(line);
        if (log.isWarnEnabled()) {
            log.warn(safe);
        } else {
            StandardError.print("[WARNING] " + safe);
        }
    }

    @Override
    public void error(String line) {
        log.error(TextSanitizer.withoutCommands(line));
    }

    @Override
    public boolean isInfoEnabled() {
        return log.isInfoEnabled();
    }
}
