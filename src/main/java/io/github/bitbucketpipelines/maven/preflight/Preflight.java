package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelineImport;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.definition.StepDefinition;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.PullRequestRefs;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.RefKind;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TimeLimit;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Checks everything that a run needs, in a handful of requests, without triggering anything. It continues after a
 * failed check as far as possible, so that one execution finds all problems.
 */
public final class Preflight {
    private static final String FILE = "bitbucket-pipelines.yml";
    private static final Set<String> READ_SCOPES = Set.of("pipeline", "read:pipeline:bitbucket");
    private static final Set<String> WRITE_SCOPES = Set.of("pipeline:write", "write:pipeline:bitbucket");
    private static final int MAX_SHOWN_NAMES = 10;

    private final PipelinesClient pipelines;
    private final RepositoryClient repository;
    private final TriggerRequest request;
    private final TimeLimit limit;
    private final List<Finding> findings = new ArrayList<>();

    private Preflight(PipelinesClient pipelines, RepositoryClient repository, TriggerRequest request, TimeLimit limit) {
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
        Preflight preflight = new Preflight(pipelines, repository, request, limit);
        if (preflight.checkCredentials()) {
            preflight.checkRepository();
            preflight.checkPipelinesEnabled();
            preflight
                    .checkRef()
                    .flatMap(preflight::readDefinitions)
                    .map(parsed -> ofDefinition(
                            parsed.file(), request, handedOver, parsed.ref().pullRequest()))
                    .ifPresent(preflight.findings::addAll);
        }
        return List.copyOf(preflight.findings);
    }

