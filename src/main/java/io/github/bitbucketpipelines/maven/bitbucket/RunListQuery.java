package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.RunFilter;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Translates a filter of runs into the parameters of a list, as far as Bitbucket supports it. */
record RunListQuery(RunFilter filter) {
    private static final Pattern FULL_HASH = Pattern.compile("[0-9a-f]{40}");

    List<String> query() {
        List<String> query = new ArrayList<>();
        filter.target().flatMap(Target::refName).ifPresent(name -> query.add(parameter("target.ref_name", name)));
        // Not TAG: an annotated tag's runs may have a type of their own.
        if (filter.target().filter(Target.Branch.class::isInstance).isPresent()) {
            query.add(parameter("target.ref_type", "BRANCH"));
        }
        commit().filter(RunListQuery::isFull).ifPresent(hash -> query.add(parameter("target.commit.hash", hash)));
        filter.pipeline().ifPresent(name -> {
            query.add(parameter("target.selector.type", "CUSTOM"));
            query.add(parameter("target.selector.pattern", name));
        });
        return query;
    }

    /** Whether Bitbucket applies the whole filter. */
    boolean isExact() {
        return filter.target().filter(Target.PullRequest.class::isInstance).isEmpty()
                && commit().filter(hash -> !isFull(hash)).isEmpty();
    }

    private Optional<String> commit() {
        return filter.target().flatMap(Target::commit);
    }

    static boolean isFull(String hash) {
        return FULL_HASH.matcher(hash).matches();
    }

    private static String parameter(String name, String value) {
        return name + "=" + ApiUrl.encoded(value);
    }
}
