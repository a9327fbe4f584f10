package io.github.bitbucketpipelines.maven.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Step;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TriggerRequest;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import io.github.bitbucketpipelines.maven.run.Forecast;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.testing.Runs;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConsoleListenerTest {
    private static final Run RUN = Runs.run(State.Unfinished.IN_PROGRESS);
    private static final Step STEP = Runs.step(1, "Deploy", State.Unfinished.IN_PROGRESS);

    private final List<String> lines = new ArrayList<>();
    private final Output log = (Output) Proxy.newProxyInstance(
            Output.class.getClassLoader(),
            new Class<?>[] {Output.class},
            (proxy, method, arguments) -> lines.add(method.getName() + " " + arguments[0]));

    @Test
    void everyLineOfASecuredVariableIsMaskedInLogs() {
        TriggerRequest request = new TriggerRequest(
                new Target.Branch("main", Optional.empty()),
                Optional.empty(),
                List.of(
                        new Variable("KEY", "-----BEGIN KEY-----\ns3cret-l1ne\n-----END KEY-----", true),
                        new Variable("LEVEL", "info", false)));
        ConsoleListener console = new ConsoleListener(
                log, RunLabel.of(new RepositoryId("acme", "shop"), request), new SecretMasker(request.secrets()));
        console.accept(new RunEvent.Triggered(RUN, request, false));
        lines.clear();

        console.accept(new RunEvent.LogAppended(RUN, STEP, List.of("level info", "+ cat key", "s3cret-l1ne")));
        console.accept(new RunEvent.FailedStepLogTail(RUN, STEP, List.of("key: s3cret-l1ne")));

        assertThat(lines)
                .containsExactly(
                        "info Deploy | level info",
                        "info Deploy | + cat key",
                        "info Deploy | ***",
                        "error --- Deploy: last 1 lines ---",
                        "error | key: ***",
                        "error --- Deploy: end ---");
    }

    @Test
    void mistakeInWhatIsShownIsAWarningAndNotTheEndOfTheWatch() {
        ConsoleListener console = new ConsoleListener(
                log,
                RunLabel.of(new RepositoryId("acme", "shop")),
                new SecretMasker(List.of("s3cret")),
                new ConsoleListener.Settings(
                        Optional.empty(),
                        Set.of(),
                        false,
                        false,
                        Colours.NONE,
                        () -> {
                            throw new IllegalArgumentException("s3cret is negative");
                        },
                        Optional.empty()));
        Forecast forecast = new Forecast(Optional.empty(), Duration.ZERO);

        console.accept(new RunEvent.Heartbeat(RUN, List.of(STEP), Duration.ZERO, forecast));
        console.accept(new RunEvent.Heartbeat(RUN, List.of(STEP), Duration.ZERO, forecast));
        console.accept(new RunEvent.Warning("still shown"));

        assertThat(lines).hasSize(2).last().isEqualTo("warn still shown");
        assertThat(lines.get(0))
                .startsWith("warn ")
                .contains("it is watched nevertheless", "IllegalArgumentException", "is negative")
                .doesNotContain("s3cret");
    }
}
