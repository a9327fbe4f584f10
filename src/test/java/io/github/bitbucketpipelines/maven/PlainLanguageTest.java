package io.github.bitbucketpipelines.maven;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rejects private vocabulary in comments, messages and constants of the main code, and in the documents, where a standard
 * term exists.
 */
class PlainLanguageTest {
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "github", "bitbucketpipelines", "maven");

    /**
     * The rejected words, as regular expressions, with their replacement. Conversation words hide which operation is
     * meant, persons hide which component acts, and metaphors have to be learnt before the code can be reviewed.
     */
    private static final Map<String, String> WORDS = Map.ofEntries(
            // HTTP and method calls
            entry("ask(?:s|ed|ing)?", "request, read, call, query"),
            entry("questions?", "request, operation"),
            entry("answer(?:s|ed|ing)?", "response, respond"),
            entry("t(?:ell|ells|old|elling)", "report, return, name, show"),
            // Persons
            entry("somebody|someone|nobody|whoever|everybody|anybody", "the user, another build, no client"),
            // Metaphors
            entry("errands?", "operation"),
            entry("patience", "retry"),
            entry("harmless", "sanitized, printable"),
            entry("sign of life", "heartbeat"),
            entry("(?:its|our|a|take|takes|whose) turns?", "reservation, order"),
            entry("lies", "is wrong, is stored"),
            entry("(?:a|last|first|next|each|one|this) look", "poll"),
            entry("troubles?", "failure, outage"),
            entry("wish(?:es)?", "setting, value"),
            entry("stands there", "is defined"));

    /** The words that no file needs, as words and as parts of names in camel case. */
    private static final Pattern CONVERSATION = conversation(
            "ask|asks|asked|asking|question|questions|answer|answers|answered|answering|tell|tells|told|telling|somebody|someone|nobody|whoever"
                    + "|everybody|anybody|errand|errands|patience|harmless|trouble|troubles|wish|wishes");

    private static Pattern conversation(String words) {
        String capitalized = Stream.of(words.split("\\|"))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining("|"));
        return Pattern.compile("(?<![A-Za-z])(?:" + words + "|" + capitalized + ")(?![a-z])|(?<=[a-z0-9])(?:"
                + capitalized + ")(?![a-z])");
    }

    /** Bounds are MAX_ or MIN_: one prefix for one thing. */
    private static final Pattern CONSTANT = Pattern.compile(
            "\\b(?:LONGEST|SHORTEST|LARGEST|SMALLEST|MOST|LEAST|WIDEST|DEEPEST|LATEST|EARLIEST)(?:_[A-Z_]+)?\\b");

    private static final Pattern TEXT =
            Pattern.compile("/\\*.*?\\*/|//[^\\n]*|\"(?:\\\\.|[^\"\\\\])*\"", Pattern.DOTALL);

    /** Files that a later change rewrites; that change removes them here. */
    private static final Set<String> REWRITTEN_LATER = Set.of();

    /** Packages and files that are not revised yet. */
    private static final Set<String> NOT_YET = Set.of();

    static Stream<Path> sources() throws IOException {
        return allSources().filter(file -> !isExcluded(name(file)));
    }

    private static Stream<Path> allSources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        }
    }

    private static boolean isExcluded(String name) {
        return REWRITTEN_LATER.contains(name) || NOT_YET.stream().anyMatch(name::startsWith);
    }

    @ParameterizedTest
    @MethodSource("sources")
    void commentsMessagesAndConstantsUseStandardTerms(Path file) throws IOException {
        assertThat(findings(Files.readString(file))).as(name(file)).isEmpty();
    }

    /** All that is written by hand, tests and build files too; the license is not ours. */
    static Stream<Path> everyFile() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String root :
                List.of("src", "docs", "examples", ".github", ".ci", "pom.xml", "README.md", "CONTRIBUTING.md")) {
            try (Stream<Path> below = Files.walk(Path.of(root))) {
                below.filter(Files::isRegularFile)
                        .filter(file -> !file.toString().endsWith(".png"))
                        .filter(file -> !file.endsWith("PlainLanguageTest.java"))
                        .forEach(files::add);
            }
        }
        return files.stream();
    }

    @ParameterizedTest
    @MethodSource("everyFile")
    void namesAndTextsHaveNoWordsOfConversationsAndPersons(Path file) throws IOException {
        assertThat(CONVERSATION.matcher(Files.readString(file)).results().map(MatchResult::group))
                .isEmpty();
    }

    @Test
    void wordsAreFoundWithinNames() {
        assertThat(Stream.of("tellSuperseded", "isAnsweredByProxy", "nothingIsAskedTwice", "tokens_asked", "Nobody"))
                .allMatch(name -> CONVERSATION.matcher("x." + name + "()").find());
        assertThat(Stream.of("multitask", "TASKS", "intellij", "masked"))
                .noneMatch(name -> CONVERSATION.matcher("x." + name + "()").find());
    }

    static List<Path> documents() {
        return Documents.markdown();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void documentsUseStandardTerms(Path document) {
        assertThat(wordsIn(Documents.withoutBlocks(Documents.read(document)))).isEmpty();
    }

    @Test
    void excludedFilesExist() throws IOException {
        List<String> names = allSources().map(PlainLanguageTest::name).toList();
        assertThat(names).containsAll(REWRITTEN_LATER);
        assertThat(NOT_YET).allMatch(excluded -> names.stream().anyMatch(name -> name.startsWith(excluded)));
    }

    @Test
    void rejectedWordsAreFoundInCommentsMessagesAndConstants() {
        assertThat(findings("/** Asks nobody. */ String text = \"It tells the answer\"; int MOST_STEPS = 1;"))
                .hasSize(5);
    }

    @Test
    void rejectedWordsAreFoundAcrossLinesOfAComment() {
        assertThat(findings("class A {\n    /**\n     * A sign of\n     * life.\n     */\n}"))
                .containsExactly("line 2: 'sign of life': write heartbeat");
    }

    @Test
    void identifiersOtherThanConstantsAreNotChecked() {
        assertThat(findings("int asked = task.answer();")).isEmpty();
    }

    /** Returns the rejected words with their line and their replacement. */
    private static List<String> findings(String source) {
        List<String> findings = new ArrayList<>();
        Matcher text = TEXT.matcher(source);
        while (text.find()) {
            String joined = text.group().replaceAll("\\s*\\n\\s*\\*?\\s*", " ");
            wordsIn(joined).forEach(found -> findings.add(line(source, text.start()) + found));
        }
        Matcher constant = CONSTANT.matcher(source);
        while (constant.find()) {
            findings.add(line(source, constant.start()) + finding(constant.group(), "MAX_ or MIN_"));
        }
        return findings;
    }

    /** Returns the rejected words of a text that is not code, with their replacement. */
    private static List<String> wordsIn(String text) {
        List<String> findings = new ArrayList<>();
        WORDS.forEach((word, replacement) -> Pattern.compile("\\b(?:" + word + ")\\b", Pattern.CASE_INSENSITIVE)
                .matcher(text)
                .results()
                .forEach(match -> findings.add(finding(match.group(), replacement))));
        return findings;
    }

    private static String finding(String found, String replacement) {
        return "'" + found + "': write " + replacement;
    }

    private static String line(String source, int offset) {
        return "line "
                + (source.substring(0, offset).chars().filter(c -> c == '\n').count() + 1) + ": ";
    }

    private static String name(Path file) {
        return SOURCES.relativize(file).toString().replace('\\', '/');
    }
}
