package io.github.bitbucketpipelines.maven.git;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds an executable on the PATH. On Windows a process that is started by its bare name is first searched for in the
 * current directory: a {@code git.exe} in a checkout would be run. So the full path is found here, in the absolute
 * directories of the PATH alone. Other systems search the PATH only.
 */
final class GitExecutable {
    static final boolean IS_WINDOWS = File.separatorChar == '\\';

    /** The suffixes of what Windows can start; PATHEXT may have scripts as well. */
    private static final List<String> STARTABLE = List.of(".com", ".exe", ".bat", ".cmd");

    private GitExecutable() {}

    /**
     * Returns what to start.
     *
     * @param name a bare name, or a path, which is returned as it is
     * @param directory where it will run; not searched
     * @throws IOException if Windows has it in no directory of the PATH
     */
    static String find(String name, Path directory, boolean isWindows, Map<String, String> environment)
            throws IOException {
        if (!isWindows || name.contains("/") || name.contains("\\")) {
            return name;
        }
        List<String> suffixes = suffixes(environment);
        return Stream.of(value(environment, "PATH").orElse("").split(";"))
                .flatMap(entry -> directory(entry).stream())
                .filter(entry -> !isCurrent(entry, directory))
                .flatMap(entry -> suffixes.stream().map(suffix -> entry.resolve(name + suffix)))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(Path::toString)
                .orElseThrow(() -> new IOException(name + " is in no directory of the PATH"));
    }

    private static List<String> suffixes(Map<String, String> environment) {
        String pathExt = value(environment, "PATHEXT").orElseGet(() -> String.join(";", STARTABLE));
        return Stream.of(pathExt.split(";"))
                .map(String::strip)
                .filter(suffix -> STARTABLE.contains(suffix.toLowerCase(Locale.ROOT)))
                .toList();
    }

    /** An empty entry, "." and other relative ones depend on the current directory. */
    private static Optional<Path> directory(String entry) {
        try {
            return Optional.of(Path.of(entry.strip().replace("\"", ""))).filter(Path::isAbsolute);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static boolean isCurrent(Path entry, Path directory) {
        Path normal = entry.normalize();
        return normal.equals(directory.toAbsolutePath().normalize())
                || normal.equals(Path.of("").toAbsolutePath());
    }

    /** Windows ignores the case of a variable's name: it is usually {@code Path}. */
    private static Optional<String> value(Map<String, String> environment, String name) {
        return environment.entrySet().stream()
                .filter(variable -> variable.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
