package io.github.bitbucketpipelines.maven.pipeline;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Replaces secrets in text that is shown or written, also where a server or a log echoes them. One instance is shared by
 * all that show something of a connection. Thread-safe.
 */
public final class SecretMasker {
    static final String MASK = "***";

    /** Minimum length of a secret. A shorter one is part of ordinary words: masking it would garble all text. */
    public static final int MIN_LENGTH = 4;

    /**
     * Minimum number of letters and digits in a line of a secret of several lines. A shorter line, such as a
     * closing brace, is in many texts: masking it would garble a log.
     */
    private static final int MIN_LINE_CHARACTERS = 6;

    /** The first and the last line of a PEM file, which are no secret and which many logs have. */
    private static final Pattern ARMOR = Pattern.compile("-----(?:BEGIN|END) [A-Z0-9 ]+-----");

    private static final Pattern WHITESPACE = Pattern.compile("\\s+");

    /** The number of characters in which Base64 has three bytes. */
    private static final int BASE64_GROUP = 4;

    private final Set<String> secrets = new HashSet<>();
    private final Set<String> variants = new HashSet<>();

    /** Empty after a secret was added, until it is needed. */
    private volatile Optional<SecretForms> textForms = Optional.empty();

    private volatile Optional<SecretForms> byteForms = Optional.empty();

    /** Creates a masker for these secrets; more can be added. */
    public SecretMasker(List<String> secrets) {
        secrets.forEach(this::add);
    }

    /**
     * Adds a secret, which is masked from now on: as it is, without the whitespace around it, with each whitespace in it
     * as one space (as a shell shows it), on a single line, escaped as in JSON and XML, URL-encoded, and in Base64, also as
     * a part of a longer text; and each of its lines, as it is and without the whitespace around it.
     */
    public synchronized void add(String secret) {
        if (isTooShort(secret) || !secrets.add(secret)) {
            return;
        }
        Stream<String> whole = Stream.of(
                        secret,
                        secret.strip(),
                        WHITESPACE.matcher(secret.strip()).replaceAll(" "))
                .distinct()
                .flatMap(SecretMasker::encoded);
        Stream.concat(whole, lines(secret))
                // Blanks are left of control characters, and are in all texts.
                .filter(text -> !isTooShort(text))
                .forEach(variants::add);
        textForms = Optional.empty();
        byteForms = Optional.empty();
    }

    /** Whether a secret has too few characters to be masked: they are part of ordinary words. */
    public static boolean isTooShort(String secret) {
        return secret.strip().length() < MIN_LENGTH;
    }

    private static Stream<String> lines(String secret) {
        return secret.lines()
                .filter(line -> line.chars().filter(Character::isLetterOrDigit).count() >= MIN_LINE_CHARACTERS)
                .filter(line -> !ARMOR.matcher(line.strip()).matches())
                .flatMap(line -> Stream.of(line, line.strip()))
                .flatMap(line -> Stream.of(line, singleLine(line), jsonEscaped(line)));
    }

    /** Replaces each secret by asterisks. Mask before text is cut: half of a secret is not recognized. */
    public String mask(String text) {
        SecretForms forms = textForms();
        char[] characters = text.toCharArray();
        if (!forms.mayBeIn(characters)) {
            return text;
        }
        int[] ends = new int[characters.length];
        forms.find(characters, characters.length, false, ends);
        StringBuilder masked = new StringBuilder();
        int covered = 0;
        for (int at = 0; at < ends.length; at++) {
            if (ends[at] > covered) {
                if (at >= covered) {
                    masked.append(text, covered, at).append(MASK);
                }
                covered = ends[at];
            }
        }
        return covered == 0 ? text : masked.append(text, covered, text.length()).toString();
    }

    /** Masks secrets and makes the text one printable line; a secret with terminal escapes in it is masked, too. */
    public String sanitize(String text) {
        String masked = mask(text);
        // Cut after the second masking, which finds what had escapes in it.
        return TextSanitizer.singleLine(mask(singleLine(masked)));
    }

