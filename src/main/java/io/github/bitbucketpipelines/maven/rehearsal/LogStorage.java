package io.github.bitbucketpipelines.maven.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The storage of finished logs and of Downloads, on an origin of its own. Its URLs are presigned: the query authorizes the request, and
 * a request with an {@code Authorization} header is rejected. Thread-safe.
 */
final class LogStorage {

    private final String signature = UUID.randomUUID().toString();
    private final Map<String, Stored> logs = new ConcurrentHashMap<>();

    private record Stored(LogContent content, long length) {}

    /** Stores a log and returns its path with the presigned query. */
    String store(EmbeddedRun run, String stepUuid, LogContent content, long length) {
        String path = "/pipelines-logs/" + bare(run.repository().uuid()) + "/" + bare(run.uuid()) + "/" + bare(stepUuid)
                + ".log";
        return store(path, content, length);
    }

    /** Stores a file of the Downloads and returns its path with the presigned query. */
    String storeDownload(EmbeddedRepository repository, EmbeddedDownload file) {
        return store(
                "/downloads/" + bare(repository.uuid()) + "/"
                        + UUID.nameUUIDFromBytes(file.name().getBytes(UTF_8)),
                file.content(),
                file.content().length());
    }

    private String store(String path, LogContent content, long length) {
        logs.put(path, new Stored(content, length));
        return path + "?X-Amz-Expires=600&X-Amz-Signature=" + signature;
    }

    private static String bare(String uuid) {
        return uuid.substring(1, uuid.length() - 1);
    }

    Response handle(RecordedRequest request) {
        if (request.header("Authorization").isPresent()) {
            return error(
                    400,
                    "InvalidArgument",
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string"
                            + " parameter or the Authorization header should be specified");
        }
        Stored log = logs.get(request.path());
        if (log == null || !request.query().endsWith("X-Amz-Signature=" + signature)) {
            return error(403, "AccessDenied", "Access Denied");
        }
        if (!request.method().equals("GET")) {
            return error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
        }
        return RangeRequest.respond(
                request,
                log.content(),
                log.length(),
                '"' + Long.toHexString(log.length()) + '"',
                error(416, "InvalidRange", "Range Not Satisfiable"));
    }

    private static Response error(int status, String code, String message) {
        return Response.of(
                status,
                "application/xml",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error>");
    }
}
