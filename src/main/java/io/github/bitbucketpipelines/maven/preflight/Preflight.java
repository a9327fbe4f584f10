package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelineImport;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.pipeline.DownloadsClient;
import io.github.bitbucketpipelines.maven.pipeline.Durations;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.PullRequest;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.RefKind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.preflight.Finding.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Checks everything that a run needs, in a handful of requests, without triggering anything. It continues after a
 * failed check as far as possible, so that one execution finds all problems.
 */
public final class Preflight {
    private static final String FILE = "bitbucket-pipelines.yml";
    private static final Set<String> READ_SCOPES = Set.of("pipeline", "read:pipeline:bitbucket");
    private static final Set<String> WRITE_SCOPES = Set.of("pipeline:write", "write:pipeline:bitbucket");
    private static final int MAX_SHOWN_NAMES = 10;
    private static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);

    private final PipelinesClient pipelines;
    private final RepositoryClient repository;
    private final TriggerRequest request;
    private final Set<String> handedOver;
    private final TimeLimit limit;
    private final List<Finding> findings = new ArrayList<>();

    private Preflight(
            PipelinesClient pipelines,
            RepositoryClient repository,
            TriggerRequest request,
            Set<String> handedOver,
            TimeLimit limit) {
        this.handedOver = handedOver;
        this.pipelines = pipelines;
        this.repository = repository;
        this.request = request;
        this.limit = limit;
    }

    /**
     * Checks the run that this request would trigger, and returns the findings in the order of the checks.
     *
     * @param limit of all checks together; those that it cuts off are unknown
     */
    public static List<Finding> of(
            PipelinesClient pipelines, RepositoryClient repository, TriggerRequest request, TimeLimit limit) {
        return of(pipelines, repository, request, Set.of(), limit);
    }

    /**
     * As the other method.
     *
     * @param handedOver the keys of variables whose values are not known yet
     */
    public static List<Finding> of(
            PipelinesClient pipelines,
            RepositoryClient repository,
            TriggerRequest request,
            Set<String> handedOver,
            TimeLimit limit) {
        Preflight preflight = new Preflight(pipelines, repository, request, handedOver, limit);
        if (preflight.checkCredentials()) {
            preflight.checkRepository();
            preflight.checkPipelinesEnabled();
            Optional<ResolvedRef> ref = preflight.checkRef();
            if (request.content().isPresent()) {
                preflight.checkContent(request.content().get(), ref);
            } else {
                ref.flatMap(preflight::readDefinitions).ifPresent(preflight::checkDefinition);
            }
        }
        return List.copyOf(preflight.findings);
    }

    /** Checks whether a run's files of the Downloads can be fetched, for the parameter downloads. */
    public static List<Finding> ofDownloads(DownloadsClient downloads, TimeLimit limit) {
        try {
            downloads
                    .withTimeout(Durations.longer(limit.remaining(), MIN_TIMEOUT))
                    .list();
            return List.of(Subject.CREDENTIALS.ok("The Downloads can be listed, which the parameter downloads needs"));
        } catch (PipelinesException e) {
            boolean isRefused = !e.isForeign()
                    && (e.kind() == Kind.FORBIDDEN || e.kind() == Kind.UNAUTHORIZED || e.kind() == Kind.NOT_FOUND);
            String text = e.getMessage() + ". The parameter downloads needs it";
            return List.of(isRefused ? Subject.CREDENTIALS.failed(text) : Subject.CREDENTIALS.unknown(text));
        }
    }

    /** The commit that would be built; for a pull request with its branches, which select the definition. */
    private record ResolvedRef(String hash, Optional<PullRequest> pullRequest) {}

    /** A commit with its parsed bitbucket-pipelines.yml. */
    private record ParsedFile(PipelinesFile file, ResolvedRef ref) {}

    private Duration callTimeout() {
        if (limit.hasPassed()) {
            throw new PipelinesException(Kind.NOT_PROCESSED, "the time limit of the checks has passed");
        }
        return limit.remaining();
    }

    /** The client for one call, which ends within the time limit. */
    private RepositoryClient repository() {
        return repository.withTimeout(callTimeout());
    }

    private boolean checkCredentials() {
        try {
            pipelines.withTimeout(callTimeout()).listRuns(RunFilter.all(), 1);
        } catch (PipelinesException e) {
            findings.add(withoutRuns(e));
            findings.add(Subject.REPOSITORY.unknown(
                    "Remaining checks skipped: Bitbucket did not show the runs of " + pipelines.repository()));
            return false;
        }
        pipelines
                .move()
                .ifPresent(move -> findings.add(
                        Subject.REPOSITORY.unknown("Whether Bitbucket redirects a trigger, too: " + move.advice())));
        Set<String> scopes = repository.scopes();
        findings.add(Subject.CREDENTIALS.ok(
                "The credentials are valid, and may read the runs of " + pipelines.repository()));
        if (scopes.isEmpty()) {
            findings.add(Subject.CREDENTIALS.unknown(
                    "Whether the credentials may start a run: Bitbucket did not report their scopes"));
        } else if (WRITE_SCOPES.stream().noneMatch(scopes::contains)) {
            findings.add(Subject.CREDENTIALS.failed("The credentials may not start a run: they lack the scope "
                    + missing(scopes) + " (they have: "
                    + String.join(", ", scopes.stream().sorted().toList())
                    + "). Make a token that has it"));
        } else if (READ_SCOPES.stream().noneMatch(scopes::contains)) {
            findings.add(Subject.CREDENTIALS.failed(
                    "The credentials may start a run, but may not read its state: they lack the scope"
                            + " 'pipeline' (an API token: 'read:pipeline:bitbucket'). Make a token that has both"));
        } else {
            findings.add(Subject.CREDENTIALS.ok("Their scopes allow to start a run"));
        }
        return true;
    }

    /** Distinguishes wrong credentials from a wrong repository, and both from an outage. */
    private Finding withoutRuns(PipelinesException e) {
        if (e.isForeign()) {
            // Bitbucket itself sends a page, in place of JSON, for some repositories that are not there.
            return (e.kind() == Kind.NOT_FOUND ? Subject.REPOSITORY : Subject.CONNECTION).failed(e.getMessage());
        }
        return switch (e.kind()) {
            case UNAUTHORIZED, FORBIDDEN -> Subject.CREDENTIALS.failed(e.getMessage());
            case NOT_FOUND -> Subject.REPOSITORY.failed(e.getMessage() + acceptedCredentials());
            case REJECTED -> Subject.REPOSITORY.failed(e.getMessage());
            case TLS_UNTRUSTED -> Subject.CONNECTION.failed(e.getMessage());
            case RATE_LIMITED, NOT_PROCESSED, OUTCOME_UNKNOWN -> Subject.CONNECTION.unknown(e.getMessage());
        };
    }

    /** A 404 is that of a wrong name, or of a repository that the account may not see; a wrong token gets a 401. */
    private String acceptedCredentials() {
        try {
            boolean areAccepted = !repository.scopes().isEmpty()
                    || pipelines.withTimeout(callTimeout()).currentAccount().isPresent();
            return areAccepted ? ". The credentials themselves are valid" : "";
        } catch (PipelinesException e) {
            return "";
        }
    }

    private static String missing(Set<String> scopes) {
        return scopes.stream().anyMatch(scope -> scope.startsWith("read:") || scope.endsWith(":bitbucket"))
                ? "'write:pipeline:bitbucket'"
                : "'pipeline:write'";
    }

    private void checkRepository() {
        attempt(Subject.REPOSITORY, "Whether the repository can be read", () -> {
            String fullName = repository().fullName();
            RepositoryId requested = pipelines.repository();
            boolean isByUuid = requested.fullName().contains("{");
            boolean isRenamed = !isByUuid && !fullName.equalsIgnoreCase(requested.fullName());
            if (isRenamed && pipelines.move().isPresent()) {
                // A finding names it already.
                return true;
            }
            findings.add(
                    !isRenamed
                            ? Subject.REPOSITORY.ok("The repository is " + fullName)
                            : Subject.REPOSITORY.unknown("Whether a trigger reaches the repository: " + requested
                                    + " was renamed or moved, and is " + fullName
                                    + " now. Set -Dbitbucket.repository=" + fullName + ", or the name in <scm>"));
            return true;
        });
    }

    private void checkPipelinesEnabled() {
        try {
            findings.add(
                    repository().isPipelinesEnabled()
                            ? Subject.REPOSITORY.ok("Pipelines is enabled")
                            : Subject.REPOSITORY.failed(
                                    "Pipelines is not enabled: switch it on in the repository's settings, under"
                                            + " Pipelines, Settings"));
        } catch (PipelinesException e) {
            boolean hidden = e.kind() == Kind.FORBIDDEN || e.kind() == Kind.NOT_FOUND || e.kind() == Kind.UNAUTHORIZED;
            findings.add(Subject.REPOSITORY.unknown("Whether Pipelines is enabled: "
                    + (hidden ? "Bitbucket shows it only to tokens with administrator rights" : e.getMessage())));
        }
    }

    private Optional<ResolvedRef> checkRef() {
        Target target = request.target();
        return attempt(
                        Subject.TARGET,
                        "Whether " + target + " is there",
                        () -> target instanceof Target.PullRequest pullRequest ? resolve(pullRequest) : resolve(target))
                .flatMap(resolved -> resolved);
    }

    private Optional<ResolvedRef> resolve(Target.PullRequest target) {
        Optional<PullRequest> found = repository().getPullRequest(target.id());
        if (found.isEmpty()) {
            findings.add(Subject.TARGET.failed(
                    "There is no pull request " + target.id() + "; check the parameter pullRequest"));
            return Optional.empty();
        }
        PullRequest pullRequest = found.get();
        String name = "Pull request " + target.id();
        Optional<String> missing = missingPart(pullRequest);
        if (missing.isPresent()) {
            findings.add(Subject.TARGET.failed(name + " has no " + missing.get() + ": "
                    + (pullRequest.isFromFork()
                            ? "it comes from " + pullRequest.fork()
                            : "its branch was deleted, and a run can't name it")));
            return Optional.empty();
        }
        // A pull request has abbreviated hashes only.
        Optional<String> hash = repository()
                .resolveCommit(new Target.Commit(pullRequest.source().commit().get()));
        if (hash.isEmpty() && pullRequest.isFromFork()) {
            findings.add(Subject.TARGET.failed(name + " comes from " + pullRequest.fork() + "; its commits are not in "
                    + pipelines.repository() + ", so that no run can build them there"));
            return Optional.empty();
        }
        findings.add(Subject.TARGET.ok(name + " is there, from branch "
                + pullRequest.source().branch().get()
                + (pullRequest.isFromFork() ? " of " + pullRequest.fork() : "") + " to "
                + pullRequest.destination().branch().get()));
        pullRequest
                .state()
                .filter(state -> !state.equals("OPEN"))
                .ifPresent(state -> findings.add(Subject.TARGET.unknown(
                        "Whether a run of it is intended: pull request " + target.id() + " is " + state)));
        return Optional.of(new ResolvedRef(
                hash.orElseGet(() -> pullRequest.source().commit().get()), found));
    }

    /** Names what the target of a run needs, and this pull request does not have. */
    private static Optional<String> missingPart(PullRequest pullRequest) {
        return Stream.of(
                        Map.entry("source branch", pullRequest.source().branch()),
                        Map.entry("source commit", pullRequest.source().commit()),
                        Map.entry(
                                "destination branch", pullRequest.destination().branch()),
                        Map.entry(
                                "destination commit", pullRequest.destination().commit()))
                .filter(part -> part.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private Optional<ResolvedRef> resolve(Target target) {
        Optional<String> refHash = Optional.empty();
        if (target.refName().isPresent()) {
            refHash = repository().resolveCommit(target);
            findings.add(refHash.map(hash -> Subject.TARGET.ok(capitalize(kind(target)) + " "
                            + target.refName().get() + " is at " + Target.abbreviate(hash)))
                    .orElseGet(() -> missingRef(target)));
        }
        if (target.commit().isEmpty()) {
            return refHash.map(hash -> new ResolvedRef(hash, Optional.empty()));
        }
        Target.Commit commit = new Target.Commit(target.commit().get());
        Optional<String> hash = repository().resolveCommit(commit);
        findings.add(hash.map(found -> Subject.TARGET.ok("Commit " + Target.abbreviate(found) + " is there"))
                .orElseGet(() -> Subject.TARGET.failed(
                        "There is no " + commit + ": was it pushed? Check the parameter commit")));
        return hash.map(found -> new ResolvedRef(found, Optional.empty()));
    }

    private Finding missingRef(Target target) {
        String name = target.refName().orElseThrow();
        Optional<String> suggestion = Optional.empty();
        try {
            suggestion = NameSuggestion.closest(
                    name, repository().listRefs(target instanceof Target.Tag ? RefKind.TAG : RefKind.BRANCH));
        } catch (PipelinesException e) {
            // The finding is complete without a suggestion.
        }
        return Subject.TARGET.failed("There is no " + kind(target) + " " + name
                + suggestion
                        .map(other -> ": did you mean " + other + "?")
                        .orElse("; was it pushed? Check the parameter " + kind(target)));
    }

    private Optional<ParsedFile> readDefinitions(ResolvedRef ref) {
        return attempt(Subject.DEFINITION, "What " + FILE + " has", () -> read(ref))
                .flatMap(file -> file);
    }

    private Optional<ParsedFile> read(ResolvedRef ref) {
        Optional<String> text = repository().readFile(ref.hash(), FILE);
        String commit = Target.abbreviate(ref.hash());
        if (text.isEmpty()) {
            findings.add(Subject.DEFINITION.failed("There is no " + FILE + " at " + commit + ": add it there"));
            return Optional.empty();
        }
        try {
            ParsedFile parsed = new ParsedFile(PipelinesFile.read(text.get()), ref);
            findings.add(Subject.DEFINITION.ok(FILE + " is there, and can be read"));
            return Optional.of(parsed);
        } catch (PipelinesFileException e) {
            findings.add(
                    e.isInvalidYaml()
                            ? Subject.DEFINITION.failed("At " + commit + " " + e.getMessage())
                            : Subject.DEFINITION.unknown("Whether Bitbucket accepts " + FILE
                                    + ", which this plugin can't read in full: at " + commit + " " + e.getMessage()));
            return Optional.empty();
        }
    }

    private void checkDefinition(ParsedFile parsed) {
        Optional<PullRequest> pullRequest = parsed.ref().pullRequest();
        findings.addAll(ofDefinition(parsed.file(), request, handedOver, pullRequest));
        definition(parsed.file(), request, pullRequest).ifPresent(definition -> {
            StepChecks checks = new StepChecks(definition);
            if (checks.needRunners()) {
                attempt(
                        Subject.STEPS,
                        "Whether a runner takes the steps with labels",
                        () -> findings.addAll(checks.runners(repository().listRunners())));
            }
            if (checks.needEnvironments()) {
                attempt(
                        Subject.STEPS,
                        "Whether a run holds the deployment environments",
                        () -> findings.addAll(
                                checks.environments(repository().listEnvironments(), this::unfinishedRun)));
            }
        });
    }

    /** The run of a lock; empty where it has ended or is not shown. */
    private Optional<Run> unfinishedRun(String uuid) {
        try {
            return Optional.of(pipelines.withTimeout(callTimeout()).getRun(uuid))
                    .filter(run -> !run.state().isCompleted());
        } catch (PipelinesException e) {
            return Optional.empty();
        }
    }

    /** Checks an on-demand pipeline, also where its ref is not known: only a pull request's branches select from it. */
    private void checkContent(PipelineContent content, Optional<ResolvedRef> ref) {
        if (request.target() instanceof Target.Branch branch) {
            findings.add(Subject.CREDENTIALS.unknown("Whether the credentials may write to branch " + branch.name()
                    + ": an on-demand pipeline requires it, and Bitbucket does not show it"));
        }
        try {
            PipelinesFile file = PipelinesFile.read(content.text());
            findings.add(Subject.DEFINITION.ok(content.name() + " can be read; it is used instead of " + FILE));
            if (ref.isPresent()
                    || request.pipeline().isPresent()
                    || !(request.target() instanceof Target.PullRequest)) {
                findings.addAll(ofDefinition(file, request, handedOver, ref.flatMap(ResolvedRef::pullRequest)));
            }
        } catch (PipelinesFileException e) {
            findings.add(Subject.DEFINITION.failed(e.messageFor(content.name())));
        }
    }

    /**
     * Checks what a parsed bitbucket-pipelines.yml, or the file that is used instead, says of the run that this request would trigger: its pipeline, its
     * variables, and the steps for which it waits or that it may skip.
     *
     * @param handedOver the keys of variables whose values are not known yet
     * @param pullRequest the branches of the request's pull request
     */
    public static List<Finding> ofDefinition(
            PipelinesFile file, TriggerRequest request, Set<String> handedOver, Optional<PullRequest> pullRequest) {
        Optional<PipelineDefinition> match = definition(file, request, pullRequest);
        if (match.isEmpty()) {
            return List.of(request.pipeline()
                    .map(name -> missingPipeline(request.definitionFile(), name, file.customNames()))
                    .orElseGet(() -> missingDefinition(file, request)));
        }
        PipelineDefinition definition = match.get();
        List<Finding> findings = new ArrayList<>();
        findings.add(Subject.DEFINITION.ok(request.pipeline()
                .map(name -> "Pipeline " + name + " is there")
                .orElseGet(() -> "The definition for " + request.target() + " is "
                        + definition
                                .selector()
                                .pattern()
                                .map(pattern -> definition.selector().type() + ": " + pattern)
                                .orElse(definition.selector().type()))));
        if (definition.importedFrom().isPresent()) {
            PipelineImport from = definition.importedFrom().get();
            findings.add(Subject.DEFINITION.unknown("It is imported"
                    + from.repository().map(name -> " from repository " + name).orElse("")
                    + from.path().map(path -> " from " + path).orElse("")
                    + ": its steps and variables were not checked"));
            return findings;
        }
        definition
                .doubts()
                .forEach(doubt -> findings.add(Subject.DEFINITION.unknown(
                        "Whether Bitbucket reads " + FILE + " as this plugin does: " + doubt)));
        findings.addAll(VariableCheck.check(
                definition, request.variables(), handedOver, request.pipeline().isPresent()));
        for (StepDefinition step : definition.steps()) {
            if (step.isManual()) {
                findings.add(Subject.STEPS.unknown("When the run ends: its step " + step.title()
                        + " is manual, and the run is PAUSED there until a person starts it; the parameter onPaused"
                        + " decides what a build does then"));
            }
            if (step.isConditional()) {
                findings.add(Subject.STEPS.unknown("Whether the step " + step.title()
                        + " runs: it has a condition, by which Bitbucket may skip it"));
            }
        }
        return findings;
    }

    /**
     * Returns the definition that the run of this request would follow.
     *
     * @param pullRequest the branches of the request's pull request
     */
    public static Optional<PipelineDefinition> definition(
            PipelinesFile file, TriggerRequest request, Optional<PullRequest> pullRequest) {
        if (request.pipeline().isPresent()) {
            return file.custom(request.pipeline().get());
        }
        if (pullRequest.isPresent()) {
            return pullRequest
                    .flatMap(known -> known.source().branch())
                    .flatMap(source -> pullRequest
                            .flatMap(known -> known.destination().branch())
                            .flatMap(destination -> file.forPullRequest(source, destination)));
        }
        if (request.target() instanceof Target.Tag tag) {
            return file.forTag(tag.name());
        }
        return request.target() instanceof Target.Branch branch
                ? file.forBranch(branch.name())
                : file.defaultPipeline();
    }

    private static Finding missingDefinition(PipelinesFile file, TriggerRequest request) {
        String none = "no definition of " + request.definitionFile() + " is for " + request.target();
        return file.otherSections().isEmpty()
                ? Subject.DEFINITION.failed("N" + none.substring(1)
                        + ": a run would end at once. Add one, or name one of the custom pipelines"
                        + joinNames(file.customNames()))
                : Subject.DEFINITION.unknown("Whether a run finds a definition: " + none + ", and what "
                        + String.join(", ", file.otherSections()) + " of that file select is not known here. To be"
                        + " sure, name one of the custom pipelines" + joinNames(file.customNames()));
    }

    private static Finding missingPipeline(String file, String name, List<String> names) {
        String hint = NameSuggestion.closest(name, names)
                .map(other -> ": did you mean '" + other + "'?")
                .orElseGet(() -> names.isEmpty()
                        ? "; it has none at all"
                        : "; it has" + joinNames(names).substring(1));
        return Subject.DEFINITION.failed(file + " has no pipeline '" + name + "' under custom" + hint);
    }

    private static String joinNames(List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        List<String> shown = names.subList(0, Math.min(MAX_SHOWN_NAMES, names.size()));
        return ": " + String.join(", ", shown) + (shown.size() < names.size() ? ", …" : "");
    }

    /** Makes a call; where it fails, the finding is that it is unknown. */
    private <T> Optional<T> attempt(Subject subject, String whether, Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (PipelinesException e) {
            findings.add(subject.unknown(whether + ": " + e.getMessage()));
            return Optional.empty();
        }
    }

    private static String kind(Target target) {
        return target instanceof Target.Tag ? "tag" : "branch";
    }

    private static String capitalize(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
