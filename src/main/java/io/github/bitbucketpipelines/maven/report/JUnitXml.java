package io.github.bitbucketpipelines.maven.report;

import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.State.Completed;
import io.github.bitbucketpipelines.maven.pipeline.TestCase;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.report.RunSnapshot.StepSnapshot;
import io.github.bitbucketpipelines.maven.run.Verdict;
import io.github.bitbucketpipelines.maven.run.Verdict.Decision;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Renders a run as JUnit XML: one suite with a case for each step, and one suite for each step that published tests. It
 * uses only what the schemas of Surefire and of Jenkins' xUnit plugin have in common.
 *
 * @see <a href="https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd">Surefire's
 *     schema</a>
 */
final class JUnitXml {
    private final RunSnapshot snapshot;
    private final CaseNames names;

    /** Creates a renderer of a run's files. */
    JUnitXml(RunSnapshot snapshot) {
        this.snapshot = snapshot;
        this.names = new CaseNames(snapshot, className(snapshot));
    }

    private enum CaseStatus {
        PASSED,
        SKIPPED,
        FAILURE,
        ERROR
    }

    private record TestCaseElement(
            String name,
            String className,
            Duration time,
            CaseStatus kind,
            String message,
            String type,
            List<String> text) {}

    /** Renders a case for each step, and one for the run itself where it failed without a failed step. */
    String ofSteps() {
        List<TestCaseElement> cases = new ArrayList<>();
        if (snapshot.missingSteps().isEmpty()) {
            snapshot.steps().forEach(step -> cases.add(step(step)));
            snapshot.steps().stream()
                    .filter(step -> !step.tests().complete())
                    .forEach(step -> cases.add(missing(
                            "Tests of " + names.of(step), step.tests().gap().orElseThrow())));
        } else {
            cases.add(missing("Steps", snapshot.missingSteps().get()));
        }
        boolean hasFailedStep =
                cases.stream().anyMatch(c -> c.kind() == CaseStatus.FAILURE || c.kind() == CaseStatus.ERROR);
        if (!hasFailedStep) {
            ofRun().ifPresent(cases::add);
        }
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("bitbucket.run.number", Long.toString(snapshot.run().number()));
        properties.put("bitbucket.run.uuid", snapshot.run().uuid());
        properties.put("bitbucket.run.url", snapshot.run().url().toString());
        properties.put("bitbucket.run.result", snapshot.run().state().label());
        return suite(snapshot.title(), snapshot.runDuration().orElse(Duration.ZERO), properties, cases);
    }

    /** The case in place of those that are not all known: some of them would pass for all. */
    private TestCaseElement missing(String name, String gap) {
        return new TestCaseElement(
                name,
                names.className(),
                Duration.ZERO,
                CaseStatus.SKIPPED,
                "Not in this file: " + gap,
                "INCOMPLETE",
                List.of());
    }

    /** Renders a case for each test that a step published. */
    String ofTests(StepSnapshot step) {
        List<TestCaseElement> cases = new ArrayList<>();
        Duration total = Duration.ZERO;
        for (int i = 0; i < step.tests().cases().size(); i++) {
            TestCaseElement testCase = test(
                    step,
                    names.testsOf(step).get(i),
                    step.tests().cases().get(i),
                    step.outputs().getOrDefault(i, List.of()));
            cases.add(testCase);
            total = total.plus(testCase.time());
        }
        return suite(snapshot.title() + ", " + names.of(step), total, Map.of(), cases);
    }

    private TestCaseElement step(StepSnapshot step) {
        String label = step.label();
        CaseStatus kind = !step.step().state().isCompleted()
                ? CaseStatus.SKIPPED
                : switch (label) {
                    case "SUCCESSFUL" -> CaseStatus.PASSED;
                    case "NOT_RUN", "SKIPPED", "STOPPED" -> CaseStatus.SKIPPED;
                    case "ERROR", "USER_ERROR", "SYSTEM_ERROR" ->
                        step.isFailureIgnored() ? CaseStatus.SKIPPED : CaseStatus.ERROR;
                    default -> step.isFailureIgnored() ? CaseStatus.SKIPPED : CaseStatus.FAILURE;
                };
        Optional<String> error = step.error().flatMap(e -> e.message().or(e::key));
        List<String> text = Stream.of(
                        error.stream(),
                        step.isFailed() && error.isEmpty() && step.logTail().isEmpty()
                                ? Stream.of("The step ended " + label + "; there is no log of it here.")
                                : Stream.<String>empty(),
                        step.child().stream()
                                .flatMap(child -> Stream.of(
                                        child.describe(), child.run().url().toString())),
                        step.logTail().stream(),
                        Stream.of(snapshot.run().url().toString()))
                .flatMap(lines -> lines)
                .toList();
        return new TestCaseElement(
                names.of(step),
                names.className(),
                step.runDuration(snapshot.asOf()).orElse(Duration.ZERO),
                kind,
                label
                        + step.step().attemptSuffix()
                        + step.note().map(note -> ", " + note).orElse("")
                        + error.map(e -> ": " + e).orElse("")
                        + step.child().map(child -> ": " + child.describe()).orElse(""),
                label,
                kind == CaseStatus.SKIPPED ? List.of() : text);
    }

