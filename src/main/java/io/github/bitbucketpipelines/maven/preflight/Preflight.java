package io.github.bitbucketpipelines.maven.preflight;

import io.github.bitbucketpipelines.maven.definition.PipelineDefinition;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.PullRequestRefs;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryClient.RefKind;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Looks at everything that a run will need, in a handful of requests, and triggers nothing. Whatever is wrong, it goes on
 * as far as it can, so that all of it is found at once.
 */
public final class Preflight {
    private static final String FILE = "bitbucket-pipelines.yml";
    private static final Set<String> READ_SCOPES = Set.of("pipeline", "read:pipeline:bitbucket");
    private static final Set<String> WRITE_SCOPES = Set.of("pipeline:write", "write:pipeline:bitbucket");
    private static final int MAX_NAMES = 10;

    private final PipelinesClient pipelines;
    private final RepositoryClient repository;
    private final TriggerRequest request;
    private final List<Finding> findings = new ArrayList<>();

    private Preflight(PipelinesClient pipelines, RepositoryClient repository, TriggerRequest request) {
        this.pipelines = pipelines;
        this.repository = repository;
        this.request = request;
    }

    /** Everything there is to say about a run that will be triggered like this. */
    public static List<Finding> of(PipelinesClient pipelines, RepositoryClient repository, TriggerRequest request) {
        Preflight preflight = new Preflight(pipelines, repository, request);
        if (preflight.checkCredentials()) {
            preflight.checkRepository();
            preflight.checkPipelinesEnabled();
            preflight.checkRef().flatMap(preflight::readDefinitions).ifPresent(preflight::checkDefinition);
        }
        return List.copyOf(preflight.findings);
    }

    /** One commit, and what decides there which definition a run follows. */
    private record ResolvedRef(String hash, Optional<PullRequestRefs> pullRequest) {}

    /** A place with its definitions. */
    private record ParsedFile(PipelinesFile file, ResolvedRef place) {}

