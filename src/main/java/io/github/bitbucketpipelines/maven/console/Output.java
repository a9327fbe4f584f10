package io.github.bitbucketpipelines.maven.console;

/** Prints single lines by severity. */
public interface Output {
    /** Prints a line that only a debugging user wants to see. */
    void debug(String line);

    /** Prints a line about the normal course of the build. */
    void info(String line);

    /** Prints a warning; quiet builds show it, too. */
    void warn(String line);

    /** Prints an error; quiet builds show it, too. */
    void error(String line);

    /** Whether lines of {@link #info} are shown; a quiet build hides them. */
    boolean isInfoEnabled();

    /** Returns an output that begins every line with the prefix. */
    default Output prefixed(String prefix) {
        Output target = this;
        return new Output() {
            @Override
            public void debug(String line) {
                target.debug(prefix + line);
            }

            @Override
            public void info(String line) {
                target.info(prefix + line);
            }

            @Override
            public void warn(String line) {
                target.warn(prefix + line);
            }

            @Override
            public void error(String line) {
                target.error(prefix + line);
            }

            @Override
            public boolean isInfoEnabled() {
                return target.isInfoEnabled();
            }
        };
    }
}
