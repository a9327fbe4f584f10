package io.github.bitbucketpipelines.maven.definition;

import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The pipelines that a bitbucket-pipelines.yml defines, with the lookup that Bitbucket performs for a target. Unknown
 * keys are ignored: Bitbucket adds keys without notice, and Bitbucket alone decides whether a file is valid. Immutable.
 *
 * @see <a href="https://support.atlassian.com/bitbucket-cloud/docs/pipeline-start-conditions/">Pipeline start
 *     conditions</a>
 */
public final class PipelinesFile {
    private final Map<String, PipelineDefinition> custom;
    private final List<RefRule> branches;
    private final List<RefRule> tags;
    private final List<RefRule> pullRequests;
    private final Optional<PipelineDefinition> defaultPipeline;
    private final List<String> otherSections;
    private final List<String> concurrencyGroups;

    /** A glob with its definition or, for pull requests by destination, with the rules of the destination branches. */
    record RefRule(Glob glob, Optional<PipelineDefinition> definition, List<RefRule> destinations) {
        RefRule {
            destinations = List.copyOf(destinations);
        }
    }

    /**
     * Takes the parsed sections.
     *
     * @param custom by name, in the order of the file
     * @param otherSections the names of further sections that can start pipelines
     * @param concurrencyGroups all of the file
     */
    PipelinesFile(
            Map<String, PipelineDefinition> custom,
            List<RefRule> branches,
            List<RefRule> tags,
            List<RefRule> pullRequests,
            Optional<PipelineDefinition> defaultPipeline,
            List<String> otherSections,
            List<String> concurrencyGroups) {
        this.custom = new LinkedHashMap<>(custom);
        this.branches = List.copyOf(branches);
        this.tags = List.copyOf(tags);
        this.pullRequests = List.copyOf(pullRequests);
        this.defaultPipeline = defaultPipeline;
        this.otherSections = List.copyOf(otherSections);
        this.concurrencyGroups = List.copyOf(concurrencyGroups);
    }

    /**
     * Parses the text of the file.
     *
     * @throws PipelinesFileException if the text is not valid
     */
    public static PipelinesFile read(String yaml) {
        return PipelinesFileParser.parse(yaml);
    }

    /**
     * Reads and parses the file.
     *
     * @throws PipelinesFileException if the file is missing, can't be read, is not UTF-8 or is not valid
     */
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
     * Finds the definition of a run. Its selector's pattern is that of the file; a run that was triggered with the
     * definition of its branch or tag may also have none.
     */
    public Optional<PipelineDefinition> of(Run run) {
        return run.selector()
                .flatMap(selector -> selectedBy(selector)
                        .or(() -> run.target()
                                .filter(target -> selector.pipeline().isEmpty())
                                .flatMap(target -> target instanceof Target.Branch branch
                                        ? forBranch(branch.name())
                                        : target instanceof Target.Tag tag ? forTag(tag.name()) : Optional.empty())));
    }

    /**
     * Finds the definition for a run of a branch without a custom pipeline: the most specific match under
     * {@code branches:}, else {@code default:}. Empty where Bitbucket would find nothing to run.
     */
    public Optional<PipelineDefinition> forBranch(String branch) {
        return mostSpecific(branches, branch).flatMap(RefRule::definition).or(() -> defaultPipeline);
    }

    /**
     * Finds the definition for a run of a tag: the most specific match under {@code tags:}. It never falls back to
     * {@code default:}, which by Atlassian's page "Pipeline start conditions" is for every push "excluding tag pushes".
     */
    public Optional<PipelineDefinition> forTag(String tag) {
        return mostSpecific(tags, tag).flatMap(RefRule::definition);
    }

    /**
     * Finds the definition for a run of a pull request: the most specific match of its source branch under
     * {@code pull-requests:}. Where that rule has {@code destinations:}, the destination branch selects among them.
     */
    public Optional<PipelineDefinition> forPullRequest(String sourceBranch, String destinationBranch) {
        return mostSpecific(pullRequests, sourceBranch)
                .flatMap(rule -> rule.definition()
                        .or(() -> mostSpecific(rule.destinations(), destinationBranch)
                                .flatMap(RefRule::definition)));
    }

    /** The pipeline under {@code default:}, for branches that no rule matches. */
    public Optional<PipelineDefinition> defaultPipeline() {
        return defaultPipeline;
    }

    /**
     * Finds the definition that Bitbucket selected for a run. Empty where the file has no such definition, or several: the
     * destinations of one pull request rule have the same selector.
     */
    public Optional<PipelineDefinition> selectedBy(Selector selector) {
        if (selector.pipeline().isPresent()) {
            return custom(selector.pipeline().get());
        }
        List<PipelineDefinition> found = Stream.of(
                        defaultPipeline.stream(), definitions(branches), definitions(tags), definitions(pullRequests))
                .flatMap(definitions -> definitions)
                .filter(definition -> definition.selector().equals(selector))
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    private static Stream<PipelineDefinition> definitions(List<RefRule> rules) {
        return rules.stream()
                .flatMap(rule -> Stream.concat(rule.definition().stream(), definitions(rule.destinations())));
    }

    /** The names of sections that can start pipelines and are not read here, such as {@code triggers}. */
    public List<String> otherSections() {
        return otherSections;
    }

    /** The concurrency groups of all pipelines of this file. */
    public List<String> concurrencyGroups() {
        return concurrencyGroups;
    }

    private static Optional<RefRule> mostSpecific(List<RefRule> rules, String name) {
        Optional<RefRule> best = Optional.empty();
        int specificity = Integer.MIN_VALUE;
        for (RefRule rule : rules) {
            OptionalInt match = rule.glob().match(name);
            if (match.isPresent() && (best.isEmpty() || match.getAsInt() > specificity)) {
                best = Optional.of(rule);
                specificity = match.getAsInt();
            }
        }
        return best;
    }
}
