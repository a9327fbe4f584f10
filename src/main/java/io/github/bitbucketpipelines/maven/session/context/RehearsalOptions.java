package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.bitbucket.ApiUrl;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials;
import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.definition.PipelinesFileException;
import io.github.bitbucketpipelines.maven.pipeline.NameSuggestion;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Rehearsal;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Configures a rehearsal.
 *
 * @param result the result of every run
 * @param file the project's bitbucket-pipelines.yml, parsed; empty if it has none
 * @param text the same file, not parsed
 */
public record RehearsalOptions(String result, Optional<PipelinesFile> file, Optional<String> text) {
    private static final List<String> RESULTS = List.of(
            Rehearsal.SUCCESSFUL,
            "FAILED",
            "ERROR",
            "STOPPED",
            "EXPIRED",
            Rehearsal.PAUSED,
            Rehearsal.HALTED,
            Rehearsal.TIMEOUT,
            Rehearsal.LOST);
    private static final String FILE = "bitbucket-pipelines.yml";

    /**
     * Parses the parameter {@code rehearse}; empty if it is absent or false.
     *
     * @param directories searched for bitbucket-pipelines.yml in this order
     */
    public static Optional<RehearsalOptions> of(String rehearse, List<Path> directories) throws MojoExecutionException {
        Optional<String> given = ParameterParser.optional(rehearse).map(text -> text.toUpperCase(Locale.ROOT));
        if (given.isEmpty() || given.get().equals("FALSE")) {
            return Optional.empty();
        }
        String result = given.get().equals("TRUE") ? RESULTS.get(0) : given.get();
        if (!RESULTS.contains(result)) {
            List<String> values =
                    Stream.concat(RESULTS.stream(), Stream.of("true", "false")).toList();
            throw ParameterParser.invalid(
                    "rehearse",
                    "'" + TextSanitizer.singleLine(rehearse.strip(), 100) + "' is neither true nor one of "
                            + String.join(", ", RESULTS)
                            + NameSuggestion.closest(result, values)
                                    .map(value -> "; did you mean " + value + "?")
                                    .orElse(""));
        }
        Optional<Path> file = directories.stream()
                .map(d -> d.resolve(FILE))
                .filter(Files::isRegularFile)
                .findFirst();
        try {
            Optional<PipelinesFile> definitions = file.map(PipelinesFile::read);
            Optional<String> text = file.isPresent() ? Optional.of(Files.readString(file.get())) : Optional.empty();
            return Optional.of(new RehearsalOptions(result, definitions, text));
        } catch (PipelinesFileException | IOException e) {
            throw new MojoExecutionException("Can't rehearse " + file.orElseThrow() + ": " + e.getMessage());
        }
    }

    /** Whether a run ends SUCCESSFUL. */
    boolean isSuccessful() {
        return result.equals(Rehearsal.SUCCESSFUL) || result.equals(Rehearsal.LOST);
    }

    /**
     * Starts the embedded Bitbucket.
     *
     * @param request what the goal will trigger; it has a history
     */
    RunningRehearsal start(Clock clock, RepositoryId repository, Optional<TriggerRequest> request) {
        Rehearsal rehearsal =
                Rehearsal.start(clock, file, repository.workspace(), repository.slug(), result, Rehearsal.USUAL_LENGTH);
        text.ifPresent(yaml -> rehearsal.repository().file(FILE, yaml));
        request.filter(RehearsalNotice::hasHistory)
                .ifPresent(wanted -> rehearsal.addHistory(wanted.target(), wanted.pipeline()));
        return new RunningRehearsal(
                List.of(
                        rehearsal.bitbucket().apiUrl().toString(),
                        rehearsal.bitbucket().token()),
                rehearsal::isStuck,
                rehearsal::close);
    }

    /**
     * A running embedded Bitbucket.
     *
     * @param address its API's address and a token
     * @param stuck whether no run changes any more
     */
    record RunningRehearsal(List<String> address, BooleanSupplier stuck, Runnable closing) {}

    /** How to connect to a running embedded Bitbucket, and the time there. */
    record RehearsalServer(ApiUrl api, Credentials credentials, RehearsalTime time) {
        static RehearsalServer of(List<String> address, RehearsalTime time) {
            return new RehearsalServer(ApiUrl.of(address.get(0)), new Credentials.Bearer(address.get(1)), time);
        }
    }
}
