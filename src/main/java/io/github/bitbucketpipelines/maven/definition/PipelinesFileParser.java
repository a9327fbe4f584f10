package io.github.bitbucketpipelines.maven.definition;

import io.github.bitbucketpipelines.maven.definition.PipelinesFile.RefRule;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Parses bitbucket-pipelines.yml into definitions. One instance parses one file; not thread-safe. */
final class PipelinesFileParser {
    /** Bitbucket allows 100 steps; without a bound, aliases could turn a small file into millions. */
    private static final int MAX_STEPS = 10_000;

    private static final int MAX_SHOWN_NAME = 100;

    private static final Set<String> SECTIONS = Set.of("default", "branches", "tags", "pull-requests", "custom");

    /** What may hold any key of the user's, and never a concurrency group. */
    private static final Set<String> USERS_OWN =
            Set.of("script", "after-script", "variables", "input-variables", "name");

    private final Map<String, Yaml> imports;
    private final List<String> groupsOfFile;
    private int stepCount;

    private PipelinesFileParser(Map<String, Yaml> imports, List<String> groupsOfFile) {
        this.imports = imports;
        this.groupsOfFile = groupsOfFile;
    }

    /** Parses the text, or throws a {@link PipelinesFileException}. */
    static PipelinesFile parse(String yaml) {
        Yaml.Mapping file = mapping(Yaml.parse(yaml), "the file");
        Map<String, Yaml> imports = section(file, "definitions")
                .flatMap(definitions -> section(definitions, "imports"))
                .map(Yaml.Mapping::values)
                .orElse(Map.of());
        Set<String> groupsOfFile = new LinkedHashSet<>();
        file.values().forEach((key, value) -> {
            if (!key.equals("pipelines") && !key.equals("definitions")) {
                addGroup(key, value, groupsOfFile);
            }
        });
        file.get("options").ifPresent(options -> addGroups(options, groupsOfFile));
        List<String> otherSections = new ArrayList<>();
        file.get("triggers").ifPresent(triggers -> otherSections.add("triggers"));
        return new PipelinesFileParser(imports, List.copyOf(groupsOfFile))
                .pipelines(
                        section(file, "pipelines").orElseGet(() -> new Yaml.Mapping(Map.of(), file.line())),
                        otherSections);
    }

    private PipelinesFile pipelines(Yaml.Mapping pipelines, List<String> otherSections) {
        pipelines.values().keySet().stream()
                .filter(name -> !SECTIONS.contains(name))
                .forEach(otherSections::add);
        Set<String> groups = new LinkedHashSet<>(groupsOfFile);
        addGroups(pipelines, groups);
        Map<String, PipelineDefinition> custom = new LinkedHashMap<>();
        section(pipelines, "custom")
                .ifPresent(section -> section.values()
                        .forEach((name, yaml) -> custom.put(name, definition(Selector.custom(name), yaml))));
        return new PipelinesFile(
                custom,
                rules(pipelines, "branches"),
                rules(pipelines, "tags"),
                rules(pipelines, "pull-requests"),
                pipelines.get("default").map(yaml -> definition(new Selector("default", Optional.empty()), yaml)),
                otherSections,
                List.copyOf(groups));
    }

