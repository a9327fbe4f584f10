package io.github.bitbucketpipelines.maven.run;

import java.util.List;

/**
 * Why a run waits, as far as it is known. It informs, and never decides a result.
 *
 * @param brief a clause for the line of progress, such as {@code environment production is held by #41}
 * @param sentences what is known, each a full sentence
 * @param resumesByItself whether Bitbucket resumes the run without a person
 */
public record WaitReason(String brief, List<String> sentences, boolean resumesByItself) {
    /** Copies the sentences. */
    public WaitReason {
        sentences = List.copyOf(sentences);
    }

    /** All sentences as one text. */
    String text() {
        return String.join(" ", sentences);
    }
}
