package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The query of an on-demand trigger: its parameters are the JSON paths of the body of any other trigger. */
final class OnDemandParameters {
    private static final Set<String> TARGET = Set.of(
            "target.type",
            "target.ref_type",
            "target.ref_name",
            "target.source",
            "target.destination",
            "target.commit.type",
            "target.commit.hash",
            "target.destination_commit.type",
            "target.destination_commit.hash",
            "target.pullrequest.id",
            "target.selector.type",
            "target.selector.pattern");
    private static final Pattern VARIABLE = Pattern.compile("variables\\[(\\d{1,3})]\\.(key|value|secured)");

    private OnDemandParameters() {}

    /**
     * Returns the same as JSON.
     *
     * @param query decoded
     * @throws ApiError for a parameter that is not known or given twice, and for a gap between the variables
     */
    static ObjectNode parse(Map<String, List<String>> query) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        query.forEach((name, values) -> {
            Matcher variable = VARIABLE.matcher(name);
            if (values.size() == 1 && TARGET.contains(name)) {
                put(json, name, values.get(0));
            } else if (values.size() == 1 && variable.matches()) {
                String value = values.get(0);
                ObjectNode object = variables.withObject("/v" + Integer.parseInt(variable.group(1)));
                if (!variable.group(2).equals("secured")) {
                    object.put(variable.group(2), value);
                } else if (value.equals("true") || value.equals("false")) {
                    object.put("secured", value.equals("true"));
                } else {
                    throw ApiError.invalidProperties();
                }
            } else if (!name.equals("fields")) {
                throw ApiError.invalidProperties();
            }
        });
        ArrayNode list = json.putArray("variables");
        for (int i = 0; i < variables.size(); i++) {
            JsonNode variable = variables.get("v" + i);
            if (variable == null) {
                throw ApiError.invalidProperties();
            }
            list.add(variable);
        }
        return json;
    }

    private static void put(ObjectNode json, String path, String value) {
        int dot = path.lastIndexOf('.');
        json.withObject("/" + path.substring(0, dot).replace('.', '/')).put(path.substring(dot + 1), value);
    }
}
