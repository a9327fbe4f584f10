package io.github.bitbucketpipelines.maven;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.text.Normalizer;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the map of the code: which package may use which, and which packages may use libraries and the system. */
class ArchitectureTest {
    private static final String ROOT = "io.github.bitbucketpipelines.maven";

    /** Each package, with the packages of this project that it may use. */
    private static final Map<String, List<String>> MAP = Map.ofEntries(
            entry("pipeline", List.of()),
            entry("definition", List.of("pipeline")),
            entry("git", List.of("pipeline")),
            entry("bitbucket", List.of("pipeline")),
            entry("polling", List.of("pipeline")),
            entry("plan", List.of("pipeline")),
            entry("run", List.of("pipeline", "definition", "polling")),
            entry("console", List.of("pipeline", "polling", "run")),
            entry("report", List.of("pipeline", "polling", "run")),
            entry("rehearsal", List.of("pipeline", "definition")),
            entry("preflight", List.of("pipeline", "definition")),
            entry("session.reactor", List.of("console")),
            entry("session.failure", List.of("pipeline", "run", "console")),
            entry("session.parameter", List.of("pipeline", "plan", "report", "session.reactor")),
            entry(
                    "session.settings",
                    List.of("pipeline", "bitbucket", "session.reactor", "session.failure", "session.parameter")),
            entry(
                    "session.context",
                    List.of(
                            "pipeline",
                            "definition",
                            "git",
                            "bitbucket",
                            "run",
                            "console",
                            "report",
                            "rehearsal",
                            "preflight",
                            "session.reactor",
                            "session.failure",
                            "session.parameter",
                            "session.settings")),
            entry(
                    "session.repository",
                    List.of(
                            "pipeline",
                            "git",
                            "bitbucket",
                            "console",
                            "session.parameter",
                            "session.settings",
                            "session.context")),
            entry(
                    "session.receipt",
                    List.of(
                            "pipeline",
                            "run",
                            "console",
                            "report",
                            "session.reactor",
                            "session.parameter",
                            "session.context")),
            entry(
                    "session.run",
                    List.of(
                            "pipeline",
                            "definition",
                            "git",
                            "polling",
                            "run",
                            "console",
                            "report",
                            "session.reactor",
                            "session.failure",
                            "session.parameter",
                            "session.context",
                            "session.receipt")),
            entry(
                    "session.plan",
                    List.of(
                            "pipeline",
                            "plan",
                            "run",
                            "console",
                            "report",
                            "session.reactor",
                            "session.failure",
                            "session.parameter",
                            "session.context",
                            "session.repository",
                            "session.receipt",
                            "session.run")),
            entry(
                    "session",
                    List.of(
                            "pipeline",
                            "plan",
                            "run",
                            "console",
                            "report",
                            "preflight",
                            "session.reactor",
                            "session.failure",
                            "session.parameter",
                            "session.settings",
                            "session.context",
                            "session.repository",
                            "session.receipt",
                            "session.run",
                            "session.plan")),
            entry(
                    "mojo",
                    List.of(
                            "pipeline",
                            "polling",
                            "run",
                            "console",
                            "report",
                            "session.reactor",
                            "session.failure",
                            "session.parameter",
                            "session.context",
                            "session.repository",
                            "session.receipt",
                            "session.run",
                            "session.plan",
                            "session")));

    /** Each library, with the only packages that may use it. */
    private static final Map<String, List<String>> LIBRARIES = Map.of(
            "org.apache.maven..",
                    List.of(
                            "session.reactor",
                            "session.failure",
                            "session.parameter",
                            "session.settings",
                            "session.context",
                            "session.repository",
                            "session.receipt",
                            "session.run",
                            "session.plan",
                            "session",
                            "mojo"),
            "org.eclipse.aether..", List.of("session.reactor", "session.settings", "session.context"),
            "org.codehaus.plexus..",
                    List.of(
                            "session.reactor",
                            "session.parameter",
                            "session.settings",
                            "session.context",
                            "session.receipt",
                            "session"),
            "javax.inject..", List.of("mojo"),
            "org.apache.hc..", List.of("bitbucket"),
            "com.fasterxml.jackson..", List.of("bitbucket", "git", "preflight", "rehearsal", "report"),
            "org.snakeyaml..", List.of("definition"),
            "com.samskivert..", List.of("report"),
            "com.sun.net.httpserver..", List.of("rehearsal"));

    private static final JavaClasses CLASSES = imported();

    private static JavaClasses imported() {
        // The rules need only the names of classes of the JDK and of libraries; reading those classes takes long.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(ROOT);
    }

    static Stream<String> packages() {
        return CLASSES.stream()
                .map(type -> type.getPackageName().substring(ROOT.length() + 1))
                .distinct()
                .sorted();
    }

    static Stream<String> libraries() {
        return LIBRARIES.keySet().stream().sorted();
    }

