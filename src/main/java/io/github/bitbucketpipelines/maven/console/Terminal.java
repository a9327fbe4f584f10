package io.github.bitbucketpipelines.maven.console;

import java.io.Console;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/** Detects whether output goes to an interactive terminal. Maven's own classes for it differ between versions. */
public final class Terminal {
    private final boolean interactive;
    private final Properties user;
    private final Properties system;

    /**
     * Creates it from the settings with which Maven was started.
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

    /** Whether text may have colours: by Maven's own {@code -Dstyle.color=always|never}, else on a terminal. */
    public boolean isColoured() {
        return colorSetting().equals("always") || supportsCursor();
    }

    /** Whether the cursor can be moved. */
    boolean supportsCursor() {
        return isInteractive() && isTerminal(System.console());
    }

    /** Whether the command line and the environment at Maven's start allow an interactive terminal. */
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

    /** From Java 22 on a console may have no terminal; {@code isTerminal()} shows it. */
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
