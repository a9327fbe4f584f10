package io.github.bitbucketpipelines.maven.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** An address of this machine that swallows every SYN: its queue of connections is full, and nothing accepts them. */
public final class DeadAddress implements AutoCloseable {
    private static final int MAX_QUEUE = 200;
    private static final int SILENCE_MILLIS = 200;

    private final ServerSocket listener;
    private final List<Socket> queued = new ArrayList<>();

    private DeadAddress(InetAddress address, int port) throws IOException {
        listener = new ServerSocket(port, 1, address);
        while (queued.size() < MAX_QUEUE) {
            Socket next = new Socket();
            queued.add(next);
            try {
                next.connect(new InetSocketAddress(address, port), SILENCE_MILLIS);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new IOException("this system accepts connections for a server that does not");
    }

    /** Listens at 127.0.0.{@code lastByte}, an address that Linux has without configuration. */
    public static DeadAddress of(int lastByte, int port) {
        try {
            return new DeadAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) lastByte}), port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address. */
    public InetAddress address() {
        return listener.getInetAddress();
    }

    @Override
    public void close() {
        try {
            for (Socket socket : queued) {
                socket.close();
            }
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
