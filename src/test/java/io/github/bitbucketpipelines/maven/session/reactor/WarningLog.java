package io.github.bitbucketpipelines.maven.session.reactor;

import io.github.bitbucketpipelines.maven.console.Output;
import java.util.List;

/** An output that keeps warnings, and drops the rest. */
record WarningLog(List<String> warnings) implements Output {
    @Override
    public void debug(String line) {}

    @Override
    public void info(String line) {}

    @Override
    public void warn(String line) {
        warnings.add(line);
    }

    @Override
    public void error(String line) {}

    @Override
    public boolean isInfoEnabled() {
        return true;
    }
}
