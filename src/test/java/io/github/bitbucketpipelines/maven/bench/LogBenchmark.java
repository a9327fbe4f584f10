package io.github.bitbucketpipelines.maven.bench;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.BitbucketCloud;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.bitbucket.HttpTransport;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Sleeper;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.polling.Schedule;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRun;
import io.github.bitbucketpipelines.maven.rehearsal.LogContent;
import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.run.RunClaims;
import io.github.bitbucketpipelines.maven.run.RunContext;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.run.RunLifecycle;
import io.github.bitbucketpipelines.maven.run.WatchOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** Measures reading a log of one gigabyte with the production code and with curl, from the same server. */
public final class LogBenchmark {
    private static final long LENGTH = Long.getLong("bench.logBytes", 1L << 30);
    private static final int ROUNDS = 4;
    private static final String PLAIN = """
        [INFO] Downloaded from central: https://repo.example.com/org/example/library/1.2.3/library-1.2.3.pom (4.2 kB at 1.1 MB/s)
        [INFO] Running com.example.shop.CheckoutTest
        [INFO] Tests run: 17, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.213 s -- in com.example.shop.CheckoutTest
        """;
    private static final String COLOURED =
            PLAIN.replace("[INFO]", "[\u001B[1;34mINFO\u001B[m]") + "[INFO] Größe, façade, 完了\n";

    private LogBenchmark() {}

    /** Runs the benchmark. */
    public static void main(String[] args) throws Exception {
        measure("plain", PLAIN);
        measure("coloured", COLOURED);
    }

    private static void measure(String name, String text) throws IOException, InterruptedException {
        try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start();
                HttpTransport http = HttpTransport.builder().build()) {
            EmbeddedRun run = bitbucket
                    .repository("acme", "shop")
                    .makePublic()
                    .place(
                            "MANUAL",
                            "main",
                            Optional.empty(),
                            EmbeddedAccount.person("Another User"),
                            Instant.now().minus(Duration.ofHours(1)),
                            RunScript.of(StepScript.named("Build").log(LogContent.repeating(text, LENGTH))));
            String url = bitbucket.apiUrl() + "/repositories/acme/shop/pipelines/" + run.buildNumber() + "/steps/"
                    + run.stepUuids().get(0).replace("{", "%7B").replace("}", "%7D") + "/log";
            BitbucketCloud pipelines = new BitbucketCloud(
                    http,
                    ApiUrl.of(bitbucket.apiUrl().toString()),
                    new Credentials.Bearer(bitbucket.token()),
                    new RepositoryId("acme", "shop"));
            double curl = Double.MAX_VALUE;
            double ours = Double.MAX_VALUE;
            for (int i = 0; i < ROUNDS; i++) {
                curl = Math.min(curl, curl(url));
                ours = Math.min(ours, ours(pipelines, run.buildNumber()));
            }
            double mebibytes = LENGTH / 1048576.0;
            System.out.println(String.format(
                    Locale.ROOT,
                    "| %.0f MiB, %s | %d MiB | %.2f s (%.0f MiB/s) | %.2f s (%.0f MiB/s) | %.0f%% |",
                    mebibytes,
                    name,
                    Runtime.getRuntime().maxMemory() >> 20,
                    curl,
                    mebibytes / curl,
                    ours,
                    mebibytes / ours,
                    100 * curl / ours));
        }
    }

    private static double curl(String url) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Path sink = Files.createTempFile("log", ".txt");
        int exit = new ProcessBuilder("curl", "-s", "-f", "-L", "-o", sink.toString(), url)
                .inheritIO()
                .start()
                .waitFor();
        double seconds = (System.nanoTime() - begin) / 1e9;
        Files.delete(sink);
        if (exit != 0) {
            throw new IOException("curl ended with " + exit);
        }
        return seconds;
    }

    private static double ours(BitbucketCloud pipelines, long number) throws InterruptedException {
        WatchOptions options = new WatchOptions(
                Duration.ofHours(1),
                Optional.empty(),
                WatchOptions.OnTimeout.FAIL,
                WatchOptions.OnPaused.WAIT,
                WatchOptions.OnHalted.WAIT,
                WatchOptions.Logs.ALL,
                1);
        long[] reported = new long[2];
        RunLifecycle runner = new RunLifecycle(
                new RunContext(
                        pipelines,
                        () -> Optional.of(Duration.ZERO),
                        Clock.systemUTC(),
                        Sleeper.real(),
                        new Random(),
                        event -> {
                            if (event instanceof RunEvent.LogAppended grew) {
                                grew.lines().forEach(line -> {
                                    reported[0]++;
                                    reported[1] +=
                                            TextSanitizer.singleLine(line).length();
                                });
                            } else if (event instanceof RunEvent.Warning || event instanceof RunEvent.OutageStarted) {
                                System.out.println(event);
                            }
                        }),
                new RunClaims());
        long begin = System.nanoTime();
        Run run = pipelines.getRun(number);
        runner.watch(run, Instant.now(), Schedule.auto(), options);
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (reported[0] == 0) {
            throw new IllegalStateException("no line was reported");
        }
        return seconds;
    }
}
