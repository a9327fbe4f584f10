package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.session.reactor.SentValues;
import io.github.bitbucketpipelines.maven.session.receipt.RunQuery;
import java.util.List;

/** Describes what the goals send, so that the modules of one execution can be compared. */
public final class SentRequest {
    private SentRequest() {}

    /** Describes a trigger. */
    static SentValues of(RepositoryId repository, TriggerRequest request) {
        SentValues values = new SentValues()
                .add("repository", repository.fullName())
                .add("target", request.target().toString());
        request.pipeline().ifPresent(name -> values.add("pipeline", name));
        // The content is sent, not the name: modules may have copies of one file.
        request.content()
                .ifPresent(content -> values.add(
                        "pipelineFile", "SHA-256 " + content.fingerprint().sha256()));
        return values.addAll("", of(request.variables()));
    }

    /** Describes the variables of a trigger. */
    public static SentValues of(List<Variable> variables) {
        SentValues values = new SentValues();
        for (Variable variable : variables) {
            String name = "variable " + variable.key();
            if (variable.secured()) {
                values.addSecured(name, variable.value());
            } else {
                values.add(name, variable.value());
            }
        }
        return values;
    }

    /** Describes the search for a run. */
    public static SentValues of(RepositoryId repository, RunQuery query) {
        SentValues values = new SentValues().add("repository", repository.fullName());
        query.number().ifPresent(number -> values.add("number", number.toString()));
        query.receipt().ifPresent(receipt -> values.add("receipt", receipt));
        RunFilter filter = query.runs();
        filter.target().ifPresent(target -> values.add("target", target.toString()));
        filter.pipeline().ifPresent(name -> values.add("pipeline", name));
        return values;
    }
}
