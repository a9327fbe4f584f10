package io.github.bitbucketpipelines.maven.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** A wire to a server on this machine that can break: it forwards bytes, and does to the answers what a test wants. */
public final class FaultyServer implements AutoCloseable {
    private final ServerSocket listener;
    private final InetSocketAddress server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Answers answers = FaultyServer::pass;

    /** What becomes of a connection's answers. */
    private interface Answers {
        void pump(InputStream from, OutputStream to) throws IOException;
    }

    private FaultyServer(URI server, Optional<SSLContext> tls) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort());
        try {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            listener = tls.isPresent()
                    ? tls.get().getServerSocketFactory().createServerSocket(0, 50, loopback)
                    : new ServerSocket(0, 50, loopback);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /** A wire that works, until it is told otherwise. */
    public static FaultyServer to(URI server) {
        return new FaultyServer(server, Optional.empty());
    }

    /** A wire that speaks TLS to clients. */
    public static FaultyServer overTls(URI server, SSLContext tls) {
        return new FaultyServer(server, Optional.of(tls));
    }

    /** Where clients connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections were made. */
    public int connections() {
        return connections.get();
    }

    /** New connections end by a reset after so many bytes of answers. */
    public void resetAfter(int bytes) {
        answers = (from, to) -> {
            passSome(from, to, bytes);
            throw new Reset();
        };
    }

    /** New connections end in good order after so many bytes of answers. */
    public void cutAfter(int bytes) {
        answers = (from, to) -> passSome(from, to, bytes);
    }

    /** New connections fall silent after so many bytes of answers. */
    public void stallAfter(int bytes) {
        answers = (from, to) -> {
            passSome(from, to, bytes);
            await(Duration.ofMinutes(5));
        };
    }

    /** New connections give a byte of their answers now and then. */
    public void drip(Duration pause) {
        answers = (from, to) -> {
            for (int b = from.read(); b >= 0; b = from.read()) {
                to.write(b);
                to.flush();
                await(pause);
            }
        };
    }

    /** Ends all connections there are, in good order, as a server does with idle ones. */
    public void dropConnections() {
        sockets.forEach(socket -> close(socket, false));
        sockets.clear();
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        dropConnections();
    }

    private static final class Reset extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listener.accept();
                connections.incrementAndGet();
                start(() -> connect(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        boolean reset = false;
        try (Socket upstream = new Socket(server.getAddress(), server.getPort())) {
            sockets.add(client);
            Answers how = answers;
            start(() -> {
                try {
                    pass(client.getInputStream(), upstream.getOutputStream());
                } catch (IOException e) {
                    // The client has gone.
                } finally {
                    close(upstream, false);
                }
            });
            how.pump(upstream.getInputStream(), client.getOutputStream());
        } catch (IOException e) {
            reset = e instanceof Reset;
        } finally {
            close(client, reset);
        }
    }

    private static void pass(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[8192];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
            to.flush();
        }
    }

    /** At least one byte is awaited, so that the request has arrived when the wire breaks. */
    private static void passSome(InputStream from, OutputStream to, int bytes) throws IOException {
        for (int i = 0, b = from.read(); b >= 0 && i < bytes; i++) {
            to.write(b);
            if (i + 1 < bytes) {
                b = from.read();
            }
        }
        to.flush();
    }

    private void await(Duration time) {
        try {
            closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Socket socket, boolean reset) {
        try {
            if (reset) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            // It is closed already.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "faulty-wire");
        thread.setDaemon(true);
        thread.start();
    }
}
