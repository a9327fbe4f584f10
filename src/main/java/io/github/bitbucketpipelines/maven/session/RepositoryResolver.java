package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.git.Checkout.RemoteRepository;
import io.github.bitbucketpipelines.maven.git.GitResult;
import io.github.bitbucketpipelines.maven.git.RemoteUrl;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.maven.model.Scm;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;

/** Resolves the repository: from the parameters, else from the POM's {@code <scm>}, else from git. */
final class RepositoryResolver {
    private final MavenProject project;
    private final Checkout checkout;
    private final SourceLog sources;

    /**
     * Creates a resolver.
     *
     * @param sources receives the lines that name the source of a default
     */
    RepositoryResolver(MavenProject project, Checkout checkout, SourceLog sources) {
        this.project = project;
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
        if (repository.filter(slug -> slug.contains("/")).isPresent()) {
            return parseFullName(workspace, repository.get());
        }
        if (workspace.isPresent() && repository.isPresent()) {
            checkWorkspace(workspace.get());
            return repositoryId("repository", workspace.get(), repository.get());
        }
        Resolved<RepositoryId> found = findDefault(repository.isPresent() ? "workspace" : "repository");
        RepositoryId id = new RepositoryId(
                workspace.orElse(found.value().workspace()),
                repository.orElse(found.value().slug()));
        sources.info("Repository " + id + " from " + found.source());
        return id;
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

    private Resolved<RepositoryId> findDefault(String missingParameter) throws MojoExecutionException {
        Scm scm = project.getScm();
        if (scm != null) {
            Optional<RepositoryId> fromScm = Stream.of(scm.getDeveloperConnection(), scm.getConnection(), scm.getUrl())
                    .flatMap(address -> ParameterParser.optional(address).stream())
                    .flatMap(address -> RemoteUrl.parse(address).stream())
                    .findFirst();
            if (fromScm.isPresent()) {
                return new Resolved<>(fromScm.get(), "<scm> of the POM");
            }
        }
        GitResult<RemoteRepository> git = checkout.repository();
        if (git instanceof GitResult.Value<RemoteRepository> found) {
            return new Resolved<>(
                    found.content().repository(),
                    "git remote '" + found.content().remote() + "'");
        }
        throw ParameterParser.invalid(
                missingParameter,
                "it is not given, and not found: "
                        + (scm == null
                                ? "the POM has no <scm>"
                                : "<scm> of the POM names no repository on bitbucket.org")
                        + ", and git says: " + git.absenceReason().orElse("nothing")
                        + ". Give it as workspace/slug with -Dbitbucket.repository");
    }
}
