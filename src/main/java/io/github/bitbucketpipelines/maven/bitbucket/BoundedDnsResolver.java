package io.github.bitbucketpipelines.maven.bitbucket;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/** Resolves host names within a time limit. The JVM's own lookup has none, so that it runs on a thread of its own. */
final class BoundedDnsResolver implements DnsResolver, AutoCloseable {
    /** Resolves a name, in any time. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private final Lookup names;
    private final Duration limit;
    private final ThreadLocal<Deadline> deadline = new ThreadLocal<>();
    private final ExecutorService lookups = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "bitbucket-name-lookup");
        thread.setDaemon(true);
        return thread;
    });

    BoundedDnsResolver(Lookup names, Duration limit) {
        this.names = names;
        this.limit = limit;
    }

    /** Sets the deadline of this thread's following lookups. */
    void setDeadline(Deadline deadline) {
        this.deadline.set(deadline);
    }

    /** Removes this thread's deadline. */
    void clearDeadline() {
        deadline.remove();
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        Duration most = Optional.ofNullable(deadline.get())
                .map(d -> d.remainingOr(limit))
                .orElse(limit);
        Future<InetAddress[]> lookup = lookups.submit(() -> names.addresses(host));
        try {
            return lookup.get(most.toMillis(), TimeUnit.MILLISECONDS);
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
