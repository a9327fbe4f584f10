package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.Outcome;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import io.github.bitbucketpipelines.maven.run.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The run on one page for people: no script, nothing loaded but the style sheet beside it, light or dark, fit for paper. It is well-formed
 * XML as well, so that a test can tell that nothing got out of its place.
 */
final class HtmlPage {
    private static final int MAX_TESTS = 200;
    private static final String REHEARSAL =
            "<p class=\"rehearsal\">This was a rehearsal: Bitbucket knows nothing of this run.</p>\n";

    private final RunSnapshot facts;
    private final StringBuilder html = new StringBuilder();

    private HtmlPage(RunSnapshot facts) {
        this.facts = facts;
    }

    static String of(RunSnapshot facts) {
        return new HtmlPage(facts).page();
    }

    private String page() {
        String title = Html.name(facts.title());
        html.append(String.format(
                Locale.ROOT,
                """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <meta name="referrer" content="no-referrer"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' 'unsafe-inline'"/>
            <title>%s: %s</title>
            <link rel="stylesheet" href="%s"/>
            <style>
            %s</style>
            </head>
            <body>
            """,
                Html.name(badge()),
                title,
                ReportPaths.styleName(facts.context().executionId()),
                style()));
        header();
        html.append("<main>\n");
        about();
        timeline();
        failedSteps();
        tests();
        allSteps();
        html.append("</main>\n");
        html.append(String.format(
                Locale.ROOT,
                """
                <footer>
                <p>Written by bitbucket-pipelines-maven-plugin %s (execution %s), as of %s.</p>
                </footer>
                </body>
                </html>
                """,
                Html.name(facts.context().pluginVersion()),
                Html.name(facts.context().executionId()),
                Html.time(facts.asOf())));
        return html.toString();
    }

    /** The one word on top. */
    private String badge() {
        return facts.outcome() == Outcome.OVER || facts.run().state().isCompleted()
                ? facts.run().state().label()
                : facts.outcome().name().replace('_', ' ');
    }

    private String badgeTone() {
        if (facts.outcome() != Outcome.OVER && !facts.run().state().isCompleted()) {
            return "held";
        }
        Optional<Verdict.Decision> meaning = facts.verdict().map(Verdict::decision);
        if (meaning.filter(m -> m == Verdict.Decision.PASS).isPresent()) {
            return "good";
        }
        return facts.run().state().label().equals("STOPPED") ? "held" : "bad";
    }

    private void header() {
        String url = Html.line(facts.run().url().toString());
        html.append(String.format(
                Locale.ROOT,
                """
                <header>
                %s<p class="badge %s">%s</p>
                <h1>Pipeline <span class="number">#%d</span>%s</h1>
                <p class="where">%s</p>
                """,
                facts.context().rehearsal() ? REHEARSAL : "",
                badgeTone(),
                Html.name(badge()),
                facts.run().number(),
                facts.context()
                        .pipelineOf(facts.run())
                        .map(p -> " " + Html.name(p))
                        .orElse(""),
                Html.name(facts.where().strip())));
        facts.verdict()
                .ifPresentOrElse(
                        verdict -> verdict.lines().stream()
                                .filter(line -> !line.equals(facts.run().url().toString()))
                                .forEach(line -> html.append("<p>")
                                        .append(Html.sentence(line))
                                        .append("</p>\n")),
                        () -> html.append("<p>The build was killed while it waited for this run; this is what was known"
                                + " then.</p>\n"));
        if (!facts.context().rehearsal()) {
            html.append(
                    String.format(Locale.ROOT, "<p><a class=\"open\" href=\"%s\">Open on Bitbucket</a></p>\n", url));
        }
        html.append("</header>\n");
    }

