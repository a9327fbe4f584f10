package io.github.bitbucketpipelines.maven.rehearsal;

import io.github.bitbucketpipelines.maven.definition.PipelinesFile;
import io.github.bitbucketpipelines.maven.pipeline.Selector;
import io.github.bitbucketpipelines.maven.pipeline.Variable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** A repository of the embedded Bitbucket: its refs, files, pipelines and runs. Thread-safe. */
public final class EmbeddedRepository {

    /** Creator of the runs that were not triggered through the API. */
    private static final EmbeddedAccount OTHER_USER = EmbeddedAccount.person("Another User");

    /** Shortest hash prefix that identifies a commit, as in git. */
    private static final int MIN_PREFIX = 7;

    private final String workspace;
    private final String workspaceUuid;
    private final String slug;
    private final String uuid = EmbeddedAccount.randomUuid();
    private final Clock clock;
    private final Map<String, String> branches = new LinkedHashMap<>();
    private final Map<String, String> tags = new LinkedHashMap<>();
    private final Set<String> commits = new LinkedHashSet<>();
    private final Map<Long, RunTarget.PullRequest> pullRequests = new LinkedHashMap<>();
    private final Map<Long, String> sourceRepositories = new LinkedHashMap<>();
    private final Map<Long, String> pullRequestStates = new LinkedHashMap<>();
    private final List<EmbeddedRunner> runners = new ArrayList<>();
    private final Map<String, EmbeddedEnvironment> environments = new LinkedHashMap<>();
    private final Set<String> customPipelines = new LinkedHashSet<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private final Map<String, EmbeddedDownload> downloads = new LinkedHashMap<>();
    private final List<EmbeddedRun> runs = new ArrayList<>();
    private final Deque<RunScript> nextScripts = new ArrayDeque<>();
    private Function<RunTarget, RunScript> defaultScript = target -> RunScript.successful();
    private BiFunction<RunTarget, PipelinesFile, RunScript> onDemandScript =
            (target, definition) -> defaultScript.apply(target);
    private final Set<String> readOnlyBranches = new HashSet<>();
    private int nextBuildNumber = 1;
    private boolean pipelinesEnabled = true;
    private boolean isPublic;
    private volatile boolean everythingExists;
    private boolean anyCustomPipeline;
    private BiPredicate<String, Variable> allowedVariables = (pipeline, variable) -> true;

    EmbeddedRepository(String workspace, String workspaceUuid, String slug, Clock clock) {
        this.workspace = workspace;
        this.workspaceUuid = workspaceUuid;
        this.slug = slug;
        this.clock = clock;
    }

    /** Adds or moves a branch; the first one added is the main branch. */
    public synchronized EmbeddedRepository branch(String name, String hash) {
        branches.put(name, hash);
        return commit(hash);
    }

    /** Adds or moves a tag. */
    public synchronized EmbeddedRepository tag(String name, String hash) {
        tags.put(name, hash);
        return commit(hash);
    }

    /** Adds a commit by its full hash. */
    public synchronized EmbeddedRepository commit(String hash) {
        commits.add(hash);
        return this;
    }

    /** Adds an open pull request and its two branches. */
    public synchronized EmbeddedRepository pullRequest(
            long id, String source, String sourceHash, String destination, String destinationHash) {
        pullRequests.put(id, new RunTarget.PullRequest(id, source, sourceHash, destination, destinationHash));
        return branch(destination, destinationHash).branch(source, sourceHash);
    }

    /**
     * Makes the source of a pull request that of a fork: its branch and its commit are not in this repository.
     *
     * @param fork the full name; empty where the fork was deleted
     */
    public synchronized EmbeddedRepository fromFork(long id, Optional<String> fork) {
        RunTarget.PullRequest pullRequest = pullRequests.get(id);
        sourceRepositories.put(id, fork.orElse(""));
        branches.remove(pullRequest.source());
        commits.remove(pullRequest.sourceCommit());
        return this;
    }

    /** Sets the state of a pull request, which is OPEN at first. */
    public synchronized EmbeddedRepository pullRequestState(long id, String state) {
        pullRequestStates.put(id, state);
        return this;
    }

