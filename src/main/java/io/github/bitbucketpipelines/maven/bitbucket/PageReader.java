package io.github.bitbucketpipelines.maven.bitbucket;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Reads the pages of one list, and notices where values are missing. It follows {@code next}; where that is absent, or
 * leads to no page that it may request, it goes on by {@code page} as long as {@code size} is above what was read.
 *
 * @param kind of list, whose accepted page length is remembered
 * @param list its URL, without {@code page} and {@code pagelen}
 * @param identity of a value: a value that comes again on another page is not taken twice
 * @param source requests a URL
 * @param isOwn whether a link leads to the API
 * @param pageLengths the accepted page lengths by kind, as far as a longer one was refused; shared and thread-safe
 */
record PageReader(
        String kind,
        URI list,
        Function<JsonNode, Optional<String>> identity,
        Function<URI, JsonNode> source,
        Predicate<URI> isOwn,
        Map<String, Integer> pageLengths) {
    static final int MAX_PAGE_LENGTH = 100;

    /** Tried where a longer page is refused; some endpoints of Bitbucket have this limit. */
    private static final int SHORT_PAGE_LENGTH = 50;

    /** Stands for a request without {@code pagelen}. */
    private static final int DEFAULT_PAGE_LENGTH = 0;

    /** A page that was truncated in silence has a multiple of this many values. */
    private static final int USUAL_PAGE_LENGTH = 10;

    /** The number of pages in a row without a new value after which a list without links is given up. */
    private static final int MAX_REPEATED_PAGES = 2;

    /** A 400 whose detail is missing may be about the page length, too. */
    private static final Pattern ABOUT_PAGE_LENGTH = Pattern.compile("(?i)\\b400\\b|page.?len");

    /** Takes the new values of a page; returns whether to read the next one. */
    interface PageHandler {
        boolean handle(List<JsonNode> values);
    }

    /**
     * What was read.
     *
     * @param read the number of different values
     * @param size how many there are, by the first page that says so
     * @param end why no more was read
     */
    record Listing(long read, OptionalLong size, End end) {
        /** Describes what is missing: {@code Bitbucket lists 14 and gave 10 of them: 4 are missing}. */
        String gap() {
            return size.isPresent() && size.getAsLong() > read
                    ? "the list is not complete: Bitbucket counts " + size.getAsLong() + " and gave " + read + ", "
                            + (size.getAsLong() - read) + (size.getAsLong() - read == 1 ? " is" : " are") + " missing"
                    : "the list is not complete: Bitbucket gave " + read
                            + " and says that there are more, but not how many";
        }
    }

    /** Why no more was read. */
    enum End {
        /** These are all. */
        COMPLETE,
        /** The handler took no more. */
        ENOUGH,
        /** There are more pages than may be read. */
        MAX_PAGES,
        /** Bitbucket has more values, and did not give them. */
        INCOMPLETE
    }

    /** Whether and how there is another page. */
    private enum Promise {
        NONE,
        /** The page has as many values as one that is cut. */
        POSSIBLE,
        BY_NUMBER,
        BY_LINK
    }

    /**
     * Reads the pages until there are no more, or the handler takes no more.
     *
     * @param length of a page, as far as Bitbucket accepts it
     * @throws PipelinesException if a page can't be read
     */
    Listing read(int length, int maxPages, PageHandler handler) {
        int accepted = Math.min(length, pageLengths.getOrDefault(kind, MAX_PAGE_LENGTH));
        Optional<JsonNode> first = Optional.empty();
        for (Optional<PipelinesException> refusal = Optional.empty(); first.isEmpty(); ) {
            try {
                first = Optional.of(source.apply(page(accepted, 1)));
            } catch (PipelinesException e) {
                if (!isRefusal(e) || !ABOUT_PAGE_LENGTH.matcher(e.getMessage()).find()) {
                    throw e;
                }
                PipelinesException refused = refusal.orElse(e);
                if (accepted == DEFAULT_PAGE_LENGTH) {
                    throw refused;
                }
                refusal = Optional.of(refused);
                accepted = accepted > SHORT_PAGE_LENGTH ? SHORT_PAGE_LENGTH : DEFAULT_PAGE_LENGTH;
            }
        }
        if (accepted < length) {
            pageLengths.put(kind, accepted);
        }
        return read(first.get(), accepted, maxPages, handler);
    }

    /** Continues with the first page, which was requested without {@code pagelen}. */
    Listing startingWith(JsonNode first, int maxPages, PageHandler handler) {
        return read(first, DEFAULT_PAGE_LENGTH, maxPages, handler);
    }

    private Listing read(JsonNode first, int length, int maxPages, PageHandler handler) {
        Set<Object> seen = new HashSet<>();
        Set<URI> requested = new HashSet<>(Set.of(page(length, 1)));
        JsonNode json = first;
        OptionalLong size = OptionalLong.empty();
        Promise before = Promise.NONE;
        long read = 0;
        int repeated = 0;
        for (int page = 1; ; page++) {
            List<JsonNode> values = newValues(json.path("values"), seen);
            read += values.size();
            size = size.isPresent() ? size : count(json.path("size"));
            repeated = values.isEmpty() ? repeated + 1 : 0;
            if (!handler.handle(values)) {
                return new Listing(read, size, End.ENOUGH);
            }
            Optional<URI> link = link(json).filter(uri -> !requested.contains(uri));
            Promise promise = promise(json, link.isPresent(), size, read);
            if (promise == Promise.NONE || promise == Promise.POSSIBLE && values.isEmpty()) {
                boolean isBroken = before == Promise.BY_NUMBER
                        || before == Promise.BY_LINK && !json.path("values").isEmpty();
                return new Listing(
                        read, size, size.isEmpty() && values.isEmpty() && isBroken ? End.INCOMPLETE : End.COMPLETE);
            }
            if (promise != Promise.BY_LINK && repeated >= MAX_REPEATED_PAGES) {
                return new Listing(read, size, End.INCOMPLETE);
            }
            if (page == maxPages) {
                return new Listing(read, size, End.MAX_PAGES);
            }
            Optional<JsonNode> linked = link.flatMap(uri -> {
                requested.add(uri);
                return pageAt(uri);
            });
            before = link.isPresent() && linked.isEmpty() ? Promise.BY_NUMBER : promise;
            URI byNumber = page(length, page + 1);
            json = linked.or(() -> {
                        requested.add(byNumber);
                        return pageAt(byNumber);
                    })
                    .orElseGet(Json::emptyPage);
        }
    }

    /** Requests a page; empty where there is none. */
    private Optional<JsonNode> pageAt(URI uri) {
        try {
            return Optional.of(source.apply(uri));
        } catch (PipelinesException e) {
            if (isRefusal(e) || e.kind() == Kind.NOT_FOUND && !e.isForeign()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean isRefusal(PipelinesException e) {
        return e.kind() == Kind.REJECTED && !e.isForeign();
    }

    private Promise promise(JsonNode json, boolean hasLink, OptionalLong size, long read) {
        if (hasLink) {
            return Promise.BY_LINK;
        }
        if (size.isPresent()) {
            return read < size.getAsLong() ? Promise.BY_NUMBER : Promise.NONE;
        }
        if (json.hasNonNull("next")) {
            return Promise.BY_NUMBER;
        }
        int values = json.path("values").size();
        boolean isFull = values > 0
                && (values % USUAL_PAGE_LENGTH == 0
                        || values == json.path("pagelen").asInt());
        return isFull ? Promise.POSSIBLE : Promise.NONE;
    }

    private List<JsonNode> newValues(JsonNode values, Set<Object> seen) {
        List<JsonNode> fresh = new ArrayList<>();
        // Values without an identity, such as tests of one name, may be equal; a whole page that is equal came again.
        boolean isNewPage = seen.add(values.hashCode());
        for (JsonNode value : values) {
            if (identity.apply(value).map(seen::add).orElse(isNewPage)) {
                fresh.add(value);
            }
        }
        return fresh;
    }

    /** The link to the next page; absent where it is broken. Some endpoints write {@code &} for its first {@code ?}. */
    private Optional<URI> link(JsonNode json) {
        return Json.raw(json.path("next")).flatMap(text -> {
            try {
                URI link = URI.create(text);
                return Optional.of(link)
                        .filter(isOwn)
                        .filter(uri ->
                                uri.getRawQuery() != null || !uri.getRawPath().contains("&"));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        });
    }

    private static OptionalLong count(JsonNode json) {
        return json.isIntegralNumber() && json.canConvertToLong() && json.longValue() >= 0
                ? OptionalLong.of(json.longValue())
                : OptionalLong.empty();
    }

    private URI page(int length, int number) {
        StringBuilder uri = new StringBuilder(list.toString());
        char separator = list.getRawQuery() == null ? '?' : '&';
        if (length != DEFAULT_PAGE_LENGTH) {
            uri.append(separator).append("pagelen=").append(length);
            separator = '&';
        }
        if (number > 1) {
            uri.append(separator).append("page=").append(number);
        }
        return URI.create(uri.toString());
    }
}
