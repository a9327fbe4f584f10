package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.OutputLine;
import io.github.bitbucketpipelines.maven.pipeline.OutputRequest;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads the outputs of a run that has ended from the logs of its steps: lines {@code ::output KEY=VALUE}. Runs that it
 * started as child pipelines do not count.
 */
public final class OutputReader {
    /** Bitbucket stores the logs of a step that has ended within seconds; each poll costs up to two requests a step. */
    /** A log is not read on once it has more; Bitbucket's own have 50 MB at most. */
    private static final long MAX_LOG_BYTES = 128L << 20;

    /** The longest time in which a log is read on after the time limit, as long as bytes arrive. */
    private static final Duration MAX_READ_ON = Duration.ofMinutes(10);

    private static final Duration MIN_DELAY = Duration.ofSeconds(1);

    private static final Duration MAX_DELAY = Duration.ofSeconds(5);

    /** How many polls find nothing new in a log that has an end. */
    private static final int QUIET_POLLS = 1;

    /** The same where an output is missing, or may be cut: a log moves to another storage, and the end may follow. */
    private static final int QUIET_POLLS_IF_MISSING = 3;

    private static final int MAX_NAMES = 5;

    private final RunContext context;
    private final SecretMasker masker;

    /**
     * Creates a reader; it sends no request.
     *
     * @param masker of the connection; a value with a secret in it is refused
     */
    public OutputReader(RunContext context, SecretMasker masker) {
        this.context = context;
        this.masker = masker;
    }

    /**
     * Reads the values of all requested outputs.
     *
     * @param steps of the run, each of them in its newest attempt
     * @param appearTimeout how long to poll logs that are missing, can't be read or grow
     * @return the values by key, in the order of the requests
     * @throws OutputException if one of them is missing, invalid, or has several values; the message names it
     */
    public Map<String, String> read(Run run, List<Step> steps, List<OutputRequest> requests, Duration appearTimeout)
            throws InterruptedException {
        requireSteps(steps, requests);
        Set<String> keys = requests.stream().map(OutputRequest::key).collect(Collectors.toSet());
        List<StepOutputs> logs = steps.stream()
                .filter(step -> step.hasStarted() && !step.isRepeated(steps))
                .filter(step -> requests.stream().anyMatch(request -> isFor(step, request)))
                .map(step -> new StepOutputs(run, step, keys))
                .toList();
        if (!logs.isEmpty()) {
            read(logs, requests, new Poller(context, appearTimeout));
        }
        Map<String, String> values = resolve(logs, requests);
        logs.forEach(log -> log.warning(appearTimeout).ifPresent(this::warn));
        return values;
    }

    private void read(List<StepOutputs> logs, List<OutputRequest> requests, Poller poller) throws InterruptedException {
        Retrier retrier = context.retrier();
        poller.until(
                readOn(logs, retrier, poller.deadline(), 0),
                quietPolls -> isSettled(logs, requests, quietPolls),
                quietPolls -> readOn(logs, retrier, poller.deadline(), quietPolls),
                (quietPolls, elapsed) ->
                        Durations.shorter(MAX_DELAY, Durations.longer(MIN_DELAY, elapsed.dividedBy(4))));
    }

    /** Reads what is new of all logs; returns how many polls in succession found nothing new. */
    private int readOn(List<StepOutputs> logs, Retrier retrier, Instant deadline, int quietPolls)
            throws InterruptedException {
        boolean hasGrown = false;
        for (StepOutputs log : logs) {
            hasGrown |= log.readOn(retrier, deadline);
        }
        return hasGrown ? 0 : quietPolls + 1;
    }

    private static boolean isSettled(List<StepOutputs> logs, List<OutputRequest> requests, int quietPolls) {
        boolean isComplete =
                requests.stream().allMatch(request -> !found(logs, request).isEmpty())
                        && logs.stream().noneMatch(log -> log.scanner.endsInOutput());
        return logs.stream().allMatch(StepOutputs::mayBeWhole)
                && quietPolls >= (isComplete ? QUIET_POLLS : QUIET_POLLS_IF_MISSING);
    }

