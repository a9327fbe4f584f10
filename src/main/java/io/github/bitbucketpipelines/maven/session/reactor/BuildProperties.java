package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.project.MavenProject;

/**
 * The properties of a build, wherever Maven takes them from: command line, maven.config, MAVEN_OPTS, settings profile, POM.
 * They have the precedence that Maven gives them for parameters of goals: system, user, project.
 *
 * @param system those of the JVM and the environment as Maven was started
 * @param user those of the command line and maven.config
 * @param project those of the POM and of active profiles
 * @see org.apache.maven.plugin.PluginParameterExpressionEvaluator
 */
public record BuildProperties(Properties system, Properties user, Properties project) {
    /** Returns the properties that count for a module. */
    public static BuildProperties of(MavenSession session, MavenProject module) {
        return new BuildProperties(session.getSystemProperties(), session.getUserProperties(), module.getProperties());
    }

    /** Returns a property, with whitespace around it and blank ones too. */
    public Optional<String> get(String name) {
        return byPrecedence()
                .map(properties -> properties.getProperty(name))
                .filter(value -> value != null)
                .findFirst();
    }

    /** Returns all properties whose names have this prefix, by the rest of their names, sorted. */
    public Map<String, String> withPrefix(String prefix) {
        Map<String, String> found = new TreeMap<>();
        byPrecedence()
                .flatMap(properties -> properties.stringPropertyNames().stream())
                .filter(name -> name.startsWith(prefix))
                .forEach(name ->
                        found.put(name.substring(prefix.length()), get(name).orElseThrow()));
        return found;
    }

    /** Whether the value of a property comes from the POM or a profile, not from the start of Maven. */
    public boolean isOfProject(String name) {
        return !system.containsKey(name) && !user.containsKey(name);
    }

    /**
     * Returns the properties with which Maven was started: {@code -D} on the command line or in MAVEN_OPTS, and the
     * environment as {@code env.NAME}. What another plugin of the build sets has no part in them.
     */
    public static Properties started(MavenSession session) {
        Properties started = new Properties();
        started.putAll(session.getSystemProperties());
        started.putAll(session.getUserProperties());
        return started;
    }

    private Stream<Properties> byPrecedence() {
        return Stream.of(system, user, project);
    }
}
