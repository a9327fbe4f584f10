package io.github.bitbucketpipelines.maven.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** A change to the specification, where it contradicts itself or the observed behaviour of Bitbucket. */
public enum SpecPatch {
    /** The copy of the specification lacks the Downloads; these are Atlassian's operations, with the fields of its examples. */
    DOWNLOADS(spec -> {
        ObjectNode file = definitionOf(spec, "download", "name", "string", "size", "integer", "created_on", "string");
        properties(file).withObject("/created_on").put("format", "date-time");
        ObjectNode page = definitionOf(spec, "paginated_downloads", "next", "string", "size", "integer");
        properties(page)
                .putObject("values")
                .put("type", "array")
                .putObject("items")
                .put("$ref", "#/definitions/download");
        String path = "/repositories/{workspace}/{repo_slug}/downloads";
        ObjectNode list = get(spec, path);
        list.withObject("/responses")
                .withObject("/200")
                .put("description", "A page")
                .putObject("schema")
                .put("$ref", "#/definitions/paginated_downloads");
        query(list, "page", "integer");
        query(list, "pagelen", "integer");
        get(spec, path + "/{filename}")
                .withObject("/responses")
                .withObject("/302")
                .put("description", "A redirect to the contents");
    }),

    /**
     * A discriminator makes the validator expand every type inside every other one, until the memory is used up. {@link
     * BitbucketSpec} follows the types instead.
     */
    NO_DISCRIMINATORS(
            spec -> spec.findParents("discriminator").forEach(it -> ((ObjectNode) it).remove("discriminator"))),

    /** Some objects are closed; the validator then rejects the properties that they declare. */
    NO_CLOSED_OBJECTS(spec -> spec.findParents("additionalProperties").stream()
            .filter(it -> it.path("additionalProperties").isBoolean())
            .forEach(it -> ((ObjectNode) it).remove("additionalProperties"))),

    /** The links of runs must have a type by the specification, but have none in observed responses. */
    LINKS_WITHOUT_TYPE(spec -> List.of("pipelines_pipeline_links", "pipelines_links_section_href")
            .forEach(name -> ((ArrayNode) definition(spec, name).path("allOf")).remove(0))),

    /** Errors of the Pipelines backend have no type, as observed. */
    ERRORS_WITHOUT_TYPE(spec -> definition(spec, "error").remove("required")),

    /** An error's detail is a text by the specification, but a 403 lists the scopes there, as observed. */
    DETAIL_OF_ERRORS(
            spec -> properties(definition(spec, "error").path("properties").path("error"))
                    .remove("detail")),

    /**
     * Values that are not known yet are null, as observed: the end of a run, and the definition of one that is not
     * parsed.
     */
    NULL_UNTIL_KNOWN(spec -> {
        properties(definition(spec, "pipeline").path("allOf").path(1))
                .withObject("/completed_on")
                .put("x-nullable", true);
        nullable(spec, "pipeline_selector");
    }),

    /** A repository without branches has no main branch, as observed. */
    NO_MAIN_BRANCH(spec -> nullable(spec, "branch")),

    /** Few operations list all the error statuses that they share. */
    EVERY_REFUSAL(spec -> operations(spec, operation -> {
        for (String status : List.of("400", "401", "403", "404")) {
            ObjectNode response = operation.withObject("/responses").withObject("/" + status);
            response.put("description", "An error").withObject("/schema").put("$ref", "#/definitions/error");
        }
    })),

    /** The log "encourages the use of HTTP Range requests", but the response is not listed. */
    PARTS_OF_LOGS(spec -> log(spec)
            .withObject("/responses")
            .withObject("/206")
            .put("description", "A part")
            .withObject("/schema")
            .put("type", "file")),

    /** A log has a body, but none is declared; nor is the type of an error in its place. */
    LOGS(spec -> {
        log(spec).withArray("/produces").add("application/json");
        log(spec)
                .withObject("/responses")
                .withObject("/200")
                .withObject("/schema")
                .put("type", "file");
    }),

    /** Test reports have a body, but none is declared. */
    TEST_REPORTS(spec -> List.of("/test_reports", "/test_cases", "/test_case_reasons")
            .forEach(end -> operation(spec, end, "get")
                    .withObject("/responses")
                    .withObject("/200")
                    .withObject("/schema")
                    .put("type", "object"))),

    /** "The raw contents of the file", but only JSON is declared. */
    FILES(spec -> operation(spec, "/src/{commit}/{path}", "get")
            .withArray("/produces")
            .add("application/json")
            .add("text/plain")),

    /**
     * The page of the deployments documents the list of environments, with their names only; this file has the group of
     * the pipelines. All else of an environment is a guess by what clients have recorded.
     */
    ENVIRONMENTS(spec -> {
        ObjectNode paths = spec.withObject("/paths");
        String runners = "/repositories/{workspace}/{repo_slug}/pipelines-config/runners";
        ObjectNode operation =
                ((ObjectNode) paths.path(runners).path("get").deepCopy()).put("operationId", "getEnvironments");
        paths.putObject(runners.replace("pipelines-config/runners", "environments"))
                .set("get", operation);
        ObjectNode schema =
                operation.withObject("/responses").withObject("/200").withObject("/schema");
        schema.removeAll();
        schema.put("type", "object");
        schema.putObject("properties")
                .putObject("values")
                .put("type", "array")
                .putObject("items")
                .put("type", "object");
        for (String name : List.of("page", "pagelen")) {
            query(operation, name, "integer");
        }
    }),

