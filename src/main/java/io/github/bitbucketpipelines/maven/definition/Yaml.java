package io.github.bitbucketpipelines.maven.definition;

import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A YAML value with the line where it starts. Scalars keep their text, so that {@code 1.10} and {@code on} are not
 * converted, and tags never create objects.
 */
sealed interface Yaml {
    /** The line where it starts, counted from 1. */
    int line();

    /** A scalar. */
    record Scalar(String value, boolean isPlain, int line) implements Yaml {}

    /** A list. */
    record Sequence(List<Yaml> values, int line) implements Yaml {}

    /** A mapping, in the order of the file, its merge keys ({@code <<}) resolved. */
    record Mapping(Map<String, Yaml> values, int line) implements Yaml {
        /** The value of that key; empty where it is missing or null. */
        Optional<Yaml> get(String key) {
            return Optional.ofNullable(values.get(key)).filter(value -> !value.isNull());
        }

        /** The scalar of that key, if it is one. */
        Optional<String> text(String key) {
            return get(key).map(value -> value instanceof Scalar scalar ? scalar.value() : null);
        }
    }

    /** Returns whether it is YAML's null, as in {@code default:} or {@code default: null}. */
    default boolean isNull() {
        return this instanceof Scalar scalar
                && scalar.isPlain()
                && (scalar.value().isEmpty()
                        || scalar.value().equals("~")
                        || scalar.value().equalsIgnoreCase("null"));
    }

    /** Parses a text of one document, or throws a {@link PipelinesFileException}. */
    static Yaml parse(String yaml) {
        if (yaml.length() > Reader.MAX_CHARACTERS) {
            throw new PipelinesFileException("it is longer than " + Reader.MAX_CHARACTERS + " characters");
        }
        try {
            return new Reader(yaml).document();
        } catch (MarkedYamlEngineException e) {
            throw PipelinesFileException.ofInvalidYaml(
                    "it is not valid YAML: " + TextSanitizer.singleLine(String.valueOf(e.getProblem()), 200),
                    e.getProblemMark()
                            .or(e::getContextMark)
                            .map(mark -> mark.getLine() + 1)
                            .orElse(0));
        } catch (YamlEngineException e) {
            throw PipelinesFileException.ofInvalidYaml(
                    "it is not valid YAML: " + TextSanitizer.singleLine(String.valueOf(e.getMessage()), 200), 0);
        } catch (PipelinesFileException e) {
            throw e;
        } catch (RuntimeException e) {
            // A bug of the parser: it throws a NumberFormatException on a text that ends within an escape.
            throw PipelinesFileException.ofInvalidYaml("it is not valid YAML", 0);
        }
    }

    /**
     * Builds the value from the parser's events. The parser neither recurses nor resolves aliases, so that depth,
     * aliases and merges are bounded here, before they allocate anything. The bounds are far above any real file.
     */
    final class Reader {
        static final int MAX_CHARACTERS = 1 << 20;
        private static final int MAX_DEPTH = 64;
        private static final int MAX_ALIASES = 10_000;
        private static final int MAX_MERGED_KEYS = 100_000;

        private final Iterator<Event> events;
        private final Map<Anchor, Yaml> anchors = new HashMap<>();
        private int aliases;
        private int mergedKeys;

        Reader(String yaml) {
            LoadSettings settings = LoadSettings.builder()
                    .setLabel("bitbucket-pipelines.yml")
                    .setCodePointLimit(MAX_CHARACTERS)
                    .build();
            events = new Parse(settings).parseString(yaml).iterator();
        }

        Yaml document() {
            Yaml document = null;
            while (events.hasNext()) {
                Event event = events.next();
                switch (event.getEventId()) {
                    case StreamStart, StreamEnd, DocumentStart, DocumentEnd, Comment -> {}
                    default -> {
                        if (document != null) {
                            throw new PipelinesFileException("it has more than one document", line(event));
                        }
                        document = value(event, 1);
                    }
                }
            }
            if (document == null || document.isNull()) {
                throw PipelinesFileException.ofInvalidYaml("it is empty", 0);
            }
            return document;
        }

        private Yaml value(Event event, int depth) {
            if (depth > MAX_DEPTH) {
                throw new PipelinesFileException("it is nested more than " + MAX_DEPTH + " deep", line(event));
            }
            if (event instanceof AliasEvent alias) {
                return resolveAlias(alias);
            }
            Yaml value;
            if (event instanceof ScalarEvent scalar) {
                value = new Scalar(scalar.getValue(), scalar.isPlain(), line(event));
            } else if (event instanceof SequenceStartEvent) {
                value = sequence(line(event), depth);
            } else if (event instanceof MappingStartEvent) {
                value = mapping(line(event), depth);
            } else {
                throw new PipelinesFileException("it is not valid YAML", line(event));
            }
            // Registered last: an alias inside its own anchor is not found, so that no value contains itself.
            ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, value));
            return value;
        }

        private Yaml resolveAlias(AliasEvent alias) {
            if (++aliases > MAX_ALIASES) {
                throw new PipelinesFileException("it has more than " + MAX_ALIASES + " aliases", line(alias));
            }
            Yaml value = anchors.get(alias.getAlias());
            if (value == null) {
                throw PipelinesFileException.ofInvalidYaml(
                        "the alias *"
                                + TextSanitizer.singleLine(alias.getAlias().getValue(), 100)
                                + " has no anchor above it",
                        line(alias));
            }
            return value;
        }

        private Sequence sequence(int line, int depth) {
            List<Yaml> values = new ArrayList<>();
            for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
                values.add(value(event, depth + 1));
            }
            return new Sequence(values, line);
        }

        private Mapping mapping(int line, int depth) {
            Map<String, Yaml> own = new LinkedHashMap<>();
            Map<String, Yaml> merged = new LinkedHashMap<>();
            for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
                Yaml key = value(event, depth + 1);
                Yaml value = value(events.next(), depth + 1);
                if (!(key instanceof Scalar name)) {
                    throw new PipelinesFileException(
                            "a key must be plain text; put a pattern such as '{a,b}' in quotes", line(event));
                }
                if (name.isPlain() && name.value().equals("<<")) {
                    merge(value, merged);
                } else if (own.put(name.value(), value) != null) {
                    throw new PipelinesFileException(
                            "the key '" + TextSanitizer.singleLine(name.value(), 100) + "' is defined twice",
                            line(event));
                }
            }
            merged.forEach(own::putIfAbsent);
            return new Mapping(own, line);
        }

        /** Merges without overriding: earlier sources take precedence, and the mapping's own keys over all. */
        private void merge(Yaml value, Map<String, Yaml> merged) {
            List<Yaml> sources = value instanceof Sequence sequence ? sequence.values() : List.of(value);
            for (Yaml source : sources) {
                if (!(source instanceof Mapping mapping)) {
                    throw new PipelinesFileException("'<<' can merge mappings only", value.line());
                }
                mergedKeys += mapping.values().size();
                if (mergedKeys > MAX_MERGED_KEYS) {
                    throw new PipelinesFileException("it merges more than " + MAX_MERGED_KEYS + " keys", value.line());
                }
                mapping.values().forEach(merged::putIfAbsent);
            }
        }

        private static int line(Event event) {
            return event.getStartMark().map(Mark::getLine).orElse(-1) + 1;
        }
    }
}
