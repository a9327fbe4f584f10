package io.github.bitbucketpipelines.maven.console;

import java.io.Console;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/** Whether people look at a terminal that shows colours. Maven's own classes for it differ from version to version. */
public final class Terminal {
    private final boolean interactive;
    private final Properties user;
    private final Properties system;

    /**
     * Creates one from what Maven was started with.
     *
     * @param interactive false in batch mode
     * @param user the properties of the command line, for {@code style.color}
     * @param system the system properties, with the environment as {@code env.NAME}
     */
    public Terminal(boolean interactive, Properties user, Properties system) {
        this.interactive = interactive;
        this.user = user;
        this.system = system;
    }

    /** Whether text may have colours: as Maven's own {@code -Dstyle.color=always|never} says; else if there is a terminal. */
    public boolean isColoured() {
        return colorSetting().equals("always") || supportsCursor();
    }

    /** Whether people look at a terminal on which more can be done than print lines. */
    boolean supportsCursor() {
        return isInteractive() && isTerminal(System.console());
    }

    /** What the command line and the environment say, as Maven saw them when it began. */
    boolean isInteractive() {
        return interactive
                && !colorSetting().equals("never")
                && environment("NO_COLOR").isEmpty()
                && environment("TERM").filter(term -> !term.equals("dumb")).isPresent();
    }

    private String colorSetting() {
        return user.getProperty("style.color", "auto").toLowerCase(Locale.ROOT);
    }

    private Optional<String> environment(String name) {
        return Optional.ofNullable(system.getProperty("env." + name)).filter(text -> !text.isBlank());
    }

    /** From Java 22 on there is a console without a terminal, too, and {@code isTerminal()} tells. */
    private static boolean isTerminal(Console console) {
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
