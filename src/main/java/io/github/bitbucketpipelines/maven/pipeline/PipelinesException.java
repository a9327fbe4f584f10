package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.Optional;

/** Reports a request that failed, or whose outcome is unknown. The message is for users and has no secrets. */
public sealed class PipelinesException extends RuntimeException permits IncompleteStepsException {
    private static final long serialVersionUID = 1L;

    /** Classifies a failure by what is known of the request, and whether a retry can help. */
    public enum Kind {
        /** The request itself is wrong (400, 406 …); the same one will be refused again. */
        REJECTED,
        /** 401. */
        UNAUTHORIZED,
        /** 403. */
        FORBIDDEN,
        /** 404: there is no such thing, or none that the credentials may see; right after a push, or a trigger, not yet. */
        NOT_FOUND,
        /** The connection can't be trusted: an unknown certificate authority, a wrong host name. */
        TLS_UNTRUSTED,
        /** 429: nothing was done; the quota is that of the last 60 minutes. A later retry is safe. */
        RATE_LIMITED,
        /** Nothing was done: refused connection, unknown host, Bitbucket's own 503 with Retry-After. A retry is safe. */
        NOT_PROCESSED,
        /** The request may have been processed: a lost response, a 5xx, garbage. A read may be retried, a trigger may not. */
        OUTCOME_UNKNOWN;

        /** Whether a read may work later. */
        public boolean isRetryable() {
            return isSafeToRepeat() || this == OUTCOME_UNKNOWN;
        }

        /** Whether the same request, a trigger too, can be sent again without doing its work twice. */
        public boolean isSafeToRepeat() {
            return this == RATE_LIMITED || this == NOT_PROCESSED;
        }
    }

    private enum Mark {
        NONE,
        FOREIGN,
        PAUSED,
        OTHER_RUN,
        NO_SUCH_RUN
    }

    private final Kind kind;
    private final transient Optional<Duration> retryAfter;
    private final transient Optional<String> createdRun;
    private final boolean created;
    private final Mark mark;

    private PipelinesException(Kind kind, String message, Optional<Duration> retryAfter, Throwable cause, Mark mark) {
        super(message, cause);
        this.mark = mark;
        this.kind = kind;
        this.retryAfter = retryAfter;
        this.createdRun = Optional.empty();
        this.created = false;
    }

    private PipelinesException(String message, Optional<String> createdRun) {
        super(message);
        this.mark = Mark.NONE;
        this.kind = Kind.OUTCOME_UNKNOWN;
        this.retryAfter = Optional.empty();
        this.createdRun = createdRun;
        this.created = true;
    }

    /** Without a cause. */
    public PipelinesException(Kind kind, String message) {
        this(kind, message, Optional.empty(), null, Mark.NONE);
    }

    /** With a cause, whose message must have no secrets either. */
    public PipelinesException(Kind kind, String message, Throwable cause) {
        this(kind, message, Optional.empty(), cause, Mark.NONE);
    }

    /** With the delay that the server demands. */
    public PipelinesException(Kind kind, String message, Duration retryAfter) {
        this(kind, message, Optional.of(retryAfter), null, Mark.NONE);
    }

    /** Creates the failure of a trigger whose response proves that a run was created, but is otherwise unreadable. */
    public static PipelinesException created(String message, Optional<String> runUuid) {
        return new PipelinesException(message, runUuid);
    }

    /** Creates the failure of a request to which something else than Bitbucket's API has responded, or may have. */
    public static PipelinesException foreign(Kind kind, String message) {
        return new PipelinesException(kind, message, Optional.empty(), null, Mark.FOREIGN);
    }

    /** Creates the failure of a read to which the response is about another run: a cache or a proxy has mixed up responses. */
    public static PipelinesException ofOtherRun(String message) {
        return new PipelinesException(Kind.OUTCOME_UNKNOWN, message, Optional.empty(), null, Mark.OTHER_RUN);
    }

    /**
     * Creates the failure of a request that was not processed and is to be sent after this time: none may be sent before, or
     * it needs another OAuth token.
     */
    public static PipelinesException paused(String message, Duration time) {
        return new PipelinesException(Kind.NOT_PROCESSED, message, Optional.of(time), null, Mark.PAUSED);
    }

    /** Creates the failure of a read of a run that does not exist, as Bitbucket itself says. */
    public static PipelinesException noSuchRun(String message) {
        return new PipelinesException(Kind.NOT_FOUND, message, Optional.empty(), null, Mark.NO_SUCH_RUN);
    }

    /** The same failure, of another kind. */
    public PipelinesException withKind(Kind other) {
        return new PipelinesException(other, getMessage(), retryAfter, getCause(), mark);
    }

    /** The same failure, with another message. */
    public PipelinesException withMessage(String message) {
        return new PipelinesException(kind, message, retryAfter, getCause(), mark);
    }

    /** What is known of the request. */
    public Kind kind() {
        return kind;
    }

    /** The delay that the server demands before a retry. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /**
     * Whether the response did not come from Bitbucket's API, or may not have: a proxy, a filter or a login page responded.
     * It passes where it interrupts what worked before; else it stays until the configuration is changed.
     */
    public boolean isForeign() {
        return mark == Mark.FOREIGN;
    }

    /** Whether the response is about another run than the requested one. */
    public boolean isOfOtherRun() {
        return mark == Mark.OTHER_RUN;
    }

    /**
     * Whether Bitbucket itself says that the repository has no run of the requested number. Any other 404 may be that of a
     * gateway, or be about the repository or the access to it.
     */
    public boolean isNoSuchRun() {
        return mark == Mark.NO_SUCH_RUN;
    }

    /** Whether the request was held back, or its OAuth token refused, so that its failure shows no outage of Bitbucket. */
    public boolean isPaused() {
        return mark == Mark.PAUSED;
    }

    /** Whether a trigger has created a run that its unreadable response does not show. */
    public boolean isCreated() {
        return created;
    }

    /** The UUID of the created run, where the unreadable response has it. */
    public Optional<String> createdRun() {
        return createdRun;
    }
}
