package io.github.bitbucketpipelines.maven.report;

import com.samskivert.mustache.DefaultCollector;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;

/**
 * Renders a run, or several, on one page for people, from the templates {@code page.html} and {@code plan.html}: no script,
 * nothing loaded but the style sheet beside it. It is well-formed XML as well, so that a test can check that no text became markup.
 */
final class HtmlPage {
    /** Each {@code {{name}}} is escaped; a name that the view does not have is an error. */
    private static final Mustache.Compiler COMPILER = Mustache.compiler()
            .withEscaper(Html::line)
            .strictSections(true)
            .withCollector(new Optionals())
            .withLoader(name -> new StringReader(resource(name + ".html")));

    private static final Template RUN = COMPILER.compile(resource("page.html"));

    private HtmlPage() {}

    static String of(RunSnapshot snapshot) {
        return RUN.execute(new PageView(snapshot));
    }

    static String of(PlanView plan) {
        return COMPILER.compile(resource("plan.html")).execute(plan);
    }

    /**
     * Returns the style sheet. The page links it: Jenkins' content security policy forbids styles in a page, and allows
     * files of the same server.
     */
    static String style() {
        return resource("page.css");
    }

    private static String resource(String name) {
        try (InputStream file = HtmlPage.class.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The plugin's own jar can't be read", e);
        }
    }

    /** Renders the section of an {@link Optional} where it is present. */
    private static final class Optionals extends DefaultCollector {
        @Override
        public Iterator<?> toIterator(Object value) {
            return value instanceof Optional<?> optional ? optional.stream().iterator() : super.toIterator(value);
        }
    }
}
