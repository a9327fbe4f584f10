package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Filters and sorts the list of runs. An unknown filter (such as {@code q}) has no effect; an unknown value matches no
 * run.
 */
final class RunListFilter {

    private static final Map<String, Function<EmbeddedRun, Optional<String>>> FILTERS = Map.of(
            "status", run -> Optional.of(status(run.state())),
            "trigger_type", run -> Optional.of(run.trigger()),
            "creator.uuid", run -> run.creator().map(EmbeddedAccount::uuid),
            "target.branch",
                    run -> run.target()
                            .refName()
                            .filter(name ->
                                    run.target().refType().filter("tag"::equals).isEmpty()),
            "target.ref_name", run -> run.target().refName(),
            "target.ref_type", run -> run.target().refType().map(type -> type.equals("tag") ? "TAG" : "BRANCH"),
            "target.commit.hash", run -> Optional.of(run.target().commit()),
            "target.selector.type", run -> run.selector().map(selector -> selectorType(selector.type())),
            "target.selector.pattern", run -> run.selector().flatMap(Selector::pattern));

    private RunListFilter() {}

    static List<EmbeddedRun> apply(List<EmbeddedRun> runs, RoutedRequest call) {
        return runs.stream()
                .filter(run -> FILTERS.entrySet().stream()
                        .allMatch(filter -> call.query()
                                        .getOrDefault(filter.getKey(), List.of())
                                        .isEmpty()
                                || filter.getValue()
                                        .apply(run)
                                        .filter(call.query().get(filter.getKey())::contains)
                                        .isPresent()))
                .sorted(order(call.parameter("sort").orElse("created_on")))
                .toList();
    }

    private static Comparator<EmbeddedRun> order(String sort) {
        boolean descending = sort.startsWith("-");
        Comparator<EmbeddedRun> byTime =
                Comparator.comparing(EmbeddedRun::createdOn).thenComparing(EmbeddedRun::buildNumber);
        Comparator<EmbeddedRun> order = switch (descending ? sort.substring(1) : sort) {
            case "creator.uuid" ->
                Comparator.comparing((EmbeddedRun run) ->
                                run.creator().map(EmbeddedAccount::uuid).orElse(""))
                        .thenComparing(byTime);
            default -> byTime;
        };
        return descending ? order.reversed() : order;
    }

    /** Returns the name of a state in the filter {@code status}, which differs from that in a run. */
    private static String status(ScriptedState state) {
        return switch (state.name()) {
            case "PARSING", "PENDING" -> state.name();
            case "IN_PROGRESS" -> state.isHeld() ? state.stage().orElse("") : "BUILDING";
            case ScriptedState.COMPLETED ->
                switch (state.result().map(ScriptedState.Result::name).orElse("")) {
                    case "SUCCESSFUL" -> "PASSED";
                    case "FAILED" -> "FAILED";
                    case "ERROR" -> "ERROR";
                    case "STOPPED" -> "STOPPED";
                    default -> "UNKNOWN";
                };
            default -> "UNKNOWN";
        };
    }

    private static String selectorType(String type) {
        return switch (type) {
            case "branches" -> "BRANCH";
            case "tags" -> "TAG";
            case "custom" -> "CUSTOM";
            case "pull-requests" -> "PULLREQUESTS";
            case "default" -> "DEFAULT";
            default -> "";
        };
    }
}