    /** Adds a runner of this repository, by its status and its labels. */
    public EmbeddedRepository runner(String status, String... labels) {
        return runner(new EmbeddedRunner(status, false, List.of(labels)));
    }

    /** Adds a runner of this repository. */
    public synchronized EmbeddedRepository runner(EmbeddedRunner runner) {
        runners.add(runner);
        return this;
    }

    /** Adds a deployment environment, or replaces that of the same name. */
    public synchronized EmbeddedRepository environment(EmbeddedEnvironment environment) {
        environments.put(environment.name(), environment);
        return this;
    }

    /** Adds a custom pipeline; a trigger of any other name is rejected. */
    public synchronized EmbeddedRepository customPipeline(String name) {
        customPipelines.add(name);
        return this;
    }

    /** Accepts every name of a custom pipeline. */
    public synchronized EmbeddedRepository anyCustomPipeline() {
        anyCustomPipeline = true;
        return this;
    }

    /** Sets which variables a trigger of a custom pipeline may have, by its name; initially all. */
    public synchronized EmbeddedRepository allowedVariables(BiPredicate<String, Variable> allowed) {
        allowedVariables = allowed;
        return this;
    }

    /** Adds a file at every commit and ref. */
    public synchronized EmbeddedRepository file(String path, String text) {
        files.put(path, text);
        return this;
    }

    /** Adds a file at one commit or ref, where it overrides the file for all of them. */
    public synchronized EmbeddedRepository file(String revision, String path, String text) {
        files.put(revision + ":" + path, text);
        return this;
    }

    /** Puts a text into the Downloads now, in place of a file of the same name. */
    public EmbeddedRepository upload(String name, String text) {
        return upload(name, LogContent.of(text), clock.instant());
    }

    /**
     * Puts a file into the Downloads, in place of one of the same name.
     *
     * @param createdOn its time, when it appears
     */
    public synchronized EmbeddedRepository upload(String name, LogContent content, Instant createdOn) {
        downloads.put(name, new EmbeddedDownload(name, content, createdOn));
        return this;
    }

    /** Removes a file from the Downloads. */
    public synchronized EmbeddedRepository removeDownload(String name) {
        downloads.remove(name);
        return this;
    }

    /** Returns the files that have appeared in the Downloads, newest first. */
    synchronized List<EmbeddedDownload> downloads() {
        return downloads.values().stream()
                .filter(file -> !file.createdOn().isAfter(clock.instant()))
                .sorted(Comparator.comparing(EmbeddedDownload::createdOn).reversed())
                .toList();
    }

    /** Returns a file of the Downloads; where everything exists, one that says so. */
    synchronized Optional<EmbeddedDownload> download(String name) {
        return downloads().stream()
                .filter(file -> file.name().equals(name))
                .findFirst()
                .or(() -> everythingExists
                        ? Optional.of(new EmbeddedDownload(
                                name,
                                LogContent.of("This is a rehearsal: no run has made this file.\n"),
                                clock.instant()))
                        : Optional.empty());
    }

    /** Switches Pipelines on or off. */
    public synchronized EmbeddedRepository pipelinesEnabled(boolean enabled) {
        pipelinesEnabled = enabled;
        return this;
    }

    /** Allows reading without credentials. */
    public synchronized EmbeddedRepository makePublic() {
        isPublic = true;
        return this;
    }

    /** Makes every requested branch, tag, commit and pull request exist, but not every custom pipeline. */
    public synchronized EmbeddedRepository everythingExists() {
        everythingExists = true;
        return this;
    }

    /** Sets the build number of the next run. */
    public synchronized EmbeddedRepository nextBuildNumber(int number) {
        nextBuildNumber = number;
        return this;
    }

    /** Queues the script of one triggered run; further calls are for the runs after it. */
    public synchronized EmbeddedRepository next(RunScript script) {
        nextScripts.add(script);
        return this;
    }

    /** Sets the script of triggered runs for which none is queued. */
    public EmbeddedRepository defaultScript(RunScript script) {
        return defaultScript(target -> script);
    }

    /** Sets the script, by target, of triggered runs for which none is queued. */
    public synchronized EmbeddedRepository defaultScript(Function<RunTarget, RunScript> scripts) {
        defaultScript = scripts;
        return this;
    }

