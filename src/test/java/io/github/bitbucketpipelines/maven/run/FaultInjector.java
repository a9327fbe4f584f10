package io.github.bitbucketpipelines.maven.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.bitbucket.ProxySettings;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesClient;
import io.github.bitbucketpipelines.maven.pipeline.PipelinesException;
import io.github.bitbucketpipelines.maven.rehearsal.Interceptor;
import io.github.bitbucketpipelines.maven.rehearsal.RecordedRequest;
import io.github.bitbucketpipelines.maven.rehearsal.Response;
import io.github.bitbucketpipelines.maven.run.Fault.Operation;
import io.github.bitbucketpipelines.maven.testing.ManualClock;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Injects a fault into some operations a number of times. Corrupts responses, misdirects connections, and lets a hanging
 * call take the virtual time that a real client would wait, but only a moment of real time.
 */
final class FaultInjector implements Interceptor {
    private static final Duration MOMENT = Duration.ofMillis(10);

    /** Triggers are not tried again. */
    private static final Duration MOMENT_OF_A_TRIGGER = Duration.ofMillis(60);

    private static final Duration MAX_CALL = Duration.ofSeconds(60);

    private final ManualClock time;
    private final Fault fault;
    private final Set<Operation> operations;
    private final int times;
    private final AtomicInteger count = new AtomicInteger();
    private final Semaphore injections = new Semaphore(0);
    private volatile boolean astray;

    FaultInjector(ManualClock time, Fault fault, Set<Operation> operations, int times) {
        this.time = time;
        this.fault = fault;
        this.operations = operations;
        this.times = times;
    }

    /** The number of injections. */
    int count() {
        return count.get();
    }

    /** The proxy for a connection. */
    Optional<ProxySettings> proxy() {
        return astray ? fault.proxy() : Optional.empty();
    }

    @Override
    public Response intercept(RecordedRequest request, Next bitbucket) throws IOException {
        if (Operation.of(request).filter(operations::contains).isEmpty()
                || fault.proxy().isPresent()) {
            return bitbucket.proceed();
        }
        if (!fault.affectsBody()) {
            return isActive() ? corrupted(bitbucket) : bitbucket.proceed();
        }
        Response response = bitbucket.proceed();
        // A redirect to the storage of logs has no body to speak of.
        return response.status() < 300 && isActive() ? corrupted(() -> response) : response;
    }

    private boolean isActive() {
        return count.get() < times;
    }

    private Response corrupted(Next bitbucket) throws IOException {
        count.incrementAndGet();
        try {
            return fault.corrupt(bitbucket);
        } finally {
            injections.release();
        }
    }

    /** The client with the fault injected. */
    PipelinesClient inject(PipelinesClient client) {
        return inject(client, MAX_CALL);
    }

    private PipelinesClient inject(PipelinesClient client, Duration limit) {
        return (PipelinesClient) java.lang.reflect.Proxy.newProxyInstance(
                FaultInjector.class.getClassLoader(),
                new Class<?>[] {PipelinesClient.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("withTimeout")) {
                        return inject(client, (Duration) arguments[0]);
                    }
                    if (method.getName().equals("deferrable")) {
                        return inject(client.deferrable((Duration) arguments[0]), limit);
                    }
                    Optional<Operation> operation = Operation.by(method.getName())
                            .filter(operations::contains)
                            .filter(o -> isActive());
                    Call call = within -> {
                        try {
                            return method.invoke(client.withTimeout(within), arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    };
                    return operation.isPresent() ? inject(operation.get(), call, limit) : call.within(limit);
                });
    }

    private interface Call {
        Object within(Duration limit) throws Throwable;
    }

    private Object inject(Operation operation, Call call, Duration limit) throws Throwable {
        if (fault.proxy().isPresent()) {
            count.incrementAndGet();
            astray = true;
            try {
                return call.within(limit);
            } finally {
                astray = false;
            }
        }
        return fault.isSlow() ? hang(operation, call, shorter(limit, fault.hang())) : call.within(limit);
    }

    /** On a busy machine the moment may pass before the fault is injected: then the call is repeated. */
    private Object hang(Operation operation, Call call, Duration cost) throws Throwable {
        Duration moment = operation == Operation.TRIGGER ? MOMENT_OF_A_TRIGGER : MOMENT;
        while (true) {
            injections.drainPermits();
            try {
                Object response = call.within(moment);
                time.forward(injections.tryAcquire() ? cost : Duration.ZERO);
                return response;
            } catch (PipelinesException e) {
                // A request that was sent arrives, and has its effect before the next one.
                boolean isSent = e.kind() != PipelinesException.Kind.NOT_PROCESSED;
                if (isSent && injections.tryAcquire(1, TimeUnit.SECONDS)) {
                    time.forward(cost);
                    throw e;
                }
                moment = moment.multipliedBy(4);
                assertThat(moment).as("until the injection").isLessThan(MAX_CALL);
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
