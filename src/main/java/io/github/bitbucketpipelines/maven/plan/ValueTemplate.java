package io.github.bitbucketpipelines.maven.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text that may refer to values which other runs hand back: {@code @{id.KEY}}. {@code @@{} is a literal {@code @{}.
 *
 * @param text as it is configured
 */
public record ValueTemplate(String text) {
    private static final Pattern MARK = Pattern.compile("(@?)@\\{");
    private static final Pattern REFERENCE = Pattern.compile("([A-Za-z0-9_-]+)\\.([^{}\\s]+)}");

    /**
     * A value of another run.
     *
     * @param id of the run
     * @param key of the value
     */
    public record Reference(String id, String key) {
        @Override
        public String toString() {
            return "@{" + id + "." + key + "}";
        }
    }

    /** Refuses, by an {@link IllegalArgumentException} fit for users, a reference that is none. */
    public ValueTemplate {
        parts(text, any -> "");
    }

    /** Returns the values that the text refers to. */
    public Set<Reference> references() {
        Set<Reference> references = new LinkedHashSet<>();
        parts(text, reference -> {
            references.add(reference);
            return "";
        });
        return references;
    }

    /** Returns the text with these values; a value is never read for references itself. */
    public String resolve(Function<Reference, String> values) {
        return String.join("", parts(text, values));
    }

    private static List<String> parts(String text, Function<Reference, String> values) {
        List<String> parts = new ArrayList<>();
        Matcher mark = MARK.matcher(text);
        Matcher reference = REFERENCE.matcher(text);
        int position = 0;
        while (mark.find(position)) {
            parts.add(text.substring(position, mark.start()));
            if (!mark.group(1).isEmpty()) {
                parts.add("@{");
                position = mark.end();
            } else if (reference.region(mark.end(), text.length()).lookingAt()) {
                parts.add(values.apply(new Reference(reference.group(1), reference.group(2))));
                position = reference.end();
            } else {
                int end = text.indexOf('}', mark.start());
                throw new IllegalArgumentException("'"
                        + text.substring(mark.start(), end < 0 ? Math.min(text.length(), mark.end() + 20) : end + 1)
                        + "' does not have the form @{id.KEY}, with the id of a run and the key of one of its outputs;"
                        + " write @@{ for the text @{ itself");
            }
        }
        parts.add(text.substring(position));
        return parts;
    }
}
