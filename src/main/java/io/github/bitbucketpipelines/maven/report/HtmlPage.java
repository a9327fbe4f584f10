package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.report.Facts.Outcome;
import io.github.bitbucketpipelines.maven.report.Facts.StepFacts;
import io.github.bitbucketpipelines.maven.run.Durations;
import io.github.bitbucketpipelines.maven.run.Verdict;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The run on one page for people: no script, nothing loaded from elsewhere, light or dark, fit for paper. It is well-formed
 * XML as well, so that a test can tell that nothing got out of its place.
 */
final class HtmlPage {
    private static final int MOST_TESTS = 200;
    private static final String REHEARSAL =
            "<p class=\"rehearsal\">This was a rehearsal: Bitbucket knows nothing of this run.</p>\n";

    private final Facts facts;
    private final StringBuilder html = new StringBuilder();

    private HtmlPage(Facts facts) {
        this.facts = facts;
    }

    static String of(Facts facts) {
        return new HtmlPage(facts).page();
    }

    private String page() {
        String title = Html.name(facts.title());
        html.append("""
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="referrer" content="no-referrer"/>
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
                <title>%s: %s</title>
                <style>
                %s</style>
                </head>
                <body>
                """.formatted(Html.name(badge()), title, STYLE));
        header();
        html.append("<main>\n");
        about();
        timeline();
        failedSteps();
        tests();
        allSteps();
        html.append("</main>\n");
        html.append("""
                <footer>
                <p>Written by bitbucket-pipelines-maven-plugin %s (execution %s), as of %s.</p>
                </footer>
                </body>
                </html>
                """.formatted(
                        Html.name(facts.about().pluginVersion()),
                        Html.name(facts.about().executionId()),
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
        Optional<Verdict.Meaning> meaning = facts.verdict().map(Verdict::meaning);
        if (meaning.filter(m -> m == Verdict.Meaning.PASS).isPresent()) {
            return "good";
        }
        return facts.run().state().label().equals("STOPPED") ? "held" : "bad";
    }

    private void header() {
        String url = Html.line(facts.run().url().toString());
        html.append("""
                <header>
                %s<p class="badge %s">%s</p>
                <h1>Pipeline <span class="number">#%d</span>%s</h1>
                <p class="where">%s</p>
                """.formatted(
                        facts.about().rehearsal() ? REHEARSAL : "",
                        badgeTone(),
                        Html.name(badge()),
                        facts.run().number(),
                        facts.about()
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
                        () -> html.append(
                                "<p>The build was killed while it waited for this run; this is what was known then.</p>\n"));
        if (!facts.about().rehearsal()) {
            html.append("<p><a class=\"open\" href=\"%s\">Open on Bitbucket</a></p>\n".formatted(url));
        }
        html.append("</header>\n");
    }

    private void about() {
        html.append("<section aria-labelledby=\"facts\">\n<h2 id=\"facts\">Facts</h2>\n<dl>\n");
        facts.run()
                .creator()
                .flatMap(creator -> creator.name())
                .ifPresent(name -> fact("Triggered by", Html.name(name)));
        facts.run().commit().ifPresent(commit -> fact("Commit", "<code>" + Html.name(abbreviated(commit)) + "</code>"));
        facts.run().created().ifPresent(created -> fact("Created", Html.time(created)));
        facts.started().ifPresent(started -> fact("First step began", Html.time(started)));
        facts.ended().ifPresent(ended -> fact("Ended", Html.time(ended)));
        facts.queued().ifPresent(queued -> fact("In the queue", duration(queued)));
        facts.ran().ifPresent(ran -> fact("Ran", duration(ran)));
        facts.took().ifPresent(took -> fact("In all", duration(took) + comparison()));
        facts.noticedAfter().ifPresent(after -> fact("Noticed", duration(after) + " after the end"));
        facts.requests().ifPresent(requests -> fact("Requests", Long.toString(requests)));
        testCounts().ifPresent(counts -> fact("Tests", counts));
        html.append("</dl>\n</section>\n");
    }

    private static String abbreviated(String commit) {
        return commit.length() > 12 ? commit.substring(0, 12) : commit;
    }

    private void fact(String term, String value) {
        html.append("<div><dt>").append(term).append("</dt><dd>").append(value).append("</dd></div>\n");
    }

    private String comparison() {
        return facts.usual().map(usual -> ", usually " + duration(usual)).orElse("");
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
        Timeline.of(facts).ifPresent(svg -> {
            html.append("<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline</h2>\n")
                    .append(svg);
            facts.usual()
                    .filter(usual -> facts.run().created().isPresent())
                    .ifPresent(usual -> html.append(
                            "<p class=\"legend\"><span class=\"dash\" aria-hidden=\"true\"></span>Recent runs took %s, the queue included.</p>\n"
                                    .formatted(duration(usual))));
            html.append("</section>\n");
        });
    }

    private void failedSteps() {
        List<StepFacts> red = facts.redSteps();
        if (red.isEmpty()) {
            return;
        }
        html.append("<section aria-labelledby=\"failed\">\n<h2 id=\"failed\">Failed steps</h2>\n");
        for (StepFacts step : red) {
            int position = step.step().position();
            html.append("<article aria-labelledby=\"step-%d\">\n<h3 id=\"step-%d\">%s %s</h3>\n"
                    .formatted(position, position, Html.name(step.step().displayName()), state(step)));
            step.error()
                    .flatMap(error -> error.message().or(error::key))
                    .ifPresent(error -> html.append("<p>Bitbucket’s error: ")
                            .append(Html.sentence(error))
                            .append("</p>\n"));
            if (step.logEnd().isEmpty()) {
                html.append("<p>There is no log of it here.</p>\n");
            } else {
                pre("End of the log of " + step.step().displayName(), step.logEnd());
            }
            if (!facts.about().rehearsal()) {
                html.append("<p><a href=\"%s/steps/%s\">This step on Bitbucket</a></p>\n"
                        .formatted(
                                Html.line(facts.run().url().toString()),
                                Html.line(URLEncoder.encode(step.step().uuid(), StandardCharsets.UTF_8))));
            }
            html.append("</article>\n");
        }
        html.append("</section>\n");
    }

    /** Can be scrolled by keyboard: it has a name and can be reached. */
    private void pre(String name, List<String> lines) {
        html.append("<pre role=\"region\" tabindex=\"0\" aria-label=\"%s\">".formatted(Html.name(name)));
        lines.forEach(line -> html.append(Html.line(line)).append('\n'));
        html.append("</pre>\n");
    }

    private record RedTest(StepFacts step, TestCase test, List<String> output) {}

    private void tests() {
        List<RedTest> red = new ArrayList<>();
        for (StepFacts step : facts.steps()) {
            for (int i = 0; i < step.tests().cases().size(); i++) {
                TestCase test = step.tests().cases().get(i);
                if (test.isRed()) {
                    red.add(new RedTest(step, test, step.outputs().getOrDefault(i, List.of())));
                }
            }
        }
        if (red.isEmpty()) {
            return;
        }
        html.append("<section aria-labelledby=\"tests\">\n<h2 id=\"tests\">Test failures</h2>\n");
        red.stream().limit(MOST_TESTS).forEach(this::test);
        if (red.size() > MOST_TESTS) {
            html.append("<p>And %d more, in the JUnit XML beside this page.</p>\n".formatted(red.size() - MOST_TESTS));
        }
        html.append("</section>\n");
    }

    private void test(RedTest red) {
        TestCase test = red.test();
        html.append(
                "<article>\n<h3 class=\"test\">%s <span class=\"state bad\">%s</span></h3>\n<p class=\"where\">%s in step %s%s</p>\n"
                        .formatted(
                                Html.name(test.name().orElse("(no name)")),
                                Html.name(test.status().orElse("")),
                                test.className()
                                        .map(c -> "<code>" + Html.name(c) + "</code>")
                                        .orElse(""),
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
        for (StepFacts step : facts.steps()) {
            Optional<Duration> after =
                    step.started().flatMap(s -> facts.run().created().map(created -> Facts.between(created, s)));
            html.append("""
                    <tr><td class="figure">%d</td><th scope="row">%s%s</th><td>%s</td><td class="figure">%s</td>\
                    <td class="figure">%s</td><td class="figure">%s</td></tr>
                    """.formatted(
                            step.step().position(),
                            Html.name(step.step().displayName()),
                            step.step().manual() ? " <span class=\"manual\">manual</span>" : "",
                            state(step),
                            cell(after),
                            cell(facts.queued(step)),
                            cell(step.ran(facts.asOf()))));
        }
        html.append("</tbody>\n</table>\n</div>\n</section>\n");
    }

    private static String state(StepFacts step) {
        String tone = step.isRed() ? "bad" : Html.tone(step.label());
        return "<span class=\"state " + tone + "\">" + Html.name(step.label()) + "</span>";
    }

    private static String cell(Optional<Duration> duration) {
        return duration.map(HtmlPage::duration).orElse("–");
    }

    private static String duration(Duration duration) {
        return Html.name(Durations.text(duration));
    }

    private static final String STYLE = """
            :root { color-scheme: light dark;
              --ground: #ffffff; --panel: #f5f6f8; --line: #d5d9e0; --text: #1c2128; --quiet: #566070; --link: #0b5cc4;
              --good: #1a7a3c; --bad: #c4232d; --held: #8a5a00; --idle: #5d6673; --other: #0b5cc4; --queue: #9aa3b0; }
            @media (prefers-color-scheme: dark) { :root {
              --ground: #14171c; --panel: #1d2129; --line: #363c47; --text: #e4e7ec; --quiet: #a2abb8; --link: #7cb3ff;
              --good: #4fc27a; --bad: #ff7d7d; --held: #e0ad4b; --idle: #a2abb8; --other: #7cb3ff; --queue: #6b7482; } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 64rem; background: var(--ground);
              color: var(--text); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
            h1 { margin: .5rem 0 0; font-size: 1.75rem; line-height: 1.25; }
            h2 { margin: 2.25rem 0 .75rem; font-size: 1.2rem; }
            h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
            p { margin: .35rem 0; }
            code, pre { font-family: ui-monospace, monospace; font-size: .85rem; }
            a { color: var(--link); }
            a:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
            .rehearsal { margin-bottom: 1rem; padding: .5rem .8rem; border: 1px dashed var(--held); color: var(--held);
              border-radius: 4px; font-weight: 600; }
            .number, .where, .legend, footer { color: var(--quiet); }
            .where { margin-bottom: .9rem; }
            .badge { display: inline-block; margin: 0; padding: .15rem .7rem; border-radius: 4px; color: var(--ground);
              background: var(--idle); font-weight: 600; letter-spacing: .03em; }
            .badge.good { background: var(--good); } .badge.bad { background: var(--bad); }
            .badge.held { background: var(--held); }
            .open { display: inline-block; margin-top: .6rem; font-weight: 600; }
            dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .75rem 1.5rem; margin: 0; }
            dt { color: var(--quiet); font-size: .85rem; } dd { margin: 0; font-variant-numeric: tabular-nums; }
            .state { color: var(--idle); font-size: .85rem; font-weight: 600; white-space: nowrap; }
            .state.good { color: var(--good); } .state.bad { color: var(--bad); } .state.held { color: var(--held); }
            .state.other { color: var(--other); }
            .manual { color: var(--quiet); font-size: .85rem; font-weight: 400; }
            .timeline { display: block; overflow: hidden; font-size: 13px; }
            .timeline text { fill: var(--text); }
            .timeline .tick { fill: var(--quiet); font-size: 12px; }
            .timeline .label.idle { fill: var(--quiet); } .timeline .label.bad { fill: var(--bad); font-weight: 600; }
            .timeline .band { fill: var(--panel); } .timeline .grid { stroke: var(--line); } .timeline .wait { fill: var(--queue); }
            .timeline .bar { fill: var(--idle); } .timeline .bar.queue { fill: var(--queue); }
            .timeline .bar.good { fill: var(--good); } .timeline .bar.bad { fill: var(--bad); }
            .timeline .bar.held { fill: var(--held); } .timeline .bar.other { fill: var(--other); }
            .timeline .usual { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 5 4; }
            .dash { display: inline-block; width: 1.75rem; margin-right: .5rem; vertical-align: middle;
              border-top: 2px dashed var(--text); }
            pre { margin: .5rem 0 1rem; padding: .75rem 1rem; max-height: 28rem; overflow: auto; background: var(--panel);
              border: 1px solid var(--line); border-radius: 4px; line-height: 1.45; white-space: pre-wrap; }
            .wide { overflow-x: auto; }
            table { width: 100%; border-collapse: collapse; }
            th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left;
              vertical-align: baseline; }
            thead th { color: var(--quiet); font-size: .85rem; font-weight: 600; white-space: nowrap; }
            tbody th { min-width: 9rem; font-weight: 400; }
            .figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .85rem; }
            @media (max-width: 40rem) { body { padding: 1.25rem 1rem 2rem; } h1 { font-size: 1.4rem; }
              dl { grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); } }
            @media print { :root {
                --ground: #ffffff; --panel: #ffffff; --line: #b5bac2; --text: #000000; --quiet: #404040; --link: #000000;
                --good: #1a7a3c; --bad: #b01822; --held: #7a4f00; --idle: #505050; --other: #0b5cc4; --queue: #9aa3b0; }
              body { max-width: none; padding: 0; font-size: 11pt; } pre { max-height: none; }
              .badge[class] { color: var(--text); background: none; border: 2px solid; }
              .timeline rect { print-color-adjust: exact; } .open::after { content: " " attr(href); font-weight: 400; }
              h2, h3, tr { break-after: avoid; } tr, svg { break-inside: avoid; } }
            """;
}
