package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.git.CiEnvironment;
import io.github.bitbucketpipelines.maven.git.GitResult;
import io.github.bitbucketpipelines.maven.git.RefName;
import io.github.bitbucketpipelines.maven.git.RemoteRepository;
import io.github.bitbucketpipelines.maven.git.RemoteUrl;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.MojoExecutionException;

/** Resolves the branch or tag that is checked out: from git, else from the CI server's environment. */
record CurrentRefResolver(GoalContext context, Checkout checkout, RepositoryId repository, SourceLog sources) {
    /**
     * Returns the branch that git has checked out; on a detached HEAD, and with a warning where git fails, the branch
     * or tag that the CI server names.
     *
     * @throws MojoExecutionException if there is neither, or the CI server names another commit or repository than that
     *     of the checkout, or two of them contradict each other; the message names what was found
     */
    Target resolve() throws MojoExecutionException {
        GitResult<String> branch = checkout.branch();
        CiEnvironment ciServer = new CiEnvironment(context.environment(), checkout.remotes());
        return branch instanceof GitResult.Value<String> name
                ? branchOfGit(name.content(), ciServer)
                : refOfCiServer(branch.absenceReason().orElseThrow(), ciServer);
    }

    private Target branchOfGit(String name, CiEnvironment ciServer) throws MojoExecutionException {
        warnOfOtherRepository(name);
        Optional<Checkout.Upstream> upstream = checkout.upstream(name);
        if (upstream.isEmpty()) {
            compareWithCiServer(name, ciServer);
        } else if (!upstream.get().branch().equals(name)) {
            compareWithUpstream(name, upstream.get());
        }
        return recordSource(new Target.Branch(name, Optional.empty()), "git");
    }

    /** A repository that is given need not be the one whose branch is checked out. */
    private void warnOfOtherRepository(String branch) {
        List<RemoteRepository> remotes = checkout.repositories().all();
        // Remotes have no UUIDs.
        boolean isComparable = !repository.fullName().contains("{");
        if (isComparable
                && !remotes.isEmpty()
                && remotes.stream()
                        .noneMatch(remote -> remote.repository().fullName().equalsIgnoreCase(repository.fullName()))) {
            sources.warn("Branch " + TextSanitizer.singleLine(branch, 200) + " from git is that of a checkout of "
                    + remotes.get(0).repository() + " (" + remotes.get(0).source() + "), and the repository is "
                    + repository + ". Give -Dbitbucket.branch, too");
        }
    }

    /** A branch may follow another one for good, or only since it was made from that one. */
    private void compareWithUpstream(String name, Checkout.Upstream upstream) throws MojoExecutionException {
        String both = "git has checked out branch " + TargetResolver.shown(name) + ", and its upstream is branch "
                + TargetResolver.shown(upstream.branch()) + " of the remote '"
                // Git also takes an address in place of a name.
                + RemoteUrl.redacted(upstream.remote()) + "'";
        if (!checkout.isAtRemote(upstream.remote(), name)) {
            throw contradiction(
                    both,
                    "-Dbitbucket.branch=" + TargetResolver.safe(upstream.branch()) + " or -Dbitbucket.branch="
                            + TargetResolver.safe(name) + ", after a push of the latter");
        }
        sources.warn(both + ". The run is of branch " + TargetResolver.shown(name) + "; -Dbitbucket.branch="
                + TargetResolver.safe(upstream.branch()) + " selects the other one");
    }

