package io.github.bitbucketpipelines.maven.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedRepository;
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket;
import io.github.bitbucketpipelines.maven.witness.EmbeddedMaven.Build;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Generated reactors on a real Maven. Each is built twice: with a witness in the place of our plugin, which writes down
 * where Maven runs each execution, and with our plugin. What the witness saw decides what is right.
 */
@EnabledIfSystemProperty(named = "witness.maven.home", matches = ".+")
class WitnessReactorsTest {
    private static final String HEAD = "5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4";
    private static final long FIRST_SEED = Long.getLong("witness.seed", 0);
    private static final int REACTORS = Integer.getInteger("witness.reactors", 500);

    private final Path directory = Path.of("target", "witness").toAbsolutePath();
    private final String version = System.getProperty("witness.plugin.version");
    private final Map<String, Integer> kinds = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();
    private int triggered;

    /** One arrival of a module at an execution, as the witness wrote it down. */
    private record Arrival(int position, String module, String id, boolean isSkipped, String what, String origin) {
        static Arrival parse(String line) {
            String[] parts = line.split("\t", -1);
            // Nodes are numbered from the top: of one line of ancestors the lowest number is the topmost.
            String origin =
                    Arrays.stream(parts[5].split(",")).sorted().findFirst().orElseThrow();
            return new Arrival(
                    Integer.parseInt(parts[0]), parts[1], parts[2], Boolean.parseBoolean(parts[3]), parts[4], origin);
        }
    }

    /**
     * What is right for one execution.
     *
     * @param choices the values of the runs to trigger; where there are several lists, any one of them
     * @param isAmbiguous whether the build has to fail before anything is triggered
     */
    private record Right(List<List<String>> choices, boolean isAmbiguous) {
        boolean isDue() {
            return isAmbiguous || choices.stream().anyMatch(choice -> !choice.isEmpty());
        }
    }

    @Test
    void whatTheWitnessSawIsTriggeredOnceOrTheBuildFails() throws Exception {
        Path witnessRepository = directory.resolve("witness-repository");
        Path ourRepository = directory.resolve("our-repository");
        WitnessPlugins.witness(witnessRepository, version);
        WitnessPlugins.ours(
                ourRepository,
                Path.of(System.getProperty("witness.plugin.jar")),
                Path.of(System.getProperty("witness.plugin.pom")),
                version);
        Path settings = writeSettings();
        EmbeddedMaven maven = new EmbeddedMaven(Path.of(System.getProperty("witness.maven.home")));
        Map<String, Object> context = new HashMap<>();
        long start = System.nanoTime();
        try (InvokerBitbucket bitbucket = InvokerBitbucket.start(context)) {
            for (long seed = FIRST_SEED; seed < FIRST_SEED + REACTORS; seed++) {
                WitnessReactor reactor = new WitnessReactor(seed, version);
                Path witnessed = directory.resolve("reactors/" + seed + "-witness");
                delete(witnessed);
                reactor.write(witnessed, true);
                Path file = witnessed.resolve("witness.txt");
                Build witness = build(maven, reactor, witnessed, witnessRepository, settings, "-Dwitness.file=" + file);
                List<Arrival> arrivals = Files.exists(file)
                        ? Files.readAllLines(file).stream().map(Arrival::parse).toList()
                        : List.of();

                EmbeddedRepository repository =
                        bitbucket.embedded().repository("acme", "s" + seed).branch("main", HEAD);
                Path directoryOfOurs = directory.resolve("reactors/" + seed);
                delete(directoryOfOurs);
                reactor.write(directoryOfOurs, false);
                Build ours = build(
                        maven,
                        reactor,
                        directoryOfOurs,
                        ourRepository,
                        settings,
                        "-Dbitbucket.apiUrl=" + bitbucket.embedded().apiUrl(),
                        "-Dbitbucket.repository=acme/s" + seed,
                        "-Dbitbucket.branch=main",
                        "-Dbitbucket.pollInterval=1s");
                Files.writeString(witnessed.resolve("build.log"), witness.console());
                Files.writeString(directoryOfOurs.resolve("build.log"), ours.console());
                judge(seed, reactor, arrivals, witness, ours, triggers(repository));
            }
        }
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        String summary = REACTORS + " reactors from seed " + FIRST_SEED + " on "
                + System.getProperty("witness.maven.home") + " in " + seconds + " s, " + triggered + " runs triggered: "
                + kinds;
        System.out.println(summary);
        wrong.forEach(System.out::println);
        Files.writeString(directory.resolve("result.txt"), summary + "\n" + String.join("\n", wrong) + "\n");
        assertThat(wrong).as(summary).isEmpty();
        // Else the generator makes reactors in which nothing runs.
        assertThat(triggered).as(summary).isGreaterThanOrEqualTo(REACTORS / 5);
    }

