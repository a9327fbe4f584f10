package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.console.StatusLine;
import org.apache.maven.plugin.logging.Log;

/** A log that erases the live line before it prints. */
public record LogOverLine(Log log, StatusLine line) implements Log {
    @Override
    public boolean isDebugEnabled() {
        return log.isDebugEnabled();
    }

    @Override
    public void debug(CharSequence content) {
        line.print(() -> log.debug(content));
    }

    @Override
    public void debug(CharSequence content, Throwable error) {
        line.print(() -> log.debug(content, error));
    }

    @Override
    public void debug(Throwable error) {
        line.print(() -> log.debug(error));
    }

    @Override
    public boolean isInfoEnabled() {
        return log.isInfoEnabled();
    }

    @Override
    public void info(CharSequence content) {
        line.print(() -> log.info(content));
    }

    @Override
    public void info(CharSequence content, Throwable error) {
        line.print(() -> log.info(content, error));
    }

    @Override
    public void info(Throwable error) {
        line.print(() -> log.info(error));
    }

    @Override
    public boolean isWarnEnabled() {
        return log.isWarnEnabled();
    }

    @Override
    public void warn(CharSequence content) {
        line.print(() -> log.warn(content));
    }

    @Override
    public void warn(CharSequence content, Throwable error) {
        line.print(() -> log.warn(content, error));
    }

    @Override
    public void warn(Throwable error) {
        line.print(() -> log.warn(error));
    }

    @Override
    public boolean isErrorEnabled() {
        return log.isErrorEnabled();
    }

    @Override
    public void error(CharSequence content) {
        line.print(() -> log.error(content));
    }

    @Override
    public void error(CharSequence content, Throwable error) {
        line.print(() -> log.error(content, error));
    }

    @Override
    public void error(Throwable error) {
        line.print(() -> log.error(error));
    }
}
