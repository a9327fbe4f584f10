package io.github.bitbucketpipelines.maven.session.run;

import java.lang.reflect.Proxy;
import java.util.Optional;

/**
 * Makes Ctrl-C end the JVM with its shutdown hooks. Maven 3.10 and 4 open the terminal with JLine, which restores the
 * operating system's default for SIGINT: that kills the JVM at once, and no hook runs.
 *
 * <p>The JDK's API for signals, {@code sun.misc.Signal} of the module jdk.unsupported, is called by reflection: the
 * compiler's warning about it can't be suppressed.
 */
final class SigintHandler {
    /** The exit code that shells report for a process that SIGINT ended. */
    private static final int EXIT_CODE = 130;

    /** The number of installations: modules may be built in parallel. */
    private static int users;

    /** The operating system's default, while this handler replaces it. */
    private static Optional<Object> systemDefault = Optional.empty();

    private SigintHandler() {}

    /** Installs the handler until {@link #restore}; a handler of the JVM or of other code is kept. */
    static synchronized void install() {
        if (users++ > 0) {
            return;
        }
        try {
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object exit = Proxy.newProxyInstance(
                    SigintHandler.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        Runtime.getRuntime().exit(EXIT_CODE);
                        return null;
                    });
            Object replaced = handle(exit);
            if (replaced.equals(type.getField("SIG_DFL").get(null))) {
                systemDefault = Optional.of(replaced);
            } else {
                handle(replaced);
            }
        } catch (ReflectiveOperationException e) {
            // There is no such signal, or the JVM must not handle it (-Xrs).
        }
    }

    /** Undoes one {@link #install}; the last one restores the default. */
    static synchronized void restore() {
        if (--users > 0 || systemDefault.isEmpty()) {
            return;
        }
        try {
            handle(systemDefault.get());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the default handler of SIGINT can't be restored", e);
        }
        systemDefault = Optional.empty();
    }

    /** Installs a handler and returns the one before. */
    private static Object handle(Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal.getConstructor(String.class).newInstance("INT"), handler);
    }
}
