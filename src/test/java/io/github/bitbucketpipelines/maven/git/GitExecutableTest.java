package io.github.bitbucketpipelines.maven.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches as on Windows, on every system. */
class GitExecutableTest {
    @TempDir
    private Path temp;

    private Path checkout;
    private Path programs;

    @BeforeEach
    void checkoutHasAGitOfItsOwn() throws IOException {
        checkout = Files.createDirectory(temp.resolve("checkout"));
        programs = Files.createDirectory(temp.resolve("Program Files"));
        Files.createFile(checkout.resolve("git.EXE"));
    }

    @Test
    void gitOfThePathIsTakenAndNotThatOfTheCurrentDirectory() throws IOException {
        Path git = Files.createFile(programs.resolve("git.EXE"));

        String path = ";.;checkout;..\\checkout;" + checkout + ";" + checkout + "/../checkout;\"" + programs + "\"";

        assertThat(find(Map.of("Path", path, "PATHEXT", ".COM;.EXE"))).isEqualTo(git.toString());
    }

    @Test
    void gitInTheCurrentDirectoryAloneIsNotFound() {
        for (String path : new String[] {"", ".", ";;", "checkout", checkout.toString()}) {
            assertThatThrownBy(() -> find(Map.of("PATH", path, "PATHEXT", ".EXE")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no directory of the PATH");
        }
        assertThatThrownBy(() -> find(Map.of())).isInstanceOf(IOException.class);
    }

    @Test
    void suffixesAreThoseThatWindowsCanStartInTheOrderOfPathext() throws IOException {
        Files.createFile(programs.resolve("git.JS"));
        Files.createFile(programs.resolve("git.CMD"));
        Path exe = Files.createFile(programs.resolve("git.EXE"));

        assertThat(find(Map.of("PATH", programs.toString(), "PATHEXT", ".JS;.EXE;.CMD")))
                .isEqualTo(exe.toString());
    }

    @Test
    void suffixesHaveADefault() throws IOException {
        Path exe = Files.createFile(programs.resolve("git.exe"));

        assertThat(find(Map.of("PATH", programs.toString()))).isEqualTo(exe.toString());
    }

    @Test
    void otherSystemsSearchThePathThemselves() throws IOException {
        assertThat(GitExecutable.find("git", checkout, false, Map.of())).isEqualTo("git");
    }

    @Test
    void processIsStartedByItsFullPathOnWindows() throws IOException {
        Path git = Files.createFile(programs.resolve("git.EXE"));
        GitCommand command = new GitCommand("git", checkout, Duration.ofSeconds(5), Map.of());

        assertThat(command.command(true, Map.of("PATH", programs.toString(), "PATHEXT", ".EXE"), "remote", "-v"))
                .containsExactly(git.toString(), "remote", "-v");
    }

    private String find(Map<String, String> environment) throws IOException {
        return GitExecutable.find("git", checkout, true, environment);
    }
}
