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

    /** A pull request, by its number. */
    record PullRequest(long id) implements Target {
        @Override
        public Optional<String> commit() {
            return Optional.empty();
        }

        @Override
        public String toString() {
            return "pull request " + id;
        }
    }

    /** The commit's hash, where the target names one. */
    Optional<String> commit();

    /** The branch's or tag's name; absent for a commit and for a pull request. */
    default Optional<String> refName() {
        if (this instanceof Branch branch) {
            return Optional.of(branch.name());
        }
        return this instanceof Tag tag ? Optional.of(tag.name()) : Optional.empty();
    }

    /**
     * Whether another target has the same ref; commits are ignored. Names are compared after sanitizing, since those in
     * responses are sanitized.
     */
    default boolean isSameRef(Target other) {
        return getClass() == other.getClass()
                && (this instanceof PullRequest
                        ? equals(other)
                        : refName()
                                .map(TextSanitizer::singleLine)
                                .equals(other.refName().map(TextSanitizer::singleLine)));
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
