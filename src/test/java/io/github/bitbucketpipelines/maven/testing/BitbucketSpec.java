package io.github.bitbucketpipelines.maven.testing;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.interaction.ApiOperationResolver;
import com.atlassian.oai.validator.model.ApiOperationMatch;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.MessageResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import com.atlassian.oai.validator.report.ValidationReport.Level;
import com.atlassian.oai.validator.schema.SchemaValidator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.testing.ExchangeRecorder.Exchange;
import io.swagger.parser.OpenAPIParser;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Validates exchanges against Atlassian's specification of the API.
 *
 * <p>The specification declares the parts of a run as separate types, such as {@code pipeline_ref_target}, which the
 * property {@code "type"} selects. The validator does not support that; therefore each object with a declared type is
 * also validated against that declaration here.
 */
public final class BitbucketSpec {
    /** Not part of the project; expected in a directory beside it. */
    public static final Path FILE = Path.of(System.getProperty("basedir", ""))
            .resolve("../shared/bitbucket-openapi.json")
            .normalize();

    private static final String UNDECLARED = "There is no declaration of ";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final LevelResolver LEVELS = LevelResolver.create()
            .withDefaultLevel(Level.ERROR)
            // A rule of the validator only: the specification allows additional fields, which come without notice.
            .withLevel("validation.schema.additionalProperties", Level.IGNORE)
            .build();

    /**
     * The undeclared types that may occur: the kinds of selectors, which an enum declares; types that were seen; and
     * names formed like them, for objects that exist with an unknown type.
     */
    public static final Set<String> UNDECLARED_TYPES = Set.of(
            "branches",
            "tags",
            "default",
            "custom",
            "pull-requests",
            "deployment_environment",
            "deployment_environment_lock_open",
            "deployment_environment_lock_locked",
            "deployment_environment_lock_triggerer",
            "deployment_restrictions_configuration",
            "pipeline_state_parsing",
            "pipeline_state_parsing_parsing",
            "pipeline_state_pending_pending",
            "pipeline_state_in_progress_halted",
            "pipeline_step_state_pending_paused",
            "pipeline_step_state_pending_halted",
            "pipeline_trigger_scheduled",
            "pipeline_trigger_parent_step",
            "pipeline_step_trigger_automatic",
            "pipeline_step_trigger_manual",
            "pipeline_step_trigger_redeploy",
            "pipeline_step_test_report",
            "pipeline_test_case",
            "pipeline_test_case_reason",
            "repository_pipelines_configuration",
            "workspace",
            "user",
            "app_user");

    /** Objects that differ from similar ones only by their type. */
    private static final List<String> KINDS = List.of(
            "pipeline_target",
            "pipeline_selector",
            "pipeline_trigger",
            "pipeline_state",
            "pipeline_state_in_progress_stage",
            "pipeline_state_completed_result",
            "pipeline_step_state",
            "pipeline_step_state_completed_result");

    private final Model whole;
    private final Model part;

    private BitbucketSpec(ObjectNode json) {
        whole = new Model(json);
        part = new Model(withoutRequiredTypes(json.deepCopy()));
    }

    /** The specification with all patches. */
    public static BitbucketSpec read() {
        return read(List.of(SpecPatch.values()));
    }

