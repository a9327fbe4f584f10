package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.git.CiEnvironment;
import io.github.bitbucketpipelines.maven.git.RemoteRepositories;
import io.github.bitbucketpipelines.maven.git.RemoteRepository;
import io.github.bitbucketpipelines.maven.git.RemoteUrl;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Resolves the repository: from the parameters, else by {@link RepositoryRule} from the POM's {@code <scm>}, git and the
 * CI server.
 */
final class RepositoryResolver {
    private final GoalContext context;
    private final Checkout checkout;
    private final SourceLog sources;

    /**
     * Creates a resolver.
     *
     * @param sources receives the lines that name the source of a default
     */
    RepositoryResolver(GoalContext context, Checkout checkout, SourceLog sources) {
        this.context = context;
        this.checkout = checkout;
        this.sources = sources;
    }

    /**
     * Returns the repository of these parameters, completed by the default.
     *
     * @throws MojoExecutionException if a parameter is invalid, or there is no default; the message says where it was
     *     searched
     */
    RepositoryId resolve(String workspaceParameter, String repositoryParameter) throws MojoExecutionException {
        Optional<String> workspace = ParameterParser.optional(workspaceParameter);
        Optional<String> repository = ParameterParser.optional(repositoryParameter);
        refuseAddress("workspace", workspace);
        refuseAddress("repository", repository);
        if (repository.filter(slug -> slug.contains("/")).isPresent()) {
            return parseFullName(workspace, repository.get());
        }
        if (workspace.isPresent() && repository.isPresent()) {
            checkWorkspace(workspace.get());
            return repositoryId("repository", workspace.get(), repository.get());
        }
        if (workspace.isPresent()) {
            checkWorkspace(workspace.get());
        } else if (repository.isPresent()) {
            repositoryId("repository", "any", repository.get());
        }
        return findDefault(new Given(workspace, repository));
    }

    /** Refuses the address of a clone, which a CI server gives with a token in it. */
    private static void refuseAddress(String parameter, Optional<String> value) throws MojoExecutionException {
        if (value.filter(text -> text.matches("(?s).*[:@].*")).isPresent()) {
            throw ParameterParser.invalid(
                    parameter,
                    "'" + RemoteUrl.redacted(value.get()) + "' is an address, and no name"
                            + RemoteUrl.parse(value.get())
                                    .map(id -> ": give -Dbitbucket.repository=" + id)
                                    .orElse(""));
        }
    }

    private static RepositoryId parseFullName(Optional<String> workspace, String repository)
            throws MojoExecutionException {
        String[] parts = repository.split("/", -1);
        if (workspace.isPresent()) {
            throw ParameterParser.invalid(
                    "repository",
                    "'" + TextSanitizer.singleLine(repository, 200)
                            + "' has a slash, and 'workspace' is given, too; give the slug alone, or workspace/slug"
                            + " alone");
        }
        if (parts.length != 2) {
            throw ParameterParser.invalid(
                    "repository",
                    "'" + TextSanitizer.singleLine(repository, 200) + "' is neither a slug nor workspace/slug");
        }
        return repositoryId("repository", parts[0], parts[1]);
    }

    private static void checkWorkspace(String workspace) throws MojoExecutionException {
        if (!RepositoryId.isWorkspace(workspace)) {
            repositoryId("workspace", workspace, "any");
        }
    }

    private static RepositoryId repositoryId(String parameter, String workspace, String slug)
            throws MojoExecutionException {
        try {
            return new RepositoryId(workspace, slug);
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid(parameter, e.getMessage());
        }
    }

    /** Gathers what names a repository, ordered by precedence. */
    private List<RepositoryClaim> claims(List<String> scm, RemoteRepositories remotes) {
        List<RepositoryClaim> claims = new ArrayList<>();
        scm.stream()
                .flatMap(address -> RemoteUrl.parseAll(address).stream())
                .map(id -> new RepositoryClaim(RepositorySource.SCM, "<scm> of the POM", id))
                .forEach(claims::add);
        remotes.current().stream()
                .map(each -> claim(RepositorySource.CURRENT_REMOTE, each))
                .forEach(claims::add);
        remotes.all().stream()
                .filter(each -> !remotes.current().contains(each))
                .map(each -> claim(RepositorySource.OTHER_REMOTE, each))
                .forEach(claims::add);
        // Only a branch needs the names of the remotes.
        new CiEnvironment(context.environment(), List.of())
                .repositories(checkout.head().value())
                .forEach((variable, id) -> claims.add(
                        new RepositoryClaim(RepositorySource.CI_SERVER, variable + " in the environment", id)));
        return claims;
    }

