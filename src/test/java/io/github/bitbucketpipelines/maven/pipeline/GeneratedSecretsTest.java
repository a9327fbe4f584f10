package io.github.bitbucketpipelines.maven.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks generated secrets: any length and characters, parts of each other, overlapping, encoded, split, and coloured. */
class GeneratedSecretsTest {
    private static final String MASK = "***";

    private static final List<String> ALPHABETS = List.of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "ab",
            "*",
            "a*",
            "\\.[]{}()*+?^$|/-",
            "\"'<>&%\\/=+~! ",
            "key\n=",
            "a\r\n\t b",
            "\u00e4\u00f6\u00fc\u00df\u20ac\u4e2d\u6587x",
            "\ud83d\ude00\ud83d\ude01\ud83d\udd11",
            "s\u0001\u0007\u001b[31mq");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper ASCII_JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static String secret(Random random, int length) {
        String alphabet = ALPHABETS.get(random.nextInt(ALPHABETS.size()));
        int[] characters = alphabet.codePoints().toArray();
        StringBuilder secret = new StringBuilder();
        while (secret.length() < length) {
            secret.appendCodePoint(characters[random.nextInt(characters.length)]);
        }
        return secret.toString();
    }

    /** Mostly short, up to 4,096 characters; some are parts of others, or overlap them. */
    private static List<String> secrets(Random random) {
        List<String> secrets = new ArrayList<>();
        int count = 1 + random.nextInt(8);
        while (secrets.size() < count) {
            String secret = secret(random, random.nextInt(20) == 0 ? random.nextInt(4097) : 1 + random.nextInt(12));
            secrets.add(secret);
            if (secret.length() > 6 && random.nextBoolean()) {
                int middle = secret.offsetByCodePoints(0, secret.codePointCount(0, secret.length()) / 2);
                secrets.add(secret.substring(0, middle));
                secrets.add(secret.substring(middle) + secret(random, 4));
                secrets.add(secret + "x");
            }
        }
        return secrets;
    }

    /** Text with secrets, parts of them and forms of them next to each other. */
    private static String text(Random random, List<String> secrets, Collection<String> forms) {
        List<String> all = List.copyOf(forms);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            String secret = secrets.get(random.nextInt(secrets.size()));
            switch (random.nextInt(5)) {
                case 0 -> text.append(secret);
                case 1 -> text.append(secret, 0, random.nextInt(secret.length() + 1));
                case 2 -> text.append(secret.substring(random.nextInt(secret.length() + 1)));
                case 3 -> text.append(all.isEmpty() ? "" : all.get(random.nextInt(all.size())));
                default -> text.append(secret(random, random.nextInt(6)));
            }
        }
        return text.toString();
    }

    /** Marks what any form covers, place by place; a mask for each marked part, and for each form that begins where one ends. */
    private static String expected(String text, Collection<String> forms) {
        StringBuilder masked = new StringBuilder();
        int covered = 0;
        for (int at = 0; at < text.length(); at++) {
            int end = 0;
            for (String form : forms) {
                end = text.startsWith(form, at) ? Math.max(end, at + form.length()) : end;
            }
            if (end > covered) {
                masked.append(at >= covered ? MASK : "");
                covered = end;
            }
            if (at >= covered) {
                masked.append(text.charAt(at));
            }
        }
        return masked.toString();
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] throughSink(SecretMasker masker, byte[] log, int chunk) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        MaskingSink sink = new MaskingSink(masker, (bytes, length) -> output.write(bytes, 0, length));
        for (int from = 0; from < log.length; from += chunk) {
            byte[] part = Arrays.copyOfRange(log, from, Math.min(log.length, from + chunk));
            sink.accept(part, part.length);
        }
        sink.finish();
        return output.toByteArray();
    }

    private static Set<String> plainForms(SecretMasker masker, Charset charset) {
        return masker.variants().stream()
                .map(form -> charset == StandardCharsets.UTF_8 ? latin(utf8(form)) : form)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void eachFormOfEachSecretIsMaskedWhereverItIsAndNothingElse(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            List<String> secrets = secrets(random);
            SecretMasker masker = new SecretMasker(secrets);
            String text = text(random, secrets, masker.variants());

            assertThat(masker.mask(text))
                    .as("seed %d, case %d", seed, i)
                    .isEqualTo(expected(text, plainForms(masker, StandardCharsets.UTF_16)));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void logIsMaskedAlikeHoweverItIsSplit(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 12; i++) {
            List<String> secrets = secrets(random).stream()
                    .map(secret -> secret.replace("\u001b", ""))
                    .filter(secret -> !secret.isEmpty())
                    .toList();
            SecretMasker masker = new SecretMasker(secrets);
            byte[] log = utf8(text(random, secrets, masker.variants()).replace("\u001b", ""));
            String expected = expected(latin(log), plainForms(masker, StandardCharsets.UTF_8));

            for (int chunk : new int[] {1, 2, 3, 1 + random.nextInt(50), 1 + random.nextInt(5000), log.length + 1}) {
                assertThat(latin(throughSink(masker, log, chunk)))
                        .as("seed %d, case %d, chunks of %d bytes", seed, i, chunk)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {9, 10})
    void secretWithColoursInItIsMaskedInALogAndInALine(long seed) {
        List<String> escapes =
                List.of("\u001b[31m", "\u001b[01;31m\u001b[K", "\u001b[m", "\u001b(B", "\u001b]0;x\u0007");
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            String secret = secret(random, 4 + random.nextInt(60)).replaceAll("[\\p{Cntrl} ]", "z");
            SecretMasker masker = new SecretMasker(List.of(secret));
            StringBuilder coloured = new StringBuilder();
            secret.codePoints().forEach(c -> {
                coloured.append(random.nextInt(3) > 0 ? "" : escapes.get(random.nextInt(escapes.size())));
                coloured.appendCodePoint(c);
            });
            String line = "_{" + coloured + "\u001b[0m}_";
            String expected = "_{" + MASK + "}_";

            assertThat(masker.sanitizeLogLine(line)).as(secret).isEqualTo(expected);
            assertThat(masker.sanitize(line)).as(secret).isEqualTo(expected);
            int chunk = 1 + random.nextInt(8);
            assertThat(TerminalLine.shown(new String(throughSink(masker, utf8(line), chunk), StandardCharsets.UTF_8)))
                    .as("%s, chunks of %d bytes", secret, chunk)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void secretIsMaskedInEachEncodingThatIsPromised(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            String secret = secret(random, random.nextInt(30) == 0 ? 4096 : 4 + random.nextInt(80));
            if (SecretMasker.isTooShort(secret) || secret.contains("\u001b")) {
                continue;
            }
            SecretMasker masker = new SecretMasker(List.of(secret));
            for (String form : List.of(
                    secret,
                    unquoted(JSON.writeValueAsString(secret)),
                    unquoted(ASCII_JSON.writeValueAsString(secret)),
                    URLEncoder.encode(secret, StandardCharsets.UTF_8),
                    URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20"),
                    secret.replace("&", "&amp;")
                            .replace("<", "&lt;")
                            .replace(">", "&gt;")
                            .replace("\"", "&quot;")
                            .replace("'", "&#39;"),
                    Base64.getEncoder().withoutPadding().encodeToString(utf8(secret)),
                    Base64.getUrlEncoder().withoutPadding().encodeToString(utf8(secret)))) {
                assertThat(masker.mask("<" + form + ">"))
                        .as("%s as %s", secret, form)
                        .isEqualTo("<" + MASK + ">");
            }
        }
    }

    private static String unquoted(String json) {
        return json.substring(1, json.length() - 1);
    }

    @Test
    void secretInTheBase64OfALongerTextIsMaskedButForItsEdges() {
        Random random = new Random(13);
        for (int i = 0; i < 200; i++) {
            String secret = "Q7" + secret(random, 8 + random.nextInt(40)) + "w9";
            SecretMasker masker = new SecretMasker(List.of(secret));
            String before = "x".repeat(random.nextInt(7));
            String text = Base64.getEncoder().encodeToString(utf8(before + secret + "y".repeat(random.nextInt(7))));

            String masked = masker.mask(text);

            assertThat(masked).as(secret).contains(MASK);
            String left = masked.replace(MASK, "");
            assertThat(text.length() - left.length())
                    .as("%s in %s", secret, masked)
                    .isGreaterThanOrEqualTo(utf8(secret).length * 4 / 3 - 4);
        }
    }

    @Test
    void longSecretOfSeveralLinesIsMaskedOnOneLine() {
        String secret = "first line of it\n" + "m".repeat(4000) + "\nlast line of it";
        SecretMasker masker = new SecretMasker(List.of(secret));

        assertThat(masker.mask("[" + secret.replace('\n', ' ') + "]")).isEqualTo("[***]");
        assertThat(masker.sanitize("[" + secret + "]")).isEqualTo("[***]");
    }

    @Test
    void noPartOfASecretIsLeftWhereTextIsCut() {
        SecretMasker masker = new SecretMasker(List.of("s3cret-of-many-characters"));
        for (int before = TextSanitizer.MAX_LINE_CHARACTERS - 30;
                before < TextSanitizer.MAX_LINE_CHARACTERS;
                before++) {
            assertThat(masker.sanitize("x".repeat(before) + "s3cret-of\u001b[1m-many-characters" + "y".repeat(99)))
                    .doesNotContain("s3");
        }
    }

    @Test
    void noTextIsLostOfALogWithASequenceThatDoesNotEnd() {
        SecretMasker masker = new SecretMasker(List.of("s3cret-of-many-characters"));
        byte[] log = utf8("s3cret\u001b]0;" + "x".repeat(300_000) + "\ns3cret-of-many-characters!");

        assertThat(latin(throughSink(masker, log, 1000))).isEqualTo("s3cret\u001b]0;" + "x".repeat(300_000) + "\n***!");
    }

    @Test
    @Timeout(60)
    void timeGrowsWithTheTextAndNotWithTheSecrets() {
        Random random = new Random(14);
        List<String> words = new ArrayList<>();
        List<String> repetitive = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            words.add(secret(random, 4 + random.nextInt(4093)));
            repetitive.add("a".repeat(4000 + i) + "b");
        }
        StringBuilder log = new StringBuilder();
        while (log.length() < 1 << 20) {
            log.append(secret(random, random.nextInt(120)).replace('*', 'x')).append('\n');
        }
        measure("random secrets", words, log.toString());
        measure("secrets of one letter", repetitive, "a".repeat(1 << 20));
    }

    private static void measure(String name, List<String> secrets, String log) {
        SecretMasker masker = new SecretMasker(secrets);
        masker.mask("");
        long begin = System.nanoTime();
        String masked = masker.mask(log);
        long whole = System.nanoTime();
        log.lines().forEach(masker::sanitizeLogLine);
        long lines = System.nanoTime();
        byte[] bytes = throughSink(masker, utf8(log), 8192);
        long chunks = System.nanoTime();
        assertThat(latin(bytes)).isEqualTo(latin(utf8(masked)));
        System.out.printf(
                "1 MiB, 50 %s (%d forms): whole %d ms, by line %d ms, by chunk %d ms%n",
                name,
                masker.variants().size(),
                (whole - begin) / 1_000_000,
                (lines - whole) / 1_000_000,
                (chunks - lines) / 1_000_000);
    }
}
