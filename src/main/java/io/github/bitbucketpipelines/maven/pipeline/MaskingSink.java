package io.github.bitbucketpipelines.maven.pipeline;

import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient.LogSink;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Masks secrets in the bytes of one log, and passes all other bytes on unchanged. A secret may be split over chunks: bytes
 * that may be the start of one are held back until more follow, or until {@link #finish}. Terminal escapes may be within a
 * secret, such as those of colours.
 */
public final class MaskingSink implements LogSink {
    private static final byte[] MASK = SecretMasker.MASK.getBytes(StandardCharsets.US_ASCII);

    /** More bytes than this, and than a secret has, are not held back: an escape sequence may have no end. */
    private static final int MAX_HELD = 1 << 16;

    /** No part of an escape sequence. In UTF-8 the bytes from 0x80 on are parts of characters. */
    private static final char NO_ESCAPE = 0xA0;

    private final SecretMasker masker;
    private final LogSink target;
    private final EscapeParser escapes = new EscapeParser();
    private byte[] held = new byte[0];
    private boolean[] heldIsText = new boolean[0];

    /** The number of bytes that are held back and already masked, since a secret ends there. */
    private int masked;

    /** Creates a sink that passes masked bytes to the target. */
    public MaskingSink(SecretMasker masker, LogSink target) {
        this.masker = masker;
        this.target = target;
    }

    @Override
    public void accept(byte[] bytes, int length) {
        byte[] input = Arrays.copyOf(held, held.length + length);
        System.arraycopy(bytes, 0, input, held.length, length);
        boolean[] isText = Arrays.copyOf(heldIsText, input.length);
        for (int i = held.length; i < input.length; i++) {
            isText[i] = escapes.isText(input[i] < 0 ? NO_ESCAPE : input[i]);
        }
        pass(input, isText, true);
    }

    /** Passes on what is held back: the log is at its end. */
    public void finish() {
        pass(held, heldIsText, false);
    }

    /** Passes the input on, and holds back the rest of it that may be the start of a secret. */
    private void pass(byte[] input, boolean[] isText, boolean mayGoOn) {
        SecretForms forms = masker.byteForms();
        int[] ends = new int[input.length];
        int end = find(forms, input, isText, mayGoOn, ends);
        int covered = masked;
        for (int at = 0; at < end; at++) {
            if (ends[at] > covered) {
                if (at >= covered) {
                    pass(input, covered, at);
                    target.accept(MASK, MASK.length);
                }
                covered = ends[at];
            }
        }
        pass(input, covered, end);
        masked = Math.max(0, covered - end);
        held = Arrays.copyOfRange(input, end, input.length);
        heldIsText = Arrays.copyOfRange(isText, end, input.length);
    }

    /** Finds secrets in the bytes, and in those without the escapes; returns where what may become a secret begins. */
    private static int find(SecretForms forms, byte[] input, boolean[] isText, boolean mayGoOn, int[] ends) {
        char[] text = new char[input.length];
        int[] places = new int[input.length];
        int length = 0;
        for (int i = 0; i < input.length; i++) {
            text[i] = (char) (input[i] & 0xFF);
            places[length] = i;
            length += isText[i] ? 1 : 0;
        }
        int end = forms.find(text, text.length, mayGoOn, ends);
        if (length == input.length) {
            return end;
        }
        for (int i = 0; i < length; i++) {
            text[i] = text[places[i]];
        }
        int[] endsOfText = new int[length];
        int endOfText = forms.find(text, length, mayGoOn, endsOfText);
        for (int i = 0; i < endOfText; i++) {
            if (endsOfText[i] > 0) {
                ends[places[i]] = Math.max(ends[places[i]], places[endsOfText[i] - 1] + 1);
            }
        }
        int undecided = endOfText == length ? end : places[endOfText];
        return input.length - undecided > Math.max(MAX_HELD, forms.longest()) ? end : Math.min(end, undecided);
    }

    private void pass(byte[] input, int from, int to) {
        if (to > from) {
            target.accept(Arrays.copyOfRange(input, from, to), to - from);
        }
    }
}
