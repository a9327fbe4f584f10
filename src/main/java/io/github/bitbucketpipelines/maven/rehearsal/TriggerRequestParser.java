package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Parses a trigger request, and rejects what Bitbucket rejects. That of an on-demand pipeline has the pipeline in its body, and
 * in its query what is the body of any other.
 *
 * @param yaml the body of an on-demand pipeline
 * @param definition the same, parsed
 */
record TriggerRequestParser(
        RunTarget target, List<Variable> variables, Optional<String> yaml, Optional<PipelinesFile> definition) {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> REF_TYPES = Set.of("branch", "tag", "named_branch", "bookmark");
    private static final Set<String> SELECTOR_TYPES =
            Set.of("branches", "tags", "bookmarks", "default", "custom", "pull-requests");

    static TriggerRequestParser read(RoutedRequest call, EmbeddedRepository repository) {
        String type = call.request()
                .header("Content-Type")
                .map(header -> header.split(";")[0].trim().toLowerCase(Locale.ROOT))
                .orElse("");
        boolean onDemand = type.equals("application/yaml");
        if (!onDemand && !type.equals("application/json")) {
            throw ApiError.unexpectedBody();
        }
        if (!repository.isPipelinesEnabled()) {
            throw ApiError.pipelines(400, "Pipelines is not enabled for this repository", "pipelines.not-enabled");
        }
        return onDemand ? readOnDemand(call, repository) : read(call.request(), repository);
    }

    private static TriggerRequestParser readOnDemand(RoutedRequest call, EmbeddedRepository repository) {
        JsonNode parameters = OnDemandParameters.parse(call.query());
        List<Variable> variables = variables(parameters.path("variables"));
        RunTarget target = target(parameters.path("target"), repository);
        if (repository.isReadOnly(target)) {
            throw ApiError.pipelines(
                    403,
                    "You do not have write permission for branch "
                            + target.refName().orElse(""),
                    "result-service.branch-restricted");
        }
        String yaml = call.request().body();
        PipelinesFile definition;
        try {
            definition = PipelinesFile.read(yaml);
        } catch (PipelinesFileException e) {
            throw ApiError.pipelines(400, "The supplied YAML is not valid", "result-service.pipeline.invalid-yaml");
        }
        target.customPipeline()
                .filter(name -> definition.custom(name).isEmpty())
                .ifPresent(name -> {
                    throw selectorNotFound();
                });
        target.customPipeline()
                .flatMap(definition::custom)
                .flatMap(pipeline -> variables.stream()
                        .filter(variable -> pipeline.variable(variable.key())
                                .filter(declared -> !declared.allows(variable.value()))
                                .isPresent())
                        .findFirst())
                .ifPresent(variable -> {
                    throw notAllowed(variable);
                });
        return new TriggerRequestParser(target, variables, Optional.of(yaml), Optional.of(definition));
    }

    private static TriggerRequestParser read(RecordedRequest request, EmbeddedRepository repository) {
        JsonNode body = parse(request.body());
        List<Variable> variables = variables(body.path("variables"));
        RunTarget target = target(body.path("target"), repository);
        target.customPipeline()
                .filter(name -> !repository.hasCustomPipeline(name))
                .ifPresent(name -> {
                    throw selectorNotFound();
                });
        target.customPipeline()
                .flatMap(name -> variables.stream()
                        .filter(variable -> !repository.allows(name, variable))
                        .findFirst())
                .ifPresent(variable -> {
                    throw notAllowed(variable);
                });
        return new TriggerRequestParser(target, variables, Optional.empty(), Optional.empty());
    }

    private static ApiError selectorNotFound() {
        return ApiError.pipelines(
                400,
                "Requested selector is not found in bitbucket-pipelines.yml.",
                "result-service.pipeline.selector-not-found");
    }

    private static ApiError notAllowed(Variable variable) {
        return ApiError.pipelines(
                400,
                "The value of the variable " + variable.key()
                        + " is not among its allowed-values in bitbucket-pipelines.yml.",
                "result-service.pipeline.variable-not-allowed");
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw ApiError.unexpectedBody();
        }
    }

    private static RunTarget target(JsonNode target, EmbeddedRepository repository) {
        Optional<Selector> selector = selector(target);
        return switch (target.path("type").asText()) {
            case RunTarget.REF -> ref(target, selector, repository);
            case RunTarget.COMMIT -> {
                if (!target.has("commit") || selector.isEmpty()) {
                    throw ApiError.invalidProperties();
                }
                yield RunTarget.commit(commit(target.get("commit"), repository), selector);
            }
            case RunTarget.PULL_REQUEST -> pullRequest(target, selector, repository);
            default -> throw ApiError.invalidProperties();
        };
    }

    private static RunTarget ref(JsonNode target, Optional<Selector> selector, EmbeddedRepository repository) {
        String type = text(target, "ref_type");
        String name = text(target, "ref_name");
        if (!REF_TYPES.contains(type)) {
            throw ApiError.invalidProperties();
        }
        String head = Optional.of(type)
                .filter(refType -> refType.equals("branch") || refType.equals("tag"))
                .flatMap(refType -> repository.head(refType, name))
                .orElseThrow(() -> ApiError.pipelines(
                        404,
                        "Could not find last reference for " + type + " " + name,
                        "result-service.reference-not-found"));
        String hash = target.has("commit") ? commit(target.get("commit"), repository) : head;
        return RunTarget.ref(type, name, hash, selector);
    }

    private static RunTarget pullRequest(JsonNode target, Optional<Selector> selector, EmbeddedRepository repository) {
        String source = text(target, "source");
        String destination = text(target, "destination");
        String commit = text(target.path("commit"), "hash");
        String destinationCommit = text(target.path("destination_commit"), "hash");
        JsonNode id = target.path("pullrequest").path("id");
        if (!id.asText().matches("[1-9]\\d{0,17}")) {
            throw ApiError.invalidProperties();
        }
        RunTarget.PullRequest known = repository
                .pullRequest(Long.parseLong(id.asText()))
                .orElseThrow(() -> ApiError.pipelines(
                        404, "Could not find the pull request", "result-service.pullrequest-not-found"));
        return RunTarget.pullRequest(
                new RunTarget.PullRequest(
                        known.id(),
                        source,
                        repository.commitByPrefix(commit).orElseThrow(TriggerRequestParser::noRevision),
                        destination,
                        repository.commitByPrefix(destinationCommit).orElseThrow(TriggerRequestParser::noRevision)),
                selector);
    }

    private static String commit(JsonNode commit, EmbeddedRepository repository) {
        return repository.knownHash(commit.path("hash").asText()).orElseThrow(TriggerRequestParser::noRevision);
    }

    private static ApiError noRevision() {
        return ApiError.pipelines(404, "Could not find the revision", "result-service.revision-not-found");
    }

    private static Optional<Selector> selector(JsonNode target) {
        JsonNode selector = target.path("selector");
        if (selector.isMissingNode() || selector.isNull()) {
            return Optional.empty();
        }
        String type = text(selector, "type");
        boolean named = selector.path("pattern").isTextual();
        if (!SELECTOR_TYPES.contains(type) || !named && !type.equals("default")) {
            throw ApiError.invalidProperties();
        }
        return Optional.of(new Selector(
                type, Optional.of(selector.path("pattern").asText()).filter(pattern -> named)));
    }

    private static List<Variable> variables(JsonNode variables) {
        if (!variables.isMissingNode() && !variables.isArray()) {
            throw ApiError.invalidProperties();
        }
        List<Variable> parsed = new ArrayList<>();
        for (JsonNode variable : variables) {
            JsonNode value = variable.path("value");
            JsonNode secured = variable.path("secured");
            if (!value.isTextual() || !(secured.isMissingNode() || secured.isBoolean())) {
                throw ApiError.invalidProperties();
            }
            try {
                parsed.add(new Variable(text(variable, "key"), value.asText(), secured.asBoolean()));
            } catch (IllegalArgumentException e) {
                throw ApiError.invalidProperties();
            }
        }
        return List.copyOf(parsed);
    }

    /** Returns a required property that must be a non-empty text. */
    private static String text(JsonNode object, String name) {
        JsonNode text = object.path(name);
        if (!text.isTextual() || text.asText().isEmpty()) {
            throw ApiError.invalidProperties();
        }
        return text.asText();
    }
}
