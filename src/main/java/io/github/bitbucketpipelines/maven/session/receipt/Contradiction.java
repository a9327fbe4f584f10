package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.report.PlanResult.StoredRun;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.parameter.GoalParameters;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/** Checks whether a number or a receipt names another run than the other parameters that are given. */
public final class Contradiction {
    private Contradiction() {}

    /**
     * Returns the error that a named run is not the one of the other parameters.
     *
     * @param parameter that names the run
     * @param run as the message calls it
     */
    public static MojoExecutionException error(String parameter, String run, RunFilter given, RepositoryId repository) {
        return ParameterParser.invalid(
                parameter,
                run + " is not a run of " + given.describe(repository)
                        + ", which the other parameters name (typed, in .mvn/maven.config or in the execution); leave"
                        + " them out, or correct one of them");
    }

    /**
     * Checks that the runs of one receipt are not contradicted by the other parameters that are given.
     *
     * @throws MojoExecutionException if one of them is
     */
    public static void requireNone(GoalContext context, List<StoredRun> runs, RunQuery query)
            throws MojoExecutionException {
        GivenParameters given = new GivenParameters(context);
        if (runs.stream().noneMatch(run -> isOfGivenRepository(run.repository(), context.parameters(), given))) {
            throw ParameterParser.invalid(
                    "receipt",
                    "it is of runs of "
                            + runs.stream()
                                    .map(run -> run.repository().fullName())
                                    .distinct()
                                    .collect(Collectors.joining(", "))
                            + ", and the parameter 'repository' or 'workspace' names another one; leave it out, or"
                            + " correct one of them");
        }
        RunFilter filter = given.of(query.runs());
        for (StoredRun run : runs) {
            // One that was not triggered has no receipt, and one that can't be read is no success later on.
            Optional<StoredReceipt> other = Receipts.read(run.receipt())
                    .filter(receipt -> !filter.matches(
                            receipt.target(), receipt.target().flatMap(Target::commit), receipt.pipeline()));
            if (other.isPresent()) {
                throw error("receipt", "its run '" + run.id() + "'", filter, run.repository());
            }
        }
    }

    private static boolean isOfGivenRepository(
            RepositoryId repository, GoalParameters parameters, GivenParameters given) {
        Optional<String> name =
                ParameterParser.optional(parameters.repository()).filter(any -> given.has("repository"));
        boolean isFull = name.filter(text -> text.contains("/")).isPresent();
        return name.map(text -> text.equalsIgnoreCase(isFull ? repository.fullName() : repository.slug()))
                        .orElse(true)
                && ParameterParser.optional(parameters.workspace())
                        .filter(any -> !isFull && given.has("workspace"))
                        .map(repository.workspace()::equalsIgnoreCase)
                        .orElse(true);
    }
}
