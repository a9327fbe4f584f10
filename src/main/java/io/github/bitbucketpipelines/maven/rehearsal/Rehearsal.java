package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A Bitbucket for one rehearsal: whatever branch, tag, commit or pull request is asked for exists, and each run ends as
 * the user wishes, within seconds. With a bitbucket-pipelines.yml a run has the steps that the file defines for it, a
 * custom pipeline that the file does not have is refused, and a branch or tag for which it defines nothing ends in the
 * error that Bitbucket has for that, whatever was wished for. Where no step is known, as without a file, a run is
 * Build, Test, Deploy.
 *
 * <p>Manual steps, and the stages that begin with one, are left out: nobody would start them. The log of the last step
 * says so.
 */
public final class Rehearsal implements AutoCloseable {

    /** How long a run takes unless told otherwise. */
    public static final Duration USUAL_LENGTH = Duration.ofSeconds(4);

    private static final String NOTICE = "This is a rehearsal: nothing is built, tested or deployed.\n";

    private static final List<StepScript> ANY_STEPS =
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
     * @param length how long a run takes from its trigger to its end
     */
    public static Rehearsal start(
            Optional<PipelinesFile> file, String workspace, String slug, String result, Duration length) {
        return start(Clock.systemUTC(), file, workspace, slug, result, length);
    }

    static Rehearsal start(
            Clock clock, Optional<PipelinesFile> file, String workspace, String slug, String result, Duration length) {
        return new Rehearsal(clock, file, workspace, slug, result, length);
    }

    /** The Bitbucket that it runs against; {@link EmbeddedBitbucket#token()} opens it. */
    public EmbeddedBitbucket bitbucket() {
        return bitbucket;
    }

    /** The repository that it runs in. */
    public EmbeddedRepository repository() {
        return repository;
    }

    private RunScript script(RunTarget target) {
        Optional<PipelineDefinition> definition = file.flatMap(known -> definition(known, target));
        // The branches of a pull request are invented here: that none of the file's globs fits them says nothing.
        if (definition.isEmpty() && file.isPresent() && target.pullRequest().isEmpty()) {
            return RunScript.error("rehearsal.no-definition", "No matching pipeline definition");
        }
        RunScript script = definition.map(this::play).orElseGet(() -> play(ANY_STEPS, List.of()));
        return definition
                .map(PipelineDefinition::selector)
                .flatMap(selector -> selector.pattern().map(pattern -> script.definition(selector.type(), pattern)))
                .orElse(script);
    }

    /** What the file defines for a target. */
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

    private RunScript play(PipelineDefinition definition) {
        List<StepScript> steps = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        OptionalInt manualStage = OptionalInt.empty();
        OptionalInt group = OptionalInt.empty();
        for (StepDefinition step : definition.steps()) {
            if (step.isManual()) {
                manualStage = step.stage();
            }
            if (step.isManual() || step.stage().isPresent() && step.stage().equals(manualStage)) {
                leftOut.add(step.name().orElse("unnamed"));
                continue;
            }
            StepScript script = step.name().map(StepScript::named).orElseGet(StepScript::unnamed);
            boolean beside =
                    step.parallelGroup().isPresent() && step.parallelGroup().equals(group);
            group = step.parallelGroup();
            steps.add(beside ? script.parallel() : script);
        }
        return play(steps.isEmpty() ? ANY_STEPS : steps, leftOut);
    }

    private RunScript play(List<StepScript> steps, List<String> leftOut) {
        List<StepScript> played = new ArrayList<>();
        steps.forEach(step -> played.add(step.lasting(Duration.ofSeconds(1)).log(goodLog(step))));
        int last = played.size() - 1;
        String notice =
                leftOut.isEmpty() ? "" : "Manual steps are left out of it: " + String.join(", ", leftOut) + "\n";
        ScriptedState.Result end = end();
        StepScript ending = played.get(last)
                .ending(end)
                .log((end.isSuccessful() ? goodLog(steps.get(last)) : badLog(steps.get(last))) + notice);
        played.set(last, ending);
        return RunScript.of(played)
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
                        "This is a rehearsal: here Bitbucket would say why it could not run the pipeline.");
            case ScriptedState.Result.STOPPED ->
                ScriptedState.Result.stoppedBy(EmbeddedAccount.person("Somebody in a rehearsal"));
            default -> ScriptedState.Result.of(result);
        };
    }

    private static String goodLog(StepScript step) {
        return """
            + echo "%s"
            %s
            %s\
            """.formatted(title(step), title(step), NOTICE);
    }

    private String badLog(StepScript step) {
        return """
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
            [rehearsal]   but was:  the %2$s that was asked for
            [rehearsal]
            [rehearsal] 41 passed, 1 failed
            [rehearsal] exit code 1
            """.formatted(title(step), result) + NOTICE;
    }

    private static String title(StepScript step) {
        return step.name().orElse("A step without a name");
    }

    /** Ends it and frees its ports. */
    @Override
    public void close() {
        bitbucket.close();
    }
}
