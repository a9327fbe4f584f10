package io.github.bitbucketpipelines.maven.session;

import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Merges the variables of the file, the POM's configuration and the properties; later ones override earlier ones. A
 * variable that is secured in one of them is secured in the result.
 */
public final class VariableResolver {
    private static final String PLAIN = "bitbucket.variable.";
    private static final String SECURED = "bitbucket.securedVariable.";
    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{[^{}]*}");
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final long MAX_FILE_BYTES = 1024 * 1024;

    private final Map<String, Variable> variables = new LinkedHashMap<>();

    private VariableResolver() {}

    /**
     * Returns all variables in the order of their first definition.
     *
     * @throws MojoExecutionException if a variable or the file is invalid; the message has no value
     */
    public static List<Variable> resolve(
            Optional<Path> file, Map<String, String> plain, Map<String, String> secured, BuildProperties properties)
            throws MojoExecutionException {
        VariableResolver sources = new VariableResolver();
        if (file.isPresent()) {
            sources.add("variablesFile", read(file.get()), false);
        }
        if (plain != null && secured != null) {
            for (String key : plain.keySet()) {
                if (secured.containsKey(key)) {
                    throw ParameterParser.invalid(
                            "securedVariables", "'" + key + "' is among the variables, too; keep one of them");
                }
            }
        }
        sources.add("variables", plain == null ? Map.of() : plain, false);
        sources.add("securedVariables", secured == null ? Map.of() : secured, true);
        checkResolved(PLAIN, properties);
        checkResolved(SECURED, properties);
        sources.add("variable.KEY", properties.withPrefix(PLAIN), false);
        sources.add("securedVariable.KEY", properties.withPrefix(SECURED), true);
        return new ArrayList<>(sources.variables.values());
    }

    private void add(String parameter, Map<String, String> values, boolean secured) throws MojoExecutionException {
        for (Map.Entry<String, String> entry : values.entrySet()) {
            // Maven injects null for an empty element; the empty string is a valid value.
            String value = entry.getValue() == null ? "" : entry.getValue();
            try {
                variables.merge(
                        entry.getKey(),
                        new Variable(entry.getKey(), value, secured),
                        (weaker, stronger) ->
                                new Variable(stronger.key(), stronger.value(), weaker.secured() || secured));
            } catch (IllegalArgumentException e) {
                throw ParameterParser.invalid(parameter, e.getMessage());
            }
        }
    }

    /** Refuses an expression that Maven left in a property of the POM; the other properties are literal. */
    private static void checkResolved(String prefix, BuildProperties properties) throws MojoExecutionException {
        for (Map.Entry<String, String> entry : properties.withPrefix(prefix).entrySet()) {
            Matcher expression = EXPRESSION.matcher(entry.getValue());
            if (expression.find() && properties.isOfProject(prefix + entry.getKey())) {
                throw new MojoExecutionException("Property " + prefix + entry.getKey() + " of the POM refers to "
                        + expression.group() + ", which nothing in this build sets; set that property.");
            }
        }
    }

    /** Decodes UTF-8 and drops a byte-order mark. */
    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (isUtf16(bytes)) {
            throw new IllegalArgumentException("it is in UTF-16; save it in UTF-8");
        }
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
    }

    /** Whether the bytes begin with the mark of UTF-16, or with an ASCII character in it. */
    private static boolean isUtf16(byte[] bytes) {
        if (bytes.length < 2) {
            return false;
        }
        int first = (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
        return first == 0xFEFF || first == 0xFFFE || bytes[0] == 0 || bytes[1] == 0;
    }

    private static Map<String, String> read(Path file) throws MojoExecutionException {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw ParameterParser.invalid("variablesFile", file + " is larger than 1 MiB");
            }
            String text = text(file);
            return file.getFileName().toString().endsWith(".properties")
                    ? DotEnvParser.parseProperties(text)
                    : DotEnvParser.parse(text);
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid("variablesFile", file + ", " + e.getMessage());
        } catch (CharacterCodingException e) {
            throw ParameterParser.invalid("variablesFile", file + " is not in UTF-8");
        } catch (IOException e) {
            throw ParameterParser.invalid("variablesFile", file + " can't be read; does it exist?");
        }
    }
}
