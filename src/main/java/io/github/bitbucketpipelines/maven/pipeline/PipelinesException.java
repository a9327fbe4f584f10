package io.github.bitbucketpipelines.maven.pipeline;

import java.time.Duration;
import java.util.Optional;

/** Bitbucket did not do what it was asked, or nobody knows. The message is fit for users and holds no secret. */
public final class PipelinesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is known of the request, and whether asking again can help. */
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
        /** 429: nothing was done; the budget refills by the rolling hour. Asking again later is safe. */
        RATE_LIMITED,
        /** Nothing was done: refused connection, unknown host, 503 with Retry-After. Asking again is safe. */
        NOT_PROCESSED,
        /** Something may have been done: a lost answer, a 5xx, garbage. Reads may be asked again, a trigger may not. */
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

    private final Kind kind;
    private final transient Optional<Duration> retryAfter;
    private final transient Optional<String> createdRun;
    private final boolean created;

    private PipelinesException(Kind kind, String message, Optional<Duration> retryAfter, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
        this.createdRun = Optional.empty();
        this.created = false;
    }

    private PipelinesException(String message, Optional<String> createdRun) {
        super(message);
        this.kind = Kind.OUTCOME_UNKNOWN;
        this.retryAfter = Optional.empty();
        this.createdRun = createdRun;
        this.created = true;
    }

    /** Without more to say. */
    public PipelinesException(Kind kind, String message) {
        this(kind, message, Optional.empty(), null);
    }

    /** With what went wrong below; its message must be harmless too. */
    public PipelinesException(Kind kind, String message, Throwable cause) {
        this(kind, message, Optional.empty(), cause);
    }

    /** With the server's wish for how long to wait. */
    public PipelinesException(Kind kind, String message, Duration retryAfter) {
        this(kind, message, Optional.of(retryAfter), null);
    }

    /** The answer to a trigger says that there is a run now, and perhaps its UUID; the rest of it is spoilt. */
    public static PipelinesException created(String message, Optional<String> runUuid) {
        return new PipelinesException(message, runUuid);
    }

    /** What is known of the request. */
    public Kind kind() {
        return kind;
    }

    /** How long the server wants us to wait. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** Whether there surely is a run now, which the spoilt answer to a trigger does not show. */
    public boolean isCreated() {
        return created;
    }

    /** The UUID of the run that a spoilt answer to a trigger named. */
    public Optional<String> createdRun() {
        return createdRun;
    }
}
