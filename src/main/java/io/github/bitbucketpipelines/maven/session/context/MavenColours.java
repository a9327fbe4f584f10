package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.console.Colours;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.execution.MavenSession;

/**
 * Colours text by the {@code MessageUtils} of the Maven at hand: its styles with the user's changes, and no colours where
 * Maven prints none (batch mode, a log file). Until 3.9 that class is in maven-shared-utils, from 3.10 on in maven-jline;
 * no version exports it to plugins, so that the class loader of Maven itself is needed. What is exported does not do: Jansi
 * has no styles and another package in 3.10, and MessageBuilderFactory exists in Maven 4 only. Where no such class is, text
 * stays as it is.
 */
final class MavenColours implements Colours {
    /** The class, and its method that creates a message. */
    private static final Map<String, String> UTILITIES = Map.of(
            "org.apache.maven.shared.utils.logging.MessageUtils", "buffer",
            "org.apache.maven.jline.MessageUtils", "builder");

    private final ClassLoader maven;

    MavenColours() {
        this(MavenSession.class.getClassLoader());
    }

    /** Creates it with the class loader of Maven. */
    MavenColours(ClassLoader maven) {
        this.maven = maven;
    }

    /** Whether Maven colours its own messages; true where that can't be read. */
    boolean areEnabled() {
        return call((utilities, create) ->
                        (Boolean) utilities.getMethod("isColorEnabled").invoke(null))
                .orElse(true);
    }

    @Override
    public String apply(Style style, String text) {
        return call((utilities, create) -> {
                    var method = utilities.getMethod(create);
                    return method.getReturnType()
                            .getMethod(style.name().toLowerCase(Locale.ROOT), Object.class)
                            .invoke(method.invoke(null), text)
                            .toString();
                })
                .orElse(text);
    }

    @FunctionalInterface
    private interface Call<T> {
        T on(Class<?> utilities, String create) throws ReflectiveOperationException;
    }

    private <T> Optional<T> call(Call<T> call) {
        for (Map.Entry<String, String> entry : UTILITIES.entrySet()) {
            try {
                return Optional.of(call.on(maven.loadClass(entry.getKey()), entry.getValue()));
            } catch (ReflectiveOperationException | LinkageError e) {
                // Of another version of Maven.
            }
        }
        return Optional.empty();
    }
}
