package io.github.bitbucketpipelines.maven.rehearsal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Renders one page of a list, with the URL of the next.
 *
 * @see <a href="https://developer.atlassian.com/cloud/bitbucket/rest/intro/#pagination">Pagination</a>
 */
final class Pagination {

    /** Bitbucket's limit for the list of runs. */
    static final int MAX_PAGE_LENGTH = 100;

    private static final int DEFAULT_PAGE_LENGTH = 10;

    private Pagination() {}

    /** Renders the requested page; rejects a page length above the maximum. */
    static <T> ObjectNode of(
            RoutedRequest call, EmbeddedBitbucket bitbucket, List<T> all, Function<T, ObjectNode> renderer) {
        return of(call, bitbucket, all, renderer, length(call, bitbucket));
    }

    /** Returns the requested page length; rejects one above the maximum. */
    static int length(RoutedRequest call, EmbeddedBitbucket bitbucket) {
        int length = requestedLength(call);
        if (length > bitbucket.maxPageLength()) {
            throw ApiError.general(400, "Invalid pagelen");
        }
        return length;
    }

    static int requestedLength(RoutedRequest call) {
        return call.parameter("pagelen").map(text -> number(text, "pagelen")).orElse(DEFAULT_PAGE_LENGTH);
    }

    /** Renders the requested page with this page length. */
    static <T> ObjectNode of(
            RoutedRequest call,
            EmbeddedBitbucket bitbucket,
            List<T> all,
            Function<T, ObjectNode> renderer,
            int length) {
        URI apiUrl = bitbucket.apiUrl();
        int page = call.parameter("page").map(text -> number(text, "page")).orElse(1);
        long from = Math.min(all.size(), (page - 1L) * length);
        long to = Math.min(all.size(), from + length);
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("page", page)
                .put("pagelen", length)
                .put("size", all.size());
        ArrayNode values = json.putArray("values");
        all.subList((int) from, (int) to).forEach(value -> values.add(renderer.apply(value)));
        if (to < all.size() && bitbucket.hasPageLinks()) {
            json.put("next", url(call, apiUrl, page + 1));
        }
        if (page > 1 && bitbucket.hasPageLinks()) {
            json.put("previous", url(call, apiUrl, page - 1));
        }
        return json;
    }

    private static String url(RoutedRequest call, URI apiUrl, int page) {
        String others = Arrays.stream(call.request().query().split("&"))
                .filter(pair -> !pair.isEmpty() && !pair.startsWith("page="))
                .map(pair -> pair + "&")
                .collect(Collectors.joining());
        return apiUrl.resolve(call.request().path()) + "?" + others + "page=" + page;
    }

    private static int number(String text, String parameter) {
        return Optional.of(text)
                .filter(digits -> digits.matches("[1-9]\\d{0,8}"))
                .map(Integer::valueOf)
                .orElseThrow(() -> ApiError.general(400, "Invalid " + parameter));
    }
}
