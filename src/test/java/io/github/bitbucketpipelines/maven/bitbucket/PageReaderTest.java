package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.End;
import io.github.bitbucketpipelines.maven.bitbucket.PageReader.Listing;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException.Kind;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Lists whose pages are wrong: everything is read, or what is missing is reported. */
class PageReaderTest {
    private static final URI LIST = URI.create("https://api.bitbucket.org/2.0/repositories/acme/shop/pipelines?x=1");
    private static final int MAX_PAGES = 150;

    /** What is wrong with the link to the next page. */
    private enum Link {
        RIGHT,
        MISSING,
        NULL,
        NO_URL,
        RELATIVE,
        AMPERSAND,
        FOREIGN,
        ITSELF,
        NOT_FOUND
    }

    /** What a page says of the number of all values. */
    private enum Size {
        RIGHT,
        ABSENT,
        NULL,
        NEGATIVE,
        TEXT,
        TOO_GREAT,
        TOO_SMALL,
        /** That of the page, so that it changes. */
        OF_THE_PAGE
    }

    /**
     * A server's habits.
     *
     * @param maxLength of its pages
     * @param refuses whether it refuses a longer page, rather than to ignore the length
     * @param ignoresPage whether each page is the first one
     * @param overlap values that come again on the next page
     * @param emptyPage the page that is empty although it has values
     */
    private record Habits(
            int size,
            int maxLength,
            boolean refuses,
            Link link,
            Size givenSize,
            boolean givesLength,
            boolean ignoresPage,
            int overlap,
            OptionalInt emptyPage) {
        boolean givesSize() {
            return givenSize == Size.RIGHT;
        }

        /** Whether the size of the first page is usable, and wrong. */
        boolean givesWrongSize() {
            return givenSize == Size.TOO_GREAT || givenSize == Size.TOO_SMALL || givenSize == Size.OF_THE_PAGE;
        }
    }

    private final List<URI> requests = new ArrayList<>();
    private final Map<String, Integer> lengths = new HashMap<>();

    private JsonNode respond(Habits habits, URI uri) {
        requests.add(uri);
        assertThat(uri.getHost()).isEqualTo("api.bitbucket.org");
        assertThat(uri.getRawQuery()).startsWith("x=1");
        int requested = parameter(uri, "pagelen", 10);
        if (requested > habits.maxLength() && habits.refuses()) {
            throw new PipelinesException(Kind.REJECTED, "Invalid pagelen");
        }
        int length = Math.min(requested, habits.maxLength());
        int page = habits.ignoresPage() ? 1 : parameter(uri, "page", 1);
        if (page > 1_000) {
            throw new PipelinesException(Kind.NOT_FOUND, "no such page");
        }
        int step = length - habits.overlap();
        int from = Math.min(habits.size(), (page - 1) * step);
        int to = Math.min(habits.size(), from + length);
        ObjectNode json = Json.object();
        ArrayNode values = json.putArray("values");
        if (!habits.emptyPage().equals(OptionalInt.of(page))) {
            IntStream.range(from, to).forEach(i -> values.addObject().put("uuid", "{" + i + "}"));
        }
        switch (habits.givenSize()) {
            case RIGHT -> json.put("size", habits.size());
            case ABSENT -> {}
            case NULL -> json.putNull("size");
            case NEGATIVE -> json.put("size", -1);
            case TEXT -> json.put("size", "many");
            case TOO_GREAT -> json.put("size", habits.size() + 3);
            case TOO_SMALL -> json.put("size", Math.max(0, habits.size() - 15));
            case OF_THE_PAGE -> json.put("size", to - from);
        }
        if (habits.givesLength()) {
            json.put("pagelen", length);
        }
        if (to < habits.size()) {
            String query = "x=1&pagelen=" + length + "&page=";
            switch (habits.link()) {
                case RIGHT -> json.put("next", link(query + (page + 1)));
                case MISSING -> {}
                case NULL -> json.putNull("next");
                case NO_URL -> json.put("next", "http://[");
                case RELATIVE -> json.put("next", "?page=2");
                case AMPERSAND -> json.put("next", link(query + (page + 1)).replaceFirst("\\?", "&"));
                case FOREIGN -> json.put("next", "https://elsewhere.example/?page=2");
                case ITSELF -> json.put("next", uri.toString());
                case NOT_FOUND -> json.put("next", link(query + (page + 5_000)));
            }
        }
        return json;
    }

    private static String link(String query) {
        return LIST.toString().replaceFirst("\\?.*", "?" + query);
    }

    private static int parameter(URI uri, String name, int otherwise) {
        for (String pair : uri.getRawQuery().split("&")) {
            if (pair.startsWith(name + "=")) {
                return Integer.parseInt(pair.substring(name.length() + 1));
            }
        }
        return otherwise;
    }

    private PageReader reader(Habits habits) {
        return new PageReader(
                "pipelines",
                LIST,
                value -> Json.raw(value.path("uuid")),
                uri -> respond(habits, uri),
                uri -> "api.bitbucket.org".equals(uri.getHost()),
                lengths);
    }