    private boolean checkCredentials() {
        try {
            pipelines.listRuns(RunFilter.all(), 1);
        } catch (PipelinesException e) {
            findings.add(
                    switch (e.kind()) {
                        case UNAUTHORIZED, FORBIDDEN, NOT_FOUND, REJECTED, TLS_UNTRUSTED ->
                            Finding.failed(e.getMessage());
                        case RATE_LIMITED, NOT_PROCESSED, OUTCOME_UNKNOWN -> Finding.unknown(e.getMessage());
                    });
            findings.add(Finding.unknown(
                    "All else: not looked at, since Bitbucket did not show the runs of " + pipelines.repository()));
            return false;
        }
        Set<String> scopes = repository.scopes();
        findings.add(Finding.ok("The credentials are valid, and may read the runs of " + pipelines.repository()));
        if (scopes.isEmpty()) {
            findings.add(
                    Finding.unknown("Whether the credentials may start a run: Bitbucket did not tell their scopes"));
        } else if (WRITE_SCOPES.stream().noneMatch(scopes::contains)) {
            findings.add(Finding.failed("The credentials may not start a run: they lack the scope "
                    + missing(scopes) + " (they have: "
                    + String.join(", ", scopes.stream().sorted().toList())
                    + "). Make a token that has it"));
        } else if (READ_SCOPES.stream().noneMatch(scopes::contains)) {
            findings.add(
                    Finding.failed("The credentials may start a run, and may not read how it goes: they lack the scope"
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
            findings.add(Finding.ok("The repository is " + repository.fullName()));
            return true;
        });
    }

    private void checkPipelinesEnabled() {
        try {
            findings.add(
                    repository.isPipelinesEnabled()
                            ? Finding.ok("Pipelines is enabled")
                            : Finding.failed(
                                    "Pipelines is not enabled: switch it on in the repository's settings, under"
                                            + " Pipelines, Settings"));
        } catch (PipelinesException e) {
            boolean hidden = e.kind() == Kind.FORBIDDEN || e.kind() == Kind.NOT_FOUND || e.kind() == Kind.UNAUTHORIZED;
            findings.add(Finding.unknown("Whether Pipelines is enabled: "
                    + (hidden ? "Bitbucket tells only tokens with administrator's rights" : e.getMessage())));
        }
    }

    private Optional<ResolvedRef> checkRef() {
        return request.target() instanceof Target.PullRequest wanted
                ? attempt("Whether " + wanted + " is there", () -> pullRequest(wanted))
                        .flatMap(place -> place)
                : attempt("Whether " + request.target() + " is there", () -> refAndCommit(request.target()))
                        .flatMap(place -> place);
    }

    private Optional<ResolvedRef> pullRequest(Target.PullRequest wanted) {
        Optional<PullRequestRefs> found = repository.getPullRequest(wanted.id());
        findings.add(found.map(there -> Finding.ok("Pull request " + wanted.id() + " is there, from branch "
                        + there.source() + " to " + there.destination()))
                .orElseGet(() -> Finding.failed("There is no pull request " + wanted.id()
                        + " with both its branches; check the parameter pullRequest")));
        // A pull request tells the beginning of the hash only.
        return found.map(there -> new ResolvedRef(
                repository.resolveCommit(new Target.Commit(there.commit())).orElse(there.commit()), found));
    }

    private Optional<ResolvedRef> refAndCommit(Target target) {
        Optional<String> refHash = Optional.empty();
        if (target.refName().isPresent()) {
            refHash = repository.resolveCommit(target);
            findings.add(refHash.map(hash -> Finding.ok(
                            capitalize(kind(target)) + " " + target.refName().get() + " is at " + abbreviate(hash)))
                    .orElseGet(() -> missingRef(target)));
        }
        if (target.commit().isEmpty()) {
            return refHash.map(hash -> new ResolvedRef(hash, Optional.empty()));
        }
        Target.Commit commit = new Target.Commit(target.commit().get());
        Optional<String> hash = repository.resolveCommit(commit);
        findings.add(hash.map(there -> Finding.ok("Commit " + abbreviate(there) + " is there"))
                .orElseGet(
                        () -> Finding.failed("There is no " + commit + ": was it pushed? Check the parameter commit")));
        return hash.map(there -> new ResolvedRef(there, Optional.empty()));
    }

    private Finding missingRef(Target target) {
        String name = target.refName().orElseThrow();
        String text = "There is no " + kind(target) + " " + name;
        Optional<String> nearest = Optional.empty();
        try {
            nearest = NameSuggestion.closest(
                    name, repository.listRefs(target instanceof Target.Tag ? RefKind.TAG : RefKind.BRANCH));
        } catch (PipelinesException e) {
            // Only the hint is lost.
        }
        return Finding.failed(text
                + nearest.map(near -> ": did you mean " + near + "?")
                        .orElse("; was it pushed? Check the parameter " + kind(target)));
    }

    private Optional<ParsedFile> readDefinitions(ResolvedRef place) {
        return attempt("What " + FILE + " has", () -> read(place)).flatMap(file -> file);
    }

    private Optional<ParsedFile> read(ResolvedRef place) {
        Optional<String> text = repository.readFile(place.hash(), FILE);
        if (text.isEmpty()) {
            findings.add(Finding.failed("There is no " + FILE + " at " + abbreviate(place.hash()) + ": add it there"));
            return Optional.empty();
        }
        try {
            ParsedFile file = new ParsedFile(PipelinesFile.read(text.get()), place);
            findings.add(Finding.ok(FILE + " is there, and can be read"));
            return Optional.of(file);
        } catch (PipelinesFileException e) {
            findings.add(Finding.failed("At " + abbreviate(place.hash()) + " " + e.getMessage()));
            return Optional.empty();
        }
    }

    private void checkDefinition(ParsedFile file) {
        Optional<PipelineDefinition> definition = request.pipeline().isPresent()
                ? file.file().custom(request.pipeline().get())
                : matching(file);
        if (definition.isEmpty()) {
            findings.add(request.pipeline()
                    .map(name -> missingPipeline(name, file.file().customNames()))
                    .orElseGet(() -> Finding.failed("No definition of " + FILE + " is for " + request.target()
                            + ": a run would end at once. Add one, or name one of the custom pipelines"
                            + joinNames(file.file().customNames()))));
            return;
        }
        PipelineDefinition there = definition.get();
        findings.add(Finding.ok(request.pipeline()
                .map(name -> "Pipeline " + name + " is there")
                .orElseGet(() -> "The definition for " + request.target() + " is "
                        + there.selector()
                                .pattern()
                                .map(p -> there.selector().type() + ": " + p)
                                .orElse(there.selector().type()))));
        there.importedFrom()
                .ifPresentOrElse(
                        from -> findings.add(Finding.unknown("It is imported"
                                + from.repository()
                                        .map(name -> " from repository " + name)
                                        .orElse("")
                                + from.path().map(path -> " from " + path).orElse("")
                                + ": its steps and variables were not looked at")),
                        () -> findings.addAll(VariableCheck.check(
                                there, request.variables(), request.pipeline().isPresent())));
    }

    private Optional<PipelineDefinition> matching(ParsedFile file) {
        Target target = request.target();
        if (file.place().pullRequest().isPresent()) {
            PullRequestRefs there = file.place().pullRequest().get();
            return file.file().forPullRequest(there.source(), there.destination());
        }
        if (target instanceof Target.Tag tag) {
            return file.file().forTag(tag.name());
        }
        return target instanceof Target.Branch branch
                ? file.file().forBranch(branch.name())
                : file.file().defaultPipeline();
    }

    private static Finding missingPipeline(String name, List<String> names) {
        String hint = NameSuggestion.closest(name, names)
                .map(near -> ": did you mean '" + near + "'?")
                .orElseGet(() -> names.isEmpty() ? "; it has none at all" : joinNames(names));
        return Finding.failed(FILE + " has no pipeline '" + name + "' under custom" + hint);
    }

    private static String joinNames(List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        List<String> few = names.subList(0, Math.min(MAX_NAMES, names.size()));
        return ": " + String.join(", ", few) + (few.size() < names.size() ? ", …" : "");
    }

    /** Where Bitbucket does not tell, it is unknown. */
    private <T> Optional<T> attempt(String what, Supplier<T> question) {
        try {
            return Optional.of(question.get());
        } catch (PipelinesException e) {
            findings.add(Finding.unknown(what + ": " + e.getMessage()));
            return Optional.empty();
        }
    }

    private static String kind(Target target) {
        return target instanceof Target.Tag ? "tag" : "branch";
    }

    private static String capitalize(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private static String abbreviate(String hash) {
        return hash.length() > 12 ? hash.substring(0, 12) : hash;
    }
}
