package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Renders the JSON of all resources, with Bitbucket's names, nulls and time formats. */
final class JsonRenderer {

    /** Downloads have six fraction digits, as in Atlassian's examples. */
    private static final DateTimeFormatter DOWNLOAD_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSxxx", Locale.ROOT);

    private final URI apiUrl;

    JsonRenderer(URI apiUrl) {
        this.apiUrl = apiUrl;
    }

    /** Renders a run in its current state. */
    ObjectNode run(EmbeddedRun run) {
        return run(run, run.timeline().at(run.age()), run.selector());
    }

    /** Renders a run for the response to its trigger: always PARSING, without a definition. */
    ObjectNode newRun(EmbeddedRun run) {
        return run(run, ScriptedState.inStage("PARSING", "PARSING"), Optional.empty());
    }

    private ObjectNode run(EmbeddedRun run, ScriptedState state, Optional<Selector> selector) {
        RunTimeline timeline = run.timeline();
        Duration age = run.age();
        long seconds = seconds(
                timeline.begin(),
                timeline.end().filter(end -> end.compareTo(age) < 0).orElse(age));
        EmbeddedRepository repository = run.repository();
        ObjectNode json = object("pipeline").put("uuid", run.uuid());
        json.set("repository", brief(repository));
        json.set("state", state("pipeline_state", state));
        json.put("build_number", run.buildNumber());
        run.creator().ifPresent(creator -> json.set("creator", account(creator)));
        json.put("created_on", time(run, run.createdOn()));
        if (state.isCompleted()) {
            Duration completed =
                    timeline.script().completedOn().or(timeline::end).orElse(age);
            json.put("completed_on", time(run, run.createdOn().plus(completed)));
        } else {
            json.putNull("completed_on");
        }
        json.set("target", target(run.target(), selector, repository));
        json.set("trigger", object("pipeline_trigger_" + lower(run.trigger())).put("name", run.trigger()));
        json.put("run_number", 1).put("duration_in_seconds", seconds).put("build_seconds_used", seconds);
        json.put("first_successful", false).put("expired", false).put("has_variables", false);
        json.putObject("labels");
        json.putArray("configuration_sources")
                .addObject()
                .put("source", "STATIC_LOCAL")
                .put("uri", repository.fullName() + "/src/" + run.target().commit() + "/bitbucket-pipelines.yml");
        json.set("links", links("self", url(run), "steps", url(run) + "/steps/"));
        return json;
    }

    /** Renders all steps of a run in their current state; none while it is PARSING. */
    List<ObjectNode> steps(EmbeddedRun run) {
        RunTimeline timeline = run.timeline();
        Duration age = run.age();
        if (age.compareTo(timeline.script().parsing()) < 0) {
            return List.of();
        }
        return IntStream.range(0, timeline.spans().size())
                .mapToObj(index ->
                        step(run, timeline.spans().get(index), run.stepUuids().get(index), age))
                .toList();
    }

    private ObjectNode step(EmbeddedRun run, RunTimeline.Span span, String uuid, Duration age) {
        ObjectNode json = object("pipeline_step").put("uuid", uuid);
        span.step().name().ifPresent(name -> json.put("name", name));
        json.set("pipeline", object("pipeline").put("uuid", run.uuid()));
        json.set("trigger", object(span.step().trigger()));
        json.set("state", state("pipeline_step_state", span.at(age)));
        json.put("maxTime", 120).put("run_number", span.attempt(age));
        json.putObject("image").put("name", "maven:3-eclipse-temurin-17");
        boolean hasEnded = RunTimeline.reached(span.ended(), age);
        span.started().filter(first -> first.compareTo(age) <= 0).ifPresent(first -> {
            Duration started = span.attemptStarted(age);
            long seconds = seconds(started, hasEnded ? span.ended().orElse(age) : age);
            json.put("started_on", time(run, run.createdOn().plus(started)));
            json.put("duration_in_seconds", seconds).put("build_seconds_used", seconds);
        });
        if (hasEnded) {
            json.put("completed_on", time(run, run.createdOn().plus(span.ended().orElse(age))));
        }
        ArrayNode setup = json.putArray("setup_commands");
        command(
                setup,
                "system",
                "git clone --branch=\"" + run.target().refName().orElse("")
                        + "\" --depth 50 https://x-token-auth:$REPOSITORY_OAUTH_ACCESS_TOKEN@bitbucket.org/"
                        + "$BITBUCKET_REPO_FULL_NAME.git $BUILD_DIR");
        ArrayNode script = json.putArray("script_commands");
        command(script, "user", "./build.sh");
        json.putArray("teardown_commands");
        return json;
    }

    private static void command(ArrayNode commands, String type, String line) {
        commands.addObject().put("commandType", type).put("name", line).put("command", line);
    }

