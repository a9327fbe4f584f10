package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.bitbucket.Operation.Scope;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.End;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.Listing;
import io.github.bitbucketpipelines.maven.pipeline.Download;
import io.github.bitbucketpipelines.maven.pipeline.DownloadsClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogPart;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogRange;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Downloads of one repository. Thread-safe.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/api-group-downloads/">Downloads API</a>
 */
final class DownloadsApi extends RepositoryApi implements DownloadsClient {
    /** More than people keep there, and a bound on memory. */
    private static final int MAX_FILES = 10_000;

    private static final int MAX_PAGES = MAX_FILES / MAX_PAGE_LENGTH;

    DownloadsApi(ApiClient api, Optional<Duration> timeout) {
        super(api, timeout, Optional.empty());
    }

    @Override
    public DownloadsClient withTimeout(Duration limit) {
        return new DownloadsApi(api, Optional.of(limit));
    }

    @Override
    public List<Download> list() {
        Operation operation = operation("list the Downloads of " + repository, Scope.REPOSITORY);
        URI uri = query(resource("downloads"), "fields=" + ApiUrl.encoded(listFields("name,size,created_on")));
        List<Download> files = new ArrayList<>();
        Listing listing = pages(operation, "downloads", uri, "name", read(operation))
                .read(MAX_PAGE_LENGTH, MAX_PAGES, values -> {
                    values.forEach(value -> download(value).ifPresent(files::add));
                    return files.size() <= MAX_FILES;
                });
        if (listing.end() != End.COMPLETE) {
            // A file that is not in the list counts as one that was not there.
            throw new PipelinesException(Kind.REJECTED, operation.failureMessage(listing.gap()));
        }
        return List.copyOf(files);
    }

    /** Reads a file of the list; its name is compared only, and not shown. */
    private static Optional<Download> download(JsonNode json) {
        JsonNode size = json.path("size");
        return Json.raw(json.path("name"))
                .map(name -> new Download(
                        name,
                        size.canConvertToLong() && size.asLong() >= 0 ? Optional.of(size.asLong()) : Optional.empty(),
                        RunJson.instant(json.path("created_on"))));
    }

    @Override
    public Optional<LogPart> read(String name, long offset, LogSink sink) {
        Operation operation = operation("fetch " + name + " from the Downloads of " + repository, Scope.REPOSITORY);
        return new ContentReader(api, operation, ContentReader.Kind.FILE, new LogRange.From(offset), sink)
                .read(resource("downloads", name), api.startLog(operation, false, timeout));
    }
}
