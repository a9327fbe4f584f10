package io.github.bitbucketpipelines.maven.pipeline;

import java.util.List;

/** Reports a list of steps that Bitbucket did not give completely. A retry may give the others. */
public final class IncompleteStepsException extends PipelinesException {
    private static final long serialVersionUID = 1L;

    private final String gap;
    private final transient List<Step> steps;

    /**
     * Creates the failure.
     *
     * @param gap how much is missing
     * @param steps those that were read
     */
    public IncompleteStepsException(String message, String gap, List<Step> steps) {
        super(Kind.OUTCOME_UNKNOWN, message);
        this.gap = gap;
        this.steps = List.copyOf(steps);
    }

    /** Describes how much is missing, without the request. */
    public String gap() {
        return gap;
    }

    /** The steps that were read; their positions are only right where no earlier step is missing. */
    public List<Step> steps() {
        return steps;
    }
}
