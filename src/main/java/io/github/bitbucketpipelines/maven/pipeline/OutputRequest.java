package io.github.bitbucketpipelines.maven.pipeline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A value that a run must print as {@code ::output KEY=VALUE}.
 *
 * @param key letters, digits, {@code _} and {@code -}; the first one is a letter or {@code _}
 * @param step the only step that may print it; empty for any step
 * @param defaultValue for a run that does not print it
 */
public record OutputRequest(String key, Optional<String> step, Optional<String> defaultValue) {
    /** What a key may be; it has no dot, since a dot separates it from the id of a run. */
    static final String KEY = "[A-Za-z_][A-Za-z0-9_-]{0,127}";

    private static final Pattern ENTRY =
            Pattern.compile("(?<key>" + KEY + ")(?:@(?<step>[^=]*))?(?:=(?<default>.*))?", Pattern.DOTALL);

    private static final String FORMS = "; the forms are KEY, KEY@Step name and KEY=default, and a KEY has letters,"
            + " digits, _ and -, and begins with a letter or _";

    /** Returns the entry of the parameter {@code outputs} that this is. */
    public String entry() {
        return key
                + step.map(name -> "@" + name).orElse("")
                + defaultValue.map(value -> "=" + value).orElse("");
    }

    /**
     * Parses the entries of the parameter {@code outputs}. A default begins at the first {@code =}.
     *
     * @throws IllegalArgumentException if one of them is invalid, or two have the same key; the message is for users
     */
    public static List<OutputRequest> parse(List<String> entries) {
        List<OutputRequest> requests = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (String entry : entries) {
            OutputRequest request = parse(entry);
            if (!keys.add(request.key())) {
                throw new IllegalArgumentException(
                        "it names " + request.key() + " twice, and there can be only one value of it");
            }
            requests.add(request);
        }
        return List.copyOf(requests);
    }

    private static OutputRequest parse(String entry) {
        String shown = "'" + TextSanitizer.singleLine(entry.strip(), 100) + "'";
        Matcher parts = ENTRY.matcher(entry.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(shown + " names no output" + FORMS);
        }
        Optional<String> step = Optional.ofNullable(parts.group("step")).map(String::strip);
        if (step.filter(String::isEmpty).isPresent()) {
            throw new IllegalArgumentException(shown + " names no step after the @" + FORMS);
        }
        Optional<String> standard = Optional.ofNullable(parts.group("default"));
        standard.flatMap(OutputRequest::problem).ifPresent(problem -> {
            throw new IllegalArgumentException("the default of " + parts.group("key") + " " + problem);
        });
        return new OutputRequest(parts.group("key"), step, standard);
    }

    /** Returns the values that a rehearsal takes: of each key its default, else {@code rehearsed-KEY}. */
    public static Map<String, String> rehearsed(List<OutputRequest> requests) {
        return requests.stream()
                .collect(Collectors.toMap(
                        OutputRequest::key,
                        request -> request.defaultValue().orElse("rehearsed-" + request.key()),
                        (first, second) -> first,
                        LinkedHashMap::new));
    }

    private static Optional<String> problem(String value) {
        return OutputLine.problem(value);
    }
}
