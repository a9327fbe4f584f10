package io.github.bitbucketpipelines.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.maven.execution.DefaultMavenExecutionRequest;
import org.apache.maven.execution.DefaultMavenExecutionResult;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Build;
import org.apache.maven.model.Model;
import org.apache.maven.plugin.Mojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.PluginParameterExpressionEvaluator;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptorBuilder;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract with users, as text files in {@code src/test/resources/contract}. The test reads the plugin descriptor and
 * runs the goals that it names; it names no class of the plugin, so that moving and renaming them does not change it.
 *
 * <p>To write the files again: {@code mvn test -Dtest=ContractTest -DargLine=-Dcontract.write=true}.
 */
class ContractTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "contract");
    private static final String OURS = "io.github.bitbucketpipelines.";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;

    private static PluginDescriptor plugin;
    private static MavenSession session;
    private static final List<String> CONSOLE = new ArrayList<>();
    private static final List<String> FILES = new ArrayList<>();
    private static final List<String> KEYS = new ArrayList<>();

    @BeforeAll
    static void runTheGoals() throws Exception {
        try (Reader xml = new InputStreamReader(
                ContractTest.class.getResourceAsStream("/META-INF/maven/plugin.xml"), StandardCharsets.UTF_8)) {
            plugin = new PluginDescriptorBuilder().build(xml);
        }
        try (ContractBitbucket bitbucket = new ContractBitbucket()) {
            session = session(bitbucket);
            run();
            triggerThenWait();
            execute("logs", "default-cli", Map.of("number", "42"));
            added("logs");
            String printed = execute("status", "default-cli", Map.of("format", "json"));
            keys("status", JSON.readTree(printed));
        }
    }

    private static void run() throws Exception {
        assertThatThrownBy(() ->
                        execute("run", "release", Map.of("pipeline", "deploy-to-production", "pollInterval", "1s")))
                .isInstanceOf(MojoFailureException.class)
                .satisfies(failure -> assertThat(failure.getMessage().lines())
                        .hasSizeBetween(1, 5)
                        .anyMatch(line -> line.contains("#42"))
                        .anyMatch(line -> line.contains("'Deploy'"))
                        .anyMatch(line -> line.contains("https://bitbucket.org/acme/shop/pipelines/results/42")));
        added("run");
        keys("run", JSON.readTree(output().resolve("release.json").toFile()));
        properties("bitbucket.run.");
    }

    /** Notes the properties of later plugins. */
    private static void properties(String prefix) {
        session.getCurrentProject().getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .forEach(name -> KEYS.add("property  " + name));
    }

    private static void triggerThenWait() throws Exception {
        execute("trigger", "later", Map.of("pipeline", "deploy-to-production"));
        added("trigger");
        keys("trigger", JSON.readTree(output().resolve("later.json").toFile()));
        execute(
                "wait",
                "later",
                Map.of(
                        "receipt",
                        "later",
                        "pollInterval",
                        "1s",
                        "outputs",
                        "URL",
                        "downloads",
                        "shop-@{run.number}.zip"));
        added("wait");
        keys("wait", JSON.readTree(output().resolve("later.json").toFile()));
        properties("bitbucket.output.");
    }

    @Test
    void goalsAndParametersAreTheSame() {
        List<String> lines = new ArrayList<>();
        lines.add("goalPrefix=" + plugin.getGoalPrefix());
        for (MojoDescriptor goal : sorted(plugin.getMojos(), MojoDescriptor::getGoal)) {
            lines.add("");
            lines.add(goal.getGoal() + "  phase=" + goal.getPhase() + "  requiresProject=" + goal.isProjectRequired()
                    + "  requiresOnline=" + goal.isOnlineRequired() + "  threadSafe=" + goal.isThreadSafe()
                    + "  aggregator=" + goal.isAggregator() + "  inheritedByDefault=" + goal.isInheritedByDefault()
                    + "  requiresDirectInvocation=" + goal.isDirectInvocationOnly() + "  requiresDependencyResolution="
                    + goal.getDependencyResolutionRequired() + "  executePhase=" + goal.getExecutePhase()
                    + "  executeGoal=" + goal.getExecuteGoal());
            // What is not editable is set by Maven: no contract with users.
            for (Parameter each : sorted(goal.getParameters(), Parameter::getName)) {
                if (each.isEditable()) {
                    lines.add(parameter(goal, each));
                }
            }
        }
        compare("goals.txt", lines);
    }

    private static String parameter(MojoDescriptor goal, Parameter parameter) {
        PlexusConfiguration given = goal.getMojoConfiguration().getChild(parameter.getName());
        String property = given.getValue("-").replaceAll("^\\$\\{(.*)}$", "$1");
        String standard = given.getAttribute("default-value");
        return goal.getGoal() + "  " + parameter.getName() + "  " + property + "  " + kind(parameter.getType())
                + (standard == null ? "  no default" : "  default=" + standard)
                + (parameter.isRequired() ? "  required" : "  optional")
                + (parameter.getAlias() == null ? "" : "  alias=" + parameter.getAlias())
                + (parameter.getDeprecated() == null ? "" : "  deprecated");
    }

    /** What a user can give, whatever the Java class that takes it. */
    private static String kind(String type) {
        if (!type.contains(".")) {
            return type;
        }
        Class<?> java = load(type.replaceAll("<.*", ""));
        if (Map.class.isAssignableFrom(java)) {
            return "map";
        }
        if (java.isArray() || Collection.class.isAssignableFrom(java)) {
            return "list";
        }
        if (java.isEnum()) {
            return "enum";
        }
        return type.startsWith(OURS) ? "object" : java.getSimpleName().toLowerCase(Locale.ROOT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run-result", "plan-result"})
    void keysAndWordsOfTheResultSchemasAreTheSame(String name) throws Exception {
        JsonNode schema = JSON.readTree(Path.of("docs", name + ".schema.json").toFile());
        TreeSet<String> lines = new TreeSet<>();
        schemaKeys(schema, schema, "", lines);
        compare(name + "-schema.txt", lines);
    }

    private static void schemaKeys(JsonNode root, JsonNode node, String path, TreeSet<String> lines) {
        if (node.has("$ref")) {
            schemaKeys(root, root.at(node.get("$ref").asText().substring(1)), path, lines);
            return;
        }
        node.path("enum").forEach(word -> lines.add(path + " = " + word.asText()));
        List<String> required = new ArrayList<>();
        node.path("required").forEach(name -> required.add(name.asText()));
        node.path("properties").properties().forEach(property -> {
            String key = (path.isEmpty() ? "" : path + ".") + property.getKey();
            lines.add(key + (required.contains(property.getKey()) ? "  required" : "  optional"));
            schemaKeys(root, property.getValue(), key, lines);
        });
        if (node.has("items")) {
            schemaKeys(root, node.get("items"), path + "[]", lines);
        }
    }

    @Test
    void writtenFilesAndTheirKeysAreTheSame() {
        compare(
                "files.txt",
                Stream.concat(FILES.stream(), Stream.concat(Stream.of(""), KEYS.stream()))
                        .toList());
    }

    @Test
    void consoleLinesOfARunAreTheSame() {
        compare("console.txt", CONSOLE);
    }

    /** Compares with a golden file, or writes it where that is wanted. */
    private static void compare(String name, Collection<String> lines) {
        Path file = GOLDEN.resolve(name);
        List<String> actual = List.copyOf(lines);
        try {
            if (Boolean.getBoolean("contract.write")) {
                Files.createDirectories(GOLDEN);
                Files.writeString(file, String.join("\n", actual) + "\n");
            }
            List<String> expected = Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (!actual.equals(expected)) {
                fail("The contract changed: " + file + "\n" + difference(expected, actual)
                        + "\nExtend it on purpose, in a commit that says so (-DargLine=-Dcontract.write=true).");
            }
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    /** The lines that went and the lines that came; where there are none, only their order changed. */
    private static String difference(List<String> expected, List<String> actual) {
        List<String> lines = new ArrayList<>();
        minus(expected, actual).forEach(line -> lines.add("- " + line));
        minus(actual, expected).forEach(line -> lines.add("+ " + line));
        return lines.isEmpty() ? "The order changed:\n" + String.join("\n", actual) : String.join("\n", lines);
    }

    private static List<String> minus(List<String> lines, List<String> others) {
        List<String> rest = new ArrayList<>(lines);
        others.forEach(rest::remove);
        return rest;
    }

    private static <T> List<T> sorted(List<T> list, Function<T, String> key) {
        return list == null
                ? List.of()
                : list.stream().sorted(Comparator.comparing(key)).toList();
    }

    private static Path output() {
        return directory.resolve("target").resolve("bitbucket-pipelines");
    }

    /** Notes the files that were not there before. */
    private static void added(String goal) throws IOException {
        try (Stream<Path> all = Files.walk(output())) {
            all.filter(Files::isRegularFile)
                    .map(file -> output().relativize(file).toString().replace(File.separatorChar, '/'))
                    .sorted()
                    .filter(name -> FILES.stream().noneMatch(line -> line.endsWith("  " + name)))
                    .toList()
                    .forEach(name -> FILES.add(goal + "  " + name));
        }
    }

    /** Notes the keys of a JSON document that a goal wrote. */
    private static void keys(String goal, JsonNode json) {
        TreeSet<String> paths = new TreeSet<>();
        jsonKeys(json, "", paths);
        paths.forEach(path -> KEYS.add(goal + "  " + path));
    }

    private static void jsonKeys(JsonNode node, String path, TreeSet<String> paths) {
        node.properties().forEach(property -> {
            String key = (path.isEmpty() ? "" : path + ".") + property.getKey();
            paths.add(key);
            jsonKeys(property.getValue(), key, paths);
        });
        if (node.isArray()) {
            node.forEach(element -> jsonKeys(element, path + "[]", paths));
        }
    }

    /** Runs a goal as Maven does with these properties, and returns what it printed on standard output. */
    private static String execute(String goal, String executionId, Map<String, String> parameters) throws Exception {
        Properties user = session.getRequest().getUserProperties();
        parameters.forEach((name, value) -> user.setProperty("bitbucket." + name, value));
        MojoExecution execution = new MojoExecution(
                plugin.getMojo(goal),
                executionId,
                executionId.equals("default-cli") ? MojoExecution.Source.CLI : MojoExecution.Source.LIFECYCLE);
        Mojo mojo = (Mojo) instance(load(plugin.getMojo(goal).getImplementation()));
        configure(mojo, execution);
        mojo.setLog(new RecordingLog());
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        CONSOLE.add("goal " + goal);
        try {
            mojo.execute();
        } finally {
            System.setOut(before);
            parameters.keySet().forEach(name -> user.remove("bitbucket." + name));
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @SuppressWarnings("deprecation")
    private static MavenSession session(ContractBitbucket bitbucket) {
        Model model = new Model();
        model.setGroupId("com.acme");
        model.setArtifactId("shop");
        model.setVersion("1");
        model.setBuild(new Build());
        model.getBuild().setDirectory(directory.resolve("target").toString());
        MavenProject project = new MavenProject(model);
        project.setFile(directory.resolve("pom.xml").toFile());
        Properties user = new Properties();
        user.setProperty("bitbucket.apiUrl", bitbucket.apiUrl().toString());
        user.setProperty("bitbucket.repository", "acme/shop");
        user.setProperty("bitbucket.branch", "main");
        user.setProperty("bitbucket.timeout", "1m");
        Properties system = new Properties();
        system.setProperty("env.BITBUCKET_TOKEN", bitbucket.token());
        MavenExecutionRequest request = new DefaultMavenExecutionRequest();
        request.setBaseDirectory(directory.toFile());
        request.setMultiModuleProjectDirectory(directory.toFile());
        request.setInteractiveMode(false);
        request.setUserProperties(user);
        request.setSystemProperties(system);
        MavenSession created = new MavenSession(
                null, new DefaultRepositorySystemSession(), request, new DefaultMavenExecutionResult());
        created.setProjects(List.of(project));
        return created;
    }

    /** Sets each parameter as Maven does: its property, else its default. */
    private static void configure(Mojo mojo, MojoExecution execution) throws Exception {
        PluginParameterExpressionEvaluator evaluator = new PluginParameterExpressionEvaluator(session, execution);
        MojoDescriptor goal = execution.getMojoDescriptor();
        for (Parameter parameter : goal.getParameters()) {
            PlexusConfiguration given = goal.getMojoConfiguration().getChild(parameter.getName());
            Object value = given.getValue(null) == null ? null : evaluator.evaluate(given.getValue());
            String standard = given.getAttribute("default-value");
            if (value == null && standard != null) {
                value = evaluator.evaluate(standard);
            }
            if (value != null) {
                Field field = field(mojo.getClass(), parameter.getName());
                field.setAccessible(true);
                field.set(mojo, converted(field.getType(), value));
            }
        }
    }

    private static Object converted(Class<?> type, Object value) {
        if (type == File.class) {
            return new File(value.toString());
        }
        return type == List.class ? List.of(value.toString().split(",")) : value;
    }

    private static Field field(Class<?> type, String name) {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return field;
                }
            }
        }
        throw new AssertionError(type + " has no field for parameter " + name);
    }

    /** By its constructor for injection; Maven's own components do nothing. */
    private static Object instance(Class<?> type) throws ReflectiveOperationException {
        if (type.isInterface()) {
            return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                throw new UnsupportedOperationException(method.toString());
            });
        }
        Constructor<?> constructor = Arrays.stream(type.getDeclaredConstructors())
                .filter(each -> each.isAnnotationPresent(Inject.class))
                .findFirst()
                .orElse(type.getDeclaredConstructors()[0]);
        constructor.setAccessible(true);
        List<Object> arguments = new ArrayList<>();
        for (Class<?> each : constructor.getParameterTypes()) {
            arguments.add(each == MavenSession.class ? session : instance(each));
        }
        return constructor.newInstance(arguments.toArray());
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(name, e);
        }
    }

    /** Keeps the lines of design section 8: the trigger, the address, the commit, the states of steps, the ends of logs. */
    private static final class RecordingLog extends SystemStreamLog {
        @Override
        public void debug(CharSequence line) {
            // Would go to standard output, where a goal's own output is expected.
        }

        @Override
        public void info(CharSequence line) {
            keep("INFO", line);
        }

        @Override
        public void warn(CharSequence line) {
            keep("WARNING", line);
        }

        @Override
        public void error(CharSequence line) {
            keep("ERROR", line);
        }

        private static void keep(String level, CharSequence line) {
            String text = line.toString().replaceAll("\\b(\\d+h )?(\\d+m )?\\d+(\\.\\d)?s\\b", "DURATION");
            if (text.matches("(Triggered pipeline |https?://|Commit |#\\d+ |--- |Output ).*")) {
                CONSOLE.add("[" + level + "] " + text.replaceAll(":\\d{4,5}/", ":PORT/"));
            }
        }
    }
}
