package io.github.bitbucketpipelines.maven.console;

import java.util.function.UnaryOperator;

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
        return mapped(prefix::concat);
    }

    /** Returns an output that changes every line first. */
    default Output mapped(UnaryOperator<String> change) {
        Output target = this;
        return new Output() {
            @Override
            public void debug(String line) {
                target.debug(change.apply(line));
            }

            @Override
            public void info(String line) {
                target.info(change.apply(line));
            }

            @Override
            public void warn(String line) {
                target.warn(change.apply(line));
            }

            @Override
            public void error(String line) {
                target.error(change.apply(line));
            }

            @Override
            public boolean isInfoEnabled() {
                return target.isInfoEnabled();
            }
        };
    }
}
