package io.github.bitbucketpipelines.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugin.descriptor.PluginDescriptorBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * Checks the commands, the POMs and the tables of README, site and examples against the plugin's descriptor: each goal,
 * parameter, property and default exists.
 */
class DocumentedCommandsTest {
    private static final String OURS = "bitbucket-pipelines-maven-plugin";

    /** A goal of the plugin on a command line. */
    private static final Pattern GOAL =
            Pattern.compile("\\bbitbucket-pipelines(?:-maven-plugin(?::[^:\\s]+)?)?:([a-z]+)\\b");

    /** A property of the plugin on a command line; its name may be a placeholder. */
    private static final Pattern PROPERTY = Pattern.compile("-Dbitbucket\\.([A-Za-z]+(?:\\.[A-Za-z_]+)?)");

    private static final Pattern PLACEHOLDER = Pattern.compile("NAME|skip\\.GOAL");
    private static final Set<String> SERVER_FIELDS = Set.of("authentication", "tokenUrl");

    private static PluginDescriptor plugin;

    @BeforeAll
    static void readDescriptor() throws Exception {
        try (Reader xml = new InputStreamReader(
                DocumentedCommandsTest.class.getResourceAsStream("/META-INF/maven/plugin.xml"),
                StandardCharsets.UTF_8)) {
            plugin = new PluginDescriptorBuilder().build(xml);
        }
    }

    static List<Path> documents() {
        return Documents.manual();
    }

