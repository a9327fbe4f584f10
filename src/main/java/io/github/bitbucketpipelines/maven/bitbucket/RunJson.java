package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.Account;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.State.ErrorDetail;
import io.github.bitbucketpipelines.maven.pipeline.State.Unfinished;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads runs and steps. Build number, UUID and state are required; any other field that is missing, null or of an
 * unexpected type is absent. All text is sanitized.
 */
final class RunJson {
    /** What is read of a run, for {@code fields=}. */
    static final String FIELDS = "uuid,build_number,state,target,trigger,creator.uuid,creator.display_name,"
            + "repository.full_name,created_on,completed_on,duration_in_seconds";

    /** What is read of a step, for {@code fields=}. */
    static final String STEP_FIELDS =
            "uuid,name,state,trigger,pipeline.uuid,run_number,started_on,completed_on,duration_in_seconds";

    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{7,64}");
    private static final Pattern STATE_TYPE = Pattern.compile("pipeline_(?:step_)?state_(.+)");
    // Later times and longer durations could overflow when they are added.
    private static final Instant MAX_INSTANT = Instant.parse("9999-12-31T23:59:59Z");

    private static final int MAX_ATTEMPT = 100_000;

    private RunJson() {}

    /**
     * Reads a run.
     *
     * @param requested the repository of the request, for the address of the run's web page
     * @param secrets masked in the texts
     * @return empty where it can't be a run
     */
    static Optional<Run> run(JsonNode json, RepositoryId requested, SecretMasker secrets) {
        Optional<Long> number = count(json.path("build_number")).filter(n -> n > 0);
        Optional<String> uuid = uuid(json);
        Optional<State> state = state(json.path("state"), secrets);
        if (number.isEmpty() || uuid.isEmpty() || state.isEmpty()) {
            return Optional.empty();
        }
        JsonNode target = json.path("target");
        return Optional.of(new Run(
                number.get(),
                uuid.get(),
                page(json.path("repository").path("full_name"), requested, number.get()),
                state.get(),
                target(target),
                commit(target),
                selector(target.path("selector")),
                trigger(json.path("trigger")),
                creator(json.path("creator"), secrets),
                instant(json.path("created_on")),
                instant(json.path("completed_on")),
                duration(json.path("duration_in_seconds"))));
    }

    /**
     * Reads a step.
     *
     * @param position from 1
     * @param secrets masked in the texts
     * @return empty where it can't be a step
     */
    static Optional<Step> step(JsonNode json, int position, SecretMasker secrets) {
        Optional<String> uuid = uuid(json);
        Optional<State> state = state(json.path("state"), secrets);
        if (uuid.isEmpty() || state.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Step(
                position,
                uuid.get(),
                Json.text(json.path("name"), secrets),
                state.get(),
                trigger(json.path("trigger")).filter("MANUAL"::equals).isPresent(),
                instant(json.path("started_on")),
                instant(json.path("completed_on")),
                duration(json.path("duration_in_seconds")),
                attempt(json.path("run_number"))));
    }

    /** Returns the UUID of the run that a step is of, where the response has it. */
    static Optional<String> runOfStep(JsonNode json) {
        return uuid(json.path("pipeline"));
    }

    private static int attempt(JsonNode number) {
        return count(number).filter(n -> n >= 1 && n <= MAX_ATTEMPT).orElse(1L).intValue();
    }

    /** Reads a user, an access token's own user, or an OAuth consumer; empty where nothing is said of it. */
    static Optional<Account> creator(JsonNode json, SecretMasker secrets) {
        Account account = new Account(uuid(json), Json.text(json.path("display_name"), secrets));
        return account.uuid().isPresent() || account.name().isPresent() ? Optional.of(account) : Optional.empty();
    }

    /** Reads a state by its name, or by its type where that is all there is. */
    static Optional<State> state(JsonNode json, SecretMasker secrets) {
        return name(json, "").map(name -> {
            if (name.equals("COMPLETED")) {
                return completed(json, secrets);
            }
            return name(json.path("stage"), name)
                    .map(stage -> unfinished(name, stage))
                    .orElseGet(() -> unfinished(name));
        });
    }

    private static State unfinished(String name) {
        return parseUnfinished(name).orElseGet(() -> new State.Unknown(name, Optional.empty()));
    }

    private static State unfinished(String name, String stage) {
        if (name.equals("IN_PROGRESS") && stage.equals("RUNNING")) {
            return Unfinished.IN_PROGRESS;
        }
        return parseUnfinished(stage).orElseGet(() -> new State.Unknown(name, Optional.of(stage)));
    }

