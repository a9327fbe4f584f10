package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import io.github.bitbucketpipelines.maven.run.Verdict;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The values of the template {@code page.html}; each is named there like the method. None is escaped. */
final class PageView extends PageFrame {
    private static final int MAX_TESTS = 200;

    private final RunSnapshot snapshot;
    private final BuildFacts build;
    private final List<FailedTest> failedTests;
    private final Map<String, String> environments;

    PageView(RunSnapshot snapshot) {
        super(
                snapshot.context().build(),
                snapshot.outcome(),
                snapshot.verdict().map(Verdict::decision).orElse(Verdict.Decision.UNKNOWN),
                snapshot.asOf());
        this.snapshot = snapshot;
        this.build = snapshot.context().build();
        this.failedTests = failedTests(snapshot);
        this.environments = snapshot.context()
                .environments()
                .of(
                        snapshot.run(),
                        snapshot.steps().stream().map(StepSnapshot::step).toList());
    }

    record Commit(String hash, Optional<String> url) {}

    record CiBuild(String server, Optional<String> page) {}

    /** The words of each command. */
    record NextCommands(Optional<List<String>> waiting, Optional<List<String>> logs, Optional<List<String>> again) {}

    record Fact(String term, String value) {}

    record Timeline(String svg, Optional<String> usual) {}

    record StepView(
            int position,
            String name,
            Optional<String> url,
            boolean manual,
            Optional<String> environment,
            Optional<Integer> attempt,
            Optional<String> note,
            Optional<ChildView> child,
            String state,
            String tone,
            String startedAfter,
            String waited,
            String ran,
            Optional<String> error,
            List<String> log) {
        boolean hasLog() {
            return !log.isEmpty();
        }
    }

    record ChildView(String text, Optional<String> url) {}

    record FailedTest(
            int number,
            String name,
            String status,
            Optional<String> className,
            String step,
            Optional<String> duration,
            List<String> output) {
        boolean hasOutput() {
            return !output.isEmpty();
        }
    }

    @Override
    String title() {
        return Html.cut(snapshot.title());
    }

    @Override
    String state() {
        return Html.cut(snapshot.run().state().label());
    }

    String tone() {
        return Html.cssClass(state());
    }

    long number() {
        return snapshot.run().number();
    }

    Optional<String> pipeline() {
        return snapshot.context().pipelineOf(snapshot.run()).map(Html::cut);
    }

    String where() {
        return Html.cut(snapshot.where().strip());
    }

    /** The lines of the verdict; the last one, the run's URL, is a link of its own. */
    List<String> lines() {
        return snapshot.verdict().stream()
                .flatMap(verdict -> verdict.lines().stream())
                .filter(line -> !line.equals(snapshot.run().url().toString()))
                .map(line -> Html.cut(line, MAX_SENTENCE))
                .toList();
    }

    /** The run's page; absent in a rehearsal, whose run Bitbucket does not have. */
    Optional<String> url() {
        return Optional.of(snapshot.run().url().toString()).filter(url -> !rehearsal());
    }

    boolean hasUrls() {
        return !rehearsal();
    }

    Optional<NextCommands> next() {
        return Optional.of(snapshot.context().commandsFor(snapshot.run()))
                .filter(commands -> !commands.isEmpty())
                .map(commands ->
                        new NextCommands(words(commands.waiting()), words(commands.logs()), words(commands.again())));
    }

    /** A line of the page breaks between the words of a command, not after the hyphen of an option. */
    private static Optional<List<String>> words(Optional<String> command) {
        return command.map(text -> List.of(text.split(" ", -1)));
    }

    Optional<String> project() {
        return build.project().map(BuildFacts.Project::toString).map(Html::cut);
    }

    Optional<Commit> commit() {
        return snapshot.run()
                .commit()
                .map(hash -> new Commit(
                        Target.abbreviate(hash),
                        url().map(url -> url.replaceFirst("/pipelines/results/\\d+$", "/commits/" + hash))
                                .filter(url -> url.endsWith(hash))));
    }

    /** Those of the steps that have run: a step that did not has deployed nothing. */
    Optional<String> deployedTo() {
        List<String> names = snapshot.steps().stream()
                .filter(step -> step.step().hasStarted())
                .flatMap(step -> environment(step).stream())
                .distinct()
                .toList();
        return Optional.of(String.join(", ", names)).filter(text -> !text.isEmpty());
    }

    private Optional<String> environment(StepSnapshot step) {
        return Optional.ofNullable(environments.get(step.step().uuid())).map(Html::cut);
    }

    Optional<String> variables() {
        return snapshot.context()
                .variables()
                .filter(names -> !names.isEmpty())
                .map(names -> Html.cut(String.join(", ", names), MAX_SENTENCE));
    }

    Optional<String> creator() {
        return snapshot.run().creator().flatMap(creator -> creator.name()).map(Html::cut);
    }

    Optional<String> startedBy() {
        return build.startedBy().map(Html::cut);
    }

    Optional<CiBuild> ciBuild() {
        return build.ciServer()
                .map(server -> new CiBuild(server, build.ciBuild().map(URI::toString)));
    }

    /** Only where it is another commit than the run's. */
    Optional<String> head() {
        return build.head()
                .filter(head -> snapshot.run()
                        .commit()
                        .filter(commit -> head.startsWith(commit) || commit.startsWith(head))
                        .isEmpty())
                .map(Target::abbreviate);
    }

