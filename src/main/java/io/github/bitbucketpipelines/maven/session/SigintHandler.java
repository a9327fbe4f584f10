package io.github.bitbucketpipelines.maven.session;

import java.lang.reflect.Proxy;
import java.util.Optional;

/**
 * Lets Ctrl-C end the JVM in order, shutdown hooks and all. Maven 3.10 and 4 take a terminal in hand with JLine, which gives
 * SIGINT back to the operating system: it then kills the JVM on the spot, and no hook runs.
 *
 * <p>The JDK's own way to signals, {@code sun.misc.Signal} of the module jdk.unsupported, is asked by reflection: the
 * compiler warns of it and can't be told not to.
 */
final class SigintHandler {
    /** What a shell says of a process that SIGINT ended. */
    private static final int EXIT = 130;

    /** How many wait for it: modules may run side by side. */
    private static int users;

    /** The operating system's own handling, while ours is in its place. */
    private static Optional<Object> before = Optional.empty();

    private SigintHandler() {}

    /** From now on until {@link #restore} it ends the JVM; where the JVM, or somebody else, handles it, that stays. */
    static synchronized void install() {
        if (users++ > 0) {
            return;
        }
        try {
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object exit = Proxy.newProxyInstance(
                    SigintHandler.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        Runtime.getRuntime().exit(EXIT);
                        return null;
                    });
            Object replaced = handle(exit);
            if (replaced.equals(type.getField("SIG_DFL").get(null))) {
                before = Optional.of(replaced);
            } else {
                handle(replaced);
            }
        } catch (ReflectiveOperationException e) {
            // No such signal here, or the JVM was told to keep its hands off it (-Xrs).
        }
    }

    /** Nobody waits for it any more. */
    static synchronized void restore() {
        if (--users > 0 || before.isEmpty()) {
            return;
        }
        try {
            handle(before.get());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SIGINT can't be given back", e);
        }
        before = Optional.empty();
    }

    /** Puts a handler in place, and gives the one that was there. */
    private static Object handle(Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal.getConstructor(String.class).newInstance("INT"), handler);
    }
}
