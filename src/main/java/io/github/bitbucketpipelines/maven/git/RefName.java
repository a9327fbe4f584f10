package io.github.bitbucketpipelines.maven.git;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.regex.Pattern;

/**
 * Checks the names of branches and tags by git's rules, wherever they come from.
 *
 * @see <a href="https://git-scm.com/docs/git-check-ref-format">git check-ref-format</a>
 */
public final class RefName {
    private static final Pattern FORBIDDEN =
            Pattern.compile("[\\x00-\\x20\\x7F~^:?*\\[\\\\]|\\.\\.|@\\{|//|^[/-]|/$|\\.$|(^|/)\\.|\\.lock(/|$)|^@$|^$");

    private RefName() {}

    /** Whether git allows the name, and this JVM has read it without a loss. */
    public static boolean isValid(String name) {
        return TextSanitizer.isDecoded(name) && !FORBIDDEN.matcher(name).find();
    }
}
