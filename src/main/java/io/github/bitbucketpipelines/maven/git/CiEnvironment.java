package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the branch or tag that a CI server builds from its environment variables, for a checkout with a detached HEAD.
 */
public final class CiEnvironment {
    /**
     * The branch or tag that is built.
     *
     * @param target a branch or a tag, without commit
     * @param variable the environment variable that named it
     */
    public record Ref(Target target, String variable) {}

    private final Map<String, String> environment;
    private final List<String> remotes;

    /**
     * Reads these variables; blank ones count as absent.
     *
     * @param remotes the names of the checkout's remotes, which Jenkins puts in front of a branch
     */
    public CiEnvironment(Map<String, String> environment, List<String> remotes) {
        this.environment = Map.copyOf(environment);
        this.remotes = List.copyOf(remotes);
    }

    /**
     * The branch or tag that Bitbucket Pipelines, GitHub Actions or Jenkins builds. Empty where none of them names one,
     * and for a pull request from a fork, whose branch is in another repository.
     */
    public Optional<Ref> ref() {
        return bitbucketPipelines().or(this::gitHubActions).or(this::jenkins);
    }

    /** The reason why there is no {@link #ref()}, as half a sentence fit for users. */
    public String absenceReason() {
        return value("CHANGE_FORK").isPresent()
                ? "Jenkins builds a pull request from a fork (CHANGE_FORK), whose branch is in another repository"
                : "the environment has no BITBUCKET_TAG or BITBUCKET_BRANCH, no GITHUB_HEAD_REF or GITHUB_REF_NAME"
                        + " (GitHub Actions), and no CHANGE_BRANCH, TAG_NAME, BRANCH_NAME or GIT_BRANCH (Jenkins)";
    }

    private Optional<Ref> bitbucketPipelines() {
        return tag("BITBUCKET_TAG").or(() -> branch("BITBUCKET_BRANCH"));
    }

    /** For a pull request GITHUB_REF_NAME is {@code 12/merge}, and GITHUB_HEAD_REF is its branch. */
    private Optional<Ref> gitHubActions() {
        return branch("GITHUB_HEAD_REF")
                .or(() -> switch (value("GITHUB_REF_TYPE").orElse("")) {
                    case "branch" -> branch("GITHUB_REF_NAME");
                    case "tag" -> tag("GITHUB_REF_NAME");
                    default -> Optional.empty();
                });
    }

    /**
     * Multibranch jobs set BRANCH_NAME and TAG_NAME: for a pull request BRANCH_NAME is {@code PR-12}, for a tag both
     * are the tag. Every job that uses git sets GIT_BRANCH, with the remote in front outside multibranch jobs.
     */
    private Optional<Ref> jenkins() {
        if (value("CHANGE_ID").isPresent()) {
            return value("CHANGE_FORK").isPresent() ? Optional.empty() : branch("CHANGE_BRANCH");
        }
        Optional<String> branchName = value("BRANCH_NAME");
        if (branchName.isEmpty() || branchName.equals(value("TAG_NAME"))) {
            Optional<Ref> tag = tag("TAG_NAME");
            if (tag.isPresent()) {
                return tag;
            }
        }
        return branch("BRANCH_NAME").or(() -> value("GIT_BRANCH").flatMap(this::gitBranch));
    }

    private Optional<Ref> gitBranch(String value) {
        if (Set.of("detached", "HEAD").contains(value)) {
            return Optional.empty();
        }
        if (value.startsWith("refs/tags/")) {
            return Optional.of(tag(value.substring("refs/tags/".length()), "GIT_BRANCH"));
        }
        String local = value.replaceFirst("^(refs/heads/|(refs/)?remotes/)", "");
        String name = value.startsWith("refs/heads/")
                ? local
                : remotes.stream()
                        .map(remote -> remote + "/")
                        .filter(local::startsWith)
                        .findFirst()
                        .map(remote -> local.substring(remote.length()))
                        .orElse(local);
        return name.isEmpty() ? Optional.empty() : Optional.of(branch(name, "GIT_BRANCH"));
    }

    private Optional<Ref> branch(String variable) {
        return value(variable).map(name -> branch(name, variable));
    }

    private Optional<Ref> tag(String variable) {
        return value(variable).map(name -> tag(name, variable));
    }

    private static Ref branch(String name, String variable) {
        return new Ref(new Target.Branch(name, Optional.empty()), variable);
    }

    private static Ref tag(String name, String variable) {
        return new Ref(new Target.Tag(name, Optional.empty()), variable);
    }

    private Optional<String> value(String variable) {
        return Optional.ofNullable(environment.get(variable)).map(String::strip).filter(value -> !value.isEmpty());
    }
}
