package io.github.bitbucketpipelines.maven.run;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.pipeline.DeploymentEnvironment;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Runner;
import io.github.bitbucketpipelines.maven.pipeline.Runner.Availability;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out why one run waits: from the file that defines it; from the locks of the
 * environments that the file names; from the repository's runners where a step names labels. Which state a run has in a
 * concurrency group is not documented: the group is named in every state in which nothing runs. What the credentials may
 * not read is not requested again.
 */
public final class WaitReasonFinder implements WaitReasons {
    private static final int MAX_SHOWN = 3;
    private static final int MAX_BRIEF = 200;
    private static final int MAX_SENTENCE = 1_000;

    private final PipelinesClient pipelines;
    private final RepositoryClient repository;
    private final SecretMasker masker;
    private final RunDefinition file;
    private final LastResponse<List<DeploymentEnvironment>> environments = new LastResponse<>(List.of());
    private final LastResponse<Optional<List<Runner>>> runners = new LastResponse<>(Optional.empty());

    /**
     * Creates a finder for one run; it sends nothing yet.
     *
     * @param masker of the connection
     * @param file that defines the run
     */
    public WaitReasonFinder(
            PipelinesClient pipelines, RepositoryClient repository, SecretMasker masker, RunDefinition file) {
        this.pipelines = pipelines;
        this.repository = repository;
        this.masker = masker;
        this.file = file;
    }

    /** What waits: the steps that are left, with what the file says of them. */
    private record Waiting(
            Run run, List<Step> steps, Optional<PipelinesFile> file, Optional<PipelineDefinition> definition) {
        List<Step> left() {
            return steps.stream().filter(step -> !step.state().isCompleted()).toList();
        }

        Optional<Step> next() {
            return left().stream().findFirst();
        }

        Optional<StepDefinition> of(Step step) {
            return definition.flatMap(known -> known.of(step, steps));
        }

        /** Where Bitbucket's own words for the selected definition do not lead to one, the whole file counts. */
        List<String> concurrencyGroups() {
            return definition
                    .map(PipelineDefinition::concurrencyGroups)
                    .or(() -> file.map(PipelinesFile::concurrencyGroups))
                    .orElse(List.of());
        }

        boolean deploys() {
            return left().stream()
                    .anyMatch(step ->
                            of(step).flatMap(StepDefinition::environment).isPresent());
        }
    }

    /** One thing that is known. */
    private record Fact(String brief, String sentence, boolean resumesByItself) {
        Fact(String brief, String sentence) {
            this(brief, sentence, false);
        }
    }

    @Override
    public Explanation find(Run run, List<Step> steps, TimeLimit limit) {
        Optional<PipelinesFile> known = file.read(run, limit);
        Waiting waiting = new Waiting(run, steps, known, known.flatMap(read -> read.of(run)));
        boolean waitsForPerson = run.state() == State.Unfinished.PAUSED
                && waiting.next().filter(Step::manual).isPresent();
        List<Fact> facts = new ArrayList<>();
        if (!waitsForPerson) {
            List<DeploymentEnvironment> all = waiting.deploys()
                    ? environments.read(
                            limit,
                            () -> repository.withTimeout(limit.remaining()).listEnvironments())
                    : List.of();
            holder(waiting, all, limit).ifPresent(facts::add);
            concurrencyGroup(waiting).ifPresent(facts::add);
            permission(waiting, all).ifPresent(facts::add);
            runners(waiting, limit).ifPresent(facts::add);
            if (run.state() == State.Unfinished.HALTED) {
                halted(waiting, facts).ifPresent(facts::add);
            }
        }
        boolean isComplete = !file.mayBeReadLater() && !environments.mayBeReadLater() && !runners.mayBeReadLater();
        return new Explanation(
                facts.stream()
                        .findFirst()
                        .map(first -> new WaitReason(
                                shown(first.brief(), MAX_BRIEF),
                                facts.stream()
                                        .map(fact -> shown(fact.sentence(), MAX_SENTENCE))
                                        .toList(),
                                facts.stream().anyMatch(Fact::resumesByItself))),
                isComplete);
    }

    /** Names come from the file as they are. */
    private String shown(String text, int max) {
        return TextSanitizer.singleLine(masker.mask(text), max);
    }

    /** The first environment, in the order of the steps that are left, that another unfinished run holds. */
    private Optional<Fact> holder(Waiting waiting, List<DeploymentEnvironment> all, TimeLimit limit) {
        for (Step step : waiting.left()) {
            Optional<DeploymentEnvironment> environment = environment(waiting, step, all);
            Optional<String> uuid = environment
                    .flatMap(DeploymentEnvironment::lockedBy)
                    .filter(holder -> !holder.equals(waiting.run().uuid()));
            if (uuid.isPresent() && !limit.hasPassed()) {
                return holder(uuid.get(), limit)
                        .map(run -> new Fact(
                                "environment " + environment.get().name() + " is held by #" + run.number(),
                                "The environment '" + environment.get().name() + "', to which step '"
                                        + step.displayName() + "' deploys, is held by pipeline #" + run.number()
                                        + run.target()
                                                .map(target -> " on " + target)
                                                .orElse("") + " (" + run.url() + ")."));
            }
        }
        return Optional.empty();
    }

