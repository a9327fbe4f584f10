package io.github.bitbucketpipelines.maven.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.report.TimelineSvg.Bar;
import io.github.bitbucketpipelines.maven.report.TimelineSvg.Picture;
import io.github.bitbucketpipelines.maven.report.TimelineSvg.Row;
import io.github.bitbucketpipelines.maven.report.TimelineSvg.Wait;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/** The values of the template {@code plan.html}; each is named there like the method. None is escaped. */
final class PlanView extends PageFrame {
    /** Outcomes of runs that the build did not follow to their end. */
    private static final Set<String> ABANDONED =
            Set.of("TIMEOUT", "QUEUE_TIMEOUT", "PAUSED", "HALTED", "UNSEEN", "INTERRUPTED", "IN_DOUBT");

    private final Decision decision;
    private final List<String> message;
    private final List<RunRow> runs;
    private final Instant asOf;
    private final String execution;

    /**
     * Creates the view of several runs.
     *
     * @param message the lines of the verdict
     */
    PlanView(
            BuildFacts build,
            Outcome outcome,
            Decision decision,
            List<String> message,
            List<RunRow> runs,
            Instant asOf) {
        super(build, outcome, decision, asOf);
        this.decision = decision;
        this.message = List.copyOf(message);
        this.runs = List.copyOf(runs);
        this.asOf = asOf;
        this.execution = build.executionId();
    }

    record StepRow(int position, String name, String label, String tone, String ran) {}

    record Output(String key, String value) {}

    /**
     * One run.
     *
     * @param inPlan what the file of the plan says of it
     * @param own what its own file says; empty where it was not triggered
     * @param page the name of its own page, where it has one
     * @param asOf when both were read
     * @param rehearsal whether it has no page on Bitbucket
     */
    record RunRow(JsonNode inPlan, JsonNode own, Optional<String> page, Instant asOf, boolean rehearsal) {
        String id() {
            return inPlan.path("id").asText();
        }

        String repository() {
            return inPlan.path("repository").asText();
        }

        String needs() {
            List<String> needs = new ArrayList<>();
            inPlan.path("needs").forEach(need -> needs.add(need.asText()));
            return String.join(", ", needs);
        }

        String number() {
            return inPlan.has("number") ? "#" + inPlan.path("number").asLong() : "";
        }

        Optional<String> url() {
            return Optional.ofNullable(inPlan.path("url").textValue()).filter(url -> !rehearsal);
        }

        private String state() {
            return inPlan.path("result")
                    .asText(inPlan.path("state").asText(own.path("outcome").asText("–")));
        }

        /** Its result or state, and why it fails the build where that does not say it. */
        String label() {
            String state = state();
            String outcome = own.path("outcome").asText();
            if (ABANDONED.contains(outcome) && !state.equals(outcome)) {
                return Html.cut(state + ", " + outcome.replace('_', ' '));
            }
            boolean isContradiction = isFailure() && Html.cssClass(state).equals("good");
            return Html.cut(isContradiction ? state + ", build failed" : state);
        }

        private boolean isFailure() {
            String verdict = inPlan.path("verdict").asText();
            return own.has("outcome") && (verdict.equals("FAIL") || verdict.equals("UNKNOWN"));
        }

        String tone() {
            return isFailure() ? "bad" : Html.cssClass(state());
        }

        String startedAfter() {
            return cell(time(own, "created")
                    .flatMap(created -> time(own, "started").map(started -> RunSnapshot.between(created, started))));
        }

        String lasted() {
            return cell(duration());
        }

        private Optional<Duration> duration() {
            return time(own, "created").map(created -> RunSnapshot.between(created, end()));
        }

        private Instant end() {
            return time(own, "ended").orElse(asOf);
        }

        boolean hasDetails() {
            return own.has("outcome");
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            own.path("message").forEach(line -> lines.add(Html.cut(line.asText(), MAX_SENTENCE)));
            return lines;
        }

        boolean hasSteps() {
            return !own.path("steps").isEmpty();
        }

        List<StepRow> steps() {
            return StreamSupport.stream(own.path("steps").spliterator(), false)
                    .map(step -> new StepRow(
                            step.path("position").asInt(),
                            Html.cut(step.path("name").asText()),
                            Html.cut(step.path("state").asText()),
                            Html.cssClass(step.path("state").asText()),
                            cell(time(step, "started")
                                    .map(began -> RunSnapshot.between(
                                            began, time(step, "ended").orElse(asOf))))))
                    .toList();
        }

        List<Output> outputs() {
            return inPlan.path("outputs").properties().stream()
                    .map(output -> new Output(output.getKey(), output.getValue().asText()))
                    .toList();
        }

        private Row row() {
            Optional<Instant> created = time(own, "created");
            Optional<Instant> started = time(own, "started");
            String text = (id() + " " + number()).strip();
            String rest = " · " + TimelineSvg.cut(label())
                    + duration().map(time -> " · " + Durations.format(time)).orElse("");
            return new Row(
                    TimelineSvg.cut(text) + rest,
                    tone(),
                    tone(),
                    created.filter(from -> own.has("outcome")).map(from -> new Wait(from, started.orElse(end()))),
                    started.map(from -> new Bar(text + rest, from, end())));
        }

        private static Optional<Instant> time(JsonNode json, String name) {
            try {
                return Optional.ofNullable(json.path(name).textValue()).map(Instant::parse);
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }

        private static String cell(Optional<Duration> duration) {
            return duration.map(Durations::format).orElse("–");
        }
    }

    @Override
    String title() {
        return heading() + " of execution " + execution();
    }

    @Override
    String state() {
        return decision.name();
    }

    String heading() {
        return runs.size() == 1 ? "1 run" : runs.size() + " runs";
    }

    List<String> lines() {
        return message.stream().map(line -> Html.cut(line, MAX_SENTENCE)).toList();
    }

    List<RunRow> runs() {
        return runs;
    }

    Optional<String> timeline() {
        return TimelineSvg.of(new Picture(
                heading() + " of execution " + execution,
                "The table of all runs below has the same times.",
                runs.stream().map(RunRow::row).toList(),
                Optional.empty()));
    }
}
