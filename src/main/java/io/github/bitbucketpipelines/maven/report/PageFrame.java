package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** The values of every page's head and foot, {@code head.html} and {@code foot.html}, and of its badge of the build. */
abstract class PageFrame {
    static final int MAX_SENTENCE = 600;
    private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xxx", Locale.ROOT);

    private final BuildFacts facts;
    private final Outcome outcome;
    private final Decision decision;
    private final Instant asOf;

    PageFrame(BuildFacts facts, Outcome outcome, Decision decision, Instant asOf) {
        this.facts = facts;
        this.outcome = outcome;
        this.decision = decision;
        this.asOf = asOf;
    }

    record TimeOfDay(String term, Instant instant, String utc, Optional<String> local) {}

    abstract String title();

    abstract String state();

    String styleSheet() {
        return ReportPaths.styleName(facts.executionId());
    }

    boolean rehearsal() {
        return facts.rehearsal();
    }

    /** The verdict of the build, with the reason why it did not wait for the end. */
    String build() {
        String text = switch (decision) {
            case PASS -> "continues";
            case WARN -> "continues with a warning";
            case FAIL, UNKNOWN -> "failed";
        };
        return outcome == Outcome.OVER ? text : text + ", " + outcome.name().replace('_', ' ');
    }

    String buildTone() {
        return switch (decision) {
            case PASS -> "good";
            case WARN -> "held";
            case FAIL, UNKNOWN -> "bad";
        };
    }

    String goal() {
        return facts.goal();
    }

    String execution() {
        return Html.cut(facts.executionId());
    }

    TimeOfDay asOf() {
        return time("", Optional.of(asOf)).orElseThrow();
    }

    final Optional<TimeOfDay> time(String term, Optional<Instant> instant) {
        return instant.map(time -> new TimeOfDay(
                term, time, UTC.format(time), zone().map(zone -> LOCAL.format(time.atZone(ZoneId.of(zone))))));
    }

    /** Absent where it is UTC, which is shown in any case. */
    Optional<String> zone() {
        return Optional.of(facts.zone())
                .filter(zone -> !zone.normalized().equals(ZoneOffset.UTC)
                        && !zone.getRules().equals(ZoneOffset.UTC.getRules()))
                .map(ZoneId::getId);
    }

    String pluginVersion() {
        return facts.pluginVersion();
    }
}
