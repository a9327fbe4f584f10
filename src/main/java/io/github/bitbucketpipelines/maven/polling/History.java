package io.github.bitbucketpipelines.maven.polling;

import io.github.bitbucketpipelines.maven.pipeline.Result;
import io.github.bitbucketpipelines.maven.pipeline.Run;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.pipeline.TextSanitizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The durations of comparable runs, newest first: those of the same pipeline, the ones of the same ref with more weight. */
public record History(List<Past> past) {
    /** Weight of a run relative to the next newer one. Source: replay; 0.9 and 0.96 cost 1.5% more. */
    private static final double RECENCY = 0.93;
    /** Weight of a run of another ref, and of a failed one, relative to one that is alike. Source: replay. */
    private static final double UNLIKE = 0.4;

    /** A run by its build number: seconds from its creation to its end, those after the queue, weight in runs. */
    public record Past(long number, double whole, double running, boolean failed, double weight) {}

    /** No comparable run. */
    public static final History NONE = new History(List.of());

    /** Copies the list. */
    public History {
        past = List.copyOf(past);
    }

    /** Selects the runs, given newest first, that are comparable with one of a target and a custom pipeline. */
    public static History of(List<Run> runs, Optional<Target> target, Optional<String> pipeline) {
        List<Past> past = new ArrayList<>();
        for (Run run : runs) {
            double weight = Math.pow(RECENCY, past.size()) * likeness(run, target, pipeline);
            Optional<Duration> whole = run.created()
                    .flatMap(from -> run.completed().map(to -> Duration.between(from, to)))
                    .or(run::duration);
            Result result = run.state().finalResult().orElse(Result.Known.STOPPED);
            if (weight > 0 && whole.isPresent() && result != Result.Known.STOPPED && result != Result.Known.EXPIRED) {
                double seconds = Math.max(0, AdaptiveSchedule.seconds(whole.get()));
                double running = run.duration().map(AdaptiveSchedule::seconds).orElse(seconds);
                // A run that waited longer than it ran was paused or halted.
                boolean held = seconds - running > Math.max(running, AdaptiveSchedule.UNKNOWN_MEDIAN);
                boolean failed = result != Result.Known.SUCCESSFUL;
                past.add(new Past(
                        run.number(), held ? running : seconds, running, failed, failed ? UNLIKE * weight : weight));
            }
        }
        return new History(past);
    }

    private static double likeness(Run run, Optional<Target> target, Optional<String> pipeline) {
        boolean samePipeline = run.selector().flatMap(Selector::pipeline).equals(pipeline.map(TextSanitizer::name));
        boolean sameKind = target.isPresent()
                && target.map(Target::getClass).equals(run.target().map(Target::getClass));
        boolean sameRef = sameKind && target.get().isSameRef(run.target().orElseThrow());
        // Without a custom pipeline the target selects the definition: another kind may have another one.
        return !samePipeline || pipeline.isEmpty() && !sameKind ? 0 : sameRef ? 1 : UNLIKE;
    }

    /** Returns the weighted median of the durations. */
    public Optional<Duration> usual() {
        double half = past.stream().mapToDouble(Past::weight).sum() / 2;
        for (Past run : past.stream().sorted(Comparator.comparing(Past::whole)).toList()) {
            half -= run.weight();
            if (half <= 0) {
                return Optional.of(Duration.ofMillis(Math.round(run.whole() * 1000)));
            }
        }
        return Optional.empty();
    }
}