    private void about() {
        html.append("<section aria-labelledby=\"facts\">\n<h2 id=\"facts\">Facts</h2>\n<dl>\n");
        facts.run()
                .creator()
                .flatMap(creator -> creator.name())
                .ifPresent(name -> fact("Triggered by", Html.name(name)));
        facts.run()
                .commit()
                .ifPresent(commit -> fact("Commit", "<code>" + Html.name(Target.abbreviate(commit)) + "</code>"));
        facts.run().created().ifPresent(created -> fact("Created", Html.time(created)));
        facts.started().ifPresent(started -> fact("First step began", Html.time(started)));
        facts.ended().ifPresent(ended -> fact("Ended", Html.time(ended)));
        facts.queuedDuration().ifPresent(queued -> fact("In the queue", duration(queued)));
        facts.runDuration().ifPresent(ran -> fact("Ran", duration(ran)));
        facts.totalDuration().ifPresent(took -> fact("In all", duration(took) + comparison()));
        facts.detectionDelay().ifPresent(after -> fact("Noticed", duration(after) + " after the end"));
        facts.requests().ifPresent(requests -> fact("Requests", Long.toString(requests)));
        testCounts().ifPresent(counts -> fact("Tests", counts));
        html.append("</dl>\n</section>\n");
    }

    private void fact(String term, String value) {
        html.append("<div><dt>").append(term).append("</dt><dd>").append(value).append("</dd></div>\n");
    }

    private String comparison() {
        return facts.typicalDuration()
                .map(usual -> ", usually " + duration(usual))
                .orElse("");
    }

    private Optional<String> testCounts() {
        long all =
                facts.steps().stream().mapToLong(s -> s.tests().cases().size()).sum();
        if (all == 0) {
            return Optional.empty();
        }
        boolean complete = facts.steps().stream().allMatch(s -> s.tests().complete());
        List<String> counts = new ArrayList<>();
        for (TestCase.Outcome outcome : TestCase.Outcome.values()) {
            long count = facts.steps().stream().mapToLong(s -> s.count(outcome)).sum();
            if (count > 0) {
                counts.add(count
                        + switch (outcome) {
                            case PASSED -> " passed";
                            case FAILED -> " failed";
                            case ERROR -> " with an error";
                            case SKIPPED -> " skipped";
                        });
            }
        }
        return Optional.of((complete ? "" : "more than ") + all + ": " + String.join(", ", counts));
    }

    private void timeline() {
        TimelineSvg.of(facts).ifPresent(svg -> {
            html.append("<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline</h2>\n")
                    .append(svg);
            facts.typicalDuration()
                    .filter(usual -> facts.run().created().isPresent())
                    .ifPresent(usual -> html.append(String.format(
                            Locale.ROOT,
                            "<p class=\"legend\"><span class=\"dash\" aria-hidden=\"true\"></span>Recent runs took %s,"
                                    + " the queue included.</p>\n",
                            duration(usual))));
            html.append("</section>\n");
        });
    }

    private void failedSteps() {
        List<StepSnapshot> red = facts.failedSteps();
        if (red.isEmpty()) {
            return;
        }
        html.append("<section aria-labelledby=\"failed\">\n<h2 id=\"failed\">Failed steps</h2>\n");
        for (StepSnapshot step : red) {
            int position = step.step().position();
            html.append(String.format(
                    Locale.ROOT,
                    "<article aria-labelledby=\"step-%d\">\n<h3 id=\"step-%d\">%s %s</h3>\n",
                    position,
                    position,
                    Html.name(step.step().displayName()),
                    state(step)));
            step.error()
                    .flatMap(error -> error.message().or(error::key))
                    .ifPresent(error -> html.append("<p>Bitbucket’s error: ")
                            .append(Html.sentence(error))
                            .append("</p>\n"));
            if (step.logTail().isEmpty()) {
                html.append("<p>There is no log of it here.</p>\n");
            } else {
                pre("End of the log of " + step.step().displayName(), step.logTail());
            }
            if (!facts.context().rehearsal()) {
                html.append(String.format(
                        Locale.ROOT,
                        "<p><a href=\"%s/steps/%s\">This step on Bitbucket</a></p>\n",
                        Html.line(facts.run().url().toString()),
                        Html.line(URLEncoder.encode(step.step().uuid(), StandardCharsets.UTF_8))));
            }
            html.append("</article>\n");
        }
        html.append("</section>\n");
    }

