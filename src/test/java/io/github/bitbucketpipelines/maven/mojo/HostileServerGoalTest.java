package io.github.bitbucketpipelines.maven.mojo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.rehearsal.TestReport;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import io.github.bitbucketpipelines.maven.testing.HostileResponses;
import io.github.bitbucketpipelines.maven.testing.HostileServer;
import io.github.bitbucketpipelines.maven.testing.HostileServer.HostileResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a server sends, in a JVM with 64 MB of heap: each build ends in time, red unless its run is known to be successful,
 * and names its run, or how to find it, once a trigger was sent.
 */
class HostileServerGoalTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** After the time limit; two processors may be shared by many. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    private static final int LIGHT_AT_ONCE = 48;
    private static final int HEAVY_AT_ONCE = 3;
    private static final String PIPELINES = "/2.0/repositories/acme/shop/pipelines";

    /** To which requests a hostile response is sent, and what a build has to say. */
    private enum Place {
        /** Before the trigger. */
        LIST("GET " + PIPELINES + "/?", false) {
            @Override
            void check(GoalHarness maven, GoalResult result) {
                assertThat(result.error()).endsWith("Nothing was triggered.");
                assertThat(maven.triggers()).isEmpty();
            }
        },
        /** The trigger, which creates a run all the same. */
        TRIGGER("POST " + PIPELINES + "/?", true) {
            @Override
            void check(GoalHarness maven, GoalResult result) throws IOException {
                assertThat(maven.triggers()).hasSize(1);
                assertThat(result.error()).contains("The response to the trigger was lost");
                assertThat(result.error())
                        .containsPattern(":wait .*-Dbitbucket.number=42|-Dbitbucket.onUnfinished=start");
                assertThat(maven.written("default-cli.json")).contains("\"IN_DOUBT\"");
            }
        },
        /** The run and its steps. */
        RUN("GET " + PIPELINES + "/[^/]+(/steps/?)?", false) {
            @Override
            void check(GoalHarness maven, GoalResult result) throws IOException {
                assertThat(maven.triggers()).hasSize(1);
                assertThat(result.ending())
                        .containsPattern(
                                "(Could not see how|Stopped waiting for) pipeline #42 on branch main of acme/shop")
                        .containsPattern("To wait for it again: mvn .*:wait .*-Dbitbucket.number=42");
                assertThat(maven.written("default-cli.json")).contains("\"number\" : 42");
            }
        },
        /** The log of the step of a successful run. */
        LOG("GET " + PIPELINES + "/[^/]+/steps/[^/]+/log", false) {
            @Override
            void check(GoalHarness maven, GoalResult result) {
                result.passed();
                assertThat(result.warnings()).contains("The log of step 'Build'");
            }
        },
        /** The log of the step of a successful run that hands something to the build. */
        OUTPUT(LOG.requests, false) {
            @Override
            void check(GoalHarness maven, GoalResult result) throws IOException {
                assertThat(result.ending()).contains("here is no output KEY").contains("results/42");
                assertThat(maven.written("default-cli.json")).contains("\"number\" : 42");
            }
        },
        /** The tests of a successful run. */
        TESTS("GET " + PIPELINES + "/.*/test_reports/.*", false) {
            @Override
            void check(GoalHarness maven, GoalResult result) {
                result.passed();
                assertThat(result.warnings()).containsPattern("The report lacks tests|Of the tests of step");
            }
        },
        /** The Downloads of a successful run. */
        DOWNLOADS("GET /2.0/repositories/acme/shop/downloads/?", false) {
            @Override
            void check(GoalHarness maven, GoalResult result) {
                assertThat(result.ending()).contains("Downloads");
            }
        },
        /** A successful run, its step and all lists, with odd values. */
        VALUES("(GET|POST) " + PIPELINES + ".*(?<!log)(?<!test_cases)", true) {
            @Override
            void check(GoalHarness maven, GoalResult result) throws IOException {
                result.passed();
                assertThat(maven.written("default-cli.json")).contains("\"number\" : 42");
            }
        };

        private final String requests;
        private final boolean isForwarded;

        Place(String requests, boolean isForwarded) {
            this.requests = requests;
            this.isForwarded = isForwarded;
        }

        boolean isOfSuccess() {
            return ordinal() >= LOG.ordinal();
        }

        Map<String, String> properties() {
            return switch (this) {
                case LOG -> Map.of("bitbucket.logs", "all");
                case OUTPUT -> Map.of("bitbucket.outputs", "KEY", "bitbucket.appearTimeout", "2s");
                case DOWNLOADS -> Map.of("bitbucket.downloads", "shop.zip", "bitbucket.appearTimeout", "2s");
                default -> Map.of();
            };
        }

        abstract void check(GoalHarness maven, GoalResult result) throws IOException;
    }

    /** A build against a hostile server. */
    private record Case(String name, Place place, HostileResponse response) {
        /** Returns the problem; empty where the build ended as it should. */
        String run(Path directory) {
            try {
                if (isHit(directory.resolve("1"), TIMEOUT)) {
                    return "";
                }
            } catch (AssertionError e) {
                // A machine that is busy has no time left for its own responses within the limit.
            } catch (IOException e) {
                return e.toString();
            }
            try {
                return isHit(directory.resolve("2"), TIMEOUT.multipliedBy(5)) ? "" : "no hostile response was sent";
            } catch (AssertionError | IOException e) {
                return e + "\n"
                        + Stream.of(e.getStackTrace())
                                .limit(12)
                                .map(Object::toString)
                                .toList();
            }
        }

        /** Whether a hostile response was sent; then the build ended as it should. */
        private boolean isHit(Path directory, Duration timeout) throws IOException {
            try (GoalHarness maven = new GoalHarness(Files.createDirectories(directory))) {
                StepScript build = StepScript.named("Build")
                        .log("::output OTHER=1\n")
                        .report(TestReport.of(
                                TestReport.Case.successful("com.acme", "T", "adds", Duration.ofSeconds(1))))
                        .lasting(place.isOfSuccess() ? Duration.ofSeconds(1) : Duration.ofHours(1));
                maven.shop().next(RunScript.of(build));
                place.properties().forEach(maven::property);
                Predicate<String> isHit = request -> {
                    if (place.isOfSuccess()) {
                        // Bitbucket's time, in which the run goes on.
                        maven.time().forward(Duration.ofSeconds(10));
                    }
                    return request.matches(place.requests);
                };
                try (HostileServer server =
                        new HostileServer(maven.bitbucket().apiUrl(), isHit, place.isForwarded, response)) {
                    maven.inTrueTime()
                            .property("bitbucket.apiUrl", "http://127.0.0.1:" + server.port() + "/2.0")
                            .property("bitbucket.branch", "main")
                            .property("bitbucket.timeout", timeout.toSeconds() + "s");
                    long begin = System.nanoTime();
                    GoalResult result = maven.execute("run");
                    Duration time = Duration.ofNanos(System.nanoTime() - begin);
                    assertThat(time).as("time").isLessThan(timeout.plus(GRACE));
                    assertThat(result.exception().map(Throwable::getMessage).orElse("") + result.warnings())
                            .as("message")
                            .doesNotContain("Exception:", "\tat ", "unexpectedly");
                    if (server.hits() > 0) {
                        place.check(maven, result);
                    }
                    return server.hits() > 0;
                }
            }
        }
    }

    private static List<Case> cases(Map<String, HostileResponse> responses, Place... places) {
        return responses.entrySet().stream()
                .flatMap(each ->
                        Stream.of(places).map(place -> new Case(place + ", " + each.getKey(), place, each.getValue())))
                .toList();
    }

    /** Runs the cases of the first argument in the directory of the second; prints a line for each. */
    static final class Child {
        public static void main(String[] args) {
            PrintStream out = System.out;
            int status = 1;
            try {
                run(args[0], Path.of(args[1]), out);
                status = 0;
            } catch (Throwable e) {
                e.printStackTrace(out);
            } finally {
                out.flush();
                // The threads of the servers may still send, and those of the cases run.
                Runtime.getRuntime().halt(status);
            }
        }

        private static void run(String group, Path directory, PrintStream out) throws Exception {
            // Classes are loaded by builds that do not count: that takes a second.
            cases(HostileResponses.statusLines(), Place.LOG, Place.RUN)
                    .subList(0, 2)
                    .forEach(each -> each.run(directory.resolve("first-" + each.place())));
            if (group.equals("heavy")) {
                run(cases(HostileResponses.heavy(), Place.TRIGGER, Place.RUN), HEAVY_AT_ONCE, directory, out);
            } else {
                List<Case> cases = new ArrayList<>(cases(HostileResponses.light(), Place.TRIGGER, Place.RUN));
                cases.addAll(cases(HostileResponses.statusLines(), Place.LIST));
                cases.addAll(cases(HostileResponses.endless(), Place.TRIGGER, Place.RUN));
                cases.addAll(cases(HostileResponses.values(), Place.VALUES));
                cases.addAll(cases(HostileResponses.logs(), Place.LOG, Place.OUTPUT));
                cases.addAll(cases(HostileResponses.lists(), Place.TESTS, Place.DOWNLOADS));
                run(cases, LIGHT_AT_ONCE, directory, out);
            }
        }

        private static void run(List<Case> cases, int atOnce, Path directory, PrintStream out) throws Exception {
            ExecutorService threads = Executors.newFixedThreadPool(atOnce);
            List<Future<?>> all = new ArrayList<>();
            for (Case each : cases) {
                Path own = directory.resolve(Integer.toString(all.size()));
                all.add(threads.submit(() -> {
                    long begin = System.nanoTime();
                    String problem = each.run(own);
                    long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
                    out.println(each.name().replaceAll("[\0-\37]", "?") + "\t" + millis + "\t"
                            + problem.replaceAll("\\R", " | ").replace('\t', ' '));
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            threads.shutdown();
        }
    }

    @TestFactory
    @Timeout(300)
    Stream<DynamicTest> everyBuildEndsInWords(@TempDir Path directory) throws Exception {
        Process light = start("light", directory);
        Process heavy = start("heavy", directory);
        List<String[]> lines =
                Stream.concat(lines(light).stream(), lines(heavy).stream()).toList();
        assertThat(lines).hasSizeGreaterThan(200);
        return lines.stream()
                .map(line -> DynamicTest.dynamicTest(
                        line[0], () -> assertThat(line[2]).as("problem").isEmpty()));
    }

    private static Process start(String cases, Path directory) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        cases,
                        directory.resolve(cases).toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Returns the name of each case, its milliseconds, and its problem. */
    private static List<String[]> lines(Process child) throws IOException, InterruptedException {
        String printed = new String(child.getInputStream().readAllBytes(), UTF_8);
        assertThat(child.waitFor()).as("exit status after: %s", printed).isZero();
        return printed.lines().map(line -> line.split("\t", 3)).toList();
    }
}