    /** Sets the script, by target and definition, of on-demand runs for which none is queued; by default that of all others. */
    public synchronized EmbeddedRepository onDemandScript(BiFunction<RunTarget, PipelinesFile, RunScript> scripts) {
        onDemandScript = scripts;
        return this;
    }

    /** Withdraws the permission to write to a branch, which on-demand runs require. */
    public synchronized EmbeddedRepository makeReadOnly(String branch) {
        readOnlyBranches.add(branch);
        return this;
    }

    synchronized boolean isReadOnly(RunTarget target) {
        return target.refType().filter("branch"::equals).isPresent()
                && target.refName().filter(readOnlyBranches::contains).isPresent();
    }

    /** Starts a run as if another user had pushed to a branch. */
    public EmbeddedRun push(String branch, RunScript script) {
        return place("PUSH", branch, Optional.empty(), OTHER_USER, clock.instant(), script);
    }

    /** Adds a run of a branch that was not triggered through the API. */
    public synchronized EmbeddedRun place(
            String trigger,
            String branch,
            Optional<String> customPipeline,
            EmbeddedAccount creator,
            Instant createdOn,
            RunScript script) {
        Optional<Selector> selector = customPipeline.map(Selector::custom);
        String hash = head("branch", branch).orElseGet(() -> syntheticHash(branch));
        return add(
                new EmbeddedRun.Trigger(
                        RunTarget.ref("branch", branch, hash, selector),
                        trigger,
                        Optional.of(creator),
                        List.of(),
                        createdOn),
                script);
    }

    /**
     * Adds completed runs of a branch with these durations from creation to end, oldest first. They were created a day
     * apart, the newest one a day ago.
     *
     * @param customPipeline the custom pipeline that they ran; empty for that of a push
     */
    public void history(String branch, Optional<String> customPipeline, List<Duration> durations) {
        for (int i = 0; i < durations.size(); i++) {
            Instant createdOn = clock.instant().minus(Duration.ofDays(durations.size() - i));
            place(
                    customPipeline.isPresent() ? "MANUAL" : "PUSH",
                    branch,
                    customPipeline,
                    OTHER_USER,
                    createdOn,
                    RunScript.successful().lasting(durations.get(i)));
        }
    }

    /** Adds a run of a branch or a tag that was triggered a while ago. */
    synchronized EmbeddedRun placeEarlier(
            String refType, String name, Optional<String> customPipeline, Duration age, RunScript script) {
        String hash = head(refType, name).orElseGet(() -> syntheticHash(name));
        return add(
                new EmbeddedRun.Trigger(
                        RunTarget.ref(refType, name, hash, customPipeline.map(Selector::custom)),
                        "MANUAL",
                        Optional.of(OTHER_USER),
                        List.of(),
                        clock.instant().minus(age)),
                script);
    }

    /** Returns all runs, oldest first. */
    public synchronized List<EmbeddedRun> runs() {
        return List.copyOf(runs);
    }

    /** The run that was created last. */
    public synchronized EmbeddedRun lastRun() {
        if (runs.isEmpty()) {
            throw new IllegalStateException("No run yet in " + fullName());
        }
        return runs.get(runs.size() - 1);
    }

    /** The workspace's id. */
    public String workspace() {
        return workspace;
    }

    /** The slug. */
    public String slug() {
        return slug;
    }

    /** The UUID, in braces. */
    public String uuid() {
        return uuid;
    }

    /** The workspace's UUID, in braces. */
    public String workspaceUuid() {
        return workspaceUuid;
    }

    String fullName() {
        return workspace + "/" + slug;
    }

    synchronized EmbeddedRun trigger(TriggerRequestParser request, EmbeddedAccount creator) {
        RunTarget target = request.target();
        RunScript script;
        if (!nextScripts.isEmpty()) {
            script = nextScripts.remove();
        } else {
            script = request.definition()
                    .map(definition -> onDemandScript.apply(target, definition))
                    .orElseGet(() -> defaultScript.apply(target));
        }
        return add(
                new EmbeddedRun.Trigger(
                        target, "MANUAL", Optional.of(creator), request.variables(), clock.instant(), request.yaml()),
                script);
    }