    /** The commit that would be built; for a pull request with its branches, which select the definition. */
    private record ResolvedRef(String hash, Optional<PullRequestRefs> pullRequest) {}

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
            findings.add(
                    e.isForeign()
                            ? Finding.failed(e.getMessage())
                            : switch (e.kind()) {
                                case UNAUTHORIZED, FORBIDDEN, NOT_FOUND, REJECTED, TLS_UNTRUSTED ->
                                    Finding.failed(e.getMessage());
                                case RATE_LIMITED, NOT_PROCESSED, OUTCOME_UNKNOWN -> Finding.unknown(e.getMessage());
                            });
            findings.add(Finding.unknown(
                    "Remaining checks skipped: Bitbucket did not show the runs of " + pipelines.repository()));
            return false;
        }
        Set<String> scopes = repository.scopes();
        findings.add(Finding.ok("The credentials are valid, and may read the runs of " + pipelines.repository()));
        if (scopes.isEmpty()) {
            findings.add(
                    Finding.unknown("Whether the credentials may start a run: Bitbucket did not report their scopes"));
        } else if (WRITE_SCOPES.stream().noneMatch(scopes::contains)) {
            findings.add(Finding.failed("The credentials may not start a run: they lack the scope "
                    + missing(scopes) + " (they have: "
                    + String.join(", ", scopes.stream().sorted().toList())
                    + "). Make a token that has it"));
        } else if (READ_SCOPES.stream().noneMatch(scopes::contains)) {
            findings.add(
                    Finding.failed("The credentials may start a run, but may not read its state: they lack the scope"
                            + " 'pipeline' (an API token: 'read:pipeline:bitbucket'). Make a token that has both"));
        } else {
            findings.add(Finding.ok("Their scopes allow to start a run"));
        }
        return true;
    }

    private static String missing(Set<String> scopes) {
        return scopes.stream().anyMatch(scope -> scope.startsWith("read:") || scope.endsWith(":bitbucket"))
                ? "'write:pipeline:bitbucket'"
                : "'pipeline:write'";
    }

    private void checkRepository() {
        attempt("Whether the repository can be read", () -> {
            findings.add(Finding.ok("The repository is " + repository().fullName()));
            return true;
        });
    }

    private void checkPipelinesEnabled() {
        try {
            findings.add(
                    repository().isPipelinesEnabled()
                            ? Finding.ok("Pipelines is enabled")
                            : Finding.failed(
                                    "Pipelines is not enabled: switch it on in the repository's settings, under"
                                            + " Pipelines, Settings"));
        } catch (PipelinesException e) {
            boolean hidden = e.kind() == Kind.FORBIDDEN || e.kind() == Kind.NOT_FOUND || e.kind() == Kind.UNAUTHORIZED;
            findings.add(Finding.unknown("Whether Pipelines is enabled: "
                    + (hidden ? "Bitbucket shows it only to tokens with administrator rights" : e.getMessage())));
        }
    }

    private Optional<ResolvedRef> checkRef() {
        Target target = request.target();
        return attempt(
                        "Whether " + target + " is there",
                        () -> target instanceof Target.PullRequest pullRequest ? resolve(pullRequest) : resolve(target))
                .flatMap(resolved -> resolved);
    }

    private Optional<ResolvedRef> resolve(Target.PullRequest pullRequest) {
        Optional<PullRequestRefs> refs = repository().getPullRequest(pullRequest.id());
        findings.add(refs.map(found -> Finding.ok("Pull request " + pullRequest.id() + " is there, from branch "
                        + found.source() + " to " + found.destination()))
                .orElseGet(() -> Finding.failed("There is no pull request " + pullRequest.id()
                        + " with both its branches; check the parameter pullRequest")));
        // A pull request has abbreviated hashes only.
        return refs.map(found -> new ResolvedRef(
                repository().resolveCommit(new Target.Commit(found.commit())).orElse(found.commit()), refs));
    }

    private Optional<ResolvedRef> resolve(Target target) {
        Optional<String> refHash = Optional.empty();
        if (target.refName().isPresent()) {
            refHash = repository().resolveCommit(target);
            findings.add(refHash.map(hash -> Finding.ok(capitalize(kind(target)) + " "
                            + target.refName().get() + " is at " + Target.abbreviate(hash)))
                    .orElseGet(() -> missingRef(target)));
        }
        if (target.commit().isEmpty()) {
            return refHash.map(hash -> new ResolvedRef(hash, Optional.empty()));
        }
        Target.Commit commit = new Target.Commit(target.commit().get());
        Optional<String> hash = repository().resolveCommit(commit);
        findings.add(hash.map(found -> Finding.ok("Commit " + Target.abbreviate(found) + " is there"))
                .orElseGet(
                        () -> Finding.failed("There is no " + commit + ": was it pushed? Check the parameter commit")));
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
        return Finding.failed("There is no " + kind(target) + " " + name
                + suggestion
                        .map(other -> ": did you mean " + other + "?")
                        .orElse("; was it pushed? Check the parameter " + kind(target)));
    }

    private Optional<ParsedFile> readDefinitions(ResolvedRef ref) {
        return attempt("What " + FILE + " has", () -> read(ref)).flatMap(file -> file);
    }

    private Optional<ParsedFile> read(ResolvedRef ref) {
        Optional<String> text = repository().readFile(ref.hash(), FILE);
        String commit = Target.abbreviate(ref.hash());
        if (text.isEmpty()) {
            findings.add(Finding.failed("There is no " + FILE + " at " + commit + ": add it there"));
            return Optional.empty();
        }
        try {
            ParsedFile parsed = new ParsedFile(PipelinesFile.read(text.get()), ref);
            findings.add(Finding.ok(FILE + " is there, and can be read"));
            return Optional.of(parsed);
        } catch (PipelinesFileException e) {
            findings.add(Finding.failed("At " + commit + " " + e.getMessage()));
            return Optional.empty();
        }
    }

    /**
     * Checks what a parsed bitbucket-pipelines.yml says of the run that this request would trigger: its pipeline, its
     * variables, and the steps for which it waits or that it may skip.
     *
     * @param handedOver the keys of variables whose values are not known yet
     * @param pullRequest the branches of the request's pull request
     */
    public static List<Finding> ofDefinition(
            PipelinesFile file, TriggerRequest request, Set<String> handedOver, Optional<PullRequestRefs> pullRequest) {
        Optional<PipelineDefinition> match = definition(file, request, pullRequest);
        if (match.isEmpty()) {
            return List.of(request.pipeline()
                    .map(name -> missingPipeline(name, file.customNames()))
                    .orElseGet(() -> Finding.failed("No definition of " + FILE + " is for " + request.target()
                            + ": a run would end at once. Add one, or name one of the custom pipelines"
                            + joinNames(file.customNames()))));
        }
        PipelineDefinition definition = match.get();
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok(request.pipeline()
                .map(name -> "Pipeline " + name + " is there")
                .orElseGet(() -> "The definition for " + request.target() + " is "
                        + definition
                                .selector()
                                .pattern()
                                .map(pattern -> definition.selector().type() + ": " + pattern)
                                .orElse(definition.selector().type()))));
        if (definition.importedFrom().isPresent()) {
            PipelineImport from = definition.importedFrom().get();
            findings.add(Finding.unknown("It is imported"
                    + from.repository().map(name -> " from repository " + name).orElse("")
                    + from.path().map(path -> " from " + path).orElse("")
                    + ": its steps and variables were not checked"));
            return findings;
        }
        findings.addAll(VariableCheck.check(
                definition, request.variables(), handedOver, request.pipeline().isPresent()));
        for (StepDefinition step : definition.steps()) {
            if (step.isManual()) {
                findings.add(Finding.unknown("When the run ends: its step " + step.title()
                        + " is manual, and the run is PAUSED there until a person starts it; the parameter onPaused"
                        + " decides what a build does then"));
            }
            if (step.isConditional()) {
                findings.add(Finding.unknown("Whether the step " + step.title()
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
            PipelinesFile file, TriggerRequest request, Optional<PullRequestRefs> pullRequest) {
        if (request.pipeline().isPresent()) {
            return file.custom(request.pipeline().get());
        }
        if (pullRequest.isPresent()) {
            PullRequestRefs refs = pullRequest.get();
            return file.forPullRequest(refs.source(), refs.destination());
        }
        if (request.target() instanceof Target.Tag tag) {
            return file.forTag(tag.name());
        }
        return request.target() instanceof Target.Branch branch
                ? file.forBranch(branch.name())
                : file.defaultPipeline();
    }

    private static Finding missingPipeline(String name, List<String> names) {
        String hint = NameSuggestion.closest(name, names)
                .map(other -> ": did you mean '" + other + "'?")
                .orElseGet(() -> names.isEmpty() ? "; it has none at all" : joinNames(names));
        return Finding.failed(FILE + " has no pipeline '" + name + "' under custom" + hint);
    }

    private static String joinNames(List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        List<String> shown = names.subList(0, Math.min(MAX_SHOWN_NAMES, names.size()));
        return ": " + String.join(", ", shown) + (shown.size() < names.size() ? ", …" : "");
    }

    /** Makes a call; where it fails, the subject of the check is unknown. */
    private <T> Optional<T> attempt(String subject, Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (PipelinesException e) {
            findings.add(Finding.unknown(subject + ": " + e.getMessage()));
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