    /** The introduction describes {@code fields}, which every GET accepts. */
    FIELDS(spec -> operations(spec, operation -> query(operation, "fields", "string"))),

    /** The introduction describes pages, which every list has. */
    PAGES(spec -> List.of("/steps", "/test_reports/test_cases", "/pipelines-config/runners")
            .forEach(end -> operations(spec, end, operation -> {
                query(operation, "page", "integer");
                query(operation, "pagelen", "integer");
            }))),

    /** The introduction describes a minus for the descending order. */
    DESCENDING(spec -> parameters(operation(spec, "/pipelines", "get")).forEach(parameter -> {
        if (parameter.path("name").asText().equals("sort")) {
            ArrayNode orders = (ArrayNode) parameter.path("enum");
            for (JsonNode order : orders.deepCopy()) {
                orders.add("-" + order.asText());
            }
        }
    })),

    /** The text of the trigger documents pull request targets, with types that are not declared. */
    PULL_REQUESTS(spec -> {
        JsonNode selectors =
                definition(spec, "pipeline_selector").findParent("enum").path("enum");
        ((ArrayNode) selectors).add("pull-requests");
        ArrayNode all =
                spec.withObject("/definitions/pipeline_pullrequest_target").putArray("allOf");
        all.addObject().put("$ref", "#/definitions/pipeline_target");
        ObjectNode target = all.addObject().put("type", "object");
        List.of("source", "destination", "destination_commit", "commit", "pullrequest")
                .forEach(target.putArray("required")::add);
        ObjectNode properties = target.putObject("properties");
        properties.putObject("source").put("type", "string");
        properties.putObject("destination").put("type", "string");
        properties.putObject("destination_commit").put("$ref", "#/definitions/commit");
        properties.putObject("commit").put("$ref", "#/definitions/commit");
        properties.putObject("selector").put("$ref", "#/definitions/pipeline_selector");
        ObjectNode pullRequest = properties.putObject("pullrequest").put("type", "object");
        pullRequest.putArray("required").add("id");
        pullRequest.putObject("properties").putObject("id").put("type", "integer");
    });

    private final Consumer<ObjectNode> change;

    SpecPatch(Consumer<ObjectNode> change) {
        this.change = change;
    }

    void apply(ObjectNode spec) {
        change.accept(spec);
    }

    private static ObjectNode definition(ObjectNode spec, String name) {
        return (ObjectNode) spec.path("definitions").path(name);
    }

    /** The validator supports null for plain objects only. */
    private static void nullable(ObjectNode spec, String name) {
        ObjectNode definition = definition(spec, name);
        JsonNode own = definition.path("allOf").path(1);
        definition.removeAll();
        definition
                .put("type", "object")
                .put("x-nullable", true)
                .putArray("required")
                .add("type");
        definition.set("properties", own.path("properties"));
    }

    private static ObjectNode definitionOf(ObjectNode spec, String name, String... namesAndTypes) {
        ObjectNode definition = spec.withObject("/definitions").putObject(name).put("type", "object");
        ObjectNode properties = definition.putObject("properties");
        for (int i = 0; i < namesAndTypes.length; i += 2) {
            properties.putObject(namesAndTypes[i]).put("type", namesAndTypes[i + 1]);
        }
        return definition;
    }

    /** Adds an operation that reads, with the parameters of its path. */
    private static ObjectNode get(ObjectNode spec, String path) {
        ObjectNode operation = spec.withObject("/paths")
                .withObject("/" + path.replace("~", "~0").replace("/", "~1"))
                .withObject("/get");
        operation.withArray("/produces").add("application/json");
        Pattern.compile("\\{(\\w+)}")
                .matcher(path)
                .results()
                .forEach(found -> parameters(operation)
                        .addObject()
                        .put("name", found.group(1))
                        .put("in", "path")
                        .put("required", true)
                        .put("type", "string"));
        return operation;
    }

    private static ObjectNode properties(JsonNode definition) {
        return (ObjectNode) definition.path("properties");
    }

    private static void operations(ObjectNode spec, Consumer<ObjectNode> change) {
        operations(spec, "", change);
    }

    private static void operations(ObjectNode spec, String end, Consumer<ObjectNode> change) {
        spec.path("paths").properties().stream()
                .filter(path -> path.getKey().endsWith(end))
                .flatMap(path -> path.getValue().properties().stream())
                .filter(operation -> operation.getValue().has("responses"))
                .forEach(operation -> change.accept((ObjectNode) operation.getValue()));
    }

    private static ObjectNode operation(ObjectNode spec, String end, String method) {
        return (ObjectNode) spec.path("paths").properties().stream()
                .filter(path -> path.getKey().endsWith(end))
                .map(path -> path.getValue().path(method))
                .findFirst()
                .orElseThrow();
    }

    private static ObjectNode log(ObjectNode spec) {
        return operation(spec, "/log", "get");
    }

    private static ArrayNode parameters(ObjectNode operation) {
        return operation.withArray("/parameters");
    }

    private static void query(ObjectNode operation, String name, String type) {
        parameters(operation)
                .add(JsonNodeFactory.instance
                        .objectNode()
                        .put("name", name)
                        .put("in", "query")
                        .put("required", false)
                        .put("type", type));
    }
}