    private Build build(
            EmbeddedMaven maven,
            WitnessReactor reactor,
            Path project,
            Path localRepository,
            Path settings,
            String... properties)
            throws ReflectiveOperationException {
        List<String> arguments = new ArrayList<>(reactor.arguments());
        // Maven 4 takes nothing from a repository without checksums, unless they are ignored.
        arguments.addAll(List.of("-B", "-c", "-s", settings.toString(), "-Dmaven.repo.local=" + localRepository));
        arguments.addAll(List.of(properties));
        return maven.build(project, arguments);
    }

    private void judge(
            long seed,
            WitnessReactor reactor,
            List<Arrival> arrivals,
            Build witness,
            Build ours,
            Map<String, List<String>> triggers) {
        triggers.values().forEach(values -> triggered += values.size());
        Map<String, List<Arrival>> executions = arrivals.stream()
                .collect(Collectors.groupingBy(
                        arrival -> arrival.id() + " " + arrival.origin(), LinkedHashMap::new, Collectors.toList()));
        Map<String, List<Right>> rights = new TreeMap<>();
        executions
                .values()
                .forEach(of -> rights.computeIfAbsent(of.get(0).id(), id -> new ArrayList<>())
                        .add(right(reactor.mode(of.get(0).id()), of)));
        boolean isAmbiguous = rights.values().stream().flatMap(List::stream).anyMatch(Right::isAmbiguous);
        boolean hasFailure = witness.console().contains("This module fails.");
        boolean mayTriggerLess = hasFailure || isAmbiguous;
        boolean isGreen = ours.exitCode() == 0 && !reactor.failsNever();
        String what = seed + " " + reactor.arguments() + " "
                + rights.keySet().stream()
                        .map(id -> id + " " + reactor.mode(id) + " " + rights.get(id))
                        .toList() + " triggered " + triggers + " exit " + ours.exitCode();

        String kind = hasFailure ? "failing" : isAmbiguous ? "ambiguous" : arrivals.isEmpty() ? "not reached" : "whole";
        List<String> faults = new ArrayList<>();
        if (witness.exitCode() != 0 && !hasFailure) {
            faults.add("INVALID REACTOR");
        }
        rights.forEach((id, of) -> {
            List<String> seen = triggers.getOrDefault(id, List.of());
            long most = of.stream()
                    .mapToLong(right ->
                            right.choices().stream().mapToInt(List::size).max().orElse(0))
                    .sum();
            if (seen.size() > most) {
                faults.add("TRIGGERED TOO OFTEN");
            } else if (combinations(of).noneMatch(right -> isPart(seen, right))) {
                faults.add("WRONG VALUES");
            } else if (!mayTriggerLess && combinations(of).noneMatch(right -> seen.size() == right.size())) {
                faults.add(ours.exitCode() == 0 ? "FALSELY GREEN" : "NOT TRIGGERED");
            }
        });
        if (triggers.keySet().stream().anyMatch(id -> !rights.containsKey(id))) {
            faults.add("TRIGGERED WITHOUT BEING REACHED");
        }
        if (isGreen && mayTriggerLess) {
            faults.add("FALSELY GREEN");
        }
        if (ours.exitCode() != 0 && !mayTriggerLess) {
            faults.add("WRONGLY RED");
        }
        if (reactor.failsNever()
                && mayTriggerLess
                && triggers.isEmpty()
                && rights.values().stream().flatMap(List::stream).anyMatch(Right::isDue)
                && !ours.console().contains("[WARNING]")) {
            faults.add("NO WARNING");
        }
        kinds.merge((faults.isEmpty() ? "right, " : "WRONG, ") + kind, 1, Integer::sum);
        if (!faults.isEmpty()) {
            wrong.add(faults.stream().distinct().toList() + " " + what);
        }
    }