    private static boolean isFor(Step step, OutputRequest request) {
        return request.step()
                .map(name -> name.equals(step.displayName().strip()))
                .orElse(true);
    }

    /** A step that is named and is not there: with a default that is a warning, since conditions can leave out steps. */
    private void requireSteps(List<Step> steps, List<OutputRequest> requests) {
        for (OutputRequest request : requests) {
            if (steps.stream().noneMatch(step -> isFor(step, request))) {
                List<String> names =
                        steps.stream().map(Step::displayName).distinct().toList();
                String name = request.step().orElse("");
                String text = "the run has no step '" + name + "', which outputs names for " + request.key()
                        + NameSuggestion.closest(name, names)
                                .map(other -> ": did you mean '" + other + "'?")
                                .orElse("; its steps are "
                                        + names.stream().limit(MAX_NAMES).collect(Collectors.joining(", ")));
                if (request.defaultValue().isEmpty()) {
                    throw new OutputException(masker.mask(text), false);
                }
                warn("Output " + request.key() + " has its default: " + text);
            }
        }
    }

    /** The last line of a key in the log of a step. */
    private record StepOutput(Step step, OutputLine line) {}

    private static List<StepOutput> found(List<StepOutputs> logs, OutputRequest request) {
        return logs.stream()
                .filter(log -> isFor(log.step, request))
                .flatMap(log -> log.last(request.key()).map(line -> new StepOutput(log.step, line)).stream())
                .toList();
    }

