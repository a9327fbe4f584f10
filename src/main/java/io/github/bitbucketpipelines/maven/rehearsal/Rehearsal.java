package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * An embedded Bitbucket for one rehearsal (dry run). Every requested branch, tag, commit and pull request exists, and
 * each run ends with the requested result, within seconds.
 *
 * <p>With a bitbucket-pipelines.yml a run has the steps that the file defines for its target. A custom pipeline that
 * the file does not define is rejected, and so is a value that the pipeline does not allow for a variable. A branch or
 * tag without a definition ends with Bitbucket's error for that, whatever result was requested. Without a file, or
 * without steps in it, a run has the steps Build, Test and Deploy.
 *
 * <p>An on-demand run has the steps of the YAML that is sent with its trigger.
 *
 * <p>A run is PAUSED at a manual step. Where the requested result is {@link #SUCCESSFUL}, the step is started after
 * {@link #MANUAL_DELAY}, and where it is {@link #PAUSED}, never. Any other result is that of the last step before it.
 */
public final class Rehearsal implements AutoCloseable {

    /** All steps are successful. */
    public static final String SUCCESSFUL = "SUCCESSFUL";

    /** The run is PAUSED at its first manual step, or at its last step, for ever. */
    public static final String PAUSED = ScriptedState.PAUSED;

    /** The run is HALTED before its first step, for ever. */
    public static final String HALTED = ScriptedState.HALTED;

    /** The last step before a manual one never ends. */
    public static final String TIMEOUT = "TIMEOUT";

    /** The connection is closed before the response to a trigger; the run is successful. */
    public static final String LOST = "LOST";

    /** Default duration of a run. */
    public static final Duration USUAL_LENGTH = Duration.ofSeconds(4);

    /** How long a run is PAUSED at a manual step before the step is started. */
    public static final Duration MANUAL_DELAY = Duration.ofSeconds(3);

    /** The number of earlier runs, a day apart. */
    public static final int EARLIER_RUNS = 5;

    private static final Duration NEVER = Duration.ofDays(3650);

    private static final String NOTICE = "This is a rehearsal: nothing is built, tested or deployed.\n";

    private static final List<StepScript> DEFAULT_STEPS =
            List.of(StepScript.named("Build"), StepScript.named("Test"), StepScript.named("Deploy"));

    private final EmbeddedBitbucket bitbucket;
    private final EmbeddedRepository repository;
    private final Optional<PipelinesFile> file;
    private final Duration length;

    private Rehearsal(
            Clock clock, Optional<PipelinesFile> file, String workspace, String slug, String result, Duration length) {
        this.file = file;
        this.length = length;
        bitbucket = EmbeddedBitbucket.start(clock);
        repository = bitbucket
                .repository(workspace, slug)
                .everythingExists()
                .defaultScript(target -> script(target, file, result))
                .onDemandScript((target, definition) -> script(target, Optional.of(definition), result))
                .allowedVariables(this::allows);
        file.ifPresentOrElse(
                known -> known.customNames().forEach(repository::customPipeline), repository::anyCustomPipeline);
        if (result.equals(LOST)) {
            bitbucket.intercept(Rehearsal::loseTrigger);
        }
    }

    /**
     * Starts a rehearsal.
     *
     * @param file the project's bitbucket-pipelines.yml, if it has one
     * @param workspace the workspace's id or UUID
     * @param slug the repository's slug or UUID
     * @param result how runs end: SUCCESSFUL, FAILED, ERROR, STOPPED, EXPIRED, PAUSED, HALTED, TIMEOUT, LOST, or any
     *     other name of a result
     * @param length the duration of a run from its trigger to its end, without the time in which it is PAUSED
     */
    public static Rehearsal start(
            Clock clock, Optional<PipelinesFile> file, String workspace, String slug, String result, Duration length) {
        return new Rehearsal(clock, file, workspace, slug, result, length);
    }

    private static Response loseTrigger(RecordedRequest request, Interceptor.Next next) throws IOException {
        Response response = next.proceed();
        if (request.method().equals("POST") && request.path().matches(".*/pipelines/?")) {
            throw new IOException("A rehearsal of a lost response");
        }
        return response;
    }

    private boolean allows(String pipeline, Variable variable) {
        return file.flatMap(known -> known.custom(pipeline))
                .flatMap(definition -> definition.variable(variable.key()))
                .map(declared -> declared.allows(variable.value()))
                .orElse(true);
    }

    /** Adds {@link #EARLIER_RUNS} of this target and pipeline that were successful; a pull request has none. */
    public void addHistory(Target target, Optional<String> pipeline) {
        if (target instanceof Target.PullRequest) {
            return;
        }
        String refType = target instanceof Target.Tag ? "tag" : "branch";
        String name = target.refName().orElse("main");
        RunTarget earlier = RunTarget.ref(refType, name, "", pipeline.map(Selector::custom));
        Duration usual = RunTimeline.of(script(earlier, file, SUCCESSFUL)).horizon();
        for (int i = 0; i < EARLIER_RUNS; i++) {
            // From 90 % to 110 % of the usual duration.
            Duration lasting = usual.multipliedBy(90 + 5L * i).dividedBy(100);
            repository.placeEarlier(
                    refType,
                    name,
                    pipeline,
                    Duration.ofDays((long) EARLIER_RUNS - i),
                    script(earlier, file, SUCCESSFUL).lasting(lasting));
        }
    }

    /** Whether a run has not ended, and no such run changed lately or will ever change by itself. */
    public boolean isStuck() {
        List<EmbeddedRun> unfinished = repository.runs().stream()
                .filter(run -> !run.state().isCompleted())
                .toList();
        return !unfinished.isEmpty() && unfinished.stream().allMatch(run -> run.isStuck(MANUAL_DELAY));
    }

    /** The server, which accepts {@link EmbeddedBitbucket#token()}. */
    public EmbeddedBitbucket bitbucket() {
        return bitbucket;
    }

    /** The repository of the rehearsal. */
    public EmbeddedRepository repository() {
        return repository;
    }

    private RunScript script(RunTarget target, Optional<PipelinesFile> definitions, String wanted) {
        Optional<PipelineDefinition> definition = definitions.flatMap(known -> definition(known, target));
        // The branches of a pull request are synthetic here, so that a glob that does not match them means nothing.
        if (definition.isEmpty()
                && definitions.isPresent()
                && target.pullRequest().isEmpty()) {
            return RunScript.error("rehearsal.no-definition", "No matching pipeline definition");
        }
        RunScript script = script(definition.map(PipelineDefinition::steps).orElse(List.of()), wanted);
        return definition
                .map(PipelineDefinition::selector)
                .flatMap(selector -> selector.pattern().map(pattern -> script.definition(selector.type(), pattern)))
                .orElse(script);
    }

    /** Finds the definition for a target. */
    private static Optional<PipelineDefinition> definition(PipelinesFile file, RunTarget target) {
        if (target.customPipeline().isPresent()) {
            return file.custom(target.customPipeline().get());
        }
        if (target.pullRequest().isPresent()) {
            RunTarget.PullRequest pullRequest = target.pullRequest().get();
            return file.forPullRequest(pullRequest.source(), pullRequest.destination());
        }
        return target.refName()
                .map(name ->
                        target.refType().filter("tag"::equals).isPresent() ? file.forTag(name) : file.forBranch(name))
                .orElseGet(file::defaultPipeline);
    }

    private static List<StepScript> toScripts(List<StepDefinition> definitions) {
        List<StepScript> steps = new ArrayList<>();
        OptionalInt group = OptionalInt.empty();
        for (StepDefinition step : definitions) {
            StepScript script = step.name().map(StepScript::named).orElseGet(StepScript::unnamed);
            boolean startsWithPrevious =
                    step.parallelGroup().isPresent() && step.parallelGroup().equals(group);
            group = step.parallelGroup();
            steps.add(startsWithPrevious ? script.parallel() : script);
        }
        return steps;
    }

    private RunScript script(List<StepDefinition> definitions, String wanted) {
        List<StepScript> steps = definitions.isEmpty() ? DEFAULT_STEPS : toScripts(definitions);
        List<Integer> manual = new ArrayList<>(IntStream.range(0, definitions.size())
                .filter(index -> definitions.get(index).isManual())
                .boxed()
                .toList());
        int last = steps.size() - 1;
        if (wanted.equals(PAUSED) && manual.isEmpty()) {
            manual.add(last);
        }
        ScriptedState.Result end = end(wanted);
        boolean isSeenAtManualStep = end.isSuccessful() && !wanted.equals(TIMEOUT);
        int ending = isSeenAtManualStep || manual.isEmpty() ? last : Math.max(0, manual.get(0) - 1);
        List<StepScript> timed = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            StepScript step = steps.get(i).lasting(Duration.ofSeconds(1));
            timed.add(
                    i == ending && !end.isSuccessful()
                            ? step.ending(end).log(failureLog(step, wanted))
                            : step.log(successLog(step)));
        }
        RunScript script = RunScript.of(timed)
                .parsing(Duration.ofMillis(200))
                .pending(Duration.ofMillis(400))
                .result(end);
        if (wanted.equals(HALTED)) {
            return script.halted();
        }
        // Scaled first: the time in which it is held comes on top.
        List<StepScript> scaled = new ArrayList<>(script.lasting(length).steps());
        if (isSeenAtManualStep) {
            manual.forEach(index -> scaled.set(
                    index,
                    wanted.equals(PAUSED)
                            ? scaled.get(index).manual()
                            : scaled.get(index).manual(MANUAL_DELAY)));
        }
        if (wanted.equals(TIMEOUT)) {
            scaled.set(ending, scaled.get(ending).lasting(NEVER));
        }
        return script.lasting(length).steps(scaled);
    }

    private static ScriptedState.Result end(String wanted) {
        return switch (wanted) {
            case PAUSED, HALTED, TIMEOUT, LOST -> ScriptedState.Result.successful();
            case ScriptedState.Result.ERROR ->
                ScriptedState.Result.error(
                        "rehearsal.error",
                        "This is a rehearsal: here Bitbucket would report why it could not run the pipeline.");
            case ScriptedState.Result.STOPPED ->
                ScriptedState.Result.stoppedBy(EmbeddedAccount.person("Rehearsal User"));
            default -> ScriptedState.Result.of(wanted);
        };
    }

    private static String successLog(StepScript step) {
        return String.format(Locale.ROOT, """
            + echo "%s"
            %s
            %s\
            """, title(step), title(step), NOTICE);
    }

    private static String failureLog(StepScript step, String wanted) {
        return String.format(Locale.ROOT, """
            + echo "%1$s"
            %1$s
            + ./rehearse.sh --result %2$s
            [rehearsal] checking out the revision
            [rehearsal] restoring caches
            [rehearsal] resolving dependencies
            [rehearsal] compiling 128 source files
            [rehearsal] running 42 tests
            [rehearsal]   CartTest ............ 12 passed
            [rehearsal]   CheckoutTest ........ 17 passed
            [rehearsal]   PaymentTest ......... 12 passed, 1 failed
            [rehearsal]
            [rehearsal] PaymentTest.rehearsesAFailure
            [rehearsal]   expected: a run that succeeds
            [rehearsal]   but was:  the requested %2$s
            [rehearsal]
            [rehearsal] 41 passed, 1 failed
            [rehearsal] exit code 1
            """, title(step), wanted) + NOTICE;
    }

    private static String title(StepScript step) {
        return step.name().orElse("Unnamed step");
    }

    /** Stops the server and frees its ports. */
    @Override
    public void close() {
        bitbucket.close();
    }
}
