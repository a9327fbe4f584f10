package io.github.bitbucketpipelines.maven.run;

/** A run did not hand over what the build needs of it: a value in its logs, or a file in the Downloads. */
public final class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean isUnknown;

    /**
     * Creates an exception.
     *
     * @param message what is missing, for users
     * @param isUnknown whether it may be there, and could not be read
     */
    public OutputException(String message, boolean isUnknown) {
        super(message);
        this.isUnknown = isUnknown;
    }

    /** Whether it may be there, and could not be read. */
    public boolean isUnknown() {
        return isUnknown;
    }
}
