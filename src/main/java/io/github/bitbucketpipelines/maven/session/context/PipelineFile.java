package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.bitbucket.OnDemandQuery;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.pipeline.PipelineContent;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.preflight.Finding;
import io.github.bitbucketpipelines.maven.preflight.Preflight;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/** Reads and checks the file of the parameter {@code pipelineFile}. What is checked is what is sent: it is read once. */
public final class PipelineFile {
    private static final String PARAMETER = "pipelineFile";
    private static final int MAX_BYTES = 1 << 20;

    private PipelineFile() {}

    /**
     * Reads the file.
     *
     * @throws MojoExecutionException if it can't be read, is not UTF-8, or has a credential of settings.xml in it
     */
    static PipelineContent read(GoalContext context, Path file) throws MojoExecutionException {
        String name = TextSanitizer.singleLine(context.display(file).toString().replace('\\', '/'), 300);
        if (!Files.isRegularFile(file)) {
            throw ParameterParser.invalid(
                    PARAMETER,
                    name + (Files.exists(file) ? " is not a file" : " does not exist")
                            + ". A relative path is one in the module's directory");
        }
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw ParameterParser.invalid(PARAMETER, name + " is larger than 1 MiB");
            }
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ParameterParser.invalid(PARAMETER, name + " is not in UTF-8; save it in UTF-8");
        } catch (IOException e) {
            throw ParameterParser.invalid(
                    PARAMETER, name + " can't be read: " + e.getClass().getSimpleName());
        }
        Optional<String> secret = context.secretIn(text);
        if (secret.isPresent()) {
            throw ParameterParser.invalid(
                    PARAMETER, name + " contains " + secret.get() + ", and would be sent in the clear");
        }
        return new PipelineContent(name, text);
    }

    /**
     * Checks that the rest of a request can be sent beside its file: it is part of a URL.
     *
     * @throws MojoExecutionException if it has secured variables, or is too long
     */
    public static void checkSendable(TriggerRequest request) throws MojoExecutionException {
        if (request.content().isEmpty()) {
            return;
        }
        List<String> secured = request.variables().stream()
                .filter(Variable::secured)
                .map(Variable::key)
                .toList();
        if (!secured.isEmpty()) {
            throw ParameterParser.invalid(
                    "securedVariables",
                    "with a pipelineFile, variables are part of a URL, which servers and proxies may log: "
                            + String.join(", ", secured) + " can't be sent. Define "
                            + (secured.size() == 1 ? "it" : "them")
                            + " as secured in the settings of the repository or of"
                            + " a deployment environment on Bitbucket, or leave the pipelineFile out");
        }
        Optional<String> problem = OnDemandQuery.problem(request);
        if (problem.isPresent()) {
            throw ParameterParser.invalid(PARAMETER, problem.get());
        }
    }

    /**
     * Checks the file by the parser of bitbucket-pipelines.yml. Only what is certainly wrong is an error; what is unknown, a
     * later preflight or Bitbucket finds.
     *
     * @param handedOver the keys of variables whose values are not known yet
     * @throws MojoExecutionException if it is not valid, or does not define what this request would run
     */
    public static void checkDefinition(TriggerRequest request, Set<String> handedOver) throws MojoExecutionException {
        if (request.content().isEmpty()) {
            return;
        }
        PipelineContent content = request.content().get();
        PipelinesFile file;
        try {
            file = PipelinesFile.read(content.text());
        } catch (PipelinesFileException e) {
            throw ParameterParser.invalid(PARAMETER, e.messageFor(content.name()));
        }
        boolean isSelectedByBranches = request.target() instanceof Target.PullRequest
                && request.pipeline().isEmpty();
        if (isSelectedByBranches) {
            return;
        }
        String problems = Preflight.ofDefinition(file, request, handedOver, Optional.empty()).stream()
                .filter(finding -> finding.status() == Finding.Status.FAILED)
                .map(Finding::text)
                .collect(Collectors.joining(". "));
        if (!problems.isEmpty()) {
            throw ParameterParser.invalid(PARAMETER, content.name() + ": " + problems);
        }
    }
}