    private ObjectNode state(String prefix, ScriptedState state) {
        String type = prefix + "_" + lower(state.name());
        ObjectNode json = object(type).put("name", state.name());
        state.stage()
                .ifPresent(stage ->
                        json.set("stage", object(type + "_" + lower(stage)).put("name", stage)));
        state.result().ifPresent(result -> {
            ObjectNode resultJson = object(type + "_" + lower(result.name())).put("name", result.name());
            result.error()
                    .ifPresent(error -> resultJson.set(
                            "error",
                            object(prefix.replace("_state", "_error"))
                                    .put("key", error.key())
                                    .put("message", error.message())));
            result.terminator().ifPresent(person -> resultJson.set("terminator", account(person)));
            json.set("result", resultJson);
        });
        return json;
    }

    private ObjectNode target(RunTarget target, Optional<Selector> selector, EmbeddedRepository repository) {
        ObjectNode json = object(target.type());
        target.refType().ifPresent(type -> json.put("ref_type", type));
        target.pullRequest()
                .ifPresentOrElse(
                        pullRequest -> {
                            json.put("source", pullRequest.source()).put("destination", pullRequest.destination());
                            json.set("destination_commit", commit(pullRequest.destinationCommit(), repository));
                            json.set(
                                    "pullrequest",
                                    object("pullrequest")
                                            .put("id", pullRequest.id())
                                            .put("title", title(pullRequest))
                                            .put("draft", false));
                        },
                        () -> target.refName().ifPresent(name -> json.put("ref_name", name)));
        selector.ifPresentOrElse(
                definition -> {
                    ObjectNode selectorJson = object(definition.type());
                    definition.pattern().ifPresent(pattern -> selectorJson.put("pattern", pattern));
                    json.set("selector", selectorJson);
                },
                () -> json.putNull("selector"));
        json.set("commit", commit(target.commit(), repository));
        return json;
    }

    ObjectNode account(EmbeddedAccount account) {
        ObjectNode json = object(account.type()).put("uuid", account.uuid()).put("display_name", account.displayName());
        if (account.type().equals("user")) {
            json.put("nickname", account.displayName());
        }
        json.set("links", links("self", apiUrl + "/users/" + encoded(account.uuid())));
        return json;
    }

    ObjectNode commit(String hash, EmbeddedRepository repository) {
        ObjectNode json = object("commit").put("hash", hash);
        json.set("links", links("self", url(repository) + "/commit/" + hash));
        return json;
    }

    private ObjectNode brief(EmbeddedRepository repository) {
        ObjectNode json = object("repository")
                .put("uuid", repository.uuid())
                .put("name", repository.slug())
                .put("full_name", repository.fullName());
        json.set("links", links("self", url(repository)));
        return json;
    }

    ObjectNode repository(EmbeddedRepository repository) {
        ObjectNode json = brief(repository)
                .put("slug", repository.slug())
                .put("is_private", !repository.isPublic())
                .put("scm", "git");
        json.set(
                "workspace",
                object("workspace").put("slug", repository.workspace()).put("uuid", repository.workspaceUuid()));
        repository
                .mainBranch()
                .ifPresentOrElse(
                        name -> json.set("mainbranch", object("branch").put("name", name)),
                        () -> json.putNull("mainbranch"));
        return json;
    }

    ObjectNode ref(EmbeddedRepository repository, String type, String name, String hash) {
        ObjectNode json = object(type).put("name", name);
        json.set("target", commit(hash, repository));
        return json;
    }

    /** Renders a pull request; its commits have hashes of twelve characters. */
    ObjectNode pullRequest(EmbeddedRepository repository, RunTarget.PullRequest pullRequest) {
        ObjectNode json = object("pullrequest")
                .put("id", pullRequest.id())
                .put("title", title(pullRequest))
                .put("state", repository.pullRequestState(pullRequest.id()))
                .put("draft", false);
        json.set("source", source(repository, pullRequest));
        json.set("destination", side(repository, pullRequest.destination(), pullRequest.destinationCommit()));
        return json;
    }

    /** Renders the source, with nulls for a deleted fork. */
    private ObjectNode source(EmbeddedRepository repository, RunTarget.PullRequest pullRequest) {
        ObjectNode json = side(repository, pullRequest.source(), pullRequest.sourceCommit());
        Optional<String> name = repository.sourceRepository(pullRequest.id());
        if (name.isEmpty()) {
            json.putNull("repository").putNull("commit");
        } else if (!name.get().equals(repository.fullName())) {
            json.putObject("repository")
                    .put("type", "repository")
                    .put("full_name", name.get())
                    .put("name", name.get().substring(name.get().indexOf('/') + 1))
                    .put("uuid", EmbeddedAccount.randomUuid());
        }
        return json;
    }

    /** Renders a runner of a repository. */
    ObjectNode runner(EmbeddedRunner runner) {
        ObjectNode json = object("pipeline_runner")
                .put("uuid", EmbeddedAccount.randomUuid())
                .put("name", "Runner");
        runner.labels().forEach(json.putArray("labels")::add);
        json.set(
                "state",
                object("pipeline_runner_state").put("status", runner.status()).put("cordoned", runner.isCordoned()));
        return json;
    }

