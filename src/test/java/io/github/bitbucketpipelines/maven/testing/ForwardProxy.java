package io.github.bitbucketpipelines.maven.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy that opens tunnels (CONNECT) or forwards plain http, optionally with Basic credentials, and records its
 * requests. Hosts below {@code .test} are this machine.
 */
public final class ForwardProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final Optional<String> credentials;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile int refusal;

    private ForwardProxy(Optional<String> credentials) {
        this.credentials =
                credentials.map(c -> "Basic " + Base64.getEncoder().encodeToString(c.getBytes(StandardCharsets.UTF_8)));
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /** Starts a proxy without credentials. */
    public static ForwardProxy open() {
        return new ForwardProxy(Optional.empty());
    }

    /** Starts a proxy that requires these credentials. */
    public static ForwardProxy forUser(String user, String password) {
        return new ForwardProxy(Optional.of(user + ":" + password));
    }

    /** Rejects every further tunnel with this status. */
    public ForwardProxy refusing(int code) {
        refusal = code;
        return this;
    }

    /** The port that clients connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /** The heads of all requests. */
    public List<String> requests() {
        return List.copyOf(requests);
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
            while (true) {
                String head = head(client.getInputStream());
                requests.add(head);
                if (refusal > 0) {
                    respond(client, refusal + " No", "Content-Length: 6\r\n\r\nsecret");
                    return;
                }
                if (credentials.isPresent()
                        && !head.contains("\r\nProxy-Authorization: " + credentials.get() + "\r\n")) {
                    client.getInputStream().skipNBytes(RequestHead.contentLength(head));
                    respond(
                            client,
                            "407 Who are you",
                            "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
                    continue;
                }
                if (!head.startsWith("CONNECT ")) {
                    forward(client, head);
                    return;
                }
                String[] target = head.split(" ")[1].split(":");
                try (Socket server = new Socket(address(target[0]), Integer.parseInt(target[1]))) {
                    respond(client, "200 OK", "\r\n");
                    start(() -> pass(client, server));
                    pass(server, client);
                }
                return;
            }
        } catch (IOException e) {
            // The client closed the connection.
        }
    }

    /** One request over plain http; the connection is closed after it, so that the next one has a head of its own. */
    private static void forward(Socket client, String head) throws IOException {
        URI target = URI.create(head.split(" ")[1]);
        String forwarded = head.replace(target.getScheme() + "://" + target.getRawAuthority(), "")
                .replaceAll("\r\n(?i:Proxy-[A-Za-z]+|Connection): [^\r]*", "")
                .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
        try (Socket server = new Socket(target.getHost(), target.getPort())) {
            server.getOutputStream().write(forwarded.getBytes(StandardCharsets.US_ASCII));
            start(() -> pass(client, server));
            pass(server, client);
        }
    }

    /** Names of hosts that only this proxy knows, such as {@code bitbucket.test}, are those of this machine. */
    private static String address(String host) {
        return host.endsWith(".test") ? "127.0.0.1" : host;
    }

    private static String head(InputStream in) throws IOException {
        String head = RequestHead.read(in);
        if (!head.endsWith("\r\n\r\n")) {
            throw new IOException("no more requests");
        }
        return head;
    }

    private static void respond(Socket client, String status, String rest) throws IOException {
        client.getOutputStream().write(("HTTP/1.1 " + status + "\r\n" + rest).getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
    }

    private static void pass(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                out.flush();
            }
            to.close();
        } catch (IOException e) {
            // One side closed the connection.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "forward-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
