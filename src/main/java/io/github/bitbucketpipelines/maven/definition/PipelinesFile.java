package io.github.bitbucketpipelines.maven.definition;

import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a bitbucket-pipelines.yml says. What this reader does not know it passes over: Bitbucket adds keys without
 * notice, and Bitbucket has the last word on a file.
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/">Pipeline start
 *     conditions</a>
 */
public final class PipelinesFile {
    /** Bitbucket takes 100 steps; aliases could make millions of a small file. */
    private static final int MAX_STEPS = 10_000;

    private final Map<String, Yaml> imports;
    private final Map<String, PipelineDefinition> custom = new LinkedHashMap<>();
    private final List<RefRule> branches;
    private final List<RefRule> tags;
    private final List<RefRule> pullRequests;
    private final Optional<PipelineDefinition> defaultPipeline;
    private int stepCount;

    /** A glob, and its definition or, for pull requests by destination, the patterns of the destination. */
    private record RefRule(Glob glob, Optional<PipelineDefinition> definition, List<RefRule> destinations) {}

    private PipelinesFile(Yaml.Mapping file) {
        imports = section(file, "definitions")
                .flatMap(it -> section(it, "imports"))
                .map(Yaml.Mapping::values)
                .orElse(Map.of());
        Optional<Yaml.Mapping> pipelines = section(file, "pipelines");
        pipelines
                .flatMap(it -> section(it, "custom"))
                .ifPresent(section -> section.values()
                        .forEach((name, yaml) -> custom.put(name, definition(Selector.custom(name), yaml))));
        branches = patterns(pipelines, "branches");
        tags = patterns(pipelines, "tags");
        pullRequests = patterns(pipelines, "pull-requests");
        defaultPipeline = pipelines
                .flatMap(it -> it.get("default"))
                .map(yaml -> definition(new Selector("default", Optional.empty()), yaml));
    }

    /** Reads the text of the file, or throws a {@link PipelinesFileException}. */
    public static PipelinesFile read(String yaml) {
        Yaml file = Yaml.parse(yaml);
        return new PipelinesFile(fields(file, "the file"));
    }

