package io.github.bitbucketpipelines.maven.definition;

import java.util.List;

/**
 * What bitbucket-pipelines.yml has Bitbucket do when a step fails ({@code on-fail:}).
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/step-options/">Step options</a>
 */
public enum FailureStrategy {
    /** The run fails; it is what counts where the file has no strategy. */
    FAIL,
    IGNORE,
    /** The step runs again, up to a number of times; its last failure counts. */
    RETRY,
    /** The file has one that is not known, or has several that differ. */
    UNKNOWN;

    /** The strategy of one {@code on-fail:}. */
    static FailureStrategy of(Yaml onFail) {
        if (!(onFail instanceof Yaml.Mapping fields)) {
            return UNKNOWN;
        }
        return switch (fields.text("strategy").orElse("")) {
            case "fail" -> FAIL;
            case "ignore" -> IGNORE;
            case "retry" -> RETRY;
            default -> UNKNOWN;
        };
    }

    /** The strategy of a step that has these by itself, its group and its stage; which of them wins is not documented. */
    static FailureStrategy of(List<FailureStrategy> all) {
        List<FailureStrategy> different = all.stream().distinct().toList();
        return switch (different.size()) {
            case 0 -> FAIL;
            case 1 -> different.get(0);
            default -> UNKNOWN;
        };
    }
}