    List<TimeOfDay> times() {
        return Stream.of(
                        time("Created", snapshot.run().created()),
                        time("First step began", snapshot.started()),
                        time("Ended", snapshot.ended()))
                .flatMap(Optional::stream)
                .toList();
    }

    List<Fact> durations() {
        List<Fact> facts = new ArrayList<>();
        snapshot.queuedDuration().ifPresent(queued -> facts.add(new Fact("In the queue", Durations.format(queued))));
        snapshot.runDuration().ifPresent(ran -> facts.add(new Fact("Ran", Durations.format(ran))));
        snapshot.totalDuration()
                .ifPresent(total -> facts.add(new Fact(
                        "In all",
                        Durations.format(total)
                                + snapshot.typicalDuration()
                                        .map(usual -> ", usually " + Durations.format(usual))
                                        .orElse(""))));
        snapshot.detectionDelay()
                .ifPresent(delay -> facts.add(new Fact("Noticed", Durations.format(delay) + " after the end")));
        snapshot.context().content().ifPresent(content -> facts.add(new Fact("Pipeline file", content.toString())));
        snapshot.requests().ifPresent(requests -> facts.add(new Fact("Requests", Long.toString(requests))));
        return facts;
    }

    /** How many tests the steps published, by outcome. */
    Optional<String> tests() {
        List<StepSnapshot> steps = snapshot.steps();
        long all = steps.stream().mapToLong(s -> s.tests().cases().size()).sum();
        boolean isComplete = steps.stream().allMatch(s -> s.tests().complete());
        if (all == 0) {
            return isComplete ? Optional.empty() : Optional.of("not known");
        }
        List<String> counts = new ArrayList<>();
        for (TestCase.Outcome outcome : TestCase.Outcome.values()) {
            long count = steps.stream().mapToLong(s -> s.count(outcome)).sum();
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
        return Optional.of((isComplete ? "" : "more than ") + all + ": " + String.join(", ", counts));
    }

    /** What the page lacks, in sentences. */
    List<String> gaps() {
        return Stream.concat(
                        snapshot.missingSteps().map(gap -> "Steps: " + gap + ".").stream(),
                        snapshot.steps().stream()
                                .flatMap(step -> step.tests().gap().stream()
                                        .map(gap -> "Tests of " + step.step().displayName() + ": " + gap + ".")))
                .map(gap -> Html.cut(gap, MAX_SENTENCE))
                .toList();
    }

    Optional<Timeline> timeline() {
        return TimelineSvg.of(snapshot)
                .map(svg -> new Timeline(
                        svg,
                        snapshot.typicalDuration()
                                .filter(usual -> snapshot.run().created().isPresent())
                                .map(Durations::format)));
    }

    boolean hasSteps() {
        return !snapshot.steps().isEmpty();
    }

    List<StepView> steps() {
        return snapshot.steps().stream().map(this::view).toList();
    }

    boolean hasFailedSteps() {
        return !snapshot.failedSteps().isEmpty();
    }

    List<StepView> failedSteps() {
        return snapshot.failedSteps().stream().map(this::view).toList();
    }

    /** The other steps of which the build read the log. */
    List<StepView> otherLogs() {
        return snapshot.steps().stream()
                .filter(step -> !step.isFailed() && !step.logTail().isEmpty())
                .map(this::view)
                .toList();
    }

    private StepView view(StepSnapshot step) {
        return new StepView(
                step.step().position(),
                Html.cut(step.step().displayName()),
                url().map(url -> url + "/steps/" + URLEncoder.encode(step.step().uuid(), StandardCharsets.UTF_8)),
                step.step().manual(),
                environment(step),
                Optional.of(step.step().attempt()).filter(attempt -> attempt > 1),
                step.note().map(note -> Html.cut(note, MAX_SENTENCE)),
                step.child()
                        .map(child -> new ChildView(
                                Html.cut(child.describe(), MAX_SENTENCE),
                                Optional.of(child.run().url().toString()).filter(any -> !rehearsal()))),
                Html.cut(step.label()),
                Html.tone(step),
                cell(step.started()
                        .flatMap(started ->
                                snapshot.run().created().map(created -> RunSnapshot.between(created, started)))),
                cell(snapshot.queuedDuration(step)),
                cell(step.runDuration(snapshot.asOf())),
                step.error()
                        .flatMap(error -> error.message().or(error::key))
                        .map(error -> Html.cut(error, MAX_SENTENCE)),
                step.logTail());
    }

    private static String cell(Optional<Duration> duration) {
        return duration.map(Durations::format).orElse("–");
    }

    boolean hasFailedTests() {
        return !failedTests.isEmpty();
    }

    List<FailedTest> failedTests() {
        return failedTests.subList(0, Math.min(MAX_TESTS, failedTests.size()));
    }

    Optional<Integer> moreTests() {
        return Optional.of(failedTests.size() - MAX_TESTS).filter(more -> more > 0);
    }

    private static List<FailedTest> failedTests(RunSnapshot snapshot) {
        List<FailedTest> failed = new ArrayList<>();
        for (StepSnapshot step : snapshot.steps()) {
            for (int i = 0; i < step.tests().cases().size(); i++) {
                TestCase test = step.tests().cases().get(i);
                if (test.isFailure()) {
                    failed.add(new FailedTest(
                            failed.size() + 1,
                            Html.cut(test.name().orElse("(no name)")),
                            Html.cut(test.status().orElse("")),
                            test.className().map(Html::cut),
                            Html.cut(step.step().displayName()),
                            test.duration().map(Durations::format),
                            step.outputs().getOrDefault(i, List.of())));
                }
            }
        }
        return failed;
    }
}