    /** Renders an environment, in the form that clients have recorded. */
    ObjectNode environment(EmbeddedEnvironment environment) {
        ObjectNode json = object("deployment_environment")
                .put("uuid", EmbeddedAccount.randomUuid())
                .put("name", environment.name())
                .put("slug", lower(environment.name()).replace(' ', '-'))
                .put("environment_lock_enabled", true)
                .put("hidden", false);
        String state = environment.lockedBy().isPresent() ? "LOCKED" : "OPEN";
        ObjectNode lock = object("deployment_environment_lock_" + lower(state)).put("name", state);
        environment
                .lockedBy()
                .ifPresent(uuid -> lock.set(
                        "triggerer",
                        object("deployment_environment_lock_triggerer").put("pipeline_uuid", uuid)));
        json.set("lock", lock);
        json.set(
                "restrictions",
                object("deployment_restrictions_configuration").put("admin_only", environment.isAdminOnly()));
        return json;
    }

    private ObjectNode side(EmbeddedRepository repository, String branch, String hash) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("branch").put("name", branch);
        json.set("commit", commit(hash.substring(0, Math.min(12, hash.length())), repository));
        json.set("repository", brief(repository));
        return json;
    }

    private static String title(RunTarget.PullRequest pullRequest) {
        return "Merge " + pullRequest.source() + " into " + pullRequest.destination();
    }

    ObjectNode download(EmbeddedRepository repository, EmbeddedDownload file) {
        ObjectNode json = object("download")
                .put("name", file.name())
                .put("size", file.content().length())
                .put("downloads", 0)
                .put("created_on", DOWNLOAD_TIME.format(file.createdOn().atOffset(ZoneOffset.UTC)));
        json.set("links", links("self", url(repository) + "/downloads/" + percentEncoded(file.name())));
        return json;
    }

    private static String percentEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    ObjectNode configuration(EmbeddedRepository repository) {
        ObjectNode json = object("repository_pipelines_configuration").put("enabled", repository.isPipelinesEnabled());
        json.set("repository", brief(repository));
        return json;
    }

    ObjectNode testReport(String stepUuid, TestReport report) {
        return object("pipeline_step_test_report")
                .put("step_uuid", stepUuid)
                .put("number_of_test_cases", report.cases().size())
                .put("number_of_successful_test_cases", report.count("SUCCESSFUL"))
                .put("number_of_failed_test_cases", report.count("FAILED"))
                .put("number_of_error_test_cases", report.count("ERROR"))
                .put("number_of_skipped_test_cases", report.count("SKIPPED"));
    }

    ObjectNode testCase(TestReport.Case test) {
        return object("pipeline_test_case")
                .put("uuid", test.uuid())
                .put("name", test.name())
                .put("fully_qualified_name", test.packageName() + "." + test.className() + "." + test.name())
                .put("package_name", test.packageName())
                .put("status", test.status())
                .put("duration", test.duration().toString());
    }

    ObjectNode testCaseReason(String reason) {
        return object("pipeline_test_case_reason")
                .put("message", reason.lines().findFirst().orElse(""))
                .put("output", reason);
    }

    /** Returns the URL of a run, built from UUIDs. */
    String url(EmbeddedRun run) {
        EmbeddedRepository repository = run.repository();
        return apiUrl + "/repositories/" + encoded(repository.workspaceUuid()) + "/" + encoded(repository.uuid())
                + "/pipelines/" + encoded(run.uuid());
    }

    private String url(EmbeddedRepository repository) {
        return apiUrl + "/repositories/" + repository.fullName();
    }

    private static String encoded(String uuid) {
        return uuid.replace("{", "%7B").replace("}", "%7D");
    }

    private static ObjectNode links(String... namesAndUrls) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < namesAndUrls.length; i += 2) {
            json.putObject(namesAndUrls[i]).put("href", namesAndUrls[i + 1]);
        }
        return json;
    }

    private static ObjectNode object(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    private static long seconds(Duration from, Duration to) {
        return Math.max(0, to.minus(from).toSeconds());
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /**
     * Formats a time. Bitbucket writes 3 to 9 fraction digits, with Z or +00:00; here it depends on the build number.
     */
    private static String time(EmbeddedRun run, Instant time) {
        int digits = 3 + run.buildNumber() % 7;
        DateTimeFormatter format = new DateTimeFormatterBuilder()
                .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
                .appendFraction(ChronoField.NANO_OF_SECOND, digits, 9, true)
                .appendOffset("+HH:MM", run.buildNumber() % 2 == 0 ? "+00:00" : "Z")
                .toFormatter(Locale.ROOT);
        return format.format(time.atOffset(ZoneOffset.UTC));
    }
}