    /** Can be scrolled by keyboard: it has a name and can be reached. */
    private void pre(String name, List<String> lines) {
        html.append(
                String.format(Locale.ROOT, "<pre role=\"region\" tabindex=\"0\" aria-label=\"%s\">", Html.name(name)));
        lines.forEach(line -> html.append(Html.line(line)).append('\n'));
        html.append("</pre>\n");
    }

    private record RedTest(StepSnapshot step, TestCase test, List<String> output) {}

    private void tests() {
        List<RedTest> red = new ArrayList<>();
        for (StepSnapshot step : facts.steps()) {
            for (int i = 0; i < step.tests().cases().size(); i++) {
                TestCase test = step.tests().cases().get(i);
                if (test.isFailure()) {
                    red.add(new RedTest(step, test, step.outputs().getOrDefault(i, List.of())));
                }
            }
        }
        if (red.isEmpty()) {
            return;
        }
        html.append("<section aria-labelledby=\"tests\">\n<h2 id=\"tests\">Test failures</h2>\n");
        red.stream().limit(MAX_TESTS).forEach(this::test);
        if (red.size() > MAX_TESTS) {
            html.append(String.format(
                    Locale.ROOT, "<p>And %d more, in the JUnit XML beside this page.</p>\n", red.size() - MAX_TESTS));
        }
        html.append("</section>\n");
    }

    private void test(RedTest red) {
        TestCase test = red.test();
        html.append(String.format(
                Locale.ROOT,
                "<article>\n"
                        + "<h3 class=\"test\">%s <span class=\"state bad\">%s</span></h3>\n"
                        + "<p class=\"where\">%s in step %s%s</p>\n",
                Html.name(test.name().orElse("(no name)")),
                Html.name(test.status().orElse("")),
                test.className().map(c -> "<code>" + Html.name(c) + "</code>").orElse(""),
                Html.name(red.step().step().displayName()),
                test.duration().map(d -> ", " + duration(d)).orElse("")));
        if (!red.output().isEmpty()) {
            pre("Output of " + test.name().orElse("the test"), red.output());
        }
        html.append("</article>\n");
    }

    private void allSteps() {
        if (facts.steps().isEmpty()) {
            return;
        }
        html.append("""
            <section aria-labelledby="steps">
            <h2 id="steps">All steps</h2>
            <div class="wide" role="region" tabindex="0" aria-labelledby="steps">
            <table>
            <thead><tr><th scope="col">No.</th><th scope="col">Step</th><th scope="col">State</th>\
            <th scope="col" class="figure">Started after</th><th scope="col" class="figure">Waited</th>\
            <th scope="col" class="figure">Ran</th></tr></thead>
            <tbody>
            """);
        for (StepSnapshot step : facts.steps()) {
            Optional<Duration> after =
                    step.started().flatMap(s -> facts.run().created().map(created -> RunSnapshot.between(created, s)));
            html.append(String.format(
                    Locale.ROOT,
                    """
                    <tr><td class="figure">%d</td><th scope="row">%s%s</th><td>%s</td><td class="figure">%s</td>\
                    <td class="figure">%s</td><td class="figure">%s</td></tr>
                    """,
                    step.step().position(),
                    Html.name(step.step().displayName()),
                    step.step().manual() ? " <span class=\"manual\">manual</span>" : "",
                    state(step),
                    cell(after),
                    cell(facts.queuedDuration(step)),
                    cell(step.runDuration(facts.asOf()))));
        }
        html.append("</tbody>\n</table>\n</div>\n</section>\n");
    }

    private static String state(StepSnapshot step) {
        String tone = step.isFailed() ? "bad" : Html.cssClass(step.label());
        return "<span class=\"state " + tone + "\">" + Html.name(step.label()) + "</span>";
    }

    private static String cell(Optional<Duration> duration) {
        return duration.map(HtmlPage::duration).orElse("–");
    }

    private static String duration(Duration duration) {
        return Html.name(Durations.format(duration));
    }

    /**
     * Returns the style sheet. The page contains it, so that one file can be sent around; and links the same beside it,
     * since the content security policy of Jenkins forbids styles in a page.
     */
    static String style() {
        try (InputStream sheet = HtmlPage.class.getResourceAsStream("page.css")) {
            return new String(sheet.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The plugin's own jar can't be read", e);
        }
    }
}