    /**
     * The case of a run that did not succeed, such as one that was stopped, had no steps, or was not watched to its
     * end.
     */
    private Optional<TestCaseElement> ofRun() {
        boolean passed = snapshot.verdict()
                .map(Verdict::decision)
                .filter(decision -> decision == Decision.PASS)
                .isPresent();
        if (passed) {
            return Optional.empty();
        }
        List<String> text = snapshot.verdict().map(Verdict::lines).orElseThrow();
        boolean failsBuild = snapshot.verdict()
                .map(Verdict::decision)
                .filter(decision -> decision == Decision.WARN)
                .isEmpty();
        State state = snapshot.run().state();
        return Optional.of(new TestCaseElement(
                names.run(),
                names.className(),
                Duration.ZERO,
                failsBuild ? CaseStatus.ERROR : CaseStatus.SKIPPED,
                text.get(0),
                state instanceof Completed ? state.label() : snapshot.outcome().name(),
                text));
    }

    private TestCaseElement test(StepSnapshot step, String name, TestCase test, List<String> output) {
        String status = test.status().orElse("no status");
        boolean isIgnored = test.isFailure() && step.isFailureIgnored();
        return new TestCaseElement(
                name,
                names.className(step, test),
                test.duration().orElse(Duration.ZERO),
                switch (test.outcome()) {
                    case PASSED -> CaseStatus.PASSED;
                    case SKIPPED -> CaseStatus.SKIPPED;
                    case FAILED -> isIgnored ? CaseStatus.SKIPPED : CaseStatus.FAILURE;
                    case ERROR -> isIgnored ? CaseStatus.SKIPPED : CaseStatus.ERROR;
                },
                (isIgnored ? status + ", " + step.note().orElseThrow() + ": " : "")
                        + output.stream().findFirst().orElse(status),
                status,
                isIgnored ? List.of() : output);
    }

    /**
     * Builds the class name, which two runs of one execution do not share; dots within its parts are replaced, since Jenkins
     * shows all before the last dot as a package.
     */
    private static String className(RunSnapshot snapshot) {
        Stream<String> ofPipeline = Stream.of(
                snapshot.context().repository().workspace(),
                snapshot.context().repository().slug(),
                snapshot.context().pipelineOf(snapshot.run()).orElse("pipeline"));
        return Stream.concat(ofPipeline, snapshot.context().distinctionOf(snapshot.run()).stream())
                .map(part -> part.replace('.', '_').replace('/', '_'))
                .collect(Collectors.joining("."));
    }

    private static String suite(
            String name, Duration time, Map<String, String> properties, List<TestCaseElement> cases) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            text.append('\n');
            xml.writeStartElement("testsuite");
            attribute(xml, "name", name);
            attribute(xml, "time", seconds(time));
            attribute(xml, "tests", Integer.toString(cases.size()));
            attribute(xml, "errors", count(cases, CaseStatus.ERROR));
            attribute(xml, "skipped", count(cases, CaseStatus.SKIPPED));
            attribute(xml, "failures", count(cases, CaseStatus.FAILURE));
            if (!properties.isEmpty()) {
                line(xml, 1);
                xml.writeStartElement("properties");
                for (Map.Entry<String, String> property : properties.entrySet()) {
                    line(xml, 2);
                    xml.writeEmptyElement("property");
                    attribute(xml, "name", property.getKey());
                    attribute(xml, "value", property.getValue());
                }
                line(xml, 1);
                xml.writeEndElement();
            }
            for (TestCaseElement testCase : cases) {
                write(xml, testCase);
            }
            line(xml, 0);
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("text can be written", e);
        }
        return text + "\n";
    }

    private static void write(XMLStreamWriter xml, TestCaseElement testCase) throws XMLStreamException {
        line(xml, 1);
        xml.writeStartElement("testcase");
        attribute(xml, "name", testCase.name());
        attribute(xml, "classname", testCase.className());
        attribute(xml, "time", seconds(testCase.time()));
        if (testCase.kind() != CaseStatus.PASSED) {
            line(xml, 2);
            xml.writeStartElement(testCase.kind().name().toLowerCase(Locale.ROOT));
            attribute(xml, "message", testCase.message());
            if (testCase.kind() != CaseStatus.SKIPPED) {
                attribute(xml, "type", testCase.type());
            }
            xml.writeCharacters(testCase.text().stream()
                    .map(line -> legal(TextSanitizer.singleLine(line)))
                    .collect(Collectors.joining("\n")));
            xml.writeEndElement();
            line(xml, 1);
        }
        xml.writeEndElement();
    }

    private static void attribute(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, legal(TextSanitizer.singleLine(value, CaseNames.MAX_NAME)));
    }

    /** Removes the characters that XML 1.0 forbids even as references and {@link TextSanitizer} keeps. */
    static String legal(String line) {
        return line.replace("\uFFFE", "").replace("\uFFFF", "");
    }

    private static void line(XMLStreamWriter xml, int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
    }

    private static String count(List<TestCaseElement> cases, CaseStatus kind) {
        return Long.toString(cases.stream().filter(c -> c.kind() == kind).count());
    }

    /** Formats seconds with three decimals and without grouping: some readers parse a comma as a decimal point. */
    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%d.%03d", duration.toSeconds(), duration.toMillisPart());
    }
}
