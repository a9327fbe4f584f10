package io.github.bitbucketpipelines.maven.pipeline;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Replaces secrets in text that is shown or written, also where a server or a log echoes them. One instance is shared by
 * all that show something of a connection. Thread-safe.
 */
public final class SecretMasker {
    static final String MASK = "***";

    /** Minimum length of a secret. A shorter one is part of ordinary words: masking it would garble all text. */
    private static final int MIN_LENGTH = 4;

    /**
     * Minimum number of letters and digits in a line of a secret of several lines. A shorter line, such as a
     * closing brace, is in many texts: masking it would garble a log.
     */
    private static final int MIN_LINE_CHARACTERS = 6;

    /** The first and the last line of a PEM file, which are no secret and which many logs have. */
    private static final Pattern ARMOR = Pattern.compile("-----(?:BEGIN|END) [A-Z0-9 ]+-----");

    private static final Pattern WHITESPACE = Pattern.compile("\\s+");

    private final Set<String> secrets = new HashSet<>();

    /** The longest first, since one may be part of another. */
    private volatile List<String> variants = List.of();

    /** Creates a masker for these secrets; more can be added. */
    public SecretMasker(List<String> secrets) {
        secrets.forEach(this::add);
    }

    /**
     * Adds a secret, which is masked from now on: as it is, without the whitespace around it, with each whitespace in it
     * as one space (as a shell shows it), on a single line, escaped as in JSON, URL-encoded, and in Base64; and each of
     * its lines, as it is and without the whitespace around it.
     */
    public synchronized void add(String secret) {
        if (secret.strip().length() < MIN_LENGTH || !secrets.add(secret)) {
            return;
        }
        Stream<String> whole = Stream.of(
                        secret,
                        secret.strip(),
                        WHITESPACE.matcher(secret.strip()).replaceAll(" "))
                .distinct()
                .flatMap(SecretMasker::encoded);
        variants = Stream.of(variants.stream(), whole, lines(secret))
                .flatMap(texts -> texts)
                .filter(text -> text.length() >= MIN_LENGTH)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    private static Stream<String> lines(String secret) {
        return secret.lines()
                .filter(line -> line.chars().filter(Character::isLetterOrDigit).count() >= MIN_LINE_CHARACTERS)
                .filter(line -> !ARMOR.matcher(line.strip()).matches())
                .flatMap(line -> Stream.of(line, line.strip()))
                .flatMap(line -> Stream.of(line, TextSanitizer.singleLine(line), jsonEscaped(line)));
    }

    /** Replaces each secret by asterisks. Mask before text is cut: half of a secret is not recognized. */
    public String mask(String text) {
        String masked = text;
        for (String variant : variants) {
            masked = masked.replace(variant, MASK);
        }
        return masked;
    }

    /** Masks secrets and makes the text one printable line; a secret with terminal escapes in it is masked, too. */
    public String sanitize(String text) {
        return mask(TextSanitizer.singleLine(mask(text)));
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
        String sanitized = TextSanitizer.singleLine(shown, shown.length());
        return TextSanitizer.beginningAndEnd(
                sanitized.equals(masked) ? masked : mask(sanitized), TextSanitizer.MAX_LINE_CHARACTERS);
    }

    /** What is masked, the longest first. */
    List<String> variants() {
        return variants;
    }

    private static Stream<String> encoded(String secret) {
        String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        String percent = form.replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                secret,
                TextSanitizer.singleLine(secret),
                jsonEscaped(secret),
                form,
                percent,
                lowerCaseEscapes(form),
                lowerCaseEscapes(percent),
                Base64.getEncoder().withoutPadding().encodeToString(bytes),
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
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

    @Override
    public String toString() {
        return MASK;
    }
}
