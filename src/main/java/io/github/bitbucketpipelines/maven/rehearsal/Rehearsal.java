package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An embedded Bitbucket for one rehearsal (dry run). Every requested branch, tag, commit and pull request exists, and
 * each run ends with the requested result, within seconds.
 *
 * <p>With a bitbucket-pipelines.yml a run has the steps that the file defines for its target. A custom pipeline that
 * the file does not define is rejected, and a branch or tag without a definition ends with Bitbucket's error for that,
 * whatever result was requested. Without a file, or without steps in it, a run has the steps Build, Test and Deploy.
 *
 * <p>Manual steps, and stages that begin with one, are omitted, since no user would start them; the log of the last
 * step lists them.
 */
public final class Rehearsal implements AutoCloseable {

    /** Default duration of a run. */
    public static final Duration USUAL_LENGTH = Duration.ofSeconds(4);

    private static final String NOTICE = "This is a rehearsal: nothing is built, tested or deployed.\n";

    private static final List<StepScript> DEFAULT_STEPS =
            List.of(StepScript.named("Build"), StepScript.named("Test"), StepScript.named("Deploy"));

    private final EmbeddedBitbucket bitbucket;
    private final EmbeddedRepository repository;
    private final Optional<PipelinesFile> file;
    private final String result;
    private final Duration length;

    private Rehearsal(
            Clock clock, Optional<PipelinesFile> file, String workspace, String slug, String result, Duration length) {
        this.file = file;
        this.result = result;
        this.length = length;
        bitbucket = EmbeddedBitbucket.start(clock);
        repository = bitbucket.repository(workspace, slug).everythingExists().defaultScript(this::script);
        file.ifPresentOrElse(
                known -> known.customNames().forEach(repository::customPipeline), repository::anyCustomPipeline);
    }

    /**
     * Starts a rehearsal.
     *
     * @param file the project's bitbucket-pipelines.yml, if it has one
     * @param workspace the workspace's id or UUID
     * @param slug the repository's slug or UUID
     * @param result how runs end: SUCCESSFUL, FAILED, ERROR, STOPPED, EXPIRED, or any other name
     * @param length the duration of a run from its trigger to its end
     */
    public static Rehearsal start(
            Optional<PipelinesFile> file, String workspace, String slug, String result, Duration length) {
        return start(Clock.systemUTC(), file, workspace, slug, result, length);
    }

    static Rehearsal start(
            Clock clock, Optional<PipelinesFile> file, String workspace, String slug, String result, Duration length) {
        return new Rehearsal(clock, file, workspace, slug, result, length);
    }

    /** The server, which accepts {@link EmbeddedBitbucket#token()}. */
    public EmbeddedBitbucket bitbucket() {
        return bitbucket;
    }

    /** The repository of the rehearsal. */
    public EmbeddedRepository repository() {
        return repository;
    }

    private RunScript script(RunTarget target) {
        Optional<PipelineDefinition> definition = file.flatMap(known -> definition(known, target));
        // The branches of a pull request are synthetic here, so that a glob that does not match them means nothing.
        if (definition.isEmpty() && file.isPresent() && target.pullRequest().isEmpty()) {
            return RunScript.error("rehearsal.no-definition", "No matching pipeline definition");
        }
        RunScript script = definition.map(this::script).orElseGet(() -> script(DEFAULT_STEPS, List.of()));
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

    private RunScript script(PipelineDefinition definition) {
        List<StepScript> steps = new ArrayList<>();
        List<String> omitted = new ArrayList<>();
        OptionalInt manualStage = OptionalInt.empty();
        OptionalInt group = OptionalInt.empty();
        for (StepDefinition step : definition.steps()) {
            if (step.isManual()) {
                manualStage = step.stage();
            }
            if (step.isManual() || step.stage().isPresent() && step.stage().equals(manualStage)) {
                omitted.add(step.name().orElse("unnamed"));
                continue;
            }
            StepScript script = step.name().map(StepScript::named).orElseGet(StepScript::unnamed);
            boolean startsWithPrevious =
                    step.parallelGroup().isPresent() && step.parallelGroup().equals(group);
            group = step.parallelGroup();
            steps.add(startsWithPrevious ? script.parallel() : script);
        }
        return script(steps.isEmpty() ? DEFAULT_STEPS : steps, omitted);
    }

    private RunScript script(List<StepScript> steps, List<String> omitted) {
        List<StepScript> scripts = new ArrayList<>();
        steps.forEach(step -> scripts.add(step.lasting(Duration.ofSeconds(1)).log(successLog(step))));
        int last = scripts.size() - 1;
        String notice = omitted.isEmpty() ? "" : "Omitted manual steps: " + String.join(", ", omitted) + "\n";
        ScriptedState.Result end = end();
        StepScript ending = scripts.get(last)
                .ending(end)
                .log((end.isSuccessful() ? successLog(steps.get(last)) : failureLog(steps.get(last))) + notice);
        scripts.set(last, ending);
        return RunScript.of(scripts)
                .parsing(Duration.ofMillis(200))
                .pending(Duration.ofMillis(400))
                .result(end)
                .lasting(length);
    }

    private ScriptedState.Result end() {
        return switch (result) {
            case ScriptedState.Result.ERROR ->
                ScriptedState.Result.error(
                        "rehearsal.error",
                        "This is a rehearsal: here Bitbucket would report why it could not run the pipeline.");
            case ScriptedState.Result.STOPPED ->
                ScriptedState.Result.stoppedBy(EmbeddedAccount.person("Rehearsal User"));
            default -> ScriptedState.Result.of(result);
        };
    }

    private static String successLog(StepScript step) {
        return String.format(Locale.ROOT, """
            + echo "%s"
            %s
            %s\
            """, title(step), title(step), NOTICE);
    }

    private String failureLog(StepScript step) {
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
            """, title(step), result) + NOTICE;
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
