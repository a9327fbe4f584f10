package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.State;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How long comparable runs took, the newest first: those of the same pipeline, the same ref counting most.
 *
 * @param past empty where nothing comparable is known
 */
public record History(List<Past> past) {
    /** More than this tells nothing new. */
    private static final int MOST = 20;

    /** What the next older run counts, compared with the one before it. */
    private static final double FADING = 0.93;

    private static final double OTHER_REF = 0.3;
    private static final double FAILED = 0.4;

    /** A run that took so much longer than it ran was held: a person, not the pipeline, took that time. */
    private static final int HELD = 3;

    /** One past run, by its build number: how long it took from its creation to its end, and how much it counts. */
    public record Past(long number, Duration took, double weight) {}

    /** Where nothing is known. */
    public static final History NONE = new History(List.of());

    /** Copies the list. */
    public History {
        past = List.copyOf(past);
    }

    /**
     * What recent runs tell about a new one.
     *
     * @param runs newest first
     * @param pipeline the new run's custom pipeline, if it is one
     */
    public static History of(List<Run> runs, Optional<Target> target, Optional<String> pipeline) {
        List<Past> past = new ArrayList<>();
        double recency = 1;
        for (Run run : runs) {
            Optional<Double> likeness =
                    run.selector().flatMap(Selector::pipeline).equals(pipeline)
                            ? likeness(run, target, pipeline.isPresent())
                            : Optional.empty();
            Optional<Duration> took = took(run);
            if (likeness.isPresent() && took.isPresent() && past.size() < MOST) {
                past.add(new Past(run.number(), took.get(), recency * likeness.get() * worth(run.state())));
                recency *= FADING;
            }
        }
        return new History(past);
    }

    private static Optional<Double> likeness(Run run, Optional<Target> target, boolean samePipeline) {
        if (target.isEmpty() || run.target().isEmpty()) {
            return samePipeline ? Optional.of(OTHER_REF) : Optional.empty();
        }
        boolean sameKind = run.target().get().getClass().equals(target.get().getClass());
        boolean sameRef =
                sameKind && run.target().get().refName().equals(target.get().refName());
        if (sameRef) {
            return Optional.of(1.0);
        }
        // Without a name, the definition is found by the target: another kind of target may have quite another one.
        return samePipeline || sameKind ? Optional.of(OTHER_REF) : Optional.empty();
    }

    /** A run that was stopped tells how patient somebody was; one that failed, how long some of the steps take. */
    private static double worth(State state) {
        return state.finalResult()
                        .filter(result -> result == Result.Known.SUCCESSFUL)
                        .isPresent()
                ? 1
                : FAILED;
    }

    private static Optional<Duration> took(Run run) {
        boolean tells = run.state()
                .finalResult()
                .filter(result -> result != Result.Known.STOPPED && result != Result.Known.EXPIRED)
                .isPresent();
        if (!tells) {
            return Optional.empty();
        }
        Optional<Duration> whole = run.created()
                .flatMap(created -> run.completed().map(completed -> Duration.between(created, completed)));
        Optional<Duration> took = whole.isPresent()
                        && run.duration().isPresent()
                        && whole.get()
                                        .compareTo(run.duration()
                                                .get()
                                                .multipliedBy(HELD)
                                                .plusMinutes(2))
                                > 0
                ? run.duration()
                : whole.or(run::duration);
        // Times may be some milliseconds out of order.
        return took.map(time -> time.isNegative() ? Duration.ZERO : time);
    }

    /** The build numbers of the runs that are most like the new one, and ended well; the newest first. */
    List<Long> alike(int most) {
        double best = past.stream().mapToDouble(Past::weight).max().orElse(0);
        return past.stream()
                .filter(each -> each.weight() > best / 2)
                .limit(most)
                .map(Past::number)
                .toList();
    }

    /** The usual duration: half of what is known is shorter, by weight. */
    public Optional<Duration> usual() {
        List<Past> ordered =
                past.stream().sorted(Comparator.comparing(Past::took)).toList();
        double half = ordered.stream().mapToDouble(Past::weight).sum() / 2;
        double sum = 0;
        for (Past each : ordered) {
            sum += each.weight();
            if (sum >= half) {
                return Optional.of(each.took());
            }
        }
        return Optional.empty();
    }
}
