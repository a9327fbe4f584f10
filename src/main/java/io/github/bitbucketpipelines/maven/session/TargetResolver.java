package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.git.CiEnvironment;
import io.github.bitbucketpipelines.maven.git.GitResult;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/** Resolves the target of a run: from the parameters, else from git, else from the CI server's environment. */
public final class TargetResolver {
    private static final String WAYS =
            "-Dbitbucket.branch, -Dbitbucket.tag, -Dbitbucket.commit or -Dbitbucket.pullRequest";
    private static final String NO_TAG = "'HEAD' is no tag, but what <scm><tag> has where no release is built";
    private static final String HEADS = "refs/heads/";
    private static final String TAGS = "refs/tags/";
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{7,40}");

    private final GoalContext context;
    private final Checkout checkout;
    private final RepositoryId repository;
    private final SourceLog sources;

    /**
     * Creates a resolver.
     *
     * @param repository the repository of the run
     * @param sources receives the lines that name the source of a default
     */
    TargetResolver(GoalContext context, Checkout checkout, RepositoryId repository, SourceLog sources) {
        this.context = context;
        this.checkout = checkout;
        this.repository = repository;
        this.sources = sources;
    }

    /**
     * Returns the target of the parameters, else {@link #currentRef}.
     *
     * @throws MojoExecutionException if a parameter is invalid, or there is no default
     */
    public Target resolve(TargetParameters parameters) throws MojoExecutionException {
        Optional<Target> explicit = explicitTarget(parameters);
        return explicit.isPresent() ? explicit.get() : currentRef();
    }

