package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.git.RefName;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import io.github.bitbucketpipelines.maven.session.parameter.TargetParameters;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.maven.plugin.MojoExecutionException;

/** Resolves the target of a run: from the parameters, else from git, else from the CI server's environment. */
public final class TargetResolver {
    static final String WAYS = "-Dbitbucket.branch, -Dbitbucket.tag, -Dbitbucket.commit or -Dbitbucket.pullRequest";
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
        Optional<String> problem = given.flatMap(name -> branchProblem(name, checkout));
        if (problem.isPresent()) {
            throw ParameterParser.invalid("branch", problem.get());
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
        Optional<String> problem = given.flatMap(TargetResolver::tagProblem);
        if (problem.isPresent()) {
            throw ParameterParser.invalid("tag", problem.get());
        }
        return given.map(name -> name.startsWith(TAGS) ? name.substring(TAGS.length()) : name);
    }

    /** Returns why Bitbucket does not know a branch by this name, though git does; empty if it may. */
    static Optional<String> branchProblem(String name, Checkout checkout) {
        if (!name.contains("/") || name.startsWith(HEADS)) {
            return Optional.empty();
        }
        // As git prints them where a branch and a tag have the same name.
        if (name.startsWith("heads/")) {
            return Optional.of(prefixed(name, "'heads/'", "branch=" + name.substring("heads/".length()), HEADS));
        }
        if (name.startsWith("tags/")) {
            return Optional.of(prefixed(name, "'tags/'", "tag=" + name.substring("tags/".length()), HEADS));
        }
        String ofRemote = name.replaceFirst("^(refs/)?remotes/", "");
        Optional<String> remote = checkout.remotes().stream()
                .filter(each -> ofRemote.startsWith(each + "/"))
                .findFirst();
        if (remote.isPresent()) {
            return Optional.of(prefixed(
                    name,
                    "the name of the remote " + shown(remote.get()),
                    "branch=" + ofRemote.substring(remote.get().length() + 1),
                    HEADS));
        }
        return noRef(name, "branch", HEADS);
    }

    /** Returns why Bitbucket does not know a tag by this name, though git does; empty if it may. */
    static Optional<String> tagProblem(String name) {
        return name.startsWith("tags/")
                ? Optional.of(prefixed(name, "'tags/'", "tag=" + name.substring("tags/".length()), TAGS))
                : noRef(name, "tag", TAGS);
    }

    private static String prefixed(String name, String prefix, String option, String fullName) {
        return shown(name) + " has " + prefix + " in front, which Bitbucket does not know: give -Dbitbucket."
                + safe(option) + ", or " + fullName + safe(name) + " if it is really called so";
    }

    private static Optional<String> noRef(String name, String what, String prefix) {
        return name.matches("(refs|remotes)/.*") && !name.startsWith(prefix)
                ? Optional.of(shown(name) + " is no " + what + ": give its name, or " + prefix + "NAME")
                : Optional.empty();
    }

    static String shown(String name) {
        return "'" + safe(name) + "'";
    }

    static String safe(String name) {
        return TextSanitizer.singleLine(name, 200);
    }

    private static Optional<String> refName(String parameter, String value) throws MojoExecutionException {
        Optional<String> name = ParameterParser.optional(value);
        if (name.filter(text -> text.contains("${")).isPresent()) {
            throw ParameterParser.invalid(
                    parameter,
                    "Maven has not resolved '" + TextSanitizer.singleLine(name.get(), 200)
                            + "': is that property set?");
        }
        if (name.filter(text -> !RefName.isValid(text)).isPresent()) {
            throw ParameterParser.invalid(
                    parameter, "'" + TextSanitizer.singleLine(name.get(), 200) + "' can't be a name in git");
        }
        return name;
    }

    /**
     * Returns the branch or tag that is checked out.
     *
     * @throws MojoExecutionException if there is none, or it is not clear which one is meant; the message names what was
     *     found
     */
    public Target currentRef() throws MojoExecutionException {
        return new CurrentRefResolver(context, checkout, repository, sources).resolve();
    }

    /** Logs a warning when the goal runs, which one module of a reactor does. */
    public void warn(String line) {
        sources.warn(line);
    }

    /** Returns the hash of the commit that git has checked out; empty without a checkout. */
    public Optional<String> headCommit() {
        return checkout.head().value();
    }
}
