package io.github.bitbucketpipelines.maven.session.reactor;

import io.github.bitbucketpipelines.maven.session.reactor.Fact.Arrived;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides where one execution of a reactor runs, from the facts there are. Pure: no Maven, no state, no clock.
 *
 * <p>The rules: an execution runs once ({@code every}: once in each module). Nothing runs once a module has failed. Who is
 * awaited is what the build plans say, corrected by facts. What is still open when the session ends is decided then:
 * it runs, or the build fails with the reason.
 */
final class ExecutionSettlement {
    private static final int MAX_VALUE_LENGTH = 40;

    private static final String NOT_RUN = "Not run in this module: ";

    private final ExecutionKey key;
    private final Membership members;
    private final List<Fact> facts;
    private final Set<String> settled;

    ExecutionSettlement(ExecutionKey key, Membership members, List<Fact> facts) {
        this.key = key;
        this.members = members;
        this.facts = List.copyOf(facts);
        this.settled = facts.stream().map(Fact::module).collect(Collectors.toSet());
    }

    /**
     * A module got to the execution.
     *
     * @param arrival not yet one of the facts
     * @param failure which modules have failed; empty if none has
     */
    Decision arrive(Arrived arrival, Optional<String> failure) {
        if (failure.isPresent()) {
            return new Decision.NotHere(notAfter(key.label(), failure.get()));
        }
        if (facts.stream().anyMatch(arrival::isOfSameModule)) {
            return new Decision.NotHere("Not run again: " + key.label()
                    + " has been handled in this module. Its phase is part of more than one phase of this build.");
        }
        ExecutionSettlement now = with(arrival);
        Optional<String> conflict = now.conflict();
        if (conflict.isPresent()) {
            return new Decision.Failed(conflict.get());
        }
        ReactorModule here = members.module(arrival.module());
        return switch (arrival.mode()) {
            case EVERY -> new Decision.Run(here, "");
            case FIRST ->
                performed()
                        .<Decision>map(first -> new Decision.NotHere(NOT_RUN + key.label()
                                + " runs once in the reactor, and has run in " + first.name() + "."))
                        .orElseGet(() -> new Decision.Run(here, now.because("the first to get there", here)));
            case LAST, AUTO ->
                performed()
                        .map(earlier -> tooLate(arrival, earlier))
                        .orElseGet(() -> now.awaited().isEmpty()
                                ? now.runOfAll()
                                : new Decision.NotHere(NOT_RUN + key.label() + " runs once in the reactor; awaited: "
                                        + ReactorModule.names(now.awaited()) + "."));
        };
    }

    /**
     * The execution is skipped in a module by its own parameters.
     *
     * @param skip not yet one of the facts
     * @param failure which modules have failed; empty if none has
     */
    Decision skip(Fact.Skipped skip, Optional<String> failure) {
        ExecutionSettlement now = with(skip);
        boolean runsLast = arrivals().anyMatch(arrival -> isLast(arrival.mode()));
        return failure.isEmpty()
                        && runsLast
                        && performed().isEmpty()
                        && now.awaited().isEmpty()
                ? now.runOfAll()
                : new Decision.Nothing();
    }

    /**
     * The session ends.
     *
     * @param failure which modules have failed; empty if none has
     * @param failsNever whether a failure leaves Maven's exit code at 0
     * @param skipped the ids of the modules whose parameters skip the execution, as far as this can be read from outside
     */
    Decision end(Optional<String> failure, boolean failsNever, Set<String> skipped) {
        List<ReactorModule> missing = members.modules().stream()
                .filter(module -> members.isExpected(module.id()))
                .filter(module -> !isSettled(module.id()) && !skipped.contains(module.id()))
                .toList();
        Optional<ReactorMode> mode = arrivals().map(Arrived::mode).findFirst();
        boolean isDone = performed().isPresent()
                && mode.filter(ReactorMode.EVERY::equals).isEmpty();
        boolean isOpen = !isDone && (!missing.isEmpty() || performed().isEmpty() && mode.isPresent());
        if (!isOpen) {
            return new Decision.Nothing();
        }
        if (failure.isPresent()) {
            return failsNever ? new Decision.Warned(notAfter(key.label(), failure.get())) : new Decision.Nothing();
        }
        return missing.isEmpty() ? runOfAll() : new Decision.Failed(notReached(missing));
    }

