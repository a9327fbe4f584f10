package io.github.bitbucketpipelines.maven.pipeline;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with placeholders {@code @{name}}; {@code @@{} is a literal {@code @{}. What is put in place of one is not
 * evaluated again.
 */
public record Template(String text) {
    private static final Pattern PLACEHOLDER = Pattern.compile("@@\\{|@\\{([^{}@]*)}");

    /**
     * Checks the text.
     *
     * @throws IllegalArgumentException if a placeholder does not end
     */
    public Template {
        if (PLACEHOLDER.matcher(text).replaceAll(" ").contains("@{")) {
            throw new IllegalArgumentException("'" + TextSanitizer.singleLine(text, 100)
                    + "' has an @{ that no } ends; write @@{ for the text itself");
        }
    }

    /** Returns the names of the placeholders, in their order. */
    public List<String> names() {
        return PLACEHOLDER
                .matcher(text)
                .results()
                .flatMap(found -> name(found).stream())
                .toList();
    }

    /** Returns the text with this function's values in place of the placeholders. */
    public String expand(Function<String, String> values) {
        return PLACEHOLDER
                .matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement(name(found).map(values).orElse("@{")));
    }

    /** Returns the template in which the placeholders that have a value are replaced by it; the others stay. */
    public Template with(Function<String, Optional<String>> values) {
        return new Template(PLACEHOLDER
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(name(found)
                        .flatMap(values)
                        .map(value -> value.replace("@{", "@@{"))
                        .orElse(found.group()))));
    }

    private static Optional<String> name(MatchResult found) {
        return Optional.ofNullable(found.group(1)).map(String::strip);
    }
}
