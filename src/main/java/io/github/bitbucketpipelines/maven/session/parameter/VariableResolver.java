package io.github.bitbucketpipelines.maven.session.parameter;

import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.session.reactor.BuildProperties;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
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

    /** The parameters whose values stand in the POM. */
    private static final Set<String> CONFIGURED = Set.of("variables", "securedVariables");

    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{[^{}]*}");
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int MAX_FILE_BYTES = 1024 * 1024;

    /** Variables that a shell or its step depends on. */
    private static final Pattern OF_THE_SHELL = Pattern.compile(
            "PATH|HOME|SHELL|USER|LOGNAME|HOSTNAME|PWD|OLDPWD|TMPDIR|IFS"
                    + "|CDPATH|GLOBIGNORE|POSIXLY_CORRECT|PS4|PROMPT_COMMAND|BASH\\w*|SHELLOPTS|UID|EUID|PPID|_|LD_\\w+"
                    + "|GIT_(?:DIR|WORK_TREE|INDEX_FILE|SSH|SSH_COMMAND|EXEC_PATH|CONFIG\\w*)"
                    + "|JAVA_HOME|DOCKER_(?:HOST|CONFIG|CONTEXT|CERT_PATH|TLS_VERIFY)|(?i:https?_proxy|no_proxy|all_proxy)");

    private static final Pattern OF_BITBUCKET = Pattern.compile("CI|(?:BITBUCKET|PIPELINES)_\\w*");

    private final Map<String, Variable> variables = new LinkedHashMap<>();
    private final Map<String, String> origins = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private final BuildProperties properties;

    private VariableResolver(BuildProperties properties) {
        this.properties = properties;
    }

    /**
     * Returns all variables in the order of their first definition.
     *
     * @throws MojoExecutionException if a variable or the file is invalid; the message has no value
     */
    public static List<Variable> resolve(
            Optional<Path> file, Map<String, String> plain, Map<String, String> secured, BuildProperties properties)
            throws MojoExecutionException {
        return of(file, plain, secured, properties).variables();
    }

    /** Reads all sources; else as {@link #resolve}. */
    public static VariableResolver of(
            Optional<Path> file, Map<String, String> plain, Map<String, String> secured, BuildProperties properties)
            throws MojoExecutionException {
        VariableResolver sources = new VariableResolver(properties);
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
        sources.addProperties(true);
        sources.addProperties(false);
        sources.variables.keySet().forEach(sources::checkKey);
        sources.checkCase();
        sources.variables.values().forEach(sources::checkLength);
        return sources;
    }

    /** Returns all variables in the order of their first definition. */
    public List<Variable> variables() {
        return new ArrayList<>(variables.values());
    }

    /** Whether the value is that of the POM's configuration: neither of the file nor of a property. */
    public boolean isConfigured(String key) {
        return CONFIGURED.contains(origins.get(key));
    }

    /** Returns a warning for each variable that may not be what is meant. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * Checks the values that Bitbucket shows.
     *
     * @param secretIn names the secret that is in a text
     * @throws MojoExecutionException if one of them has a secret in it
     */
    public void checkClear(Function<String, Optional<String>> secretIn) throws MojoExecutionException {
        for (Variable variable : variables.values()) {
            Optional<String> secret = variable.secured() ? Optional.empty() : secretIn.apply(variable.value());
            if (secret.isPresent()) {
                throw ParameterParser.invalid(
                        origins.get(variable.key()),
                        "the value of " + variable.key() + " contains " + secret.get()
                                + ", and would be sent in the clear. Maven evaluates ${...} in the values of a POM,"
                                + " also in text that ${env.NAME}"
                                + " brings in: give text that others"
                                + " write"
                                + " by -D" + PLAIN + variable.key() + "=\"$NAME\" or by a"
                                + " variablesFile, and a secret as a secured variable");
            }
        }
    }

    /** Adds the properties of the POM and its profiles, or those with which Maven was started, which override them. */
    private void addProperties(boolean ofProject) throws MojoExecutionException {
        Map<String, String> plain = properties(PLAIN, ofProject);
        Map<String, String> secured = properties(SECURED, ofProject);
        for (String key : plain.keySet()) {
            if (secured.containsKey(key)) {
                throw ParameterParser.invalid(
                        "securedVariable." + TextSanitizer.singleLine(key, 100),
                        "'" + key + "' is among the variables (" + PLAIN + key + "), too; keep one of them");
            }
        }
        add("variable.KEY", plain, false);
        add("securedVariable.KEY", secured, true);
    }

    private Map<String, String> properties(String prefix, boolean ofProject) {
        Map<String, String> found = new TreeMap<>();
        Properties project = properties.project();
        properties.withPrefix(prefix).forEach((key, value) -> {
            String ofPom = project.getProperty(prefix + key);
            if (ofProject ? ofPom != null : !properties.isOfProject(prefix + key)) {
                found.put(key, ofProject ? ofPom : value);
            }
        });
        return found;
    }

    private void add(String parameter, Map<String, String> values, boolean secured) throws MojoExecutionException {
        for (Map.Entry<String, String> entry : values.entrySet()) {
            String key = entry.getKey();
            // Maven injects null for an empty element; the empty string is a valid value.
            String value = entry.getValue() == null ? "" : entry.getValue();
            String origin = parameter.replace("KEY", TextSanitizer.singleLine(key, 100));
            for (Map.Entry<String, String> part :
                    Map.of("name", key, "value", value).entrySet()) {
                Optional<String> undecoded = UndecodedText.problem(properties.system(), part.getValue());
                if (undecoded.isPresent()) {
                    throw ParameterParser.invalid(
                            origin,
                            "the " + part.getKey() + " of variable " + TextSanitizer.singleLine(key, 100) + " "
                                    + undecoded.get());
                }
            }
            try {
                Variable given = new Variable(key, value, secured);
                Variable weaker = variables.get(key);
                if (weaker != null && value.isBlank() && !weaker.value().isBlank()) {
                    warnings.add("Variable " + key + ": the empty value of " + origin + " replaces that of "
                            + origins.get(key) + ". Is the variable set that it was to have the value of?");
                }
                variables.put(key, weaker != null && weaker.secured() ? new Variable(key, value, true) : given);
                origins.put(key, origin);
            } catch (IllegalArgumentException e) {
                throw ParameterParser.invalid(parameter, e.getMessage());
            }
        }
    }

    private void checkKey(String key) {
        if (OF_THE_SHELL.matcher(key).matches()) {
            warnings.add("Variable " + key + " (" + origins.get(key)
                    + "): the shell of a step and its tools depend on it, and may fail or do something else");
        } else if (OF_BITBUCKET.matcher(key).matches()) {
            warnings.add("Variable " + key + " (" + origins.get(key)
                    + "): Bitbucket sets it itself, and a step may see either value");
        }
    }

    /** A step reads one of them, and would not see that the other was to replace it. */
    private void checkCase() {
        Map<String, String> known = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String key : variables.keySet()) {
            String other = known.putIfAbsent(key, key);
            if (other != null) {
                warnings.add("Variables " + other + " (" + origins.get(other) + ") and " + key + " (" + origins.get(key)
                        + ") differ in case alone, and are two: is one to replace the other?");
            }
        }
    }

    private void checkLength(Variable variable) {
        if (variable.secured() && !variable.value().isBlank() && SecretMasker.isTooShort(variable.value())) {
            warnings.add("Variable " + variable.key() + " (" + origins.get(variable.key())
                    + "): a secret of fewer than " + SecretMasker.MIN_LENGTH
                    + " characters is part of many words; where a log or a response shows it, it is not masked");
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
        byte[] bytes;
        // Not by the file's size: a pipe or a device has none.
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_FILE_BYTES + 1);
        }
        if (bytes.length > MAX_FILE_BYTES) {
            throw new IllegalArgumentException("it is larger than 1 MiB");
        }
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
        String name = TextSanitizer.singleLine(file.toString());
        try {
            String text = text(file);
            return file.getFileName().toString().endsWith(".properties")
                    ? DotEnvParser.parseProperties(text)
                    : DotEnvParser.parse(text);
        } catch (IllegalArgumentException e) {
            throw ParameterParser.invalid("variablesFile", name + ", " + e.getMessage());
        } catch (CharacterCodingException e) {
            throw ParameterParser.invalid("variablesFile", name + " is not in UTF-8");
        } catch (IOException e) {
            throw ParameterParser.invalid("variablesFile", name + " can't be read; does it exist?");
        }
    }
}
