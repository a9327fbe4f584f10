package io.github.bitbucketpipelines.maven.witness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A real Maven, that of an installation, run inside this JVM: a build takes a fraction of the time that a process of its
 * own would. Its classes are loaded from the installation, apart from those of the tests. Not thread-safe: Maven replaces
 * the standard streams while it builds.
 */
final class EmbeddedMaven {
    private static final String REALM = "plexus.core";

    private final ClassLoader realm;
    private final Object cli;
    private final Method doMain;

    /** How a build ended. */
    record Build(int exitCode, String console) {}

    /** @param home the installation: the directory that has bin, boot and lib */
    EmbeddedMaven(Path home) throws IOException, ReflectiveOperationException {
        System.setProperty("maven.home", home.toString());
        // As bin/m2.conf has it: the launcher's own jar, and a realm with the logging configuration and the libraries.
        ClassLoader platform = ClassLoader.getPlatformClassLoader();
        @SuppressWarnings("resource") // In use as long as the JVM.
        ClassLoader boot = new URLClassLoader(jars(home.resolve("boot")).toArray(URL[]::new), platform);
        Class<?> worlds = boot.loadClass("org.codehaus.plexus.classworlds.ClassWorld");
        Object world = worlds.getConstructor(String.class, ClassLoader.class).newInstance(REALM, boot);
        realm = (ClassLoader) worlds.getMethod("getRealm", String.class).invoke(world, REALM);
        Method addUrl = realm.getClass().getMethod("addURL", URL.class);
        addUrl.invoke(realm, home.resolve("conf/logging").toUri().toURL());
        for (URL jar : jars(home.resolve("lib"))) {
            addUrl.invoke(realm, jar);
        }
        Class<?> clis = realm.loadClass("org.apache.maven.cli.MavenCli");
        cli = clis.getConstructor(worlds).newInstance(world);
        doMain = clis.getMethod("doMain", String[].class, String.class, PrintStream.class, PrintStream.class);
    }

    private static List<URL> jars(Path directory) throws IOException {
        List<URL> jars = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                jars.add(url(file));
            }
        }
        return jars;
    }

    private static URL url(Path file) throws MalformedURLException {
        return file.toUri().toURL();
    }

    /** Builds the project of a directory. */
    Build build(Path directory, List<String> arguments) throws ReflectiveOperationException {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        PrintStream out = System.out;
        PrintStream err = System.err;
        // Maven makes system properties of what its command line defines; the next build must not find them.
        Properties properties = (Properties) System.getProperties().clone();
        System.setProperty("maven.multiModuleProjectDirectory", directory.toString());
        thread.setContextClassLoader(realm);
        try (PrintStream stream = new PrintStream(console, true, StandardCharsets.UTF_8)) {
            System.setOut(stream);
            System.setErr(stream);
            int exitCode =
                    (int) doMain.invoke(cli, arguments.toArray(String[]::new), directory.toString(), stream, stream);
            return new Build(exitCode, console.toString(StandardCharsets.UTF_8));
        } finally {
            System.setProperties(properties);
            System.setOut(out);
            System.setErr(err);
            thread.setContextClassLoader(before);
        }
    }
}