    /**
     * Masks secrets in a line of a log, and makes it one printable line as a terminal would show it; of a long one the
     * beginning and the end.
     *
     * @param line whole: half of a secret is not recognized
     */
    public String sanitizeLogLine(String line) {
        // Masked before, too: what overwrites a secret may leave a part of it.
        String masked = mask(line);
        String shown = TerminalLine.shown(masked);
        String sanitized = singleLine(shown);
        return TextSanitizer.beginningAndEnd(
                sanitized.equals(masked) ? masked : mask(sanitized), TextSanitizer.MAX_LINE_CHARACTERS);
    }

    /** All that is masked. */
    synchronized Set<String> variants() {
        return Set.copyOf(variants);
    }

    private SecretForms textForms() {
        return textForms.orElseGet(() -> {
            synchronized (this) {
                textForms = textForms.or(() -> Optional.of(new SecretForms(variants, text -> text)));
                return textForms.orElseThrow();
            }
        });
    }

    /** The forms in UTF-8, a character for each byte. */
    SecretForms byteForms() {
        return byteForms.orElseGet(() -> {
            synchronized (this) {
                byteForms = byteForms.or(() -> Optional.of(new SecretForms(
                        variants,
                        text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))));
                return byteForms.orElseThrow();
            }
        });
    }

    /** Of any length: a secret that is cut is not recognized. */
    private static String singleLine(String text) {
        return TextSanitizer.singleLine(text, text.length());
    }

    private static Stream<String> encoded(String secret) {
        String json = jsonEscaped(secret);
        return Stream.of(
                        Stream.of(secret, singleLine(secret), json, json.replace("/", "\\/")),
                        Stream.of(asciiEscaped(json, "%04x"), asciiEscaped(json, "%04X")),
                        Stream.of(xmlEscaped(secret, "&#39;"), xmlEscaped(secret, "&apos;")),
                        urlEncoded(secret),
                        base64(secret.getBytes(StandardCharsets.UTF_8)))
                .flatMap(texts -> texts);
    }

    private static Stream<String> urlEncoded(String secret) {
        String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        String spaces = form.replace("+", "%20");
        String percent = spaces.replace("*", "%2A").replace("%7E", "~");
        // What encodeURIComponent of JavaScript leaves.
        String component = percent.replace("%2A", "*")
                .replace("%21", "!")
                .replace("%27", "'")
                .replace("%28", "(")
                .replace("%29", ")");
        return Stream.of(form, spaces, percent, component).flatMap(text -> Stream.of(text, lowerCaseEscapes(text)));
    }

    /** Alone, and as part of a longer text: without the characters that depend on what is before and after it. */
    private static Stream<String> base64(byte[] secret) {
        Stream<String> parts = IntStream.range(0, 3).mapToObj(before -> {
            byte[] bytes = new byte[before + secret.length];
            System.arraycopy(secret, 0, bytes, before, secret.length);
            String text = Base64.getEncoder().withoutPadding().encodeToString(bytes);
            int from = before == 0 ? 0 : before + 1;
            int to = text.length() - (bytes.length % 3 == 0 ? 0 : 1);
            return to - from < 2 * BASE64_GROUP ? "" : text.substring(from, to);
        });
        String alone = Base64.getEncoder().withoutPadding().encodeToString(secret);
        return Stream.concat(Stream.of(alone), parts)
                .flatMap(text -> Stream.of(text, text.replace('+', '-').replace('/', '_')));
    }

    /** {@code %2F} as {@code %2f}. */
    private static String lowerCaseEscapes(String urlEncoded) {
        StringBuilder text = new StringBuilder(urlEncoded);
        for (int i = text.indexOf("%"); i >= 0; i = text.indexOf("%", i + 1)) {
            text.replace(i, i + 3, text.substring(i, i + 3).toLowerCase(Locale.ROOT));
        }
        return text.toString();
    }

    private static String jsonEscaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }

    /** {@code \u00fc} for all that is not ASCII, as many JSON writers have it. */
    private static String asciiEscaped(String json, String format) {
        StringBuilder text = new StringBuilder();
        for (char c : json.toCharArray()) {
            text.append(c >= ' ' && c < 0x7F ? String.valueOf(c) : "\\u" + String.format(Locale.ROOT, format, (int) c));
        }
        return text.toString();
    }

    /** As in XML and HTML. */
    private static String xmlEscaped(String text, String apostrophe) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", apostrophe);
    }

    @Override
    public String toString() {
        return MASK;
    }
}
