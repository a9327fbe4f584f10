package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Selects the fields of a partial response: {@code fields=values.state,next} includes only these, {@code -links}
 * excludes one, and {@code +x} adds one to the default, which here is everything.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/intro/#partial-response">Partial responses</a>
 */
final class FieldSelection {

    private final Map<String, FieldSelection> children = new LinkedHashMap<>();

    private FieldSelection() {}

    /** Returns the part of a document that a {@code fields} parameter selects. */
    static JsonNode select(JsonNode document, String parameter) {
        FieldSelection included = new FieldSelection();
        FieldSelection added = new FieldSelection();
        FieldSelection excluded = new FieldSelection();
        for (String path : parameter.split(",")) {
            if (path.startsWith("-")) {
                excluded.add(path.substring(1));
            } else if (path.startsWith("+")) {
                added.add(path.substring(1));
            } else if (!path.isEmpty()) {
                included.add(path);
            }
        }
        JsonNode selected = document.deepCopy();
        if (!included.children.isEmpty()) {
            included.addAll(added);
            selected = included.keep(document);
        }
        excluded.remove(selected);
        return selected;
    }

    private void add(String path) {
        FieldSelection at = this;
        for (String name : path.split("\\.")) {
            at = at.children.computeIfAbsent(name, key -> new FieldSelection());
        }
    }

    private void addAll(FieldSelection others) {
        others.children.forEach((name, child) ->
                children.computeIfAbsent(name, key -> new FieldSelection()).addAll(child));
    }

    private JsonNode keep(JsonNode node) {
        if (children.isEmpty() || node.isValueNode()) {
            return node.deepCopy();
        }
        if (node.isArray()) {
            ArrayNode kept = JsonNodeFactory.instance.arrayNode();
            node.forEach(element -> kept.add(keep(element)));
            return kept;
        }
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        node.properties().forEach(field -> {
            FieldSelection child = children.getOrDefault(field.getKey(), children.get("*"));
            if (child != null) {
                kept.set(field.getKey(), child.keep(field.getValue()));
            }
        });
        return kept;
    }

    private void remove(JsonNode node) {
        if (node.isArray()) {
            node.forEach(this::remove);
        } else if (node instanceof ObjectNode object) {
            children.forEach((name, child) -> {
                if (child.children.isEmpty()) {
                    object.remove(name);
                } else if (object.has(name)) {
                    child.remove(object.get(name));
                }
            });
        }
    }
}
