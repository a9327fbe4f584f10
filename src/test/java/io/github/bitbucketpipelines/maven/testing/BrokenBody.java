package io.github.bitbucketpipelines.maven.testing;

import io.github.bitbucketpipelines.maven.rehearsal.Response;
import java.io.IOException;
import java.io.OutputStream;

/** A body that announces all of its bytes, and ends after some of them, as where a connection breaks. */
public final class BrokenBody implements Response.Body {
    private final byte[] announced;
    private final int written;

    private BrokenBody(byte[] announced, int written) {
        this.announced = announced;
        this.written = written;
    }

    /** Ends after so many bytes, or at the end where there are fewer. */
    public static BrokenBody after(int bytes, byte[] announced) {
        return new BrokenBody(announced, Math.min(bytes, announced.length));
    }

    /** Returns a response whose body ends in its middle. */
    public static Response half(Response whole) throws IOException {
        byte[] bytes = whole.bytes();
        return whole.body(after(bytes.length / 2, bytes));
    }

    @Override
    public long length() {
        return announced.length;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(announced, 0, written);
    }
}
