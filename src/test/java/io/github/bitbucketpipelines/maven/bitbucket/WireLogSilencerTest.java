package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedBitbucket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A JVM of its own logs as {@code mvn -X} does, by Maven's own SLF4J provider. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WireLogSilencerTest {
    /** A build in which another plugin uses HttpClient first, where an argument says so. */
    static final class Build {
        public static void main(String[] args) {
            if (args.length > 0) {
                for (String name : List.of("headers", "wire", "impl.classic.MainClientExec")) {
                    LoggerFactory.getLogger("org.apache.hc.client5.http." + name)
                            .debug("another component's");
                }
            }
            try (EmbeddedBitbucket bitbucket = EmbeddedBitbucket.start();
                    HttpTransport http = HttpTransport.builder().build()) {
                bitbucket.repository("acme", "shop").branch("main", "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4");
                new BitbucketCloud(
                                http,
                                ApiUrl.of(bitbucket.apiUrl().toString()),
                                new Credentials.Bearer(bitbucket.token()),
                                new RepositoryId("acme", "shop"))
                        .listRuns(RunFilter.all(), 1);
                LoggerFactory.getLogger("other")
                        .debug("requested with " + bitbucket.token().length() + " letters");
            }
        }
    }

    @Test
    void httpClientPrintsNothing() throws IOException {
        assertThat(build())
                .contains("requested with")
                .doesNotContain("org.apache.hc", "Authorization", "Bearer", "GET ");
    }

    @Test
    void norDoesItWhereAnotherPluginMadeItsLoggersBefore() throws IOException {
        String log = build("another-plugin-first");
        assertThat(log).contains("headers", "another component's", "requested with");
        assertThat(log.lines().filter(line -> !line.contains("another component's")))
                .noneMatch(line -> line.contains("org.apache.hc"));
        assertThat(log).doesNotContain("Authorization", "Bearer", "GET ");
    }

    private static String build(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=debug",
                "-cp",
                System.getProperty("java.class.path"),
                Build.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
