package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.console.Output;
import io.github.bitbucketpipelines.maven.session.reactor.ReactorGuard;
import java.util.function.Supplier;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.lifecycle.LifecycleExecutor;
import org.apache.maven.settings.crypto.SettingsDecrypter;

/**
 * The components that Maven injects into a goal's constructor. A build cache constructs goals that it then skips, so that
 * the guard of the reactor has to be there from construction on.
 */
public record MavenServices(SettingsDecrypter decrypter, MavenSession session, LifecycleExecutor lifecycle) {
    /**
     * Returns the guard of the session.
     *
     * @param output what to log with when the session ends
     */
    public ReactorGuard guard(Supplier<Output> output) {
        return ReactorGuard.of(session, lifecycle, output);
    }
}
