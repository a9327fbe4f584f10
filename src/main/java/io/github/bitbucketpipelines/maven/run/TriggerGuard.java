package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import java.util.concurrent.CancellationException;

/** Receives each trigger before it is sent, and may prevent it. */
public interface TriggerGuard {
    /** A guard that prevents nothing. */
    TriggerGuard NONE = new TriggerGuard() {
        @Override
        public void begin(TriggerIntent intent) {}

        @Override
        public void refused() {}
    };

    /**
     * Called immediately before the trigger is sent.
     *
     * @throws CancellationException if the build was cancelled; the trigger is not sent
     * @throws TriggerPreventedException if nothing may be triggered any more; the trigger is not sent
     */
    void begin(TriggerIntent intent);

    /** Called when it is certain that the trigger has created no run. */
    void refused();
}
