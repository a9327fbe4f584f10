package io.github.bitbucketpipelines.maven.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.fge.jsonschema.core.exceptions.ProcessingException;
import com.github.fge.jsonschema.core.report.ProcessingReport;
import com.github.fge.jsonschema.main.JsonSchemaFactory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** Checks the files of a run by their schemas and by rules of this project. */
public final class WrittenReports {
    private static final Pattern SECONDS = Pattern.compile("\\d+\\.\\d{3}");

    /** Unpacked by the build. */
    private static final Schema SUREFIRE_SCHEMA =
            schema("/surefire-3.5.4/maven-surefire-plugin/src/site/resources/xsd/surefire-test-report.xsd");

    private WrittenReports() {}

    /** Checks every report of a directory; none at all is fine. */
    public static void check(Path directory, Path schema) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        Map<String, Set<String>> cases = new HashMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".json")) {
                    checkJson(file, schema);
                } else if (name.endsWith(".xml")) {
                    checkJUnit(file);
                    checkUnique(
                            file,
                            cases.computeIfAbsent(
                                    name.replaceFirst("(-step-\\d+)?\\.xml$", ""), run -> new HashSet<>()));
                    if (!name.matches(".*-step-\\d+\\.xml")) {
                        checkUnique(file, cases.computeIfAbsent("runs of " + execution(file), run -> new HashSet<>()));
                    }
                } else if (name.endsWith(".html")) {
                    checkHtml(file);
                } else if (name.endsWith(".tmp")) {
                    throw new AssertionError(file + " was left behind");
                }
            }
        }
    }

    /** The execution of a file: of several runs where the file is of one of them. */
    private static String execution(Path file) throws IOException {
        String name = file.getFileName().toString().replaceFirst("^TEST-", "").replaceFirst("\\.xml$", "");
        for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
            Path plan = file.resolveSibling(name.substring(0, dot) + ".json");
            if (Files.isRegularFile(plan)
                    && new ObjectMapper().readTree(plan.toFile()).has("runs")) {
                return name.substring(0, dot);
            }
        }
        return name;
    }

    private static void checkJson(Path file, Path resultSchema) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode json = mapper.readTree(file.toFile());
        Path schema = resultSchema;
        if (json.has("runs")) {
            schema = resultSchema.resolveSibling("plan-result.schema.json");
        } else if (json.path("outcome").asText().equals("TRIGGERING")) {
            // A trigger in doubt leaves its intent.
            schema = resultSchema.resolveSibling("trigger-intent.schema.json");
        }
        try {
            ProcessingReport report = JsonSchemaFactory.byDefault()
                    .getJsonSchema(mapper.readTree(schema.toFile()))
                    .validate(json);
            if (!report.isSuccess()) {
                throw new AssertionError(file + ": " + report);
            }
        } catch (ProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Checks that GitLab shows every case: it takes two for one whose class names and names are the same once an
     * underscore joins them.
     *
     * @param cases those of the run's other files; this one's are added
     */
    private static void checkUnique(Path file, Set<String> cases) throws IOException {
        NodeList elements = parse(file).getElementsByTagName("testcase");
        for (int i = 0; i < elements.getLength(); i++) {
            Element element = (Element) elements.item(i);
            String name = element.getAttribute("classname") + "_" + element.getAttribute("name");
            is(file, cases.add(name), "no second case called " + name);
        }
    }

    /** Checks Surefire's schema, and what Jenkins and GitLab require beyond it. */
    private static void checkJUnit(Path file) throws IOException {
        Element suite = parse(file).getDocumentElement();
        hasAttributes(file, suite, "testsuite", List.of("name", "time", "tests", "errors", "skipped", "failures"));
        NodeList cases = suite.getElementsByTagName("testcase");
        is(file, Integer.parseInt(suite.getAttribute("tests")) == cases.getLength(), "the number of tests");
        for (String kind : List.of("error", "skipped", "failure")) {
            String count = suite.getAttribute(kind.equals("skipped") ? kind : kind + "s");
            is(file, Integer.parseInt(count) == suite.getElementsByTagName(kind).getLength(), "the number of " + kind);
        }
        is(file, SECONDS.matcher(suite.getAttribute("time")).matches(), "the time");
        for (int i = 0; i < cases.getLength(); i++) {
            Element testCase = (Element) cases.item(i);
            hasAttributes(file, testCase, "testcase", List.of("name", "classname", "time"));
            is(file, SECONDS.matcher(testCase.getAttribute("time")).matches(), "a time");
            NodeList outcomes = testCase.getElementsByTagName("*");
            is(file, outcomes.getLength() <= 1, "one outcome");
            for (int j = 0; j < outcomes.getLength(); j++) {
                Element outcome = (Element) outcomes.item(j);
                boolean skipped = outcome.getTagName().equals("skipped");
                hasAttributes(
                        file, outcome, outcome.getTagName(), skipped ? List.of("message") : List.of("message", "type"));
            }
        }
        try {
            SUREFIRE_SCHEMA.newValidator().validate(new StreamSource(file.toFile()));
        } catch (SAXException e) {
            throw new AssertionError(file + " does not keep to Surefire's schema: " + e.getMessage(), e);
        }
    }

    private static Schema schema(String resource) {
        try {
            return SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                    .newSchema(WrittenReports.class.getResource(resource));
        } catch (SAXException e) {
            throw new AssertionError(e);
        }
    }

    private static void hasAttributes(Path file, Element element, String name, List<String> attributes) {
        is(file, element.getTagName().equals(name), name);
        is(file, element.getAttributes().getLength() == attributes.size(), "the attributes of " + name);
        attributes.forEach(attribute -> is(file, element.hasAttribute(attribute), "attribute " + attribute));
    }

    /** Checks that a page is well-formed and complete, and neither runs nor loads anything. */
    private static void checkHtml(Path file) throws IOException {
        Document page = parse(file);
        for (String tag : List.of("script", "img", "iframe", "object", "embed", "base", "form", "foreignObject")) {
            is(file, page.getElementsByTagName(tag).getLength() == 0, "no " + tag);
        }
        NodeList links = page.getElementsByTagName("link");
        String styleSheet = file.getFileName().toString().replaceAll("html$", "css");
        is(
                file,
                links.getLength() == 1
                        && ((Element) links.item(0)).getAttribute("rel").equals("stylesheet")
                        && ((Element) links.item(0)).getAttribute("href").equals(styleSheet),
                "one link, to the style sheet beside it");
        is(file, Files.isRegularFile(file.resolveSibling(styleSheet)), "the style sheet beside it");
        NodeList all = page.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            for (int j = 0; j < all.item(i).getAttributes().getLength(); j++) {
                String name = all.item(i).getAttributes().item(j).getNodeName();
                is(
                        file,
                        !name.startsWith("on") && !name.equals("style") && !name.equals("src"),
                        "no attribute " + name);
                String value = all.item(i).getAttributes().item(j).getNodeValue();
                is(
                        file,
                        !name.equals("href")
                                || all.item(i).getNodeName().equals("link")
                                || value.startsWith("http")
                                || isPageOfRun(file, value),
                        "no odd link");
            }
        }
        is(file, page.getElementsByTagName("style").getLength() == 0, "no style in the page");
        checkAccessibility(file, page);
        is(file, !Files.readString(file).contains("url("), "nothing loaded by its style");
    }

    /** Whether a link leads from the page of several runs to that of one of them. */
    private static boolean isPageOfRun(Path page, String link) {
        String execution = page.getFileName().toString().replaceAll("html$", "");
        return link.startsWith(execution) && link.endsWith(".html") && Files.isRegularFile(page.resolveSibling(link));
    }

    /** Checks the structure that screen readers need. */
    private static void checkAccessibility(Path file, Document page) {
        is(file, page.getElementsByTagName("h1").getLength() == 1, "one h1");
        for (String landmark : List.of("header", "main", "footer")) {
            is(file, page.getElementsByTagName(landmark).getLength() == 1, "one " + landmark);
        }
        is(file, page.getDocumentElement().getAttribute("lang").equals("en"), "the language");
        is(file, !text(page.getElementsByTagName("title").item(0)).isEmpty(), "a title");
        Set<String> ids = new HashSet<>();
        int level = 0;
        for (Element element : elements(page)) {
            String tag = element.getTagName();
            is(file, element.getAttribute("id").isEmpty() || ids.add(element.getAttribute("id")), "unique ids");
            if (tag.matches("h[1-6]")) {
                is(file, tag.charAt(1) - '0' <= level + 1, "no level of headings left out before " + text(element));
                level = tag.charAt(1) - '0';
            }
            is(file, !tag.equals("section") || element.hasAttribute("aria-labelledby"), "a name of each section");
            is(file, !tag.equals("a") || !text(element).isEmpty(), "a text of each link");
            is(file, !tag.equals("th") || element.hasAttribute("scope"), "a scope of each th");
            is(
                    file,
                    !element.hasAttribute("tabindex")
                            || element.hasAttribute("aria-label")
                            || element.hasAttribute("aria-labelledby"),
                    "a name of what can be reached by keyboard");
            is(file, !tag.equals("svg") || element.getAttribute("role").equals("img"), "an image");
        }
        for (Element element : elements(page)) {
            for (String id : element.getAttribute("aria-labelledby").split(" ")) {
                is(file, id.isEmpty() || ids.contains(id), "an element with the id " + id);
            }
        }
    }

    private static List<Element> elements(Document page) {
        NodeList all = page.getElementsByTagName("*");
        return IntStream.range(0, all.getLength())
                .mapToObj(i -> (Element) all.item(i))
                .toList();
    }

    private static String text(Node node) {
        return node.getTextContent().strip();
    }

    private static Document parse(Path file) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new Strict());
            return builder.parse(new InputSource(new StringReader(Files.readString(file))));
        } catch (SAXException | ParserConfigurationException e) {
            throw new AssertionError(file + " is not well-formed: " + e.getMessage(), e);
        }
    }

    private static void is(Path file, boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(file + ": not as it must be: " + what);
        }
    }

    private static final class Strict implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) throws SAXException {
            throw e;
        }

        @Override
        public void error(SAXParseException e) throws SAXException {
            throw e;
        }

        @Override
        public void fatalError(SAXParseException e) throws SAXException {
            throw e;
        }
    }
}
