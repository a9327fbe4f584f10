package io.github.bitbucketpipelines.maven.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.State.ErrorDetail;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TestReportsClient;
import io.github.bitbucketpipelines.maven.pipeline.TriggerIntent;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnPaused;
import io.github.bitbucketpipelines.maven.run.WatchOptions.OnTimeout;
import io.github.bitbucketpipelines.maven.run.WatchResult;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import io.github.bitbucketpipelines.maven.testing.WrittenReports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportRecorderTest {
    /** Replaces the golden files: {@code mvn test -Dtest=ReportRecorderTest -Dgolden=update}; review the diff. */
    private static final boolean UPDATE = "update".equals(System.getProperty("golden"));

    private static final String PLUGIN = "mvn io.github.bitbucketpipelines:bitbucket-pipelines-maven-plugin:1.0.0:";

    private static final Path GOLDEN = Path.of("src/test/resources/io/github/bitbucketpipelines/maven/report");
    /** Pages for review in a browser. */
    private static final Path GALLERY = Path.of("target/report-gallery");

    private static final Path SCHEMA = Path.of("docs/run-result.schema.json");
    private static final RepositoryId SHOP = new RepositoryId("acme", "shop");
    private static final Instant CREATED = Instant.parse("2026-11-23T10:00:00Z");
    private static final String SECRET = "a-secret-that-must-stay-secret";

    private static final String EMPTY_SUITE =
            "<testsuite name='old' time='0.000' tests='0' errors='0' skipped='0' failures='0'/>";

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final List<String> warnings = new ArrayList<>();
    private final SecretMasker masker = new SecretMasker(List.of(SECRET));
    private final FakeTests tests = new FakeTests();
    private Duration limit = Duration.ofHours(1);
    private Duration clockLead = Duration.ofMillis(-700);
    private Set<Format> formats = EnumSet.allOf(Format.class);

    @AfterEach
    void writtenFilesConformToTheirSchemas() throws IOException {
        WrittenReports.check(directory, SCHEMA);
    }

    @Test
    void receiptIsWrittenWhenTheRunIsTriggered() throws IOException {
        ReportRecorder report = report();

        report.accept(triggered());

        assertGolden("receipt.json", "release.json");
        assertThat(files()).containsExactly("release.json");
        assertThat(Receipts.in(directory)).extracting(StoredReceipt::number).containsExactly(42L);
        assertThat(report.primaryReport()).isEmpty();
    }

    @Test
    void receiptIsWrittenWithoutARecorder() throws IOException {
        Receipt receipt = new Receipt(directory, "release");

        receipt.write(context(), run(State.Unfinished.PARSING, Optional.empty()));

        assertThat(Receipts.in(directory)).extracting(StoredReceipt::number).containsExactly(42L);
        assertThat(read("release.json")).contains("\"outcome\" : \"GOING\"").doesNotContain("\"result\"");
    }

    @Test
    void failedRunIsReportedInEveryFormat() throws IOException {
        ReportRecorder report = report();
        report.setTypicalDuration(Duration.ofSeconds(260));

        finish(report, failed(), failedSteps());

        assertGolden("failed.json", "release.json");
        assertGolden("failed.html", "release.html");
        assertGolden("failed.xml", "TEST-release.xml");
        assertGolden("failed-tests.xml", "TEST-release-step-3.xml");
        assertThat(files())
                .containsExactlyInAnyOrder(
                        "release.json", "release.html", "release.css", "TEST-release.xml", "TEST-release-step-3.xml");
        assertThat(read("release.css")).isEqualTo(HtmlPage.style());
        assertThat(report.primaryReport()).contains(directory.resolve("release.html"));
        assertThat(warnings).isEmpty();
    }

    @Test
    void successfulRunIsReportedInEveryFormat() throws IOException {
        finish(report(), over(Result.Known.SUCCESSFUL, Optional.empty(), 63), List.of(build(1, "Build", 3, 63)));

        assertGolden("successful.json", "release.json");
        assertGolden("successful.html", "release.html");
        assertGolden("successful.xml", "TEST-release.xml");
    }

    @Test
    void timeoutIsReportedWithTheStateSoFar() throws IOException {
        Run going = run(State.Unfinished.IN_PROGRESS, Optional.empty());
        List<Step> steps = List.of(
                build(1, "Build", 3, 63),
                step(2, "Deploy", State.Unfinished.IN_PROGRESS, Optional.of(70), Optional.empty()),
                step(3, "Check", State.Unfinished.PENDING, Optional.empty(), Optional.empty()));
        ReportRecorder report = report();
        report.accept(triggered());
        clock.forward(Duration.ofSeconds(120));

        end(
                report,
                new WatchResult.Abandoned(
                        going,
                        steps,
                        WatchResult.Reason.TIMEOUT,
                        Duration.ofSeconds(120),
                        WatchResult.StopOutcome.NOT_REQUESTED));

        assertGolden("timeout.json", "release.json");
        assertGolden("timeout.html", "release.html");
        assertGolden("timeout.xml", "TEST-release.xml");
    }

    @Test
    void interruptedBuildWritesTheStateSoFar() throws IOException {
        ReportRecorder report = report();
        report.accept(triggered());
        Run going = run(State.Unfinished.IN_PROGRESS, Optional.empty());
        report.accept(new RunEvent.StepChanged(going, build(1, "Build", 3, 63)));
        report.accept(new RunEvent.StepChanged(
                going, step(2, "Deploy", State.Unfinished.IN_PROGRESS, Optional.of(70), Optional.empty())));
        clock.forward(Duration.ofSeconds(75));

        report.interrupted(warnings::add);

        assertThat(read("release.json")).contains("\"outcome\" : \"INTERRUPTED\"", "\"name\" : \"Deploy\"");
        assertThat(read("release.html"))
                .contains("Run: IN_PROGRESS", "Build: failed, INTERRUPTED", "The build was killed while it waited");
        assertThat(read("TEST-release.xml")).contains("<error message=\"The build was killed while it waited for");
        assertThat(tests.requests).isZero();
    }

    @Test
    void interruptionBeforeTheRunWritesNothing() {
        report().interrupted(warnings::add);

        assertThat(files()).isEmpty();
    }

    @Test
    void interruptionAfterTheEndKeepsTheReports() throws IOException {
        ReportRecorder report = report();
        finish(report, failed(), failedSteps());
        String before = read("release.json");

        report.interrupted(warnings::add);

        assertThat(read("release.json")).isEqualTo(before);
    }

    @Test
    void testsOfAnUnobservedRunAreNotRequested() throws IOException {
        ReportRecorder report = report();
        report.accept(triggered());

        end(
                report,
                new WatchResult.Unobserved(
                        run(State.Unfinished.IN_PROGRESS, Optional.empty()),
                        List.of(build(1, "Build", 3, 63)),
                        new PipelinesException(PipelinesException.Kind.UNAUTHORIZED, "Could not read run #42: 401")));

        assertThat(tests.requests).isZero();
        assertThat(read("release.json")).contains("\"outcome\" : \"UNSEEN\"", "\"verdict\" : \"UNKNOWN\"");
        assertThat(read("TEST-release.xml")).contains("errors=\"1\"", "Could not read run #42: 401");
    }

    @Test
    void runWithoutStepsIsReportedAsOneFailedCase() throws IOException {
        finish(report(), over(Result.Known.FAILED, Optional.empty(), 0), List.of());

        assertThat(read("TEST-release.xml"))
                .contains(
                        "tests=\"1\"",
                        "errors=\"1\"",
                        "name=\"Pipeline\"",
                        "type=\"FAILED\"",
                        "Bitbucket found nothing to run");
        assertThat(read("release.html"))
                .contains("Bitbucket found nothing to run")
                .doesNotContain("<svg");
    }

    @Test
    void detectionDelayUsesBitbucketsClock() throws IOException {
        clockLead = Duration.ofSeconds(90);
        ReportRecorder report = report();
        report.accept(triggered());
        Run over = over(Result.Known.SUCCESSFUL, Optional.empty(), 163);
        clock.forward(Duration.ofSeconds(75));

        report.accept(new RunEvent.RunChanged(over));
        clock.forward(Duration.ofSeconds(30));
        end(report, new WatchResult.Ended(over, List.of(build(1, "Build", 3, 163))));

        assertThat(read("release.json")).contains("\"noticedAfterSeconds\" : 2.000");
    }

    @Test
    void endOfRunFallsBackToItsLastStep() throws IOException {
        Run over = run(new Completed(Result.Known.SUCCESSFUL, Optional.empty(), Optional.empty()), Optional.empty());

        finish(report(), over, List.of(build(1, "Build", 3, 63), build(2, "Deploy", 63, 100)));

        assertThat(read("release.json"))
                .contains(
                        "\"ended\" : \"2026-11-23T10:01:40Z\"",
                        "\"totalSeconds\" : 100.000",
                        "\"runSeconds\" : 97.000");
    }

    @Test
    void runCompletedBeforeTheStartHasNoDetectionDelay() throws IOException {
        Run over = over(Result.Known.SUCCESSFUL, Optional.empty(), 63);
        ReportRecorder report = report();
        clock.forward(Duration.ofDays(1));

        report.start(over);
        report.accept(new RunEvent.RunChanged(over));
        end(report, new WatchResult.Ended(over, List.of(build(1, "Build", 3, 63))));

        assertThat(read("release.json")).doesNotContain("noticedAfterSeconds");
    }

    @Test
    void rehearsalIsMarkedInEveryFormat() throws IOException {
        ReportContext about = context(build("release", true), Optional.of("deploy"), Optional.empty());

        finish(new ReportRecorder(about, directory, formats, dependencies()), failed(), failedSteps());

        assertThat(read("release.json")).contains("\"rehearsal\" : true");
        assertThat(read("release.html"))
                .contains("This was a rehearsal")
                .doesNotContain("https://bitbucket.org", "What now");
        assertThat(read("TEST-release.xml")).contains("<testsuite name=\"Rehearsal: pipeline #42");
        intoTheGallery("rehearsal", "release.html");
    }

    @Test
    void onlyRequestedFormatsAreWritten() {
        for (Set<Format> some :
                List.of(Set.of(Format.JSON), Set.of(Format.JUNIT), Set.of(Format.HTML), Set.<Format>of())) {
            formats = some;
            ReportRecorder report = report();

            finish(report, failed(), List.of(build(1, "Build", 3, 63)));

            List<String> expected = new ArrayList<>(List.of("release.json"));
            if (some.contains(Format.JUNIT)) {
                expected.add("TEST-release.xml");
            }
            if (some.contains(Format.HTML)) {
                expected.addAll(List.of("release.html", "release.css"));
            }
            assertThat(files()).as("%s", some).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(report.primaryReport().isPresent()).isEqualTo(!some.isEmpty());
        }
    }

    @Test
    void onlyEarlierReportsOfTheExecutionAreRemoved() throws IOException {
        for (String name : List.of(
                "release.html",
                "release.css",
                "TEST-release.xml",
                "TEST-release-step-7.xml",
                "other.css",
                "TEST-other.xml",
                "TEST-release-x.xml")) {
            Files.writeString(
                    directory.resolve(name), name.endsWith(".xml") ? EMPTY_SUITE : "<html><h1/><main/></html>");
        }

        report().accept(triggered());

        assertThat(files())
                .containsExactlyInAnyOrder("release.json", "other.css", "TEST-other.xml", "TEST-release-x.xml");
    }

    @Test
    void unwritableReportIsAWarning() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");
        ReportRecorder report = new ReportRecorder(context(), file.resolve("below"), formats, dependencies());

        finish(report, failed(), failedSteps());

        assertThat(warnings).isNotEmpty().allMatch(w -> w.contains("could not be written"));
        assertThat(report.primaryReport()).isEmpty();
    }

    @Test
    void unreadableTestsAreAWarningAndNotRequestedAgain() throws IOException {
        tests.failure =
                Optional.of(new PipelinesException(PipelinesException.Kind.FORBIDDEN, "Could not read the tests."));

        finish(report(), failed(), failedSteps());

        assertThat(warnings)
                .containsExactly("The report lacks tests that the run published: Could not read the tests.");
        assertThat(tests.requests).isOne();
        assertThat(read("TEST-release.xml")).contains("failures=\"1\"");
    }

    @Test
    void testsAreRequestedWithinBounds() throws IOException {
        List<Step> steps = IntStream.rangeClosed(1, 100)
                .mapToObj(i -> i == 100 ? red(100, "Last", 100, 110, Result.Known.FAILED) : build(i, "S" + i, i, i + 1))
                .toList();
        tests.cases = step -> new TestReportsClient.TestCases(
                IntStream.range(0, 500).mapToObj(i -> test("t" + i, "FAILED")).toList());

        finish(report(), failed(), steps);

        assertThat(tests.requests).isEqualTo(20 + TestCollector.MAX_OUTPUTS);
        assertThat(files()).contains("TEST-release-step-100.xml");
        assertThat(files().stream().filter(f -> f.startsWith("TEST-release-step-")))
                .hasSize(20);
    }

    @Test
    void testsAreNotRequestedAfterTheTimeout() throws IOException {
        limit = Duration.ofMillis(50);
        finish(report(), failed(), failedSteps());
        assertThat(tests.requests).isZero();
        assertThat(warnings).singleElement().asString().contains("it takes too long");
        assertThat(files()).contains("release.html");
    }

    @Test
    void securedValuesAreMaskedInLogsAndTestOutput() throws IOException {
        tests.cases = step -> new TestReportsClient.TestCases(List.of(test("showsIt", "FAILED")));
        tests.output = List.of("token=" + SECRET);
        ReportRecorder report = report();
        report.accept(new RunEvent.Triggered(
                run(State.Unfinished.PARSING, Optional.empty()),
                new TriggerRequest(
                        new Target.Branch("main", Optional.empty()),
                        Optional.of("deploy"),
                        List.of(new Variable("TOKEN", SECRET, true), new Variable("PLAIN", "a-plain-value", false))),
                false));
        Step deploy = red(1, "Deploy", 70, 82, Result.Known.FAILED);
        report.accept(new RunEvent.LogAppended(failed(), deploy, List.of("+ curl -H " + SECRET, "no")));

        end(report, new WatchResult.Ended(failed(), List.of(deploy)));

        for (String file : files()) {
            assertThat(read(file)).doesNotContain(SECRET).doesNotContain("a-plain-value");
        }
        assertThat(read("release.html")).contains("+ curl -H ***", "token=***");
    }

    @Test
    void onlyTheEndOfALongLogIsKept() throws IOException {
        ReportRecorder report = report();
        report.accept(triggered());
        Step deploy = red(1, "Deploy", 70, 82, Result.Known.FAILED);
        for (int i = 0; i < 20_000; i += 100) {
            int from = i;
            report.accept(new RunEvent.LogAppended(
                    failed(),
                    deploy,
                    IntStream.range(from, from + 100).mapToObj(n -> "line " + n).toList()));
        }
        end(report, new WatchResult.Ended(failed(), List.of(deploy)));

        assertThat(read("release.html")).contains("line 19999", "line 19500").doesNotContain("line 19499\n");
    }

    @Test
    void hostileNamesAreEscapedInEveryFormat() throws IOException {
        String hostile =
                "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;]]>\u0000\u001b[31m\u202e\uFFFE\uD800 ";
        String name = hostile + "x".repeat(10_000);
        List<Step> steps = List.of(
                red(1, name, 3, 10, Result.Known.FAILED),
                step(
                        2,
                        "…" + "\uD83D\uDE80".repeat(5_000),
                        new Completed(
                                new Result.Unknown(hostile),
                                Optional.of(new ErrorDetail(Optional.empty(), Optional.of(name))),
                                Optional.of(hostile)),
                        Optional.of(10),
                        Optional.of(20)),
                step(3, "</title></style></svg>", State.Unfinished.PENDING, Optional.empty(), Optional.empty()));
        tests.cases = step -> new TestReportsClient.TestCases(List.of(new TestCase(
                Optional.of("{1}"), Optional.of(name), Optional.of(hostile), Optional.of(hostile), Optional.empty())));
        tests.output = List.of(hostile, name);
        Run run = new Run(
                42,
                "{0f3c6f0a-5a3e-4c8b-9d3e-6a1c2b3d4e5f}",
                URI.create("https://bitbucket.org/a/b/pipelines/results/42"),
                new Completed(
                        Result.Known.FAILED,
                        Optional.of(new ErrorDetail(Optional.of(hostile), Optional.of(name))),
                        Optional.of(hostile)),
                Optional.of(new Target.Branch(name, Optional.empty())),
                Optional.of("5f0c1d2"),
                Optional.of(Selector.custom(hostile)),
                Optional.empty(),
                Optional.of(new Account(Optional.empty(), Optional.of(name))),
                Optional.of(CREATED),
                Optional.of(CREATED.plusSeconds(20)),
                Optional.empty());
        ReportContext about = context(build("../../release <&>", false), Optional.empty(), Optional.empty());
        ReportRecorder report = new ReportRecorder(about, directory, formats, dependencies());
        report.start(run);
        report.accept(new RunEvent.FailedStepLogTail(run, steps.get(0), List.of(hostile, name, "\tindented")));

        end(report, new WatchResult.Ended(run, steps));

        assertThat(files())
                .containsExactlyInAnyOrder(
                        "______release____~047ec8286a81.json",
                        "______release____~047ec8286a81.css",
                        "______release____~047ec8286a81.html",
                        "TEST-______release____~047ec8286a81.xml",
                        "TEST-______release____~047ec8286a81-step-1.xml",
                        "TEST-______release____~047ec8286a81-step-2.xml");
        assertThat(read("______release____~047ec8286a81.html"))
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .doesNotContain("<script", "<img", "\u001b", "\u202e", "\u0000", "\uFFFE");
        assertThat(warnings).isEmpty();
        intoTheGallery("hostile", "______release____~047ec8286a81.html");
    }

    @Test
    void pageAndJsonNameVariablesWithoutValues() throws IOException {
        ReportRecorder report = report();
        report.accept(new RunEvent.Triggered(
                run(State.Unfinished.PARSING, Optional.empty()),
                new TriggerRequest(
                        new Target.Branch("main", Optional.empty()),
                        Optional.of("deploy"),
                        List.of(new Variable("VERSION", "1.4.0-b7", false), new Variable("TOKEN", SECRET, true))),
                false));
        Run over = over(Result.Known.SUCCESSFUL, Optional.empty(), 63);

        end(report, new WatchResult.Ended(over, List.of(build(1, "Build", 3, 63))));

        assertThat(read("release.html"))
                .contains("<dt>Variables</dt><dd>VERSION, TOKEN</dd>")
                .doesNotContain("1.4.0-b7", SECRET);
        assertThat(read("release.json"))
                .contains("\"VERSION\"", "\"TOKEN\"")
                .doesNotContain("1.4.0-b7", SECRET)
                // It would be the same only with the same values.
                .doesNotContain("\"again\"");
    }

    @Test
    void timesAreShownInUtcAloneWhereTheMachineIsThere() throws IOException {
        for (String zone : List.of("UTC", "Z", "Etc/UTC", "GMT")) {
            ReportContext context =
                    context(build("release", false, ZoneId.of(zone)), Optional.empty(), Optional.empty());

            finish(new ReportRecorder(context, directory, formats, dependencies()), failed(), List.of());

            assertThat(read("release.html"))
                    .as(zone)
                    .contains("2026-11-23 10:00:00 UTC")
                    .doesNotContain("class=\"local\"", "Local times");
        }
    }

    @Test
    void verdictOfTheBuildIsShownBesideTheResultOfTheRun() throws IOException {
        Run over = over(Result.Known.FAILED, Optional.empty(), 63);
        Verdict.Policy policy = new Verdict.Policy(Set.of("SUCCESSFUL"), true, OnTimeout.FAIL, OnPaused.WAIT);
        WatchResult ended = new WatchResult.Ended(over, List.of());
        ReportRecorder report = report();
        report.start(over);

        report.finish(ended, Verdict.of(ended, "#42", policy), tests, limit);

        assertThat(read("release.html"))
                .contains("badge bad\">Run: FAILED", "badge held\">Build: continues with a warning");
        assertThat(read("release.json")).contains("\"verdict\" : \"WARN\"", "\"exit\" : 0");
    }

    @Test
    void logOfAStepThatDidNotFailIsOnThePageWhereItWasRead() throws IOException {
        Step step = build(1, "Build", 3, 63);
        ReportRecorder report = report();
        report.accept(triggered());
        Run over = over(Result.Known.SUCCESSFUL, Optional.empty(), 63);
        report.accept(new RunEvent.LogAppended(over, step, List.of("+ mvn <verify>", "\u202eBUILD SUCCESS")));

        end(report, new WatchResult.Ended(over, List.of(step)));

        assertThat(read("release.html"))
                .contains(
                        "<summary>End of the log of step 1, Build</summary>", "+ mvn &lt;verify&gt;\nBUILD SUCCESS\n");
    }

    @Test
    void failureWithoutARunIsWritten() throws IOException {
        FailureReport.write(
                directory,
                build("release", false),
                FailureReport.RunStatus.NONE,
                Optional.empty(),
                Verdict.Decision.FAIL,
                "Parameter 'timeout'\nis wrong");

        assertGolden("no-run.json", "release.json");
        assertThat(Receipts.in(directory)).isEmpty();
    }

    @Test
    void failureKeepsTheUnfinishedRunOfTheReceipt() throws IOException {
        report().accept(triggered());

        FailureReport.write(
                directory,
                build("release", true),
                FailureReport.RunStatus.NONE,
                Optional.empty(),
                Verdict.Decision.FAIL,
                "Parameter 'timeout'");

        assertThat(read("release.json")).contains("\"outcome\" : \"NO_RUN\"", "\"number\" : 42");
        assertThat(Receipts.in(directory))
                .singleElement()
                .satisfies(receipt -> assertThat(receipt.rehearsal()).isFalse());
    }

    @Test
    void fileThatMayHideARunIsNotReplacedByAFailureWithoutOne() throws IOException {
        Path file = directory.resolve("release.json");
        Files.writeString(file, "{\"outcome\":\"IN_DOUBT\"}");

        failWithoutARun("release", "No.");

        assertThat(file).hasContent("{\"outcome\":\"IN_DOUBT\"}");
        Files.delete(file);
    }

    @Test
    void triggerInDoubtStaysInDoubtWhateverFailsLater() throws IOException {
        TriggerIntent intent = new TriggerIntent(
                Instant.parse("2026-11-23T10:00:00Z"),
                new Target.Branch("main", Optional.empty()),
                Optional.of("deploy"),
                41);
        FailureReport.write(
                directory,
                build("release", false),
                FailureReport.RunStatus.IN_DOUBT,
                Optional.of(new FailureReport.SentTrigger(context(), intent)),
                Verdict.Decision.UNKNOWN,
                "There may be a run.");
        assertThat(read("release.json")).contains("\"outcome\" : \"IN_DOUBT\"", "There may be a run.");

        failWithoutARun("release", "Parameter 'timeout'");

        assertThat(read("release.json"))
                .contains("\"outcome\" : \"IN_DOUBT\"", "\"verdict\" : \"UNKNOWN\"", "Parameter 'timeout'");
        assertThat(Receipts.in(directory))
                .singleElement()
                .satisfies(receipt -> assertThat(receipt.intent()).contains(intent));
    }

    @Test
    void failureKeepsTheIntentOfAKilledBuild() throws IOException {
        TriggerIntent intent = new TriggerIntent(
                Instant.parse("2026-11-23T10:00:00Z"),
                new Target.Branch("main", Optional.empty()),
                Optional.empty(),
                0);
        new Receipt(directory, "release").writeIntent(context(), intent);

        failWithoutARun("release", "Parameter 'timeout'");

        assertThat(read("release.json")).contains("\"outcome\" : \"IN_DOUBT\"");
        assertThat(Receipts.in(directory))
                .singleElement()
                .satisfies(receipt -> assertThat(receipt.intent()).contains(intent));
    }

    private void failWithoutARun(String execution, String message) throws IOException {
        FailureReport.write(
                directory,
                build(execution, false),
                FailureReport.RunStatus.NONE,
                Optional.empty(),
                Verdict.Decision.FAIL,
                message);
    }

    @Test
    void timelineHasABarForEachStep() throws IOException {
        for (int count : new int[] {1, 12, 100}) {
            List<Step> steps = IntStream.rangeClosed(1, count)
                    .mapToObj(i -> build(i, "Module " + i, 3 + (i / 4) * 20, 3 + (i / 4) * 20 + 5 + i % 4 * 7))
                    .toList();
            int end = 3 + count / 4 * 20 + 30;
            ReportRecorder report = report();
            report.setTypicalDuration(Duration.ofSeconds(end));

            finish(report, over(Result.Known.SUCCESSFUL, Optional.empty(), end), steps);

            assertThat(read("release.html").split("<rect class=\"bar good\"", -1))
                    .hasSize(count + 1);
            intoTheGallery(count + "-steps", "release.html");
        }
    }

    @Test
    void barsAreDrawnToScale() throws IOException {
        // Created at 0 s, ended at 100 s: one second is one per cent.
        finish(
                report(),
                over(Result.Known.SUCCESSFUL, Optional.empty(), 100),
                List.of(build(1, "Build", 10, 50), build(2, "Test", 50, 75), build(3, "Lint", 50, 100)));

        assertThat(read("release.html"))
                .contains(
                        "<rect class=\"bar queue\" x=\"0.00%\" y=\"45\" width=\"10.00%\"",
                        "<rect class=\"bar good\" x=\"10.00%\" y=\"81\" width=\"40.00%\"",
                        "<rect class=\"bar good\" x=\"50.00%\" y=\"117\" width=\"25.00%\"",
                        "<rect class=\"bar good\" x=\"50.00%\" y=\"153\" width=\"50.00%\"");
    }

    @Test
    void timesOutOfOrderGiveZeroDurations() throws IOException {
        finish(
                report(),
                over(Result.Known.FAILED, Optional.empty(), -1),
                List.of(
                        red(1, "Build", -5, -7, Result.Known.FAILED),
                        step(
                                2,
                                "Deploy",
                                new Completed(Result.Known.NOT_RUN, Optional.empty(), Optional.empty()),
                                Optional.of(-1),
                                Optional.of(-1))));

        assertThat(read("release.json")).contains("\"runSeconds\" : 0.000").doesNotContain(": -");
        assertThat(read("release.html")).doesNotContain("=\"-");
    }

    private void finish(ReportRecorder report, Run run, List<Step> steps) {
        report.accept(triggered());
        for (Step step : steps) {
            report.accept(new RunEvent.StepChanged(run(State.Unfinished.IN_PROGRESS, Optional.empty()), step));
        }
        clock.forward(Duration.ofSeconds(245));
        report.accept(new RunEvent.RunChanged(run));
        for (Step step : steps) {
            if (step.state().finalResult().filter(r -> r == Result.Known.FAILED).isPresent()) {
                report.accept(new RunEvent.FailedStepLogTail(
                        run,
                        step,
                        List.of(
                                "+ mvn -B verify",
                                "[\u001b[1;31mERROR\u001b[m] Tests run: 5, Failures: 1 <<< FAILURE!",
                                "[ERROR] CartTest.addsUp:31 expected: <42> but was: <41> & more")));
            }
        }
        end(report, new WatchResult.Ended(run, steps));
    }

    private void end(ReportRecorder report, WatchResult ending) {
        Verdict verdict = Verdict.of(
                ending,
                "#42 deploy on branch main of acme/shop",
                new Verdict.Policy(Set.of("SUCCESSFUL"), false, OnTimeout.FAIL, OnPaused.WAIT));
        report.finish(ending, verdict, tests, limit);
    }

    private ReportRecorder report() {
        return new ReportRecorder(context(), directory, formats, dependencies());
    }

    private static ReportContext context() {
        return context(
                build("release", false),
                Optional.of("deploy"),
                Optional.of(new Target.Branch("main", Optional.empty())));
    }

    private static ReportContext context(BuildFacts build, Optional<String> pipeline, Optional<Target> target) {
        return new ReportContext(
                build,
                SHOP,
                pipeline,
                target,
                Optional.empty(),
                run -> new ReportContext.Commands(
                        Optional.of(PLUGIN + "wait \"-Dbitbucket.repository=acme/shop\" \"-Dbitbucket.number="
                                + run.number() + "\""),
                        Optional.of(PLUGIN + "logs \"-Dbitbucket.repository=acme/shop\" \"-Dbitbucket.number="
                                + run.number() + "\""),
                        Optional.of(PLUGIN + "run \"-Dbitbucket.repository=acme/shop\" \"-Dbitbucket.branch=main\"")),
                (run, steps) -> steps.stream()
                        .filter(step -> step.displayName().startsWith("Deploy"))
                        .collect(Collectors.toMap(Step::uuid, step -> "production")));
    }

    private static BuildFacts build(String executionId, boolean rehearsal) {
        return build(executionId, rehearsal, ZoneId.of("Europe/Berlin"));
    }

    private static BuildFacts build(String executionId, boolean rehearsal, ZoneId zone) {
        return new BuildFacts(
                "run",
                executionId,
                "1.0.0",
                rehearsal,
                Optional.of(new BuildFacts.Project("com.acme", "shop", "1.4.0")),
                Optional.of("bitbucket.org"),
                Optional.of("5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4"),
                Optional.of("Jenkins"),
                Optional.of(URI.create("https://ci.acme.example/job/shop/42/")),
                Optional.of("ada"),
                zone);
    }

    private ReportRecorder.Dependencies dependencies() {
        return new ReportRecorder.Dependencies(clock, () -> 23, () -> clockLead, masker, warnings::add);
    }

    private static RunEvent.Triggered triggered() {
        return new RunEvent.Triggered(
                run(State.Unfinished.PARSING, Optional.empty()),
                new TriggerRequest(new Target.Branch("main", Optional.empty()), Optional.of("deploy"), List.of()),
                false);
    }

    private static Run failed() {
        return over(Result.Known.FAILED, Optional.empty(), 244);
    }

    private static Run over(Result result, Optional<ErrorDetail> error, int end) {
        return run(new Completed(result, error, Optional.empty()), Optional.of(end));
    }

    private static Run run(State state, Optional<Integer> end) {
        return new Run(
                42,
                "{0f3c6f0a-5a3e-4c8b-9d3e-6a1c2b3d4e5f}",
                URI.create("https://bitbucket.org/acme/shop/pipelines/results/42"),
                state,
                Optional.of(new Target.Branch("main", Optional.empty())),
                Optional.of("5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4"),
                Optional.of(Selector.custom("deploy")),
                Optional.of("MANUAL"),
                Optional.of(new Account(Optional.empty(), Optional.of("Ada Lovelace"))),
                Optional.of(CREATED),
                end.map(CREATED::plusSeconds),
                Optional.empty());
    }

    private static List<Step> failedSteps() {
        return List.of(
                build(1, "Build", 12, 75),
                build(2, "Static analysis", 75, 118),
                red(3, "Unit tests", 75, 203, Result.Known.FAILED),
                build(4, "Container image", 78, 161),
                red(
                        5,
                        "Browser tests",
                        75,
                        244,
                        new ErrorDetail(
                                Optional.of("agent.lost"), Optional.of("The build agent could not be reached."))),
                step(
                        6,
                        "Deploy to production",
                        new Completed(Result.Known.NOT_RUN, Optional.empty(), Optional.empty()),
                        Optional.empty(),
                        Optional.of(244)),
                new Step(
                        7,
                        "{7}",
                        Optional.empty(),
                        new Completed(Result.Known.NOT_RUN, Optional.empty(), Optional.empty()),
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private static Step build(int position, String name, int from, int until) {
        return red(position, name, from, until, Result.Known.SUCCESSFUL);
    }

    private static Step red(int position, String name, int from, int until, Result result) {
        return step(
                position,
                name,
                new Completed(result, Optional.empty(), Optional.empty()),
                Optional.of(from),
                Optional.of(until));
    }

    private static Step red(int position, String name, int from, int until, ErrorDetail problem) {
        return step(
                position,
                name,
                new Completed(Result.Known.ERROR, Optional.of(problem), Optional.empty()),
                Optional.of(from),
                Optional.of(until));
    }

    private static Step step(int position, String name, State state, Optional<Integer> from, Optional<Integer> until) {
        return new Step(
                position,
                "{" + position + "}",
                Optional.of(name),
                state,
                false,
                from.map(CREATED::plusSeconds),
                until.map(CREATED::plusSeconds),
                Optional.empty());
    }

    private static TestCase test(String name, String status) {
        return new TestCase(
                Optional.of("{" + name + "}"),
                Optional.of(name),
                Optional.of("com.acme.CartTest"),
                Optional.of(status),
                Optional.of(Duration.ofMillis(125)));
    }

    private List<String> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    private void intoTheGallery(String name, String file) throws IOException {
        Files.createDirectories(GALLERY);
        Files.writeString(
                GALLERY.resolve(name + ".html"), read(file).replaceFirst("href=\"[^\"]*css\"", "href=\"page.css\""));
        Files.writeString(GALLERY.resolve("page.css"), HtmlPage.style());
    }

    private void assertGolden(String golden, String file) throws IOException {
        String written = read(file);
        if (UPDATE) {
            Files.createDirectories(GOLDEN);
            Files.writeString(GOLDEN.resolve(golden), written);
        }
        if (file.endsWith(".html")) {
            intoTheGallery(golden.replace(".html", ""), file);
        }
        assertThat(written).isEqualTo(Files.readString(GOLDEN.resolve(golden)));
    }

    /** Returns the tests of step 3, or those that a test sets; counts the requests. */
    private static final class FakeTests implements TestReportsClient {
        private int requests;
        private Optional<PipelinesException> failure = Optional.empty();
        private List<String> output = List.of(
                "org.opentest4j.AssertionFailedError: expected: <42> but was: <41>",
                "\tat com.acme.CartTest.addsUp(CartTest.java:31)");
        private Function<String, TestCases> cases = step -> step.equals("{3}")
                ? new TestCases(List.of(
                        test("isEmptyAtFirst", "SUCCESSFUL"),
                        test("addsUp", "FAILED"),
                        test("ships", "SKIPPED"),
                        test("pays", "ERROR"),
                        new TestCase(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("ODD"),
                                Optional.empty())))
                : TestCases.NONE;

        @Override
        public TestReportsClient withTimeout(Duration limit) {
            assertThat(limit).isPositive();
            return this;
        }

        @Override
        public TestCases listTestCases(long number, String stepUuid, int most) {
            request();
            TestCases all = cases.apply(stepUuid);
            return new TestCases(all.cases().stream().limit(most).toList(), all.gap());
        }

        @Override
        public List<String> readTestOutput(long number, String stepUuid, String caseUuid) {
            request();
            return output;
        }

        private void request() {
            requests++;
            failure.ifPresent(f -> {
                throw f;
            });
        }
    }
}