    /**
     * Whether the execution still has to run, as far as the build plans say.
     *
     * @param skipped the ids of the modules whose parameters skip the execution, as far as this can be read from outside
     */
    boolean isPending(Set<String> skipped) {
        boolean isAwaited = awaited().stream().anyMatch(module -> !skipped.contains(module.id()));
        boolean isEvery = arrivals().anyMatch(arrival -> arrival.mode() == ReactorMode.EVERY);
        return isEvery
                ? isAwaited
                : performed().isEmpty() && (isAwaited || arrivals().findAny().isPresent());
    }

    /**
     * Whether the execution does not run, since its parameters skip it in each module that has it.
     *
     * @param skipped the ids of the modules whose parameters skip the execution, as far as this can be read from outside
     */
    boolean isSkipped(Set<String> skipped) {
        boolean isAny = facts.stream().anyMatch(Fact.Skipped.class::isInstance)
                || members.modules().stream()
                        .anyMatch(module -> members.isExpected(module.id()) && skipped.contains(module.id()));
        return isAny && performed().isEmpty() && !isPending(skipped);
    }

    /** Runs with the values of the last module, in the reactor's order, that did not skip. */
    private Decision runOfAll() {
        List<Arrived> arrived = arrivals()
                .sorted(Comparator.comparingInt(arrival -> members.position(arrival.module())))
                .toList();
        Arrived last = arrived.get(arrived.size() - 1);
        Map<String, Map<String, List<ReactorModule>>> different = differences(arrived);
        if (last.mode() == ReactorMode.AUTO && !different.isEmpty()) {
            return new Decision.Failed(ambiguous(different));
        }
        ReactorModule module = members.module(last.module());
        return new Decision.Run(module, because("the last of them", module));
    }

    /** Some module got to the execution after it had run: the build plan did not name that module. */
    private Decision tooLate(Arrived arrival, ReactorModule earlier) {
        boolean same = arrivals()
                .filter(other -> other.module().equals(earlier.id()))
                .allMatch(other -> other.values().equals(arrival.values()));
        String what = key.label() + " has run with the values of " + earlier.name()
                + ", before this module got there, which Maven's build plan did not name";
        return same
                ? new Decision.Warned(NOT_RUN + what + ".")
                : new Decision.Failed("The " + what + ". This module's values are others. Give the module an execution"
                        + " of its own (another id), or set reactor to first or every.");
    }

    private Optional<String> conflict() {
        Map<ReactorMode, List<ReactorModule>> modes = new TreeMap<>();
        arrivals()
                .forEach(arrival -> modes.computeIfAbsent(arrival.mode(), mode -> new ArrayList<>())
                        .add(members.module(arrival.module())));
        if (modes.size() < 2) {
            return Optional.empty();
        }
        return Optional.of("Parameter 'reactor' differs between modules with " + key.label() + ": "
                + modes.entrySet().stream()
                        .map(entry -> entry.getKey().name().toLowerCase(Locale.ROOT) + " in "
                                + ReactorModule.names(entry.getValue()))
                        .collect(Collectors.joining("; "))
                + ". Set it once, where the execution is declared.");
    }