    /** Adds all concurrency groups of a part of the file, wherever it has them: their place is not documented for all. */
    private static void addGroups(Yaml yaml, Set<String> groups) {
        addGroups(yaml, groups, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    /**
     * Adds all concurrency groups.
     *
     * @param seen what was read, since aliases could turn a small file into millions of values
     */
    private static void addGroups(Yaml yaml, Set<String> groups, Set<Yaml> seen) {
        if (!seen.add(yaml)) {
            return;
        }
        if (yaml instanceof Yaml.Sequence sequence) {
            sequence.values().forEach(value -> addGroups(value, groups, seen));
        } else if (yaml instanceof Yaml.Mapping mapping) {
            mapping.values().forEach((key, value) -> {
                addGroup(key, value, groups);
                if (!USERS_OWN.contains(key)) {
                    addGroups(value, groups, seen);
                }
            });
        }
    }

    /** Atlassian's pages have both forms, {@code concurrency-group: NAME} and {@code concurrency: {group: NAME}}. */
    private static void addGroup(String key, Yaml value, Set<String> groups) {
        boolean isGroup = key.equals("concurrency-group") || key.equals("concurrency");
        if (isGroup && value instanceof Yaml.Mapping fields) {
            fields.text("group").or(() -> fields.text("name")).ifPresent(groups::add);
        } else if (isGroup && value instanceof Yaml.Scalar name && !value.isNull()) {
            groups.add(name.value());
        }
    }

    private List<RefRule> rules(Yaml.Mapping pipelines, String type) {
        List<RefRule> rules = new ArrayList<>();
        section(pipelines, type)
                .ifPresent(section -> section.values().forEach((glob, yaml) -> rules.add(rule(type, glob, yaml))));
        return rules;
    }

    private RefRule rule(String type, String pattern, Yaml yaml) {
        Glob glob = glob(pattern, yaml.line());
        Selector selector = new Selector(type, Optional.of(pattern));
        if (type.equals("pull-requests") && yaml instanceof Yaml.Mapping fields) {
            Optional<Yaml.Mapping> destinations = section(fields, "destinations");
            if (destinations.isPresent()) {
                List<RefRule> rules = new ArrayList<>();
                destinations
                        .get()
                        .values()
                        .forEach((branch, pipeline) -> rules.add(new RefRule(
                                glob(branch, pipeline.line()),
                                Optional.of(definition(selector, pipeline)),
                                List.of())));
                return new RefRule(glob, Optional.empty(), rules);
            }
        }
        return new RefRule(glob, Optional.of(definition(selector, yaml)), List.of());
    }

    private static Glob glob(String pattern, int line) {
        try {
            return new Glob(pattern);
        } catch (IllegalArgumentException e) {
            throw new PipelinesFileException(e.getMessage(), line);
        }
    }

    private PipelineDefinition definition(Selector selector, Yaml yaml) {
        if (yaml instanceof Yaml.Mapping fields && fields.get("import").isPresent()) {
            return new PipelineDefinition(
                    selector, List.of(), List.of(), Optional.of(pipelineImport(fields)), groupsOfFile, List.of());
        }
        String pipelineName = TextSanitizer.singleLine(selector.toString(), MAX_SHOWN_NAME);
        if (!(yaml instanceof Yaml.Sequence sequence)) {
            throw new PipelinesFileException(
                    "the pipeline " + pipelineName + " must be a list of steps or an import", yaml.line());
        }
        StepCollector collector = new StepCollector();
        List<VariableDefinition> variables = new ArrayList<>();
        for (Yaml item : sequence.values()) {
            Yaml.Mapping fields = mapping(item, "an item of the pipeline " + pipelineName);
            collector.add(fields);
            fields.get("variables").ifPresent(list -> addVariables(list, variables));
        }
        Set<String> groups = new LinkedHashSet<>(groupsOfFile);
        addGroups(yaml, groups);
        return new PipelineDefinition(
                selector, collector.steps, variables, Optional.empty(), List.copyOf(groups), collector.doubts);
    }

    /**
     * Parses {@code repository:ref:pipeline}, or {@code pipeline@source} with a source of {@code definitions:
     * imports:}.
     */
    private PipelineImport pipelineImport(Yaml.Mapping fields) {
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
                    "'import' names the source '" + TextSanitizer.singleLine(name, MAX_SHOWN_NAME)
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
        for (Yaml item : sequence(yaml, "'variables'")) {
            Yaml.Mapping fields = mapping(item, "a variable");
            String name = fields.text("name")
                    .orElseThrow(() -> new PipelinesFileException("a variable has no name", item.line()));
            List<String> allowed = new ArrayList<>();
            fields.get("allowed-values").ifPresent(list -> {
                for (Yaml value : sequence(list, "'allowed-values'")) {
                    if (value instanceof Yaml.Scalar scalar) {
                        allowed.add(scalar.value());
                    }
                }
            });
            variables.add(new VariableDefinition(name, fields.text("default"), allowed, fields.text("description")));
        }
    }

    /**
     * What a step has from the group and the stage around it.
     *
     * @param strategies of {@code on-fail:}
     */
    private record Surroundings(
            OptionalInt group,
            OptionalInt stage,
            Optional<String> environment,
            boolean startsManualStage,
            boolean isConditional,
            List<FailureStrategy> strategies) {
        static final Surroundings NONE =
                new Surroundings(OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), false, false, List.of());

        Surroundings inStage(int number, Yaml.Mapping fields) {
            return new Surroundings(
                            group,
                            OptionalInt.of(number),
                            environmentOf(fields),
                            isManual(fields),
                            PipelinesFileParser.isConditional(fields),
                            strategies)
                    .with(onFailOf(fields));
        }

        Surroundings inGroup(int number, Yaml fields) {
            return new Surroundings(
                            OptionalInt.of(number), stage, environment, startsManualStage, isConditional, strategies)
                    .with(onFailOf(fields));
        }

        Surroundings afterFirstItem() {
            return new Surroundings(group, stage, environment, false, isConditional, strategies);
        }

        Surroundings with(List<FailureStrategy> more) {
            List<FailureStrategy> all = new ArrayList<>(strategies);
            all.addAll(more);
            return new Surroundings(group, stage, environment, startsManualStage, isConditional, all);
        }
    }

    private static List<FailureStrategy> onFailOf(Yaml yaml) {
        return yaml instanceof Yaml.Mapping fields
                ? fields.get("on-fail").map(FailureStrategy::of).stream().toList()
                : List.of();
    }

    private static boolean isConditional(Yaml.Mapping fields) {
        return fields.get("condition").isPresent();
    }

    private static boolean isManual(Yaml.Mapping fields) {
        return fields.text("trigger").filter("manual"::equals).isPresent();
    }

    /** {@code environment} may also be a mapping with a name. */
    private static Optional<String> environmentOf(Yaml.Mapping fields) {
        return fields.text("deployment")
                .or(() -> fields.text("environment"))
                .or(() -> fields.get("environment")
                        .filter(Yaml.Mapping.class::isInstance)
                        .flatMap(mapping -> ((Yaml.Mapping) mapping).text("name")));
    }

    /** Collects the steps of one definition, numbering its stages and parallel groups. */
    private final class StepCollector {
        private final List<StepDefinition> steps = new ArrayList<>();
        private final List<String> doubts = new ArrayList<>();
        private int parallelGroups;
        private int stages;

        /** Adds a {@code step}, the steps of a {@code parallel} or of a {@code stage}; ignores anything else. */
        void add(Yaml.Mapping item) {
            addStepOrParallel(item, Surroundings.NONE);
            item.get("stage").ifPresent(stage -> addStage(mapping(stage, "'stage'")));
            item.get("final").ifPresent(this::addFinal);
        }

        /** Adds steps that run after all others, whatever happened: a list of items, or {@code steps} with one. */
        private void addFinal(Yaml yaml) {
            Yaml items =
                    yaml instanceof Yaml.Mapping fields ? fields.get("steps").orElse(yaml) : yaml;
            List<Yaml> list = items instanceof Yaml.Sequence sequence ? sequence.values() : List.of(items);
            for (Yaml item : list) {
                if (item instanceof Yaml.Mapping fields) {
                    addStepOrParallel(fields, Surroundings.NONE.with(List.of(FailureStrategy.UNKNOWN)));
                } else {
                    doubts.add("'final' in line " + yaml.line() + " is no list of steps");
                }
            }
        }

        /** A manual stage is started with its first item; the later ones follow by themselves. */
        private void addStage(Yaml.Mapping stage) {
            Surroundings inStage = Surroundings.NONE.inStage(++stages, stage);
            for (Yaml item : sequence(stepsOf(stage), "'steps' of a stage")) {
                addStepOrParallel(mapping(item, "an item of a stage"), inStage);
                inStage = inStage.afterFirstItem();
            }
        }

        private void addStepOrParallel(Yaml.Mapping item, Surroundings around) {
            if (item.values().containsKey("step")) {
                addStep(item, around);
            }
            item.get("parallel").ifPresent(parallel -> {
                Surroundings inGroup = around.inGroup(++parallelGroups, parallel);
                for (Yaml member : sequence(stepsOf(parallel), "'parallel'")) {
                    Yaml.Mapping fields = mapping(member, "an item of 'parallel'");
                    if (fields.values().containsKey("step")) {
                        addStep(fields, inGroup);
                    }
                }
            });
        }

        private void addStep(Yaml.Mapping item, Surroundings around) {
            Yaml.Mapping step =
                    item.get("step").map(fields -> mapping(fields, "'step'")).orElseGet(() -> beside(item));
            if (++stepCount > MAX_STEPS) {
                throw new PipelinesFileException("it has more than " + MAX_STEPS + " steps", step.line());
            }
            steps.add(new StepDefinition(
                    step.text("name"),
                    isManual(step) || around.startsManualStage(),
                    around.group(),
                    around.stage(),
                    around.isConditional() || isConditional(step),
                    labels(step),
                    environmentOf(step).or(around::environment),
                    FailureStrategy.of(around.with(onFailOf(step)).strategies())));
        }

        /** The keys of a step that are not indented below {@code - step:}, but stand beside it. */
        private Yaml.Mapping beside(Yaml.Mapping item) {
            if (item.values().size() == 1) {
                throw new PipelinesFileException("a step is empty", item.line());
            }
            doubts.add("the keys of the step in line " + item.line() + " stand beside 'step', not below it");
            return item;
        }

        private static List<String> labels(Yaml.Mapping step) {
            Optional<Yaml> runsOn = step.get("runs-on");
            List<Yaml> labels = runsOn.filter(Yaml.Sequence.class::isInstance)
                    .map(list -> ((Yaml.Sequence) list).values())
                    .orElseGet(() -> runsOn.stream().toList());
            return labels.stream()
                    .filter(label -> label instanceof Yaml.Scalar && !label.isNull())
                    .map(label -> ((Yaml.Scalar) label).value())
                    .toList();
        }

        /** The list under {@code steps}; a {@code parallel} may also be the list itself. */
        private static Yaml stepsOf(Yaml group) {
            if (!(group instanceof Yaml.Mapping fields)) {
                return group;
            }
            return fields.get("steps")
                    .orElseThrow(() -> new PipelinesFileException("'steps' is missing", group.line()));
        }
    }

    private static Optional<Yaml.Mapping> section(Yaml.Mapping parent, String key) {
        return parent.get(key).map(yaml -> mapping(yaml, "'" + key + "'"));
    }

    private static Yaml.Mapping mapping(Yaml yaml, String name) {
        if (yaml instanceof Yaml.Mapping mapping) {
            return mapping;
        }
        throw new PipelinesFileException(name + " must be a mapping", yaml.line());
    }

    private static List<Yaml> sequence(Yaml yaml, String name) {
        if (yaml instanceof Yaml.Sequence sequence) {
            return sequence.values();
        }
        throw new PipelinesFileException(name + " must be a list", yaml.line());
    }
}
