package io.github.bitbucketpipelines.maven.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Forwards requests to a server on this machine, each on a connection of its own, and responds to some of them with whatever
 * bytes a test wants, endless ones too.
 */
public final class HostileServer implements AutoCloseable {
    private static final Pattern NOT_FORWARDED = Pattern.compile("(?i)\r\n(connection|accept-encoding): *[^\r]*");

    private final ServerSocket listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    private final URI server;
    private final Predicate<String> isHit;
    private final boolean isForwarded;
    private final HostileResponse response;
    private final AtomicInteger hits = new AtomicInteger();

    /** Writes a response; an exception of the stream, where the client has closed it, ends it. */
    @FunctionalInterface
    public interface HostileResponse {
        /**
         * Writes it.
         *
         * @param body of the forwarded server's response; empty where nothing was forwarded
         */
        void write(OutputStream out, byte[] body) throws IOException;
    }

    /**
     * Starts the server.
     *
     * @param isHit by method and path: whether the response is hostile
     * @param isForwarded whether such a request is forwarded first, so that what it requests is done
     */
    public HostileServer(URI server, Predicate<String> isHit, boolean isForwarded, HostileResponse response)
            throws IOException {
        this.server = server;
        this.isHit = isHit;
        this.isForwarded = isForwarded;
        this.response = response;
        start(this::accept);
    }

    /** The port that clients connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /** The number of hostile responses. */
    public int hits() {
        return hits.get();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listener.accept();
                start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            String head = RequestHead.read(in);
            byte[] body = in.readNBytes(RequestHead.contentLength(head));
            String[] words = head.split(" ", 3);
            OutputStream out = client.getOutputStream();
            if (words.length == 3 && isHit.test(words[0] + " " + words[1].replaceFirst("\\?.*", ""))) {
                hits.incrementAndGet();
                response.write(out, isForwarded ? bodyOf(forward(head, body)) : new byte[0]);
            } else {
                out.write(forward(head, body));
            }
            out.flush();
            client.shutdownOutput();
            // Else what was not read of the request resets the connection before the response is read.
            in.readNBytes(1);
        } catch (IOException e) {
            // The client has closed the connection.
        }
    }

    private byte[] forward(String head, byte[] body) throws IOException {
        try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            OutputStream out = upstream.getOutputStream();
            // Of HTTP 1.0, so that the response is neither chunked nor compressed.
            String closing = NOT_FORWARDED.matcher(head).replaceAll("").replaceFirst(" HTTP/1.1\r\n", " HTTP/1.0\r\n");
            out.write(closing.getBytes(ISO_8859_1));
            out.write(body);
            out.flush();
            return upstream.getInputStream().readAllBytes();
        }
    }

    private static byte[] bodyOf(byte[] whole) {
        String text = new String(whole, ISO_8859_1);
        return text.substring(text.indexOf("\r\n\r\n") + 4).getBytes(ISO_8859_1);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "hostile-server");
        thread.setDaemon(true);
        thread.start();
    }
}
