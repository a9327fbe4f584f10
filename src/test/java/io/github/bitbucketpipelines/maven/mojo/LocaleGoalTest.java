package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.RunScript;
import io.github.bitbucketpipelines.maven.rehearsal.StepScript;
import io.github.bitbucketpipelines.maven.testing.GoalHarness;
import io.github.bitbucketpipelines.maven.testing.GoalResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Default locales that have digits, letters or calendars of their own. */
class LocaleGoalTest {
    private final Locale before = Locale.getDefault();
    private final GoalHarness maven;

    LocaleGoalTest(@TempDir Path directory) {
        maven = new GoalHarness(directory).property("bitbucket.branch", "main").property("bitbucket.logs", "all");
    }

    @AfterEach
    void close() {
        Locale.setDefault(before);
        maven.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fa-IR-u-nu-arabext", "ar-EG-u-nu-arab", "th-TH-u-ca-buddhist-nu-thai", "tr-TR"})
    void consoleAndFilesHaveAsciiDigits(String locale) throws IOException {
        Locale.setDefault(Locale.forLanguageTag(locale));
        maven.shop()
                .next(RunScript.of(
                        StepScript.named("Build").lasting(Duration.ofMinutes(3)).log("built\n"),
                        StepScript.named("Integration")
                                .lasting(Duration.ofSeconds(75))
                                .log("not built\n")
                                .ending("FAILED")));

        GoalResult run = maven.execute("run");
        GoalResult status = maven.newBuild().execute("status");

        assertThat(run.failure()).contains("#42").matches(LocaleGoalTest::isAscii);
        assertThat(run.console()).contains("#42", "1m 15s").matches(LocaleGoalTest::isAscii);
        assertThat(status.console() + status.output()).contains("FAILED").matches(LocaleGoalTest::isAscii);
        List<Path> files = written();
        assertThat(files).hasSizeGreaterThan(2);
        for (Path file : files) {
            assertThat(file.getFileName().toString()).matches(LocaleGoalTest::isAscii);
            assertThat(Files.readString(file))
                    .as(file.toString())
                    .matches(text -> text.chars().noneMatch(c -> c > 0x7F && Character.isDigit(c)));
        }
    }

    private List<Path> written() throws IOException {
        try (Stream<Path> files = Files.walk(maven.outputDirectory())) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c <= 0x7F);
    }
}