    @Test
    void everyPackageIsOnTheMap() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
                .isSubsetOf(MAP.keySet().stream().map(name -> ROOT + "." + name).toList());
    }

    @ParameterizedTest
    @MethodSource("packages")
    void packageDependsOnlyOnAllowedPackages(String name) {
        arrows(name, MAP.get(name)).check(CLASSES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void libraryIsUsedOnlyInItsPackages(String library) {
        noClasses()
                .that(resideOutsideOfPackages(named(LIBRARIES.get(library))))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void libraryIsUsedInEachOfItsPackages(String library) {
        assertThat(LIBRARIES.get(library))
                .allMatch(name -> CLASSES.stream()
                        .filter(type -> type.getPackageName().equals(ROOT + "." + name))
                        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                        .anyMatch(dependency -> resideInAPackage(library).test(dependency.getTargetClass())));
    }

    @Test
    void domainPackageDoesNoInputAndOutput() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".pipeline")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..", "java.net.http.."))
                .check(CLASSES);
    }

    @Test
    void onlyConsoleAndMojoPrint() {
        noClasses()
                .that()
                .doNotHaveSimpleName("WireLogSilencer")
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.util.logging..", "org.slf4j.."))
                .check(CLASSES);
        only("console").accesses(System.class, "out", "err").check(CLASSES);
    }

    @Test
    void noTextDependsOnTheDefaultLocale() {
        withoutCall(String.class, "format", String.class, Object[].class);
        withoutCall(String.class, "formatted", Object[].class);
        withoutCall(String.class, "toLowerCase");
        withoutCall(String.class, "toUpperCase");
        withoutCall(PrintStream.class, "printf", String.class, Object[].class);
        withoutCall(DateTimeFormatter.class, "ofPattern", String.class);
        withoutCall(DateTimeFormatterBuilder.class, "toFormatter");
        withoutCall(Locale.class, "getDefault");
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("java.text..")
                        .and(not(belongToAnyOf(Normalizer.class, Normalizer.Form.class))))
                .check(CLASSES);
    }

    private static void withoutCall(Class<?> owner, String method, Class<?>... parameters) {
        noClasses().should().callMethod(owner, method, parameters).check(CLASSES);
    }

    @Test
    void onlySleeperSleeps() {
        only("pipeline.Sleeper").accesses(Thread.class, "sleep").check(CLASSES);
    }

    @Test
    void onlyTheEdgesReadTheSystemClock() {
        only("rehearsal.EmbeddedBitbucket", "rehearsal.Rehearsal", "bitbucket.HttpTransport$Builder")
                .accesses(Clock.class, "system", "systemUTC", "systemDefaultZone", "tickMillis", "tickSeconds")
                .check(CLASSES);
        noClasses().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
        only("session.context.MonotonicClock").accesses(Instant.class, "now").check(CLASSES);
        // Deadlines of real sockets and processes do not use a test's clock.
        only("session.context.MonotonicClock", "bitbucket.Deadline", "git.GitCommand")
                .accesses(System.class, "nanoTime")
                .check(CLASSES);
    }

    @Test
    void onlyTheEdgesReadTheEnvironment() {
        only("session").accesses(System.class, "getenv").check(CLASSES);
        only("mojo", "session", "console", "bitbucket.WireLogSilencer", "rehearsal.LoopbackServer")
                .accesses(System.class, "getProperty", "setProperty", "clearProperty", "getProperties")
                .check(CLASSES);
    }

    @Test
    void violationIsDetected() {
        JavaClasses tests = new ClassFileImporter().importClasses(ArchitectureTest.class, RuleViolation.class);
        assertThatThrownBy(() ->
                        only("pipeline.Sleeper").accesses(Thread.class, "sleep").check(tests))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Thread.sleep");
        assertThatThrownBy(() ->
                        only("console").accesses(System.class, "out", "err").check(tests))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("System.out");
        assertThatThrownBy(() -> arrows("rehearsal", List.of("pipeline")).check(CLASSES))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("maven.definition");
    }

    /** Violates the rules. */
    private static final class RuleViolation {
        @SuppressWarnings("unused")
        void now() throws InterruptedException {
            Thread.sleep(1);
            System.out.println(Instant.now());
        }
    }

    private static ArchRule arrows(String name, List<String> to) {
        String[] allowed = Stream.concat(Stream.of(ROOT + "." + name), Arrays.stream(named(to)))
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(ROOT + "." + name)
                .should(onlyDependOnClassesThat(resideInAnyPackage(allowed).or(resideOutsideOfPackages(ROOT + ".."))));
    }

    private static String[] named(List<String> names) {
        return names.stream().map(name -> ROOT + "." + name).toArray(String[]::new);
    }

    /** The only packages and classes that may do something. */
    private static Only only(String... names) {
        return new Only(Arrays.stream(names).map(name -> ROOT + "." + name).collect(Collectors.toSet()));
    }

    private record Only(Set<String> places) {
        ArchRule accesses(Class<?> owner, String... members) {
            return noClasses()
                    .that(DescribedPredicate.describe(
                            "are not in " + places,
                            type -> !places.contains(type.getName()) && !places.contains(type.getPackageName())))
                    .should()
                    .accessTargetWhere(DescribedPredicate.describe(
                            owner.getSimpleName() + "." + String.join("/", members),
                            (JavaAccess<?> access) -> access.getTargetOwner().isEquivalentTo(owner)
                                    && List.of(members).contains(access.getName())));
        }
    }
}