    private EmbeddedRun add(EmbeddedRun.Trigger cause, RunScript script) {
        EmbeddedRun run = new EmbeddedRun(this, clock, nextBuildNumber++, cause, script);
        runs.add(run);
        for (RunTimeline.Span span : run.timeline().spans()) {
            if (span.step().child().isPresent() && span.started().isPresent()) {
                // It exists from the start of its step on.
                Instant createdOn = cause.createdOn().plus(span.started().get());
                RunTarget target = RunTarget.commit(
                        cause.target().commit(),
                        Optional.of(Selector.custom(span.step().name().orElse("child"))));
                add(
                        new EmbeddedRun.Trigger(target, "PARENT_STEP", cause.creator(), List.of(), createdOn),
                        span.step().child().get());
            }
        }
        return run;
    }

    synchronized Optional<EmbeddedRun> run(String uuidOrNumber) {
        return runs.stream()
                .filter(run -> run.uuid().equals(uuidOrNumber)
                        || Integer.toString(run.buildNumber()).equals(uuidOrNumber))
                .filter(run -> !run.age().isNegative())
                .findFirst();
    }

    synchronized Optional<String> head(String refType, String name) {
        Map<String, String> refs = refType.equals("tag") ? tags : branches;
        return Optional.ofNullable(refs.get(name)).or(() -> synthetic(name));
    }

    /** Returns all branches or tags with their hashes. */
    synchronized Map<String, String> refs(String refType) {
        return new LinkedHashMap<>(refType.equals("tag") ? tags : branches);
    }

    /** Returns the full hash of a commit by a prefix of at least seven characters. */
    synchronized Optional<String> commitByPrefix(String prefix) {
        return prefix.length() < MIN_PREFIX
                ? Optional.empty()
                : commits.stream()
                        .filter(hash -> hash.startsWith(prefix))
                        .findFirst()
                        .or(() -> knownHash(prefix));
    }

    synchronized Optional<String> knownHash(String hash) {
        return commits.contains(hash) || (everythingExists && !hash.isEmpty()) ? Optional.of(hash) : Optional.empty();
    }

    synchronized Optional<RunTarget.PullRequest> pullRequest(long id) {
        if (everythingExists && !pullRequests.containsKey(id)) {
            String source = "pull-request-" + id;
            pullRequest(id, source, syntheticHash(source), "main", syntheticHash("main"));
        }
        return Optional.ofNullable(pullRequests.get(id));
    }

    /** Returns the full name of the repository a pull request's source is in; empty where that was deleted. */
    synchronized Optional<String> sourceRepository(long id) {
        return Optional.of(sourceRepositories.getOrDefault(id, fullName())).filter(name -> !name.isEmpty());
    }

    synchronized String pullRequestState(long id) {
        return pullRequestStates.getOrDefault(id, "OPEN");
    }

    synchronized List<EmbeddedRunner> runners() {
        return List.copyOf(runners);
    }

    synchronized List<EmbeddedEnvironment> environments() {
        return List.copyOf(environments.values());
    }

    synchronized boolean hasCustomPipeline(String name) {
        return anyCustomPipeline || customPipelines.contains(name);
    }

    synchronized boolean allows(String customPipeline, Variable variable) {
        return allowedVariables.test(customPipeline, variable);
    }

    synchronized Optional<String> fileAt(String revision, String path) {
        Optional<String> hash = Optional.ofNullable(branches.get(revision))
                .or(() -> Optional.ofNullable(tags.get(revision)))
                .or(() -> knownHash(revision));
        return hash.flatMap(commit -> Optional.ofNullable(files.get(revision + ":" + path))
                .or(() -> Optional.ofNullable(files.get(commit + ":" + path)))
                .or(() -> Optional.ofNullable(files.get(path))));
    }

    synchronized Optional<String> mainBranch() {
        return branches.keySet().stream().findFirst();
    }

    synchronized boolean isPipelinesEnabled() {
        return pipelinesEnabled;
    }

    synchronized boolean isPublic() {
        return isPublic;
    }

    private Optional<String> synthetic(String name) {
        return everythingExists ? Optional.of(syntheticHash(name)) : Optional.empty();
    }

    private static String syntheticHash(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }
}
