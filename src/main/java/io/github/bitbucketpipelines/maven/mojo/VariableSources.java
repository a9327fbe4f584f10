package io.github.bitbucketpipelines.maven.mojo;

import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.io.File;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Puts the variables together: those of the file are the weakest, then those of the POM, then those of the command line.
 * A variable that any of them calls secured stays so.
 */
final class VariableSources {
    private static final String PLAIN = "bitbucket.variable.";
    private static final String SECURED = "bitbucket.securedVariable.";
    private static final long LARGEST_FILE = 1024 * 1024;

    private final Map<String, Variable> variables = new LinkedHashMap<>();

    private VariableSources() {}

    /** All variables, in the order in which they were first met. */
    static List<Variable> collect(
            File file, Map<String, String> plain, Map<String, String> secured, Properties commandLine)
            throws MojoExecutionException {
        VariableSources sources = new VariableSources();
        if (file != null) {
            sources.add("variablesFile", read(file.toPath()), false);
        }
        if (plain != null && secured != null) {
            for (String key : plain.keySet()) {
                if (secured.containsKey(key)) {
                    throw Given.bad("securedVariables", "'" + key + "' is among the variables, too; keep one of them");
                }
            }
        }
        sources.add("variables", plain == null ? Map.of() : plain, false);
        sources.add("securedVariables", secured == null ? Map.of() : secured, true);
        sources.add("variable.KEY", startingWith(PLAIN, commandLine), false);
        sources.add("securedVariable.KEY", startingWith(SECURED, commandLine), true);
        return new ArrayList<>(sources.variables.values());
    }

    private void add(String parameter, Map<String, String> values, boolean secured) throws MojoExecutionException {
        for (Map.Entry<String, String> entry : values.entrySet()) {
            // Maven has null for an empty element; the empty string is a value like any other.
            String value = entry.getValue() == null ? "" : entry.getValue();
            try {
                variables.merge(
                        entry.getKey(),
                        new Variable(entry.getKey(), value, secured),
                        (weaker, stronger) ->
                                new Variable(stronger.key(), stronger.value(), weaker.secured() || secured));
            } catch (IllegalArgumentException e) {
                throw Given.bad(parameter, e.getMessage());
            }
        }
    }

    private static Map<String, String> startingWith(String prefix, Properties properties) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), properties.getProperty(name));
            }
        }
        return found;
    }

    private static Map<String, String> read(Path file) throws MojoExecutionException {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw Given.bad("variablesFile", file + " is larger than 1 MiB");
            }
            String text = Files.readString(file);
            return file.getFileName().toString().endsWith(".properties") ? EnvFile.properties(text) : EnvFile.env(text);
        } catch (IllegalArgumentException e) {
            throw Given.bad("variablesFile", file + ", " + e.getMessage());
        } catch (CharacterCodingException e) {
            throw Given.bad("variablesFile", file + " is not in UTF-8");
        } catch (IOException e) {
            throw Given.bad("variablesFile", file + " can't be read; does it exist?");
        }
    }
}