    private static RepositoryClaim claim(RepositorySource source, RemoteRepository remote) {
        return new RepositoryClaim(source, remote.source(), remote.repository());
    }

    private RepositoryId findDefault(Given given) throws MojoExecutionException {
        OwnScm scm = new OwnScm(context.session(), context.project());
        List<String> addresses = scm.addresses();
        RemoteRepositories remotes = checkout.repositories();
        List<RepositoryClaim> claims = claims(addresses, remotes).stream()
                .map(claim -> new RepositoryClaim(claim.source(), claim.name(), given.complete(claim.repository())))
                .toList();
        RepositoryRule.Outcome outcome = RepositoryRule.apply(claims);
        if (outcome instanceof RepositoryRule.Selected selected) {
            RepositoryId id = selected.claim().repository();
            sources.info("Repository " + id + " from " + selected.claim().name());
            if (!selected.others().isEmpty()) {
                sources.warn("Repository " + id + " from " + selected.claim().name() + " is used, and "
                        + listed(selected.others()) + ". Is one of them a fork? "
                        + options(given, selected.claim(), selected.others()) + " selects the one that is meant");
            }
            return id;
        }
        if (outcome instanceof RepositoryRule.Contradiction contradiction) {
            throw ParameterParser.invalid(
                    given.missing(),
                    "it is not given, and what names it names several: "
                            + contradiction.claim().name() + " is "
                            + contradiction.claim().repository() + ", which is no git remote here, and "
                            + listed(contradiction.others()) + ". Nothing was triggered. Correct what is wrong, or"
                            + " give " + options(given, contradiction.claim(), contradiction.others()));
        }
        throw ParameterParser.invalid(
                given.missing(),
                "it is not given, and not found: " + scmReason(scm, addresses) + ", and git says: "
                        + remotes.absenceReason() + ciHint(claims)
                        + ". Give it as workspace/slug with -Dbitbucket.repository");
    }

    private static String scmReason(OwnScm scm, List<String> addresses) {
        if (!addresses.isEmpty()) {
            return "<scm> of the POM names no repository on bitbucket.org";
        }
        return scm.isInherited()
                ? "no POM of this build has <scm> itself, only a parent outside the build"
                : "the POM has no <scm>";
    }

    private static String ciHint(List<RepositoryClaim> claims) {
        return claims.stream()
                .filter(claim -> claim.source() == RepositorySource.CI_SERVER)
                .map(claim -> "; " + claim.name() + " is " + claim.repository() + ", which -Dbitbucket.repository="
                        + claim.repository() + " selects")
                .collect(Collectors.joining());
    }

    private static String listed(List<RepositoryClaim> claims) {
        return claims.stream()
                .map(claim -> claim.name() + " is " + claim.repository())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String options(Given given, RepositoryClaim claim, List<RepositoryClaim> others) {
        return Stream.concat(Stream.of(claim), others.stream())
                .map(each -> given.option(each.repository()))
                .distinct()
                .collect(Collectors.joining(" or "));
    }

    /** The parameters that are given: at most one of them. */
    private record Given(Optional<String> workspace, Optional<String> repository) {
        String missing() {
            return repository.isPresent() ? "workspace" : "repository";
        }

        RepositoryId complete(RepositoryId found) {
            return new RepositoryId(workspace.orElse(found.workspace()), repository.orElse(found.slug()));
        }

        /** Returns the option that, beside what is given, selects this repository. */
        String option(RepositoryId id) {
            if (repository.isPresent()) {
                return "-Dbitbucket.workspace=" + id.workspace();
            }
            return "-Dbitbucket.repository=" + (workspace.isPresent() ? id.slug() : id);
        }
    }
}
