package io.github.bitbucketpipelines.maven.run;

/**
 * Thrown by a {@link TriggerGuard} where nothing may be triggered any more; no trigger has created a run. The message is for
 * users, and says why.
 */
public final class TriggerPreventedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TriggerPreventedException(String message) {
        super(message);
    }
}