    private Map<String, String> resolve(List<StepOutputs> logs, List<OutputRequest> requests) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (OutputRequest request : requests) {
            List<StepOutput> found = found(logs, request);
            Optional<String> problem = problem(request, found);
            if (problem.isPresent()) {
                problems.add(problem.get());
            } else if (found.isEmpty()) {
                values.put(request.key(), request.defaultValue().orElseThrow());
                context.events()
                        .accept(new RunEvent.Notice("Output " + request.key()
                                + " has its default: no step has printed ::output " + request.key() + "=VALUE."));
            } else {
                values.put(request.key(), found.get(0).line().value());
                if (found.get(0).line().value().isBlank()) {
                    warn("Output " + request.key() + " is empty: step '"
                            + found.get(0).step().displayName() + "' has printed no value.");
                }
            }
        }
        if (!problems.isEmpty()) {
            List<String> unread = logs.stream()
                    .flatMap(log -> log.failure.map(Throwable::getMessage).stream())
                    .toList();
            throw new OutputException(masker.mask(String.join("; ", problems) + describe(unread)), !unread.isEmpty());
        }
        return values;
    }

    private static String describe(List<String> unread) {
        int others = unread.size() - 1;
        return unread.isEmpty()
                ? ""
                : ". " + unread.get(0)
                        + (others == 0
                                ? ""
                                : ". " + others + " more " + (others == 1 ? "log" : "logs") + " could not be read");
    }

    private static Optional<String> missing(OutputRequest request) {
        if (request.defaultValue().isPresent()) {
            return Optional.empty();
        }
        return Optional.of("there is no output " + request.key() + ": the log of "
                + request.step().map(name -> "step '" + name + "'").orElse("no step")
                + (request.step().isPresent() ? " has no line ::output " : " has a line ::output ") + request.key()
                + "=VALUE");
    }

    private Optional<String> problem(OutputRequest request, List<StepOutput> found) {
        if (found.isEmpty()) {
            return missing(request);
        }
        StepOutput first = found.get(0);
        Optional<StepOutput> other = found.stream()
                .filter(output -> !output.line().equals(first.line()))
                .findFirst();
        if (other.isPresent()) {
            return Optional.of("steps '" + first.step().displayName() + "' ("
                    + first.step().position() + ") and '"
                    + other.get().step().displayName() + "' ("
                    + other.get().step().position()
                    + ") give output " + request.key() + " different values; " + request.key() + "@"
                    + other.get().step().displayName() + " in outputs takes that of one step");
        }
        return first.line()
                .problem(masker)
                .map(reason -> "output " + request.key() + " of step '"
                        + first.step().displayName() + "' can't be used: its value " + reason);
    }

    private void warn(String text) {
        context.events().accept(new RunEvent.Warning(masker.sanitize(text)));
    }

    /** The outputs in one step's log, as far as it is read. */
    private final class StepOutputs {
        private final Step step;
        private OutputScanner scanner;
        private final LogCursor log;
        private Optional<PipelinesException> failure = Optional.empty();
        private boolean hasGrown;

        StepOutputs(Run run, Step step, Set<String> keys) {
            this.step = step;
            this.scanner = new OutputScanner(keys);
            this.log = new LogCursor(run.number(), step.uuid(), scanner, () -> {
                scanner = new OutputScanner(keys);
                return scanner;
            });
        }

        boolean isThere() {
            return log.offset() > 0 && failure.isEmpty();
        }

        /** A final step may run on when the run has ended: its log has no end yet. */
        boolean mayBeWhole() {
            return isThere() && step.state().isCompleted();
        }

        /** Returns the last line of a key; half a line of a log that broke off, or that still grows, is none. */
        Optional<OutputLine> last(String key) {
            return failure.isEmpty() && !hasGrown ? scanner.last(key) : scanner.lastEnded(key);
        }

        /** Reads what is new, as long as bytes arrive; returns whether there was something. */
        boolean readOn(Retrier retrier, Instant deadline) throws InterruptedException {
            long begin = log.offset();
            Instant end = deadline.plus(MAX_READ_ON);
            long before;
            do {
                before = log.offset();
                failure = attempt(retrier, deadline);
            } while (failure.isPresent()
                    && before < log.offset()
                    && log.offset() < MAX_LOG_BYTES
                    && context.clock().instant().isBefore(end));
            hasGrown = log.offset() != begin;
            return hasGrown;
        }

        /** Reads what is new once, with retries; returns why it was not read to its end. */
        private Optional<PipelinesException> attempt(Retrier retrier, Instant deadline) throws InterruptedException {
            try {
                retrier.call(
                        "the log of step '" + step.displayName() + "'",
                        deadline,
                        timeout -> log.readToEnd(context.pipelines().withTimeout(timeout)));
                return Optional.empty();
            } catch (PipelinesException e) {
                return Optional.of(e);
            }
        }

        /** Returns what is not known of the outputs of this step. */
        Optional<String> warning(Duration waited) {
            String name = "step '" + step.displayName() + "'";
            String advice = "; KEY@Step name in outputs reads one step alone";
            if (failure.isPresent()) {
                return Optional.of("The outputs of " + name + " are not known: "
                        + failure.get().getMessage() + advice);
            }
            if (!isThere()) {
                return Optional.of("The outputs of " + name + " are not known: it has no log after "
                        + Durations.format(waited) + advice);
            }
            if (!step.state().isCompleted()) {
                return Optional.of("The outputs of " + name
                        + " may not be its last ones: it had not ended when its log was" + " read" + advice);
            }
            if (hasGrown) {
                return Optional.of("The log of " + name + " still grew after " + Durations.format(waited)
                        + ": outputs at its end are not known");
            }
            if (scanner.endsInOutput()) {
                return Optional.of("The log of " + name
                        + " ends within a line ::output, whose value may be cut; print it with a line end");
            }
            return scanner.hasMalformed()
                    ? Optional.of("The log of " + name
                            + " has a line that begins with ::output and is not ::output KEY=VALUE")
                    : Optional.empty();
        }
    }
}
