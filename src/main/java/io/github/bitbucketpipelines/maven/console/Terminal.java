package io.github.bitbucketpipelines.maven.console;

import java.io.Console;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Detects whether output goes to an interactive terminal, and its size. Maven's own classes for it differ between versions,
 * and none of them has the number of rows.
 */
public final class Terminal {
    private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,3}) ([1-9]\\d{0,3})");

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

    /** A terminal's size in character cells. */
    record Size(int rows, int columns) {
        /** Where the size is not known (Windows): space for one line, in a window that is hardly ever narrower. */
        static final Size UNKNOWN = new Size(1, 80);

        /** The width of a line that no terminal wraps: the last column stays free. */
        int lineWidth() {
            return columns - 1;
        }
    }

    /** Returns the size by the output of {@code stty size}, else by LINES and COLUMNS, which do not follow a resize. */
    Size size(String stty) {
        return parse(stty)
                .or(() -> environment("LINES")
                        .flatMap(lines -> environment("COLUMNS").flatMap(columns -> parse(lines + " " + columns))))
                .orElse(Size.UNKNOWN);
    }

    private static Optional<Size> parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        return matcher.matches()
                ? Optional.of(new Size(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
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
