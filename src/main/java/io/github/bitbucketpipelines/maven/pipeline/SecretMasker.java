package io.github.bitbucketpipelines.maven.pipeline;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Replaces secrets in text that is shown or written, also where a server or a log echoes them. One instance is shared by
 * all that show something of a connection. Thread-safe.
 */
public final class SecretMasker {
    static final String MASK = "***";

    /** Minimum length of a secret. A shorter one is part of ordinary words: masking it would garble all text. */
    private static final int MIN_LENGTH = 4;

    /** The longest first, since one may be part of another. */
    private volatile List<String> variants = List.of();

    /** Creates a masker for these secrets; more can be added. */
    public SecretMasker(List<String> secrets) {
        secrets.forEach(this::add);
    }

    /**
     * Adds a secret, which is masked from now on: as it is, each of its lines, on a single line, escaped as in JSON,
     * URL-encoded, and in Base64.
     */
    public synchronized void add(String secret) {
        if (secret.length() < MIN_LENGTH || variants.contains(secret)) {
            return;
        }
        variants = Stream.of(variants.stream(), secret.lines(), encoded(secret))
                .flatMap(texts -> texts)
                .filter(text -> text.length() >= MIN_LENGTH)
                .distinct()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
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
