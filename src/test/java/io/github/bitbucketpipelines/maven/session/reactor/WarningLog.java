package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.List;
import org.apache.maven.plugin.logging.SystemStreamLog;

/** A log that keeps warnings, and drops the rest. */
final class WarningLog extends SystemStreamLog {
    private final List<String> warnings;

    WarningLog(List<String> warnings) {
        this.warnings = warnings;
    }

    @Override
    public void warn(CharSequence content) {
        warnings.add(content.toString());
    }

    @Override
    public void info(CharSequence content) {}
}
