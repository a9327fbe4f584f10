package io.github.bitbucketpipelines.maven.witness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Puts plugins into a local repository: the plugin under test, or the witness under the same coordinates, and the plugin
 * that interferes.
 */
final class WitnessPlugins {
    static final String INTERFERING =
            "<groupId>it</groupId><artifactId>interfering-maven-plugin</artifactId>" + "<version>1</version>";

    private static final String GROUP = "io.github.bitbucketpipelines";
    private static final String ARTIFACT = "bitbucket-pipelines-maven-plugin";

    private WitnessPlugins() {}

    /** A local repository with the plugin under test. */
    static void ours(Path repository, Path jar, Path pom, String version) throws IOException {
        Path directory = Files.createDirectories(directory(repository, GROUP, ARTIFACT, version));
        Files.copy(jar, directory.resolve(ARTIFACT + "-" + version + ".jar"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(pom, directory.resolve(ARTIFACT + "-" + version + ".pom"), StandardCopyOption.REPLACE_EXISTING);
        interfering(repository);
    }

    /** A local repository with the witness in the place of the plugin under test. */
    static void witness(Path repository, String version) throws IOException {
        String parameters = parameter("skip", "boolean", true)
                + parameter("variables", "java.util.Map", true)
                + parameter("marks", "org.codehaus.plexus.configuration.PlexusConfiguration", true)
                + parameter("file", "java.lang.String", true)
                + parameter("session", "org.apache.maven.execution.MavenSession", false)
                + parameter("project", "org.apache.maven.project.MavenProject", false)
                + parameter("execution", "org.apache.maven.plugin.MojoExecution", false);
        String values = "<skip implementation=\"boolean\" default-value=\"false\">${bitbucket.skip}</skip>"
                + "<file implementation=\"java.lang.String\">${witness.file}</file>"
                + "<session implementation=\"org.apache.maven.execution.MavenSession\" default-value=\"${session}\"/>"
                + "<project implementation=\"org.apache.maven.project.MavenProject\" default-value=\"${project}\"/>"
                + "<execution implementation=\"org.apache.maven.plugin.MojoExecution\""
                + " default-value=\"${mojoExecution}\"/>";
        plugin(
                repository,
                GROUP,
                ARTIFACT,
                version,
                WitnessMojo.class,
                goal("trigger", WitnessMojo.class, parameters, values)
                        + goal("run", WitnessMojo.class, parameters, values));
        interfering(repository);
    }

    private static void interfering(Path repository) throws IOException {
        String parameters = parameter("project", "org.apache.maven.project.MavenProject", false)
                + parameter("fail", "boolean", true);
        String values =
                "<project implementation=\"org.apache.maven.project.MavenProject\" default-value=\"${project}\"/>";
        plugin(
                repository,
                "it",
                "interfering-maven-plugin",
                "1",
                InterferingMojo.class,
                goal("interfere", InterferingMojo.class, parameters, values));
    }

    private static Path directory(Path repository, String group, String artifact, String version) {
        return repository.resolve(group.replace('.', '/')).resolve(artifact).resolve(version);
    }

    private static String parameter(String name, String type, boolean isEditable) {
        return "<parameter><name>" + name + "</name><type>" + type + "</type><required>false</required><editable>"
                + isEditable + "</editable><description/></parameter>";
    }

    /** The goals' default phase is that of ours. */
    private static String goal(String name, Class<?> implementation, String parameters, String values) {
        return "<mojo><goal>" + name + "</goal><description/><requiresProject>false</requiresProject>"
                + "<phase>deploy</phase><implementation>" + implementation.getName() + "</implementation>"
                + "<language>java</language><instantiationStrategy>per-lookup</instantiationStrategy>"
                + "<executionStrategy>once-per-session</executionStrategy><threadSafe>true</threadSafe>"
                + "<parameters>" + parameters + "</parameters><configuration>" + values + "</configuration></mojo>";
    }

    private static void plugin(
            Path repository, String group, String artifact, String version, Class<?> implementation, String goals)
            throws IOException {
        Path directory = Files.createDirectories(directory(repository, group, artifact, version));
        String coordinates = "<groupId>" + group + "</groupId><artifactId>" + artifact + "</artifactId><version>"
                + version + "</version>";
        Files.writeString(
                directory.resolve(artifact + "-" + version + ".pom"),
                "<project><modelVersion>4.0.0</modelVersion>" + coordinates
                        + "<packaging>maven-plugin</packaging></project>");
        try (OutputStream file = Files.newOutputStream(directory.resolve(artifact + "-" + version + ".jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            jar.putNextEntry(new JarEntry("META-INF/maven/plugin.xml"));
            jar.write(("<plugin><name/><description/>" + coordinates + "<goalPrefix>witness</goalPrefix><mojos>" + goals
                            + "</mojos></plugin>")
                    .getBytes(StandardCharsets.UTF_8));
            String name = implementation.getName().replace('.', '/') + ".class";
            jar.putNextEntry(new JarEntry(name));
            try (InputStream code = implementation.getClassLoader().getResourceAsStream(name)) {
                code.transferTo(jar);
            }
        }
    }
}