    /** A local branch without upstream may be one that a job of the CI server has made, with any name. */
    private void compareWithCiServer(String name, CiEnvironment ciServer) throws MojoExecutionException {
        String git = "git has checked out branch " + TargetResolver.shown(name) + ", which has no upstream, and ";
        Optional<String> pullRequest = ciServer.pullRequestReason();
        if (pullRequest.isPresent() && mismatch(ciServer).isEmpty()) {
            throw contradiction(git + pullRequest.get(), TargetResolver.WAYS);
        }
        Optional<CiEnvironment.Ref> ref =
                ciServer.ref().filter(named -> !named.target().equals(new Target.Branch(name, Optional.empty())));
        if (ref.isEmpty() || mismatch(ciServer).isPresent()) {
            return;
        }
        String both = git + ref.get().variable() + " (" + ref.get().server() + ") names "
                + TextSanitizer.singleLine(ref.get().target().toString(), 200);
        if (ciServer.missingEvidence().isEmpty()) {
            throw contradiction(
                    both,
                    "-Dbitbucket.branch=" + TargetResolver.safe(name) + ", or that of the CI server, by one of "
                            + TargetResolver.WAYS);
        }
        sources.warn(both + ". The run is of branch " + TargetResolver.shown(name)
                + "; -Dbitbucket.branch or -Dbitbucket.tag selects" + " another one");
    }

    private static MojoExecutionException contradiction(String found, String ways) {
        return ParameterParser.invalid(
                "branch", "no target is given, and it is not clear which one is meant: " + found + ". Give " + ways);
    }

    private Optional<String> mismatch(CiEnvironment ciServer) {
        return ciServer.mismatch(checkout.head().value(), repository, checkout.remoteUrls());
    }

    private Target refOfCiServer(String reason, CiEnvironment ciServer) throws MojoExecutionException {
        Optional<CiEnvironment.Ref> ref = ciServer.ref();
        if (ref.isEmpty()) {
            throw ParameterParser.invalid(
                    "branch",
                    "no target is given, and none found: git says: " + reason + "; and " + ciServer.absenceReason()
                            + ". Give " + TargetResolver.WAYS);
        }
        String variable = ref.get().variable();
        checkRefName(variable, ref.get().target());
        Optional<String> problem = problem(ref.get());
        if (problem.isPresent()) {
            throw ParameterParser.invalid(
                    "branch",
                    "no target is given, and " + problem.get() + ". It is from " + variable + " ("
                            + ref.get().server() + ")");
        }
        Optional<String> mismatch = mismatch(ciServer);
        if (mismatch.isPresent()) {
            throw ParameterParser.invalid(
                    "branch",
                    "no target is given, and " + ref.get().target() + " from " + variable + " ("
                            + ref.get().server() + ") is not that of this checkout: " + mismatch.get() + ". Give "
                            + TargetResolver.WAYS);
        }
        Target target = recordSource(ref.get().target(), variable + " in the environment");
        List<String> missing = ciServer.missingEvidence();
        if (!checkout.isDetached()) {
            sources.warn(variable + " was not compared with the checkout, since git says: " + reason
                    + ". Give -Dbitbucket.branch or -Dbitbucket.tag to be sure");
        } else if (!missing.isEmpty()) {
            sources.info(variable + " was not compared with the checkout: the environment has no "
                    + String.join(" or ", missing));
        }
        return target;
    }

    /** Judges a name from the environment as it would a parameter. */
    private static void checkRefName(String variable, Target target) throws MojoExecutionException {
        Optional<String> invalid = target.refName().filter(name -> !RefName.isValid(name));
        if (invalid.isPresent()) {
            throw ParameterParser.invalid(
                    "branch",
                    "no target is given, and " + TargetResolver.shown(invalid.get()) + " from " + variable
                            + " in the environment can't be a name in git. Give " + TargetResolver.WAYS);
        }
    }

    /** Jenkins puts the remote in front of GIT_BRANCH, where it is taken off; elsewhere it is not clear what is meant. */
    private Optional<String> problem(CiEnvironment.Ref ref) {
        return Optional.ofNullable(context.environment().get(ref.variable()))
                .map(String::strip)
                .filter(value -> !ref.variable().equals("GIT_BRANCH"))
                .flatMap(value -> ref.target() instanceof Target.Tag
                        ? TargetResolver.tagProblem(value)
                        : TargetResolver.branchProblem(value, checkout));
    }

    private Target recordSource(Target target, String source) {
        String text = target.toString();
        sources.info(Character.toUpperCase(text.charAt(0)) + text.substring(1) + " from " + source);
        return target;
    }
}
