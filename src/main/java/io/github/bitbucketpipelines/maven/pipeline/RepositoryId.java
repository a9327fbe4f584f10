package io.github.bitbucketpipelines.maven.pipeline;

import java.util.regex.Pattern;

/**
 * One repository of Bitbucket Cloud.
 *
 * @param workspace the workspace's id, or its UUID in braces
 * @param slug the repository's slug, or its UUID in braces
 */
public record RepositoryId(String workspace, String slug) {
    private static final String UUID =
            "\\{[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}}";
    private static final Pattern WORKSPACE = Pattern.compile("[A-Za-z0-9_-]+|" + UUID);
    private static final Pattern SLUG = Pattern.compile("[A-Za-z0-9_.-]+|" + UUID);

    /** Refuses, by an {@link IllegalArgumentException} fit for users, what can't be a workspace or a slug. */
    public RepositoryId {
        if (!isWorkspace(workspace)) {
            throw new IllegalArgumentException(
                    "'" + TextSanitizer.singleLine(workspace) + "' is not a workspace id: it has letters, digits, '-'"
                            + " and '_' only, as in"
                            + " https://bitbucket.org/WORKSPACE/REPOSITORY, or is a"
                            + " {uuid}");
        }
        if (!isSlug(slug)) {
            throw new IllegalArgumentException(
                    "'" + TextSanitizer.singleLine(slug) + "' is not a repository slug: it has letters, digits, '-',"
                            + " '_' and '.' only, as in"
                            + " https://bitbucket.org/WORKSPACE/REPOSITORY, or is a"
                            + " {uuid}");
        }
    }

    /** Whether this text can be a workspace's id or UUID. */
    public static boolean isWorkspace(String text) {
        return WORKSPACE.matcher(text).matches();
    }

    /** Whether this text can be a repository's slug or UUID. */
    public static boolean isSlug(String text) {
        return SLUG.matcher(text).matches() && !text.equals(".") && !text.equals("..");
    }

    /** {@code workspace/slug}, as Bitbucket writes it. */
    public String fullName() {
        return workspace + "/" + slug;
    }

    @Override
    public String toString() {
        return fullName();
    }
}
