package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.git.CiEnvironment;
import io.github.bitbucketpipelines.maven.git.GitResult;
import io.github.bitbucketpipelines.maven.git.RemoteUrl;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Scm;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.project.MavenProject;

/**
 * Which repository and which target: what the user gave, else what the POM, git and the CI server say. Nothing is
 * guessed: what can't be found is an error that names the parameter, and where we looked.
 */
public final class TargetResolver {
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{7,40}");

    private final MavenSession session;
    private final MavenProject project;
    private final Checkout checkout;
    private final List<String> sources = new ArrayList<>();

    public TargetResolver(MavenSession session, MavenProject project, Path directory) {
        this.session = session;
        this.project = project;
        this.checkout = Checkout.at(directory);
    }

    /** Where the values came from that the user did not give, in lines for the log. */
    public List<String> sources() {
        return List.copyOf(sources);
    }

    /** The repository. */
    public RepositoryId repository(String workspaceGiven, String repositoryGiven) throws MojoExecutionException {
        Optional<String> workspace = ParameterParser.optional(workspaceGiven);
        Optional<String> repository = ParameterParser.optional(repositoryGiven);
        if (repository.filter(slug -> slug.contains("/")).isPresent()) {
            return fullName(workspace, repository.get());
        }
        if (workspace.isPresent() && repository.isPresent()) {
            checkWorkspace(workspace.get());
            return id("repository", workspace.get(), repository.get());
        }
        Resolved<RepositoryId> found = find(repository.isPresent() ? "workspace" : "repository");
        RepositoryId id = new RepositoryId(
                workspace.orElse(found.value().workspace()),
                repository.orElse(found.value().slug()));
        sources.add("Repository " + id + " from " + found.source());
        return id;
    }

    private static RepositoryId fullName(Optional<String> workspace, String repository) throws MojoExecutionException {
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
        return id("repository", parts[0], parts[1]);
    }

    private static void checkWorkspace(String workspace) throws MojoExecutionException {
        if (!RepositoryId.isWorkspace(workspace)) {
            id("workspace", workspace, "any");
        }
    }

    private static RepositoryId id(String parameter, String workspace, String slug) throws MojoExecutionException {
        try {
            return new RepositoryId(workspace, slug);
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid(parameter, e.getMessage());
        }
    }

    private Resolved<RepositoryId> find(String missing) throws MojoExecutionException {
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
        GitResult<RepositoryId> git = checkout.repository();
        if (git.value().isPresent()) {
            return new Resolved<>(git.value().get(), "git remote 'origin'");
        }
        throw ParameterParser.invalid(
                missing,
                "it is not given, and not found: "
                        + (scm == null
                                ? "the POM has no <scm>"
                                : "<scm> of the POM names no repository on bitbucket.org")
                        + ", and git says: " + git.absenceReason().orElse("nothing")
                        + ". Give it as workspace/slug with -Dbitbucket.repository");
    }

    /** What the run shall build. */
    public Target target(String branchGiven, String tagGiven, String commitGiven, String pullRequestGiven)
            throws MojoExecutionException {
        Optional<String> branch = name("branch", branchGiven);
        Optional<String> tag = name("tag", tagGiven);
        Optional<String> commit = ParameterParser.optional(commitGiven);
        Optional<Long> pullRequest = ParameterParser.parseNumber("pullRequest", pullRequestGiven, 1);
        if (branch.isPresent() && tag.isPresent()) {
            throw ParameterParser.invalid("tag", "'branch' is given, too; a run has one target, keep one of them");
        }
        if (pullRequest.isPresent() && (branch.isPresent() || tag.isPresent() || commit.isPresent())) {
            throw ParameterParser.invalid(
                    "pullRequest", "another target (branch, tag or commit) is given, too; a run has one target");
        }
        if (commit.filter(hash -> !HASH.matcher(hash).matches()).isPresent()) {
            throw ParameterParser.invalid(
                    "commit",
                    "'" + TextSanitizer.singleLine(commit.get(), 100)
                            + "' is not a commit's hash of 7 to 40 hexadecimal digits");
        }
        if (pullRequest.isPresent()) {
            return new Target.PullRequest(pullRequest.get());
        }
        if (tag.isPresent()) {
            return new Target.Tag(tag.get(), commit);
        }
        if (branch.isPresent()) {
            return new Target.Branch(branch.get(), commit);
        }
        return commit.isPresent() ? new Target.Commit(commit.get()) : currentRef();
    }

    private static Optional<String> name(String parameter, String given) throws MojoExecutionException {
        Optional<String> name = ParameterParser.optional(given);
        if (name.filter(n -> n.contains("${")).isPresent()) {
            throw ParameterParser.invalid(
                    parameter,
                    "Maven has not resolved '" + TextSanitizer.singleLine(name.get(), 200)
                            + "': is that property set?");
        }
        if (name.filter(n -> n.chars().anyMatch(c -> Character.isISOControl(c) || c == ' '))
                .isPresent()) {
            throw ParameterParser.invalid(
                    parameter, "'" + TextSanitizer.singleLine(name.get(), 200) + "' can't be a name in git");
        }
        return name;
    }

    private Target currentRef() throws MojoExecutionException {
        GitResult<String> branch = checkout.branch();
        if (branch.value().isPresent()) {
            return recordSource(new Target.Branch(branch.value().get(), Optional.empty()), "git");
        }
        CiEnvironment ciServer = new CiEnvironment(environment(), checkout.remotes());
        Optional<CiEnvironment.Ref> named = ciServer.ref();
        if (named.isPresent()) {
            return recordSource(named.get().target(), named.get().variable() + " in the environment");
        }
        throw ParameterParser.invalid(
                "branch",
                "no target is given, and none found: git says: "
                        + branch.absenceReason().orElse("nothing") + "; and " + ciServer.absenceReason()
                        + ". Give -Dbitbucket.branch, -Dbitbucket.tag, -Dbitbucket.commit or -Dbitbucket.pullRequest");
    }

    private Target recordSource(Target target, String from) {
        String text = target.toString();
        sources.add(Character.toUpperCase(text.charAt(0)) + text.substring(1) + " from " + from);
        return target;
    }

    /** As Maven saw it when it began: embedders and daemons have another one than the JVM's. */
    private Map<String, String> environment() {
        return session.getSystemProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("env."))
                .collect(Collectors.toMap(
                        name -> name.substring("env.".length()),
                        name -> session.getSystemProperties().getProperty(name)));
    }
}
