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

/** Forwards connections to a server on this machine, and injects faults into the bytes of its responses. */
public final class FaultyServer implements AutoCloseable {
    private final ServerSocket listener;
    private final InetSocketAddress server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger connections = new AtomicInteger();
    private volatile ResponseFault fault = FaultyServer::pass;

    /** Forwards the responses of a connection, with or without a fault. */
    private interface ResponseFault {
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

    /** Forwards without faults at first. */
    public static FaultyServer to(URI server) {
        return new FaultyServer(server, Optional.empty());
    }

    /** Forwards without faults at first, with TLS towards clients. */
    public static FaultyServer overTls(URI server, SSLContext tls) {
        return new FaultyServer(server, Optional.of(tls));
    }

    /** The port that clients connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /** The number of connections so far. */
    public int connections() {
        return connections.get();
    }

    /** Resets new connections after this many bytes of responses. */
    public void resetAfter(int bytes) {
        fault = (from, to) -> {
            passSome(from, to, bytes);
            throw new Reset();
        };
    }

    /** Closes new connections orderly after this many bytes of responses. */
    public void cutAfter(int bytes) {
        fault = (from, to) -> passSome(from, to, bytes);
    }

    /** Stalls new connections after this many bytes of responses. */
    public void stallAfter(int bytes) {
        fault = (from, to) -> {
            passSome(from, to, bytes);
            await(Duration.ofMinutes(5));
        };
    }

    /** Delivers the responses of new connections byte by byte, slowly. */
    public void drip(Duration pause) {
        fault = (from, to) -> {
            for (int b = from.read(); b >= 0; b = from.read()) {
                to.write(b);
                to.flush();
                await(pause);
            }
        };
    }

    /** Closes all open connections orderly, as a server closes idle ones. */
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
            ResponseFault current = fault;
            start(() -> {
                try {
                    pass(client.getInputStream(), upstream.getOutputStream());
                } catch (IOException e) {
                    // The client closed the connection.
                } finally {
                    close(upstream, false);
                }
            });
            current.pump(upstream.getInputStream(), client.getOutputStream());
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

    /** Waits for at least one byte, so that the request has arrived before the fault. */
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
        Thread thread = new Thread(task, "faulty-server");
        thread.setDaemon(true);
        thread.start();
    }
}