    /** The specification with these patches only. */
    public static BitbucketSpec read(List<SpecPatch> patches) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(Files.readString(FILE));
            patches.forEach(patch -> patch.apply(json));
            return new BitbucketSpec(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the violations of an exchange; empty where it conforms. */
    public List<String> findings(Exchange exchange) {
        return everything(exchange).stream()
                .filter(finding ->
                        undeclared(finding).filter(UNDECLARED_TYPES::contains).isEmpty())
                .toList();
    }

    /** Returns the types in an exchange that the specification does not declare. */
    public List<String> undeclaredTypes(Exchange exchange) {
        return everything(exchange).stream()
                .flatMap(finding -> undeclared(finding).stream())
                .toList();
    }

    private static Optional<String> undeclared(String finding) {
        int at = finding.indexOf(UNDECLARED);
        return at < 0 ? Optional.empty() : Optional.of(finding.substring(at + UNDECLARED.length()));
    }

    private List<String> everything(Exchange sent) {
        // The specification describes the query of an on-demand trigger by the body that it stands for.
        Exchange exchange = sent.withoutOnDemand();
        List<String> findings = new ArrayList<>();
        add(findings, "request", part.interactions.validateRequest(request(exchange)));
        exchange.requestJson().ifPresent(body -> typed(findings, "request", part, body));
        Model model = exchange.isPartial() ? part : whole;
        add(
                findings,
                "response",
                model.interactions.validateResponse(exchange.request().path(), method(exchange), response(exchange)));
        exchange.json().ifPresent(body -> typed(findings, "response", model, body));
        return findings;
    }

    /** Returns the operation of an exchange; empty where the specification has none. */
    public Optional<String> operation(Exchange exchange) {
        ApiOperationMatch match =
                whole.operations.findApiOperation(exchange.request().path(), method(exchange));
        return Optional.of(match)
                .filter(ApiOperationMatch::isOperationAllowed)
                .map(ApiOperationMatch::getApiOperation)
                .map(operation ->
                        operation.getMethod() + " " + operation.getApiPath().original());
    }

    private void typed(List<String> findings, String where, Model model, JsonNode json) {
        String type = json.path("type").asText();
        if (!type.isEmpty()) {
            Optional<Schema<?>> declared = model.declared(type);
            declared.ifPresentOrElse(
                    schema -> model.problems(type, schema, json)
                            .forEach(problem -> findings.add(where + ", " + type + ": " + problem)),
                    () -> findings.add(where + ": " + UNDECLARED + type));
        }
        json.forEach(child -> typed(findings, where, model, child));
    }

    private static void add(List<String> findings, String where, ValidationReport report) {
        problems(report).forEach(problem -> findings.add(where + ": " + problem));
    }

    private static List<String> problems(ValidationReport report) {
        return report.getMessages().stream()
                .filter(message -> message.getLevel() == Level.ERROR)
                .flatMap(BitbucketSpec::innermost)
                .map(message -> message.getMessage() + " [" + message.getKey() + "]")
                .toList();
    }

    private static Stream<ValidationReport.Message> innermost(ValidationReport.Message message) {
        return message.getNestedMessages().isEmpty()
                ? Stream.of(message)
                : message.getNestedMessages().stream().flatMap(BitbucketSpec::innermost);
    }

    private static Request.Method method(Exchange exchange) {
        return Request.Method.valueOf(exchange.request().method());
    }

    private static Request request(Exchange exchange) {
        SimpleRequest.Builder builder =
                new SimpleRequest.Builder(method(exchange), exchange.request().path());
        exchange.request().headers().forEach(builder::withHeader);
        for (String pair : exchange.request().query().split("&")) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                builder.withQueryParam(decoded(parts[0]), decoded(parts[1]));
            }
        }
        if (!exchange.request().body().isEmpty()) {
            builder.withBody(exchange.request().body());
        }
        return builder.build();
    }

    private static SimpleResponse response(Exchange exchange) {
        SimpleResponse.Builder builder = new SimpleResponse.Builder(exchange.status());
        if (!exchange.contentType().isEmpty()) {
            builder.withContentType(exchange.contentType());
        }
        if (exchange.body().length > 0) {
            builder.withBody(exchange.body());
        }
        return builder.build();
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /**
     * For requests, and for responses that {@code fields} reduced: as in the examples of the API, they have a type only
     * where it selects a kind.
     */
    private static ObjectNode withoutRequiredTypes(ObjectNode json) {
        ObjectNode definitions = (ObjectNode) json.path("definitions");
        definitions.forEach(definition -> ((ObjectNode) definition).remove("required"));
        for (String kind : KINDS) {
            JsonNode definition = definitions.path(kind);
            ObjectNode own = (ObjectNode)
                    (definition.has("allOf") ? definition.path("allOf").path(1) : definition);
            own.putArray("required").add("type");
            // The parser accepts only declared properties as required.
            own.withObject("/properties").withObject("/type").put("type", "string");
        }
        return json;
    }

    /** The specification with its validators. */
    private static final class Model {
        private final OpenAPI api;
        private final OpenApiInteractionValidator interactions;
        private final ApiOperationResolver operations;
        private final SchemaValidator schemas;
        /** Validators by type, since the same types occur repeatedly. */
        private final Map<String, List<String>> known = new HashMap<>();

        Model(ObjectNode json) {
            ParseOptions options = new ParseOptions();
            options.setResolve(true);
            api = new OpenAPIParser()
                    .readContents(json.toString(), List.of(), options)
                    .getOpenAPI();
            interactions = OpenApiInteractionValidator.createFor(api)
                    .withLevelResolver(LEVELS)
                    .build();
            operations = new ApiOperationResolver(api, null, false);
            schemas = new SchemaValidator(api, new MessageResolver(LEVELS));
        }

        List<String> problems(String type, Schema<?> schema, JsonNode json) {
            return known.computeIfAbsent(
                    type + json, key -> BitbucketSpec.problems(schemas.validate(() -> json, schema, "body")));
        }

        Optional<Schema<?>> declared(String type) {
            return Optional.ofNullable(
                    (Schema<?>) api.getComponents().getSchemas().get(type));
        }
    }
}
