package io.github.bitbucketpipelines.maven.session.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.maven.plugin.MojoExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VariableResolverTest {
    @TempDir
    private Path directory;

    @Test
    void commandLineOverridesPomAndPomOverridesFile() throws Exception {
        Path file = file("release.env", "A=file\nB=file\nC=file");
        Map<String, String> pom = Map.of("B", "pom", "C", "pom");
        assertThat(VariableResolver.resolve(Optional.of(file), pom, null, commandLine("bitbucket.variable.C", "line")))
                .containsExactlyInAnyOrder(
                        new Variable("A", "file", false),
                        new Variable("B", "pom", false),
                        new Variable("C", "line", false));
    }

    @Test
    void propertiesCountWhereverMavenTakesThemFromAsParametersOfGoalsDo() throws Exception {
        BuildProperties properties = commandLine();
        for (String name : List.of("A", "B", "C")) {
            properties.project().setProperty("bitbucket.variable." + name, "project");
        }
        properties.user().setProperty("bitbucket.variable.B", "user");
        properties.user().setProperty("bitbucket.variable.C", "user");
        properties.system().setProperty("bitbucket.variable.C", "system");
        properties.project().setProperty("bitbucket.securedVariable.D", "project");

        assertThat(VariableResolver.resolve(Optional.empty(), Map.of("A", "configuration"), null, properties))
                .containsExactly(
                        new Variable("A", "project", false),
                        new Variable("B", "user", false),
                        new Variable("C", "system", false),
                        new Variable("D", "project", true));
    }

    @Test
    void expressionInAPropertyIsRefusedInThePomAndLiteralOnTheCommandLine() throws Exception {
        BuildProperties properties = commandLine("bitbucket.variable.A", "${x}");
        assertThat(VariableResolver.resolve(Optional.empty(), null, null, properties))
                .containsExactly(new Variable("A", "${x}", false));

        properties.project().setProperty("bitbucket.securedVariable.B", "a ${not.there}");
        assertThatThrownBy(() -> VariableResolver.resolve(Optional.empty(), null, null, properties))
                .isInstanceOf(MojoExecutionException.class)
                .hasMessageContaining("bitbucket.securedVariable.B of the POM refers to ${not.there}");
    }

    @Test
    void variableSecuredInOneSourceStaysSecured() throws Exception {
        assertThat(VariableResolver.resolve(
                        Optional.empty(),
                        null,
                        Map.of("PASSWORD", "pom"),
                        commandLine("bitbucket.variable.PASSWORD", "line")))
                .containsExactly(new Variable("PASSWORD", "line", true));
        assertThat(VariableResolver.resolve(
                        Optional.empty(),
                        Map.of("PASSWORD", "pom"),
                        null,
                        commandLine("bitbucket.securedVariable.PASSWORD", "line")))
                .containsExactly(new Variable("PASSWORD", "line", true));
    }

    @Test
    void emptyElementIsTheEmptyString() throws Exception {
        assertThat(VariableResolver.resolve(
                        Optional.empty(), Collections.singletonMap("EMPTY", null), null, commandLine()))
                .containsExactly(new Variable("EMPTY", "", false));
    }

    @Test
    void withoutSourcesThereAreNoVariables() throws Exception {
        assertThat(VariableResolver.resolve(Optional.empty(), null, null, commandLine()))
                .isEmpty();
    }

    @Test
    void nameThatIsBothPlainAndSecuredIsAnError() {
        assertThatThrownBy(() ->
                        VariableResolver.resolve(Optional.empty(), Map.of("A", "1"), Map.of("A", "2"), commandLine()))
                .hasMessageContaining("'securedVariables'")
                .hasMessageContaining("'A' is among the variables, too");
    }

    @Test
    void nameThatIsBothPlainAndSecuredInOneSourceOfPropertiesIsAnError() {
        BuildProperties line = commandLine("bitbucket.variable.A", "1");
        line.user().setProperty("bitbucket.securedVariable.A", "2");
        BuildProperties pom = commandLine();
        pom.project().setProperty("bitbucket.variable.A", "1");
        pom.project().setProperty("bitbucket.securedVariable.A", "2");
        for (BuildProperties properties : List.of(line, pom)) {
            assertThatThrownBy(() -> VariableResolver.resolve(Optional.empty(), null, null, properties))
                    .hasMessageContaining("'securedVariable.A'")
                    .hasMessageContaining("'A' is among the variables");
        }
    }

    @Test
    void commandLineOverridesThePropertiesOfThePomWhicheverIsSecured() throws Exception {
        BuildProperties plain = commandLine("bitbucket.variable.A", "line");
        plain.project().setProperty("bitbucket.securedVariable.A", "pom");
        BuildProperties secured = commandLine("bitbucket.securedVariable.A", "line");
        secured.project().setProperty("bitbucket.variable.A", "pom");
        for (BuildProperties properties : List.of(plain, secured)) {
            assertThat(VariableResolver.resolve(Optional.empty(), null, null, properties))
                    .containsExactly(new Variable("A", "line", true));
        }
    }

    @Test
    void invalidNameIsAnErrorThatNamesItsSource() throws IOException {
        Path file = file("release.properties", "not-a-name=secret");
        for (String name : List.of("2ND", "WITH-DASH", "ÜMLAUT", "")) {
            assertThatThrownBy(() -> VariableResolver.resolve(
                            Optional.empty(), null, null, commandLine("bitbucket.variable." + name, "secret")))
                    .isInstanceOf(MojoExecutionException.class)
                    .hasMessageContaining("'variable.KEY'")
                    .hasMessageContaining("'" + name + "' is not a variable's name")
                    .message()
                    .doesNotContain("secret");
        }
        assertThatThrownBy(() -> VariableResolver.resolve(Optional.of(file), null, null, commandLine()))
                .hasMessageContaining("'variablesFile'");
    }

    @Test
    void unreadableFileIsAnErrorThatNamesIt() throws IOException {
        Path absent = directory.resolve("absent.env");
        assertThatThrownBy(() -> VariableResolver.resolve(Optional.of(absent), null, null, commandLine()))
                .hasMessageContaining("'variablesFile'")
                .hasMessageContaining("absent.env can't be read");
        Path latin = directory.resolve("latin.env");
        Files.write(latin, "A=\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> VariableResolver.resolve(Optional.of(latin), null, null, commandLine()))
                .hasMessageContaining("is not in UTF-8");
        Path broken = file("broken.env", "A=\"open");
        assertThatThrownBy(() -> VariableResolver.resolve(Optional.of(broken), null, null, commandLine()))
                .hasMessageContaining("broken.env, line 1: the quote is not closed");
    }

    @Test
    void byteOrderMarkIsDroppedAndUtf16IsRefusedByName() throws Exception {
        for (String name : List.of("release.env", "release.properties")) {
            Path file = file(name, "\uFEFFVERSION=1.2\n");
            assertThat(VariableResolver.resolve(Optional.of(file), null, null, commandLine()))
                    .containsExactly(new Variable("VERSION", "1.2", false));

            for (Charset charset :
                    List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
                Files.writeString(file, "VERSION=1.2\n", charset);
                assertThatThrownBy(() -> VariableResolver.resolve(Optional.of(file), null, null, commandLine()))
                        .isInstanceOf(MojoExecutionException.class)
                        .hasMessageContaining(name + ", it is in UTF-16; save it in UTF-8");
            }
        }
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static BuildProperties commandLine() {
        return new BuildProperties(new Properties(), new Properties(), new Properties());
    }

    private static BuildProperties commandLine(String name, String value) {
        BuildProperties properties = commandLine();
        properties.user().setProperty(name, value);
        return properties;
    }
}