    /** The lock's holder is recorded by one client only: where it is no run that goes on, nothing is said. */
    private Optional<Run> holder(String uuid, TimeLimit limit) {
        try {
            return Optional.of(pipelines.withTimeout(limit.remaining()).getRun(uuid))
                    .filter(run -> !run.state().isCompleted());
        } catch (PipelinesException e) {
            return Optional.empty();
        }
    }

    private static Optional<DeploymentEnvironment> environment(
            Waiting waiting, Step step, List<DeploymentEnvironment> all) {
        return waiting.of(step)
                .flatMap(StepDefinition::environment)
                .flatMap(name -> all.stream()
                        .filter(environment -> environment.isNamed(name))
                        .findFirst());
    }

    private Optional<Fact> concurrencyGroup(Waiting waiting) {
        List<String> groups = waiting.concurrencyGroups();
        if (groups.isEmpty()) {
            return Optional.empty();
        }
        String names = String.join(", ", groups.subList(0, Math.min(MAX_SHOWN, groups.size())))
                + (groups.size() > MAX_SHOWN ? ", …" : "");
        String which = (groups.size() == 1 ? "concurrency group " : "concurrency groups ") + names;
        return Optional.of(new Fact(
                "may wait for its " + which,
                file.name() + " has the " + which + ": the run may wait for another run of "
                        + (groups.size() == 1 ? "that group" : "one of them") + ", and then resumes by itself.",
                true));
    }

    /** A run that is paused before an automatic step waits for an administrator. */
    private static Optional<Fact> permission(Waiting waiting, List<DeploymentEnvironment> all) {
        if (waiting.run().state() != State.Unfinished.PAUSED) {
            return Optional.empty();
        }
        return waiting.next()
                .filter(step -> !step.manual())
                .flatMap(step -> environment(waiting, step, all))
                .filter(DeploymentEnvironment::isAdminOnly)
                .map(environment -> new Fact(
                        "only administrators may deploy to " + environment.name(),
                        "Only administrators may deploy to the environment '" + environment.name()
                                + "': one of them must resume the run."));
    }

    /** Nothing where a runner with the labels may be online, or where the repository's runners are not all known. */
    private Optional<Fact> runners(Waiting waiting, TimeLimit limit) {
        List<String> labels = waiting.next()
                .filter(step -> step.state().isIn(State.Phase.QUEUED))
                .flatMap(waiting::of)
                .map(StepDefinition::labels)
                .orElse(List.of());
        if (labels.isEmpty() || waiting.run().state().isIn(State.Phase.HELD)) {
            return Optional.empty();
        }
        boolean mayBeOnline = runners.read(
                        limit, () -> repository.withTimeout(limit.remaining()).listRunners())
                .map(all -> all.stream()
                        .anyMatch(runner -> runner.hasAll(labels) && runner.availability() != Availability.OFFLINE))
                .orElse(true);
        String names = String.join(", ", labels);
        return mayBeOnline
                ? Optional.empty()
                : Optional.of(new Fact(
                        "no runner of this repository with " + names + " is online",
                        "No runner of this repository with the labels " + names + " is online, which step '"
                                + waiting.next().orElseThrow().displayName()
                                + "' requires. Whether the workspace has one is not shown."));
    }

    /** What else holds a HALTED run, if nothing is known. */
    private Optional<Fact> halted(Waiting waiting, List<Fact> facts) {
        if (!facts.isEmpty()) {
            return Optional.empty();
        }
        String brief = "Bitbucket holds it back";
        if (waiting.file().isEmpty()) {
            return Optional.of(new Fact(
                    brief,
                    "Another run may have the deployment environment, or the workspace's build minutes are used up; "
                            + file.name() + " could not be read, which may have a concurrency group"
                            + file.failure().map(why -> ": " + why).orElse("") + "."));
        }
        boolean isKnown = waiting.definition()
                .filter(definition -> definition.importedFrom().isEmpty())
                .isPresent();
        return Optional.of(
                isKnown && !waiting.deploys() && !waiting.left().isEmpty()
                        ? new Fact(
                                "the build minutes may be used up",
                                "No step that is left deploys to an environment, and there is no concurrency group: the"
                                        + " workspace's build minutes may be used up.")
                        : new Fact(
                                brief,
                                "Another run may have the deployment environment, or the workspace's build minutes are"
                                        + " used up."));
    }
}