    /** Reads the file, or throws a {@link PipelinesFileException}, also when there is none. */
    public static PipelinesFile read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(4 * Yaml.Reader.MAX_CHARACTERS + 1);
            return read(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new PipelinesFileException("it is not UTF-8 text");
        } catch (IOException e) {
            throw new PipelinesFileException("it can't be read: " + TextSanitizer.singleLine(e.toString(), 300));
        }
    }

    /** The names under {@code custom:}, in the order of the file. */
    public List<String> customNames() {
        return List.copyOf(custom.keySet());
    }

    /** The pipeline of that name under {@code custom:}. */
    public Optional<PipelineDefinition> custom(String name) {
        return Optional.ofNullable(custom.get(name));
    }

    /**
     * What a run of a branch follows without a custom pipeline: the most specific match under {@code branches:}, else
     * {@code default:}. Empty where Bitbucket would find nothing to run.
     */
    public Optional<PipelineDefinition> forBranch(String branch) {
        return best(branches, branch).flatMap(RefRule::definition).or(() -> defaultPipeline);
    }

    /**
     * What a run of a tag follows: the most specific match under {@code tags:}. Not {@code default:}, which the page
     * "Pipeline start conditions" says is for every push "excluding tag pushes".
     */
    public Optional<PipelineDefinition> forTag(String tag) {
        return best(tags, tag).flatMap(RefRule::definition);
    }

    /**
     * What a run of a pull request follows: the most specific match of its source branch under
     * {@code pull-requests:}, and under that pattern's {@code destinations:}, where it has them, of its destination.
     */
    public Optional<PipelineDefinition> forPullRequest(String sourceBranch, String destinationBranch) {
        return best(pullRequests, sourceBranch)
                .flatMap(pattern -> pattern.definition()
                        .or(() ->
                                best(pattern.destinations(), destinationBranch).flatMap(RefRule::definition)));
    }

    /** The pipeline of branches without one of their own. */
    public Optional<PipelineDefinition> defaultPipeline() {
        return defaultPipeline;
    }

    private static Optional<RefRule> best(List<RefRule> patterns, String name) {
        Optional<RefRule> best = Optional.empty();
        int specificity = Integer.MIN_VALUE;
        for (RefRule pattern : patterns) {
            OptionalInt match = pattern.glob().match(name);
            if (match.isPresent() && (best.isEmpty() || match.getAsInt() > specificity)) {
                best = Optional.of(pattern);
                specificity = match.getAsInt();
            }
        }
        return best;
    }

    private List<RefRule> patterns(Optional<Yaml.Mapping> pipelines, String type) {
        List<RefRule> patterns = new ArrayList<>();
        pipelines
                .flatMap(it -> section(it, type))
                .ifPresent(
                        section -> section.values().forEach((glob, yaml) -> patterns.add(pattern(type, glob, yaml))));
        return patterns;
    }

    private RefRule pattern(String type, String pattern, Yaml yaml) {
        Glob glob;
        try {
            glob = new Glob(pattern);
        } catch (IllegalArgumentException e) {
            throw new PipelinesFileException(e.getMessage(), yaml.line());
        }
        Selector selector = new Selector(type, Optional.of(pattern));
        if (type.equals("pull-requests")
                && yaml instanceof Yaml.Mapping fields
                && fields.get("destinations").isPresent()) {
            List<RefRule> destinations = new ArrayList<>();
            section(fields, "destinations").orElseThrow().values().forEach((destination, target) -> {
                RefRule inner = pattern("branches", destination, target);
                destinations.add(new RefRule(
                        inner.glob(),
                        inner.definition()
                                .map(it -> new PipelineDefinition(
                                        selector, it.steps(), it.variables(), it.importedFrom())),
                        List.of()));
            });
            return new RefRule(glob, Optional.empty(), destinations);
        }
        return new RefRule(glob, Optional.of(definition(selector, yaml)), List.of());
    }

    private PipelineDefinition definition(Selector selector, Yaml yaml) {
        if (yaml instanceof Yaml.Mapping fields && fields.get("import").isPresent()) {
            return new PipelineDefinition(selector, List.of(), List.of(), Optional.of(imported(fields)));
        }
        if (!(yaml instanceof Yaml.Sequence items)) {
            throw new PipelinesFileException(
                    "the pipeline " + TextSanitizer.singleLine(selector.toString(), 100)
                            + " must be a list of steps or an import",
                    yaml.line());
        }
        Steps found = new Steps();
        List<VariableDefinition> variables = new ArrayList<>();
        for (Yaml item : items.values()) {
            Yaml.Mapping fields =
                    fields(item, "an item of the pipeline " + TextSanitizer.singleLine(selector.toString(), 100));
            found.add(fields);
            fields.get("variables").ifPresent(it -> addVariables(it, variables));
        }
        return new PipelineDefinition(selector, found.steps, variables, Optional.empty());
    }

    /** {@code repository:ref:pipeline}, or {@code pipeline@source}, a source under {@code definitions: imports:}. */
    private PipelineImport imported(Yaml.Mapping fields) {
        String text = fields.text("import")
                .orElseThrow(() -> new PipelinesFileException("'import' must be one line of text", fields.line()));
        int at = text.lastIndexOf('@');
        String[] parts = text.split(":", -1);
        if (parts.length == 3) {
            return new PipelineImport(parts[2], Optional.of(parts[0]), Optional.of(parts[1]), Optional.empty());
        }
        if (at <= 0) {
            throw new PipelinesFileException(
                    "'import' must be REPOSITORY:REF:PIPELINE or PIPELINE@SOURCE", fields.line());
        }
        String name = text.substring(at + 1);
        if (!(imports.get(name) instanceof Yaml.Scalar source)) {
            throw new PipelinesFileException(
                    "'import' names the source '" + TextSanitizer.singleLine(name, 100)
                            + "', which is not under definitions: imports:",
                    fields.line());
        }
        String pipeline = text.substring(0, at);
        String[] location = source.value().split(":", 3);
        return location.length == 1
                ? new PipelineImport(pipeline, Optional.empty(), Optional.empty(), Optional.of(location[0]))
                : new PipelineImport(
                        pipeline,
                        Optional.of(location[0]),
                        Optional.of(location[1]),
                        location.length == 3 ? Optional.of(location[2]) : Optional.empty());
    }

    private static void addVariables(Yaml yaml, List<VariableDefinition> variables) {
        for (Yaml item : items(yaml, "'variables'")) {
            Yaml.Mapping fields = fields(item, "a variable");
            String name = fields.text("name")
                    .orElseThrow(() -> new PipelinesFileException("a variable has no name", item.line()));
            List<String> allowed = new ArrayList<>();
            fields.get("allowed-values").ifPresent(list -> {
                for (Yaml value : items(list, "'allowed-values'")) {
                    if (value instanceof Yaml.Scalar text) {
                        allowed.add(text.value());
                    }
                }
            });
            variables.add(new VariableDefinition(name, fields.text("default"), allowed, fields.text("description")));
        }
    }

    /** Collects the steps of one definition. */
    private final class Steps {
        private final List<StepDefinition> steps = new ArrayList<>();
        private int parallelGroups;
        private int stages;

        /** A {@code step}, a {@code parallel} or a {@code stage}; anything else is passed over. */
        void add(Yaml.Mapping item) {
            addStepOrParallel(item, Optional.empty());
            item.get("stage").ifPresent(stage -> addStage(fields(stage, "'stage'")));
        }

        private void addStage(Yaml.Mapping stage) {
            stages++;
            boolean isFirst = true;
            for (Yaml item : items(stepsOf(stage), "'steps' of a stage")) {
                addStepOrParallel(fields(item, "an item of a stage"), Optional.of(new InStage(stage, isFirst)));
                isFirst = false;
            }
        }

        private void addStepOrParallel(Yaml.Mapping item, Optional<InStage> stage) {
            if (item.values().containsKey("step")) {
                add(step(item), OptionalInt.empty(), stage);
            }
            item.get("parallel").ifPresent(parallel -> {
                OptionalInt group = OptionalInt.of(++parallelGroups);
                for (Yaml inner : items(stepsOf(parallel), "'parallel'")) {
                    Yaml.Mapping fields = fields(inner, "an item of 'parallel'");
                    if (fields.values().containsKey("step")) {
                        add(step(fields), group, stage);
                    }
                }
            });
        }

        private record InStage(Yaml.Mapping stage, boolean isFirst) {}

        private void add(Yaml.Mapping step, OptionalInt group, Optional<InStage> in) {
            if (++stepCount > MAX_STEPS) {
                throw new PipelinesFileException("it has more than " + MAX_STEPS + " steps", step.line());
            }
            Optional<Yaml.Mapping> stage = in.map(InStage::stage);
            boolean startsManualStage =
                    in.filter(it -> it.isFirst() && isManual(it.stage())).isPresent();
            steps.add(new StepDefinition(
                    step.text("name"),
                    isManual(step) || startsManualStage,
                    group,
                    in.isPresent() ? OptionalInt.of(stages) : OptionalInt.empty(),
                    stage.flatMap(it -> it.text("name")),
                    deployment(step).or(() -> stage.flatMap(Steps::deployment)),
                    step.text("type").filter("pipeline"::equals).flatMap(type -> step.text("custom")),
                    step.get("condition")
                            .or(() -> stage.flatMap(it -> it.get("condition")))
                            .isPresent()));
        }

        /** {@code parallel} and {@code stage} have their list under {@code steps}; {@code parallel} may be the list. */
        private static Yaml stepsOf(Yaml group) {
            if (!(group instanceof Yaml.Mapping fields)) {
                return group;
            }
            return fields.get("steps")
                    .orElseThrow(() -> new PipelinesFileException("'steps' is missing", group.line()));
        }

        private static Yaml.Mapping step(Yaml.Mapping item) {
            return item.get("step")
                    .map(step -> fields(step, "'step'"))
                    .orElseThrow(() -> new PipelinesFileException("a step is empty", item.line()));
        }

        private static boolean isManual(Yaml.Mapping fields) {
            return fields.text("trigger").filter("manual"::equals).isPresent();
        }

        private static Optional<String> deployment(Yaml.Mapping fields) {
            return fields.text("deployment").or(() -> fields.text("environment"));
        }
    }

    private static Optional<Yaml.Mapping> section(Yaml.Mapping parent, String key) {
        return parent.get(key).map(yaml -> fields(yaml, "'" + key + "'"));
    }

    private static Yaml.Mapping fields(Yaml yaml, String what) {
        if (yaml instanceof Yaml.Mapping fields) {
            return fields;
        }
        throw new PipelinesFileException(what + " must be a mapping", yaml.line());
    }

    private static List<Yaml> items(Yaml yaml, String what) {
        if (yaml instanceof Yaml.Sequence items) {
            return items.values();
        }
        throw new PipelinesFileException(what + " must be a list", yaml.line());
    }
}