    private static Habits generated(Random random) {
        int maxLength = new int[] {10, 20, 50, 100}[random.nextInt(4)];
        Size size = random.nextInt(3) > 0 ? Size.RIGHT : Size.values()[random.nextInt(Size.values().length)];
        return new Habits(
                random.nextInt(4) == 0 ? random.nextInt(3) * maxLength : random.nextInt(250),
                maxLength,
                random.nextBoolean(),
                Link.values()[random.nextInt(Link.values().length)],
                size,
                random.nextBoolean(),
                random.nextInt(5) == 0,
                random.nextInt(5) == 0 ? random.nextInt(9) : 0,
                random.nextInt(4) == 0 ? OptionalInt.of(1 + random.nextInt(4)) : OptionalInt.empty());
    }

    /** Whether the responses show that values are missing: without size and link, a page that is not there shows nothing. */
    private static boolean isEvident(Habits habits) {
        return habits.givesSize() || habits.link() != Link.MISSING && habits.link() != Link.NULL;
    }

    @Test
    void everythingIsReadOrWhatIsMissingIsReported() {
        int complete = 0;
        int incomplete = 0;
        for (int seed = 0; seed < 5_000; seed++) {
            Habits habits = generated(new Random(seed));
            lengths.clear();
            requests.clear();
            List<String> read = new ArrayList<>();

            Listing listing = reader(habits).read(100, MAX_PAGES, values -> {
                values.forEach(value -> read.add(value.path("uuid").asText()));
                return true;
            });

            String about = "seed " + seed + ": " + habits;
            List<String> all = IntStream.range(0, habits.size())
                    .mapToObj(i -> "{" + i + "}")
                    .toList();
            assertThat(read).as(about).doesNotHaveDuplicates();
            assertThat(all).as(about).containsAll(read);
            assertThat(listing.read()).as(about).isEqualTo(read.size());
            assertThat(requests.size()).as(about).isLessThanOrEqualTo(2 * MAX_PAGES + 2);
            if (habits.givesWrongSize()) {
                // What a usable link leads to is read, whatever the size says; else less than the size is not complete.
                if (habits.givenSize() == Size.TOO_GREAT) {
                    assertThat(listing.end()).as(about).isNotEqualTo(End.COMPLETE);
                }
                if (habits.link() == Link.RIGHT
                        && !habits.ignoresPage()
                        && habits.emptyPage().isEmpty()) {
                    assertThat(read).as(about).hasSameSizeAs(all);
                }
                continue;
            }
            if (read.size() == all.size()) {
                assertThat(read).as(about).isEqualTo(all);
                complete++;
            } else if (isEvident(habits) && (habits.emptyPage().isEmpty() || habits.givesSize())) {
                assertThat(listing.end()).as(about).isIn(End.INCOMPLETE, End.MAX_PAGES);
                assertThat(listing.gap())
                        .as(about)
                        .contains(
                                habits.givesSize()
                                        ? "counts " + all.size() + " and gave " + read.size() + ", "
                                                + (all.size() - read.size())
                                        : "gave " + read.size() + " and says that there are more");
                incomplete++;
            }
            if (habits.givesSize() && read.size() == all.size()) {
                assertThat(listing.end()).as(about).isEqualTo(End.COMPLETE);
            }
            if (!habits.ignoresPage() && habits.emptyPage().isEmpty()) {
                assertThat(read).as(about).hasSameSizeAs(all);
            }
        }
        assertThat(complete).isGreaterThan(2_500);
        assertThat(incomplete).isGreaterThan(100);
    }

    @Test
    void aRefusedPageLengthIsNotSentAgain() {
        Habits habits = new Habits(30, 50, true, Link.RIGHT, Size.RIGHT, true, false, 0, OptionalInt.empty());
        reader(habits).read(100, MAX_PAGES, values -> true);
        reader(habits).read(100, MAX_PAGES, values -> true);

        assertThat(requests).extracting(uri -> parameter(uri, "pagelen", 10)).containsExactly(100, 50, 50);
    }

    @Test
    void aRequestThatIsRefusedWhateverThePageLengthFailsAsTheFirstDid() {
        PageReader reader = new PageReader(
                "pipelines",
                LIST,
                value -> Json.raw(value.path("uuid")),
                uri -> {
                    requests.add(uri);
                    throw new PipelinesException(Kind.REJECTED, "Invalid pagelen, no. " + requests.size());
                },
                uri -> true,
                lengths);

        assertThatThrownBy(() -> reader.read(100, MAX_PAGES, values -> true)).hasMessage("Invalid pagelen, no. 1");
        assertThat(lengths).isEmpty();
    }

    @Test
    void equalValuesOfOnePageWithoutAnIdentityAreAllKept() {
        JsonNode page = Json.object()
                .set("values", Json.object().arrayNode().add("same").add("same"));
        PageReader reader = new PageReader(
                "test_cases", LIST, value -> Json.raw(value.path("uuid")), uri -> page, uri -> true, lengths);

        assertThat(reader.read(100, MAX_PAGES, values -> true).read()).isEqualTo(2);
    }

    @Test
    void aServerWithoutPagesIsBelieved() {
        Habits habits = new Habits(20, 100, false, Link.MISSING, Size.ABSENT, false, true, 0, OptionalInt.empty());

        assertThat(reader(habits).read(100, MAX_PAGES, values -> true))
                .extracting(Listing::read, Listing::end)
                .containsExactly(20L, End.COMPLETE);
    }
}
