package io.github.bitbucketpipelines.maven.definition;

import java.util.OptionalInt;

/** bitbucket-pipelines.yml can't be read or understood. The message is one line, fit for users. */
public final class PipelinesFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final String FILE = "bitbucket-pipelines.yml";

    private final int line;
    private final boolean isInvalidYaml;

    /** Reports a problem without a line. */
    PipelinesFileException(String problem) {
        this(problem, 0);
    }

    /** Reports a problem with its line, counted from 1; 0 where it is not known. */
    PipelinesFileException(String problem, int line) {
        this(problem, line, false);
    }

    private PipelinesFileException(String problem, int line, boolean isInvalidYaml) {
        super(FILE + (line > 0 ? ", line " + line : "") + ": " + problem);
        this.line = line;
        this.isInvalidYaml = isInvalidYaml;
    }

    /** Reports that the text is no YAML; 0 where the line is not known. */
    static PipelinesFileException ofInvalidYaml(String problem, int line) {
        return new PipelinesFileException(problem, line, true);
    }

    /**
     * Whether no reader of YAML can read it, or it is empty. Anything else is a form or a size that this reader does not
     * know, and that Bitbucket may accept.
     */
    public boolean isInvalidYaml() {
        return isInvalidYaml;
    }

    /** Returns the message about a file of another name. */
    public String messageFor(String file) {
        return file + getMessage().substring(FILE.length());
    }

    /** The line of the problem, counted from 1. */
    public OptionalInt line() {
        return line > 0 ? OptionalInt.of(line) : OptionalInt.empty();
    }
}