    static List<Path> documentsWithXml() {
        return Stream.concat(documents().stream(), Stream.of(Path.of("src", "sample", "pom.xml")))
                .filter(document -> !xml(document).isEmpty())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void commandsNameGoalsAndParametersThatExist(Path document) {
        assertThat(commandFindings(Documents.read(document))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documentsWithXml")
    void xmlIsWellFormedAndNamesGoalsAndParametersThatExist(Path document) throws Exception {
        for (String snippet : xml(document)) {
            assertThat(xmlFindings(snippet)).as(snippet).isEmpty();
        }
    }

    @Test
    void unknownGoalsAndParametersAreFound() throws Exception {
        assertThat(commandFindings("""
            mvn bitbucket-pipelines:rum
            mvn deploy -Dbitbucket.pipline=x
            `mvn bitbucket-pipelines:status -Dbitbucket.timeout=1m`
            mvn bitbucket-pipelines:run \\
                -Dbitbucket.number=42
            """))
                .containsExactly(
                        "no goal rum",
                        "no parameter pipline of []",
                        "no parameter timeout of [status]",
                        "no parameter number of [run]");
        assertThat(xmlFindings(
                        "<plugin><artifactId>" + OURS + "</artifactId><executions><execution><goals><goal>run</goal>"
                                + "</goals><configuration><number>1</number></configuration></execution></executions></plugin>"
                                + "<properties><bitbucket.timeOut>1</bitbucket.timeOut></properties>"))
                .containsExactly("no parameter number of [run]", "no property bitbucket.timeOut");
    }

    @Test
    void readmeHasAtMost200Lines() {
        assertThat(Documents.read(Path.of("README.md")).lines()).hasSizeLessThanOrEqualTo(200);
    }

    /** F72: the phase and the module of every goal, as the descriptor has them. */
    @Test
    void tableOfGoalsIsThatOfTheDescriptor() {
        List<String> expected = plugin.getMojos().stream()
                .map(goal -> "`" + goal.getGoal() + "` | "
                        + (goal.getPhase() == null ? "none" : "`" + goal.getPhase() + "`") + " | " + module(goal))
                .sorted()
                .toList();
        assertThat(rows("## Goals")
                        .map(cells -> cells.get(0) + " | " + cells.get(2) + " | " + cells.get(3))
                        .sorted())
                .isEqualTo(expected);
    }

    /** F72: the files of every goal, as the contract has them. */
    @Test
    void tableOfGoalsNamesTheFilesThatGoalsLeave() {
        String table =
                rows("## Goals").map(cells -> cells.get(0) + cells.get(4)).collect(Collectors.joining("\n"));
        assertThat(Documents.read(Path.of("src", "test", "resources", "contract", "files.txt"))
                        .lines()
                        .takeWhile(line -> !line.isEmpty())
                        .map(line -> line.replaceAll("^\\w+ +", "")
                                .replaceAll("release|later", "ID")
                                .replaceAll("step-\\d+", "step-N")
                                .replaceAll("logs/.*", "logs/NNN-STEP.log")
                                .replaceAll("downloads/.*", "downloads/FILE"))
                        .distinct())
                .isNotEmpty()
                .allSatisfy(file -> assertThat(table).contains("`" + file + "`"));
    }

    @Test
    void tableOfParametersHasTheDefaultsOfTheDescriptor() {
        List<List<String>> rows = rows("## Ten parameters").toList();
        assertThat(rows).hasSize(10).allSatisfy(cells -> {
            String name = cells.get(0).replace("`", "");
            assertThat(parameters(List.of("run"))).contains(name);
            if (cells.get(1).startsWith("`")) {
                assertThat(cells.get(1)).isEqualTo("`" + defaultValue("run", name) + "`");
            }
        });
    }

    private static String module(MojoDescriptor goal) {
        return switch (String.valueOf(defaultValue(goal.getGoal(), "reactor"))) {
            case "auto", "last" -> "the last one that has it";
            case "first" -> "the first one that has it";
            default -> "each one that has it";
        };
    }

    private static String defaultValue(String goal, String parameter) {
        return plugin.getMojo(goal).getMojoConfiguration().getChild(parameter).getAttribute("default-value");
    }

    /** Returns the rows of the table that follows a heading of the README, as cells. */
    private static Stream<List<String>> rows(String heading) {
        String readme = Documents.read(Path.of("README.md"));
        return readme.substring(readme.indexOf("\n" + heading + "\n"))
                .lines()
                .dropWhile(line -> !line.startsWith("|--"))
                .skip(1)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList());
    }

    private static List<String> commandFindings(String text) {
        List<String> findings = new ArrayList<>();
        // A line may contain several commands, each of its own goals.
        for (String line : text.replaceAll("\\\\\\n\\s*", "").split("\\n|&&|;|`")) {
            List<String> goals = groups(GOAL, line).toList();
            goals.stream()
                    .filter(goal -> plugin.getMojo(goal) == null)
                    .forEach(goal -> findings.add("no goal " + goal));
            Set<String> known = properties(goals);
            groups(PROPERTY, line)
                    .filter(name -> !PLACEHOLDER.matcher(name).matches() && !isKnown(known, name))
                    .forEach(name -> findings.add("no parameter " + name + " of " + goals));
        }
        return findings;
    }

    private static boolean isKnown(Set<String> properties, String name) {
        if (name.matches("(?:variable|securedVariable)\\..+")) {
            return properties.contains("variablesFile");
        }
        return name.startsWith("skip.")
                ? plugin.getMojo(name.substring("skip.".length())) != null
                : properties.contains(name);
    }

    private static List<String> xmlFindings(String snippet) throws Exception {
        DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        Element root = builder.parse(new InputSource(
                        new StringReader("<snippet>" + snippet.replaceFirst("^<\\?.*?\\?>", "") + "</snippet>")))
                .getDocumentElement();
        List<String> findings = new ArrayList<>();
        for (Element configuration : descendants(root, "configuration")) {
            if (parentIs(configuration, "server")) {
                children(configuration)
                        .filter(field -> !SERVER_FIELDS.contains(field))
                        .forEach(field -> findings.add("no field of a server " + field));
            } else if (isOurs(configuration)) {
                List<String> goals = parentIs(configuration, "execution")
                        ? descendants((Element) configuration.getParentNode(), "goal").stream()
                                .map(Element::getTextContent)
                                .toList()
                        : List.of();
                Set<String> known = parameters(goals);
                children(configuration)
                        .filter(name -> !known.contains(name))
                        .forEach(name -> findings.add("no parameter " + name + " of " + goals));
            }
        }
        descendants(root, "goal").stream()
                .filter(goal -> isOurs(goal) && plugin.getMojo(goal.getTextContent()) == null)
                .forEach(goal -> findings.add("no goal " + goal.getTextContent()));
        for (Element properties : descendants(root, "properties")) {
            children(properties)
                    .filter(name -> name.startsWith("bitbucket.")
                            && !isKnown(properties(List.of()), name.substring("bitbucket.".length())))
                    .forEach(name -> findings.add("no property " + name));
        }
        return findings;
    }

    /** Whether the enclosing plugin is this one; a part of a plugin is part of this one. */
    private static boolean isOurs(Node node) {
        for (Node at = node; at != null; at = at.getParentNode()) {
            if (at.getNodeName().equals("plugin")) {
                return descendants((Element) at, "artifactId")
                        .get(0)
                        .getTextContent()
                        .equals(OURS);
            }
        }
        return true;
    }

    private static boolean parentIs(Node node, String name) {
        return node.getParentNode().getNodeName().equals(name);
    }

    private static List<String> xml(Path document) {
        String text = Documents.read(document);
        if (document.toString().endsWith(".xml")) {
            return document.endsWith("site.xml") ? List.of() : List.of(text);
        }
        return Documents.blocks(text).stream()
                .filter(block -> block.language().equals("xml"))
                .map(Documents.Block::text)
                .toList();
    }

    /** Returns the properties that all these goals have, without prefix; of no goal, those that any has. */
    private static Set<String> properties(List<String> goals) {
        return names(
                goals,
                goal -> goal.getParameters().stream()
                        .map(parameter -> goal.getMojoConfiguration()
                                .getChild(parameter.getName())
                                .getValue(""))
                        .filter(expression -> expression.startsWith("${bitbucket."))
                        .map(expression -> expression.substring("${bitbucket.".length(), expression.length() - 1)));
    }

    /** The same for the elements of a configuration. */
    private static Set<String> parameters(List<String> goals) {
        return names(
                goals,
                goal -> goal.getParameters().stream()
                        .filter(Parameter::isEditable)
                        .map(Parameter::getName));
    }

    private static Set<String> names(List<String> goals, Function<MojoDescriptor, Stream<String>> namesOf) {
        Set<String> names = plugin.getMojos().stream().flatMap(namesOf).collect(Collectors.toCollection(TreeSet::new));
        goals.stream()
                .map(plugin::getMojo)
                .filter(goal -> goal != null)
                .forEach(goal -> names.retainAll(namesOf.apply(goal).collect(Collectors.toSet())));
        return names;
    }

    private static Stream<String> groups(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult match) -> match.group(1));
    }

    private static List<Element> descendants(Element root, String name) {
        NodeList nodes = root.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .map(Element.class::cast)
                .toList();
    }

    private static Stream<String> children(Element element) {
        NodeList nodes = element.getChildNodes();
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .filter(Element.class::isInstance)
                .map(Node::getNodeName);
    }
}