    /** The rule of the parameter reactor, applied to what the witness saw. */
    private static Right right(String mode, List<Arrival> arrivals) {
        // Maven runs some phases twice where two are typed: a module counts once.
        Map<String, Arrival> first = new LinkedHashMap<>();
        arrivals.forEach(arrival -> first.putIfAbsent(arrival.module(), arrival));
        List<Arrival> taking = first.values().stream()
                .filter(arrival -> !arrival.isSkipped())
                .sorted(Comparator.comparingInt(Arrival::position))
                .toList();
        if (taking.isEmpty()) {
            return new Right(List.of(List.of()), false);
        }
        List<String> values = taking.stream().map(Arrival::what).toList();
        List<String> last = values.subList(values.size() - 1, values.size());
        return switch (mode) {
            case "auto" ->
                values.stream().distinct().count() > 1
                        ? new Right(List.of(List.of()), true)
                        : new Right(List.of(last), false);
            case "last" -> new Right(List.of(last), false);
            // The first to get there: under -T any of them may be.
            case "first" -> new Right(values.stream().distinct().map(List::of).toList(), false);
            case "every" -> new Right(List.of(values), false);
            default -> throw new IllegalArgumentException(mode);
        };
    }

    /** One execution id may stand for several executions, of several POMs: all combinations of what is right for each. */
    private static Stream<List<String>> combinations(List<Right> rights) {
        Stream<List<String>> all = Stream.of(List.of());
        for (Right right : rights) {
            all = all.flatMap(before -> right.choices().stream()
                    .map(choice ->
                            Stream.concat(before.stream(), choice.stream()).toList()));
        }
        return all;
    }

    private static boolean isPart(List<String> seen, List<String> right) {
        List<String> left = new ArrayList<>(right);
        return seen.stream().allMatch(left::remove);
    }

    /** The values of WHAT of the runs that were triggered, by execution id. */
    private static Map<String, List<String>> triggers(EmbeddedRepository repository) {
        return repository.runs().stream()
                .collect(Collectors.groupingBy(
                        run -> run.variable("ID").orElse("?"),
                        TreeMap::new,
                        Collectors.mapping(run -> run.variable("WHAT").orElse(""), Collectors.toList())));
    }

    /** The machine's local repository serves as Maven Central. Maven 4 has no other repository here to be a mirror of. */
    private Path writeSettings() throws IOException {
        String place = "<id>machine</id><url>"
                + Path.of(System.getProperty("witness.local.repository")).toUri() + "</url>";
        Path settings = directory.resolve("settings.xml");
        Files.writeString(
                settings,
                "<settings><mirrors><mirror>" + place + "<mirrorOf>*</mirrorOf></mirror></mirrors>"
                        + "<servers><server><id>bitbucket.org</id><username>" + InvokerBitbucket.USER
                        + "</username><password>" + InvokerBitbucket.API_TOKEN + "</password></server></servers>"
                        + "<profiles><profile><id>machine</id><repositories><repository>" + place
                        + "</repository></repositories><pluginRepositories><pluginRepository>" + place
                        + "</pluginRepository></pluginRepositories></profile></profiles>"
                        + "<activeProfiles><activeProfile>machine</activeProfile></activeProfiles></settings>");
        return settings;
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
