package io.github.bitbucketpipelines.maven.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What {@code help:describe}, IDEs and the site show of each parameter comes from the plugin's descriptor. */
class GoalDescriptionsTest {
    record Parameter(String goal, String name, String description, String defaultValue) {
        @Override
        public String toString() {
            return goal + " " + name;
        }
    }

    /** All but those of the generated help goal. */
    static Stream<Parameter> parameters() throws Exception {
        try (InputStream descriptor = RunMojo.class.getResourceAsStream("/META-INF/maven/plugin.xml")) {
            NodeList mojos = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(descriptor)
                    .getElementsByTagName("mojo");
            return elements(mojos)
                    .filter(mojo -> !text(mojo, "goal").equals("help"))
                    .flatMap(mojo -> elements(mojo.getElementsByTagName("parameter"))
                            .filter(parameter -> text(parameter, "editable").equals("true"))
                            .map(parameter -> new Parameter(
                                    text(mojo, "goal"),
                                    text(parameter, "name"),
                                    text(parameter, "description"),
                                    defaultValue(mojo, text(parameter, "name")))));
        }
    }

    private static String defaultValue(Element mojo, String parameter) {
        return elements(mojo.getElementsByTagName("configuration"))
                .flatMap(configuration -> elements(configuration.getElementsByTagName(parameter)))
                .map(value -> value.getAttribute("default-value"))
                .findFirst()
                .orElse("");
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void descriptionHasNoMarkupThatHelpDescribeWouldSwallow(Parameter parameter) {
        assertThat(parameter.description()).isNotBlank().doesNotContain("<", ">");
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void defaultIsDocumentedOnce(Parameter parameter) {
        assertThat(parameter.description().matches("(?s).*\\bDefault[:,] .*"))
                .as(parameter.description())
                .isEqualTo(parameter.defaultValue().isEmpty());
    }

    private static Stream<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength()).mapToObj(nodes::item).map(Element.class::cast);
    }

    private static String text(Element element, String name) {
        NodeList found = element.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent();
    }
}