    private static Optional<State> parseUnfinished(String name) {
        for (Unfinished state : Unfinished.values()) {
            if (state.name().equals(name)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }

    private static State completed(JsonNode json, SecretMasker secrets) {
        JsonNode result = json.path("result");
        // An end without a result is no success.
        Result ending = Result.of(name(result, "COMPLETED").orElse("(no result)"));
        JsonNode error = result.path("error").isObject() ? result.path("error") : json.path("error");
        ErrorDetail problem =
                new ErrorDetail(Json.text(error.path("key"), secrets), Json.text(error.path("message"), secrets));
        return new Completed(
                ending,
                Optional.of(problem)
                        .filter(p -> p.key().isPresent() || p.message().isPresent()),
                Json.text(result.path("terminator").path("display_name"), secrets)
                        .or(() -> Json.text(json.path("terminator").path("display_name"), secrets)));
    }

    /**
     * The name, or what the type says: {@code pipeline_state_in_progress} is IN_PROGRESS. The types of stages and
     * results repeat the state: {@code pipeline_state_completed_failed}.
     */
    private static Optional<String> name(JsonNode json, String state) {
        return Json.text(json.path("name"))
                .or(() -> Json.text(json.path("type"))
                        .map(STATE_TYPE::matcher)
                        .filter(Matcher::matches)
                        .map(type -> type.group(1).toUpperCase(Locale.ROOT))
                        .map(name -> name.startsWith(state + "_") ? name.substring(state.length() + 1) : name));
    }

    private static Optional<Target> target(JsonNode json) {
        JsonNode id = json.path("pullrequest").path("id");
        Optional<String> ref = Json.text(json.path("ref_name"));
        String type = Json.text(json.path("type"))
                .orElseGet(() -> count(id).isPresent()
                        ? "pipeline_pullrequest_target"
                        : ref.isPresent() ? "pipeline_ref_target" : "pipeline_commit_target");
        return switch (type) {
            case "pipeline_ref_target" ->
                ref.flatMap(name -> ref(Json.text(json.path("ref_type")).orElse(""), name));
            case "pipeline_pullrequest_target" -> count(id).map(Target.PullRequest::new);
            case "pipeline_commit_target" -> commit(json).map(Target.Commit::new);
            default -> Optional.empty();
        };
    }

    /** Reads a ref without its commit: a response always has one, also where the request had none. */
    private static Optional<Target> ref(String type, String name) {
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "branch", "named_branch" -> Optional.of(new Target.Branch(name, Optional.empty()));
            case "tag", "annotated_tag" -> Optional.of(new Target.Tag(name, Optional.empty()));
            default -> Optional.empty();
        };
    }

    private static Optional<String> commit(JsonNode target) {
        return Json.text(target.path("commit").path("hash"))
                .filter(hash -> HASH.matcher(hash).matches());
    }

    private static Optional<Selector> selector(JsonNode json) {
        return Json.text(json.path("type")).map(type -> new Selector(type, Json.text(json.path("pattern"))));
    }

    /** The trigger of a run or a step: its name, or the end of its type. */
    private static Optional<String> trigger(JsonNode json) {
        return Json.text(json.path("name"))
                .or(() -> Json.text(json.path("type"))
                        .map(type -> type.replaceFirst("^pipeline_(step_)?trigger_", "")
                                .toUpperCase(Locale.ROOT)));
    }

    private static Optional<String> uuid(JsonNode json) {
        return Json.raw(json.path("uuid")).filter(Json::isUuid);
    }

    private static Optional<Long> count(JsonNode json) {
        return json.isIntegralNumber() && json.canConvertToLong() ? Optional.of(json.longValue()) : Optional.empty();
    }

    /** Never below zero; Bitbucket's own figures are a few milliseconds out of order at times. */
    private static Optional<Duration> duration(JsonNode seconds) {
        return seconds.isNumber() && seconds.canConvertToInt()
                ? Optional.of(Duration.ofSeconds(Math.max(0, seconds.intValue())))
                : Optional.empty();
    }

    static Optional<Instant> instant(JsonNode json) {
        return Json.raw(json).flatMap(text -> {
            try {
                Instant instant = OffsetDateTime.parse(text).toInstant();
                return Optional.of(instant).filter(i -> i.isAfter(Instant.EPOCH) && i.isBefore(MAX_INSTANT));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        });
    }

    /** Returns the run's web page, which the API does not link. The response has the repository's current name. */
    private static URI page(JsonNode fullName, RepositoryId requested, long number) {
        RepositoryId repository = Json.raw(fullName)
                .map(name -> name.split("/", -1))
                .filter(parts ->
                        parts.length == 2 && RepositoryId.isWorkspace(parts[0]) && RepositoryId.isSlug(parts[1]))
                .map(parts -> new RepositoryId(parts[0], parts[1]))
                .orElse(requested);
        return URI.create("https://bitbucket.org/" + ApiUrl.encoded(repository.workspace()) + "/"
                + ApiUrl.encoded(repository.slug()) + "/pipelines/results/" + number);
    }
}