    /**
     * Returns the target of the parameters; empty if all are absent.
     *
     * @throws MojoExecutionException if a parameter is invalid, or two contradict each other
     */
    public Optional<Target> explicitTarget(TargetParameters parameters) throws MojoExecutionException {
        Optional<String> branch = branch(parameters.branch());
        Optional<String> tag = tag(parameters.tag());
        Optional<String> commit = ParameterParser.optional(parameters.commit());
        Optional<Long> pullRequest = ParameterParser.parseNumber("pullRequest", parameters.pullRequest(), 1);
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
            return Optional.of(new Target.PullRequest(pullRequest.get()));
        }
        if (tag.isPresent()) {
            return Optional.of(new Target.Tag(tag.get(), commit));
        }
        if (branch.isPresent()) {
            return Optional.of(new Target.Branch(branch.get(), commit));
        }
        return commit.map(Target.Commit::new);
    }

    private Optional<String> branch(String value) throws MojoExecutionException {
        Optional<String> given = refName("branch", value);
        if (given.filter(name -> name.startsWith(TAGS)).isPresent()) {
            throw ParameterParser.invalid(
                    "branch",
                    shown(given.get()) + " is a tag: give -Dbitbucket.tag="
                            + given.get().substring(TAGS.length()));
        }
        if (given.filter("HEAD"::equals).isPresent()) {
            throw ParameterParser.invalid("branch", "'HEAD' is git's name for what is checked out, not a branch");
        }
        // Git is started only for names that are likely to have a remote in front.
        Optional<String> remote = given.filter(name -> name.matches("(origin|upstream|(refs/)?remotes/[^/]+)/.+"))
                .flatMap(name -> checkout.remotes().stream()
                        .filter(each ->
                                name.replaceFirst("^(refs/)?remotes/", "").startsWith(each + "/"))
                        .findFirst());
        if (remote.isPresent()) {
            String name = given.get()
                    .replaceFirst("^(refs/)?remotes/", "")
                    .substring(remote.get().length() + 1);
            throw ParameterParser.invalid(
                    "branch",
                    shown(given.get()) + " has the name of the remote '" + remote.get()
                            + "' in front, which Bitbucket does not know: give -Dbitbucket.branch=" + name
                            + ", or " + HEADS + remote.get() + "/" + name
                            + " if the branch is really called so");
        }
        return given.map(name -> name.startsWith(HEADS) ? name.substring(HEADS.length()) : name);
    }

    private Optional<String> tag(String value) throws MojoExecutionException {
        Optional<String> given = refName("tag", value);
        if (given.filter(name -> name.startsWith(HEADS)).isPresent()) {
            throw ParameterParser.invalid(
                    "tag",
                    shown(given.get()) + " is a branch: give -Dbitbucket.branch="
                            + given.get().substring(HEADS.length()));
        }
        if (given.filter("HEAD"::equals).isPresent()) {
            // A release can only be rehearsed before the release plugin writes its tag.
            if (!context.isRehearsal()) {
                throw ParameterParser.invalid("tag", NO_TAG + "; leave the parameter out to run the branch");
            }
            sources.warn("Parameter 'tag': " + NO_TAG + "; without a rehearsal this is an error");
        }
        return given.map(name -> name.startsWith(TAGS) ? name.substring(TAGS.length()) : name);
    }

    private static String shown(String name) {
        return "'" + TextSanitizer.singleLine(name, 200) + "'";
    }

    private static Optional<String> refName(String parameter, String value) throws MojoExecutionException {
        Optional<String> name = ParameterParser.optional(value);
        if (name.filter(text -> text.contains("${")).isPresent()) {
            throw ParameterParser.invalid(
                    parameter,
                    "Maven has not resolved '" + TextSanitizer.singleLine(name.get(), 200)
                            + "': is that property set?");
        }
        if (name.filter(text -> text.chars().anyMatch(c -> Character.isISOControl(c) || c == ' '))
                .isPresent()) {
            throw ParameterParser.invalid(
                    parameter, "'" + TextSanitizer.singleLine(name.get(), 200) + "' can't be a name in git");
        }
        return name;
    }

    /**
     * Returns the branch that git has checked out; on a detached HEAD, and with a warning where git fails, the branch
     * or tag that the CI server names.
     *
     * @throws MojoExecutionException if there is neither, or the CI server names another commit or repository than that
     *     of the checkout; the message names what was found
     */
    Target currentRef() throws MojoExecutionException {
        GitResult<String> branch = checkout.branch();
        if (branch.value().isPresent()) {
            return recordSource(new Target.Branch(branch.value().get(), Optional.empty()), "git");
        }
        String reason = branch.absenceReason().orElseThrow();
        CiEnvironment ciServer = new CiEnvironment(environment(), checkout.remotes());
        Optional<CiEnvironment.Ref> ref = ciServer.ref();
        if (ref.isEmpty()) {
            throw ParameterParser.invalid(
                    "branch",
                    "no target is given, and none found: git says: " + reason + "; and " + ciServer.absenceReason()
                            + ". Give " + WAYS);
        }
        String variable = ref.get().variable();
        Optional<String> head = checkout.head().value();
        Optional<String> mismatch = ciServer.mismatch(head, repository, checkout.remoteUrls());
        if (mismatch.isPresent()) {
            throw ParameterParser.invalid(
                    "branch",
                    "no target is given, and " + ref.get().target() + " from " + variable + " ("
                            + ref.get().server() + ") is not that of this checkout: " + mismatch.get() + ". Give "
                            + WAYS);
        }
        Target target = recordSource(ref.get().target(), variable + " in the environment");
        List<String> missing = ciServer.missingEvidence();
        if (head.isEmpty()) {
            sources.warn(variable + " was not compared with the checkout, since git says: " + reason
                    + ". Give -Dbitbucket.branch or -Dbitbucket.tag to be sure");
        } else if (!missing.isEmpty()) {
            sources.info(variable + " was not compared with the checkout: the environment has no "
                    + String.join(" or ", missing));
        }
        return target;
    }

    /** Returns the hash of the commit that git has checked out; empty without a checkout. */
    Optional<String> headCommit() {
        return checkout.head().value();
    }

    private Target recordSource(Target target, String source) {
        String text = target.toString();
        sources.info(Character.toUpperCase(text.charAt(0)) + text.substring(1) + " from " + source);
        return target;
    }

    /** Returns the environment that Maven started with; in an IDE or a Maven daemon the JVM has another one. */
    private Map<String, String> environment() {
        Properties system = context.session().getSystemProperties();
        return system.stringPropertyNames().stream()
                .filter(name -> name.startsWith("env."))
                .collect(Collectors.toMap(name -> name.substring("env.".length()), system::getProperty));
    }
}
