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
 * A fault that some questions meet so many times, on both ends of the wire: it spoils answers, leads connections astray,
 * and lets what hangs take the virtual time that a real client would wait, but only a moment of the true one.
 */
final class FaultInjector implements Interceptor {
    private static final Duration MOMENT = Duration.ofMillis(10);

    /** Triggers are not tried again. */
    private static final Duration MOMENT_OF_A_TRIGGER = Duration.ofMillis(60);

    private static final Duration LONGEST_CALL = Duration.ofSeconds(60);

    private final ManualClock time;
    private final Fault fault;
    private final Set<Operation> operations;
    private final int times;
    private final AtomicInteger met = new AtomicInteger();
    private final Semaphore meetings = new Semaphore(0);
    private volatile boolean astray;

    FaultInjector(ManualClock time, Fault fault, Set<Operation> operations, int times) {
        this.time = time;
        this.fault = fault;
        this.operations = operations;
        this.times = times;
    }

    /** How often it was met. */
    int met() {
        return met.get();
    }

    /** Which proxy to take. */
    Optional<ProxySettings> way() {
        return astray ? fault.way() : Optional.empty();
    }

    @Override
    public Response intercept(RecordedRequest request, Next bitbucket) throws IOException {
        if (Operation.of(request).filter(operations::contains).isEmpty()
                || fault.way().isPresent()) {
            return bitbucket.proceed();
        }
        if (!fault.isOfTheBody()) {
            return left() ? spoilt(bitbucket) : bitbucket.proceed();
        }
        Response answer = bitbucket.proceed();
        // A redirect to the storage of logs has no body to speak of.
        return answer.status() < 300 && left() ? spoilt(() -> answer) : answer;
    }

    private boolean left() {
        return met.get() < times;
    }

    private Response spoilt(Next bitbucket) throws IOException {
        met.incrementAndGet();
        try {
            return fault.spoil(bitbucket);
        } finally {
            meetings.release();
        }
    }

    /** The client whose questions meet it. */
    PipelinesClient hinder(PipelinesClient client) {
        return hinder(client, LONGEST_CALL);
    }

    private PipelinesClient hinder(PipelinesClient client, Duration limit) {
        return (PipelinesClient) java.lang.reflect.Proxy.newProxyInstance(
                FaultInjector.class.getClassLoader(),
                new Class<?>[] {PipelinesClient.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("withTimeout")) {
                        return hinder(client, (Duration) arguments[0]);
                    }
                    if (method.getName().equals("deferrable")) {
                        return hinder(client.deferrable((Duration) arguments[0]), limit);
                    }
                    Optional<Operation> operation = Operation.by(method.getName())
                            .filter(operations::contains)
                            .filter(o -> left());
                    Call call = within -> {
                        try {
                            return method.invoke(client.withTimeout(within), arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    };
                    return operation.isPresent() ? meet(operation.get(), call, limit) : call.within(limit);
                });
    }

    private interface Call {
        Object within(Duration limit) throws Throwable;
    }

    private Object meet(Operation operation, Call call, Duration limit) throws Throwable {
        if (fault.way().isPresent()) {
            met.incrementAndGet();
            astray = true;
            try {
                return call.within(limit);
            } finally {
                astray = false;
            }
        }
        return fault.isSlow() ? hang(operation, call, shorter(limit, fault.hang())) : call.within(limit);
    }

    /** On a busy machine a moment may be over before the fault was met: that was no try. */
    private Object hang(Operation operation, Call call, Duration cost) throws Throwable {
        Duration moment = operation == Operation.TRIGGER ? MOMENT_OF_A_TRIGGER : MOMENT;
        while (true) {
            meetings.drainPermits();
            try {
                Object answer = call.within(moment);
                time.forward(meetings.tryAcquire() ? cost : Duration.ZERO);
                return answer;
            } catch (PipelinesException e) {
                // What was sent arrives, and has its effect before anything else is asked.
                boolean isSent = e.kind() != PipelinesException.Kind.NOT_PROCESSED;
                if (isSent && meetings.tryAcquire(1, TimeUnit.SECONDS)) {
                    time.forward(cost);
                    throw e;
                }
                moment = moment.multipliedBy(4);
                assertThat(moment).as("for the fault to be met").isLessThan(LONGEST_CALL);
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