    private String ambiguous(Map<String, Map<String, List<ReactorModule>>> different) {
        String differences = different.entrySet().stream()
                .map(entry -> entry.getKey() + " ("
                        + entry.getValue().entrySet().stream()
                                .map(value -> (SentValues.isHashed(value.getKey()) ? "" : shown(value.getKey()) + " ")
                                        + "in " + ReactorModule.names(value.getValue()))
                                .collect(Collectors.joining("; "))
                        + ")")
                .collect(Collectors.joining(", "));
        return "What the " + key.label() + " would send differs between the modules that have it: " + differences
                + ". Nothing was triggered, since one run may be meant, or several. For one run with the values of the"
                + " last module set <reactor>last</reactor> (-Dbitbucket.reactor=last); for a run of each module"
                + " <reactor>every</reactor> (-Dbitbucket.reactor=every).";
    }

    /** Of each name whose value is not the same in all: the values, and the modules that have them. */
    private Map<String, Map<String, List<ReactorModule>>> differences(List<Arrived> arrived) {
        Set<String> names = new TreeSet<>();
        arrived.forEach(arrival -> names.addAll(arrival.values().keySet()));
        Map<String, Map<String, List<ReactorModule>>> different = new TreeMap<>();
        for (String name : names) {
            Map<String, List<ReactorModule>> values = new LinkedHashMap<>();
            arrived.forEach(arrival -> values.computeIfAbsent(
                            arrival.values().getOrDefault(name, ""), value -> new ArrayList<>())
                    .add(members.module(arrival.module())));
            if (values.size() > 1) {
                different.put(name, values);
            }
        }
        return different;
    }

    private static String shown(String value) {
        String line = value.replaceAll("\\p{Cntrl}", " ");
        return value.isEmpty()
                ? "none"
                : "'" + (line.length() > MAX_VALUE_LENGTH ? line.substring(0, MAX_VALUE_LENGTH) + "..." : line) + "'";
    }

    private String notReached(List<ReactorModule> missing) {
        return "The " + key.label() + " was not done: the build plan has it in " + ReactorModule.names(missing)
                + ", but it did not run there. A build cache skips goals that ran in an earlier build (list the goal"
                + " under runAlways in .mvn/maven-build-cache-config.xml, or build with"
                + " -Dmaven.build.cache.enabled=false); so may another extension of Maven, or -b concurrent (bind the"
                + " goal to deploy).";
    }

    /** Says that something is not run, since modules have failed. */
    static String notAfter(String what, String failure) {
        return "Not run: " + what + ", since " + failure + " failed. Once a module has failed, nothing is run.";
    }

    private String because(String why, ReactorModule module) {
        long others = members.modules().stream()
                .filter(other -> !other.equals(module))
                .filter(other -> members.mayCome(other.id()) || isSettled(other.id()))
                .count();
        return others == 0
                ? ""
                : "The " + key.label() + " runs now, with the values of module " + module.name() + ": " + why + " ("
                        + (others + 1) + " modules have it).";
    }

    /** The modules that have not got there yet, and will or may. */
    private List<ReactorModule> awaited() {
        boolean planIsWrong = facts.stream().anyMatch(fact -> !members.mayCome(fact.module()));
        return members.modules().stream()
                .filter(module -> members.mayCome(module.id()) || planIsWrong && members.isDeclared(module.id()))
                .filter(module -> !isSettled(module.id()))
                .toList();
    }

    private boolean isSettled(String module) {
        return settled.contains(module);
    }

    private Stream<Arrived> arrivals() {
        return facts.stream().filter(Arrived.class::isInstance).map(Arrived.class::cast);
    }

    private Optional<ReactorModule> performed() {
        return facts.stream()
                .filter(Fact.Performed.class::isInstance)
                .map(fact -> members.module(fact.module()))
                .findFirst();
    }

    private ExecutionSettlement with(Fact fact) {
        return new ExecutionSettlement(
                key, members, Stream.concat(facts.stream(), Stream.of(fact)).toList());
    }

    private static boolean isLast(ReactorMode mode) {
        return mode == ReactorMode.LAST || mode == ReactorMode.AUTO;
    }
}
