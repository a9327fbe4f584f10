package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.preflight.Finding.Status;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Adds to a trigger's failure what the goal {@code preflight} finds wrong: Bitbucket itself hardly says why it refuses. */
final class RefusedTrigger {
    /** How long the checks may take. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    /** How many findings are added. */
    private static final int MAX_FINDINGS = 3;

    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.?])\\s+(?=[A-Z])");

    private RefusedTrigger() {}

    /**
     * Triggers a run.
     *
     * @throws PipelinesException the trigger's own, with the findings where Bitbucket refused the request as it is
     */
    static Run explain(BitbucketConnection connection, TriggerRequest request, FailureRecorder.Trigger trigger)
            throws InterruptedException {
        try {
            return trigger.run();
        } catch (PipelinesException e) {
            boolean isRefused = !e.isForeign()
                    && switch (e.kind()) {
                        case REJECTED, NOT_FOUND -> true;
                        case UNAUTHORIZED, FORBIDDEN, TLS_UNTRUSTED, RATE_LIMITED, NOT_PROCESSED, OUTCOME_UNKNOWN ->
                            false;
                    };
            throw isRefused ? explained(e, connection, request) : e;
        }
    }

    private static PipelinesException explained(
            PipelinesException e, BitbucketConnection connection, TriggerRequest request) {
        List<String> wrong;
        try {
            wrong = Preflight.of(
                            connection.pipelines(),
                            connection.repositoryClient(),
                            request,
                            TimeLimit.in(connection.clock(), TIMEOUT))
                    .stream()
                    .filter(finding -> finding.status() == Status.FAILED)
                    .map(finding -> added(finding.text(), e.getMessage()))
                    .filter(text -> !text.isEmpty())
                    .limit(MAX_FINDINGS)
                    .toList();
        } catch (PipelinesException unreadable) {
            return e;
        } catch (CancellationException cancelled) {
            Thread.currentThread().interrupt();
            return e;
        }
        return new PipelinesException(
                e.kind(),
                Stream.concat(Stream.of(e.getMessage()), wrong.stream().map(RefusedTrigger::sentence))
                        .collect(Collectors.joining(System.lineSeparator())));
    }

    /** The sentences of a finding that the message does not have. */
    private static String added(String text, String message) {
        return SENTENCE_END
                .splitAsStream(text)
                .filter(sentence -> !message.contains(sentence))
                .collect(Collectors.joining(" "));
    }

    private static String sentence(String text) {
        return text.endsWith("?") || text.endsWith(".") ? text : text + ".";
    }
}
