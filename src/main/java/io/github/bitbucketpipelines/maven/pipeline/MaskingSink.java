package io.github.bitbucketpipelines.maven.pipeline;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Masks secrets in the bytes of one log, and passes all other bytes on unchanged. A secret may be split over chunks: bytes
 * that may be the start of one are held back until more follow, or until {@link #finish}.
 */
public final class MaskingSink implements LogSink {
    private static final byte[] MASK = SecretMasker.MASK.getBytes(StandardCharsets.US_ASCII);

    private final SecretMasker masker;
    private final LogSink target;
    private byte[] held = new byte[0];

    /** Creates a sink that passes masked bytes to the target. */
    public MaskingSink(SecretMasker masker, LogSink target) {
        this.masker = masker;
        this.target = target;
    }

    @Override
    public void accept(byte[] bytes, int length) {
        byte[] input = Arrays.copyOf(held, held.length + length);
        System.arraycopy(bytes, 0, input, held.length, length);
        held = pass(input, true);
    }

    /** Passes on what is held back: the log is at its end. */
    public void finish() {
        pass(held, false);
        held = new byte[0];
    }

    /** Passes the input on, and returns the rest of it that may be the start of a secret. */
    private byte[] pass(byte[] input, boolean mayGoOn) {
        // By first byte: a key of many lines has many variants, and a log many bytes.
        Map<Byte, List<byte[]>> byStart = masker.variants().stream()
                .map(variant -> variant.getBytes(StandardCharsets.UTF_8))
                .collect(Collectors.groupingBy(secret -> secret[0]));
        int passed = 0;
        int at = 0;
        while (at < input.length) {
            List<byte[]> secrets = byStart.get(input[at]);
            if (secrets == null) {
                at++;
                continue;
            }
            if (mayGoOn && isStartOfAny(secrets, input, at)) {
                break;
            }
            int length = lengthOfSecret(secrets, input, at);
            if (length == 0) {
                at++;
                continue;
            }
            pass(input, passed, at);
            target.accept(MASK, MASK.length);
            at += length;
            passed = at;
        }
        pass(input, passed, at);
        return Arrays.copyOfRange(input, at, input.length);
    }

    private void pass(byte[] input, int from, int to) {
        if (to > from) {
            target.accept(Arrays.copyOfRange(input, from, to), to - from);
        }
    }

    /** Whether the input ends within what may become a secret. */
    private static boolean isStartOfAny(List<byte[]> secrets, byte[] input, int at) {
        int length = input.length - at;
        return secrets.stream()
                .anyMatch(
                        secret -> secret.length > length && Arrays.equals(secret, 0, length, input, at, input.length));
    }

    /** The length of the longest secret that starts here; 0 where none does. */
    private static int lengthOfSecret(List<byte[]> secrets, byte[] input, int at) {
        return secrets.stream()
                .filter(secret -> secret.length <= input.length - at
                        && Arrays.equals(secret, 0, secret.length, input, at, at + secret.length))
                .mapToInt(secret -> secret.length)
                .max()
                .orElse(0);
    }
}
