package io.github.bitbucketpipelines.maven.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run has handed to the build.
 *
 * @param values by key, in the order of the requests
 * @param downloads the files that were fetched
 */
public record RunOutputs(Map<String, String> values, List<DownloadedFile> downloads) {
    /** Nothing. */
    public static final RunOutputs NONE = new RunOutputs(Map.of(), List.of());

    /** Copies both; the order of the values stays. */
    public RunOutputs {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        downloads = List.copyOf(downloads);
    }

    /**
     * A file that was fetched from the Downloads of the repository.
     *
     * @param file its path in the output directory, with slashes
     */
    public record DownloadedFile(String name, String file, long bytes) {}
}
