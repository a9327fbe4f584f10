package io.github.bitbucketpipelines.maven.pipeline;

import java.util.Locale;
import java.util.Optional;

/** What a run builds: a branch, a tag, a commit or a pull request. */
public sealed interface Target {
    /** The head of a branch, or a commit in the context of that branch. */
    record Branch(String name, Optional<String> commit) implements Target {
        /** Takes the hash in any case, and keeps it as git writes it. */
        public Branch {
            commit = commit.map(Target::normalizeHash);
        }

        @Override
        public String toString() {
            return "branch " + name + at(commit);
        }
    }

    /** A tag, or a commit in the context of that tag. */
    record Tag(String name, Optional<String> commit) implements Target {
        /** Takes the hash in any case, and keeps it as git writes it. */
        public Tag {
            commit = commit.map(Target::normalizeHash);
        }

        @Override
        public String toString() {
            return "tag " + name + at(commit);
        }
    }

    /** A commit without a branch or a tag. */
    record Commit(String hash) implements Target {
        /** Takes the hash in any case, and keeps it as git writes it. */
        public Commit {
            hash = normalizeHash(hash);
        }

        @Override
        public Optional<String> commit() {
            return Optional.of(hash);
        }

        @Override
        public String toString() {
            return "commit " + abbreviate(hash);
        }
    }

    /** A pull request, by its number: its newest commit, or an earlier one. */
    record PullRequest(long id, Optional<String> commit) implements Target {
        /** Takes the hash in any case, and keeps it as git writes it. */
        public PullRequest {
            commit = commit.map(Target::normalizeHash);
        }

        /** The newest commit of a pull request. */
        public PullRequest(long id) {
            this(id, Optional.empty());
        }

        @Override
        public String toString() {
            return "pull request " + id + at(commit);
        }
    }

    /** The commit's hash, where the target names one. */
    Optional<String> commit();

    /** Returns the same target with this commit. */
    default Target withCommit(String hash) {
        if (this instanceof Branch branch) {
            return new Branch(branch.name(), Optional.of(hash));
        }
        if (this instanceof Tag tag) {
            return new Tag(tag.name(), Optional.of(hash));
        }
        return this instanceof PullRequest pullRequest
                ? new PullRequest(pullRequest.id(), Optional.of(hash))
                : new Commit(hash);
    }

    /** The branch's or tag's name; absent for a commit and for a pull request. */
    default Optional<String> refName() {
        if (this instanceof Branch branch) {
            return Optional.of(branch.name());
        }
        return this instanceof Tag tag ? Optional.of(tag.name()) : Optional.empty();
    }

    /**
     * Whether another target has the same ref; commits are ignored. Names are compared as {@link TextSanitizer#name}
     * makes them, as those in responses are.
     */
    default boolean isSameRef(Target other) {
        return getClass() == other.getClass()
                && (this instanceof PullRequest pullRequest
                        ? pullRequest.id() == ((PullRequest) other).id()
                        : refName()
                                .map(TextSanitizer::name)
                                .equals(other.refName().map(TextSanitizer::name)));
    }

    private static String normalizeHash(String hash) {
        return hash.toLowerCase(Locale.ROOT);
    }

    private static String at(Optional<String> commit) {
        return commit.map(hash -> " at " + abbreviate(hash)).orElse("");
    }

    /** Returns the first 12 characters of a hash, as Bitbucket shows it. */
    static String abbreviate(String hash) {
        return hash.length() > 12 ? hash.substring(0, 12) : hash;
    }
}
