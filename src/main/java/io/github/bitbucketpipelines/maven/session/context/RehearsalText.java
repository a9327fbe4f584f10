package io.github.bitbucketpipelines.maven.session.context;

import java.util.regex.Pattern;

/** Changes text about a rehearsed run: it says that it is a rehearsal, and has no link to a run that does not exist. */
public final class RehearsalText {
    private static final String PREFIX = "[rehearsal] ";

    /** A run's web page, alone or in parentheses. */
    private static final Pattern PAGE =
            Pattern.compile("\\(?https://bitbucket\\.org/[^\\s()]+/pipelines/results/\\d+\\)?");

    private RehearsalText() {}

    /** Changes a line of the log, or the message of an exception, which may have several lines. */
    public static String of(String text) {
        return PREFIX + PAGE.matcher(text).replaceAll("(rehearsed, without a web page)");
    }
}
