package io.github.bitbucketpipelines.maven.bitbucket;

import io.github.bitbucketpipelines.maven.pipeline.Durations;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves host names within a time limit, and divides the time to connect among the addresses of a host. The JVM's own
 * lookup has no limit, so that it runs on a thread of its own. Thread-safe; deadline and addresses are those of a thread.
 */
final class BoundedDnsResolver implements DnsResolver, AutoCloseable {
    /** Resolves a name, in any time. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** The most for an address that is not the last: TCP repeats a lost SYN after 1 s, and then after 3 s. */
    private static final Duration MAX_ATTEMPT = Duration.ofSeconds(3);

    /** For each address, where a TLS handshake before it has taken all the time to connect. */
    private static final Duration MIN_ATTEMPT = Duration.ofMillis(500);

    private final Lookup names;
    private final Duration limit;
    private final Map<String, InetAddress> responsive = new ConcurrentHashMap<>();
    private final ThreadLocal<Deadline> deadline = new ThreadLocal<>();
    private final ThreadLocal<Attempts> attempts = new ThreadLocal<>();
    private final ExecutorService lookups = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "bitbucket-name-lookup");
        thread.setDaemon(true);
        return thread;
    });

    BoundedDnsResolver(Lookup names, Duration limit) {
        this.names = names;
        this.limit = limit;
    }

    /** The attempts of one thread to connect to one of a host's addresses. */
    private static final class Attempts {
        private final String host;
        private final Deadline deadline;
        private int left;
        private Optional<InetAddress> last = Optional.empty();

        Attempts(String host, int addresses, Deadline deadline) {
            this.host = host;
            this.left = addresses;
            this.deadline = deadline;
        }
    }

    /** Sets the deadline of this thread's following lookups and attempts to connect. */
    void setDeadline(Deadline deadline) {
        this.deadline.set(deadline);
    }

    /** Removes this thread's deadline. */
    void clearDeadline() {
        deadline.remove();
        attempts.remove();
    }

    /** Returns how long this thread may try to connect to an address: a share of what is left for all of them. */
    Duration startAttempt(InetAddress address) {
        Attempts current = attempts.get();
        if (current == null) {
            return remainingOr(limit);
        }
        Duration all = current.deadline.remainingOr(limit);
        Duration share = current.left > 1 ? Durations.shorter(all.dividedBy(current.left), MAX_ATTEMPT) : all;
        current.left--;
        current.last = Optional.of(address);
        return remainingOr(Durations.shorter(Durations.longer(share, MIN_ATTEMPT), limit));
    }

    /** Remembers the address that this thread has connected to; it is tried first the next time. */
    void rememberAddress() {
        Optional.ofNullable(attempts.get())
                .ifPresent(current -> current.last.ifPresent(address -> responsive.put(current.host, address)));
    }

    private Duration remainingOr(Duration most) {
        return Optional.ofNullable(deadline.get()).map(d -> d.remainingOr(most)).orElse(most);
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] addresses = lookUp(host);
        for (int i = 1; i < addresses.length; i++) {
            if (addresses[i].equals(responsive.get(host))) {
                InetAddress first = addresses[i];
                System.arraycopy(addresses, 0, addresses, 1, i);
                addresses[0] = first;
            }
        }
        attempts.set(new Attempts(host, addresses.length, Deadline.in(Optional.of(remainingOr(limit)))));
        return addresses;
    }

    private InetAddress[] lookUp(String host) throws UnknownHostException {
        Duration most = remainingOr(limit);
        Future<InetAddress[]> lookup = lookups.submit(() -> names.addresses(host));
        try {
            // A copy, since the order is changed here.
            return lookup.get(most.toMillis(), TimeUnit.MILLISECONDS).clone();
        } catch (ExecutionException | TimeoutException e) {
            throw new UnknownHostException(host);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException(host);
        } finally {
            lookup.cancel(true);
        }
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
