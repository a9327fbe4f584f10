package io.github.bitbucketpipelines.maven.session.reactor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.aether.RepositorySystemSession;

/**
 * What the modules of one session know of each other's executions. It holds JDK types alone, so that all class realms of
 * this plugin share it (a build extension or a dependency of the plugin gives a module a realm of its own). The key of the
 * session's data names the version of the format. Not thread-safe: callers hold {@link #lock()}.
 */
final class SharedLedger {
    private static final String KEY = "io.github.bitbucketpipelines:reactor:1";

    private final Map<String, Object> root;

    private SharedLedger(Map<String, Object> root) {
        this.root = root;
    }

    /** The one ledger of a session. */
    @SuppressWarnings("unchecked")
    static SharedLedger of(RepositorySystemSession session) {
        Map<String, Object> fresh = new HashMap<>();
        boolean isFirst = session.getData().set(KEY, null, fresh);
        return new SharedLedger(
                isFirst ? fresh : (Map<String, Object>) session.getData().get(KEY));
    }

    /** What to synchronize on: the same object in all class realms. */
    Object lock() {
        return root;
    }

    /** Whether this is the first caller with this name in the session. */
    boolean isFirst(String name) {
        return root.putIfAbsent("first " + name, true) == null;
    }

    /** Who has a file: the first owner that claimed it. */
    String ownerOf(String file, String claimant) {
        Object owner = root.putIfAbsent("file " + file, claimant);
        return owner == null ? claimant : (String) owner;
    }

    /** Sets of ids by name, made once per session. */
    @SuppressWarnings("unchecked")
    Map<String, Set<String>> advice(Supplier<Map<String, Set<String>>> maker) {
        return (Map<String, Set<String>>) root.computeIfAbsent("advice", name -> maker.get());
    }

    /** The executions of which there are facts. */
    Set<ExecutionKey> executions() {
        return rowsByExecution().keySet().stream().map(ExecutionKey::decode).collect(Collectors.toSet());
    }

    List<Fact> facts(ExecutionKey execution) {
        return rowsByExecution().getOrDefault(execution.encode(), List.of()).stream()
                .map(Fact::of)
                .toList();
    }

    void add(ExecutionKey execution, Fact fact) {
        rowsByExecution()
                .computeIfAbsent(execution.encode(), any -> new ArrayList<>())
                .add(fact.toRow());
    }

    /** Keeps the work that a module prepared. */
    void keepWork(ExecutionKey execution, String module, Callable<Void> work) {
        root.put(workName(execution, module), work);
    }

    /** The work that a module prepared; the ledger no longer has it then. */
    @SuppressWarnings("unchecked")
    Callable<Void> takeWork(ExecutionKey execution, String module) {
        return (Callable<Void>) root.remove(workName(execution, module));
    }

    private static String workName(ExecutionKey execution, String module) {
        return "work " + execution.encode() + "\n" + module;
    }

    @SuppressWarnings("unchecked")
    private Map<String, List<Map<String, Object>>> rowsByExecution() {
        return (Map<String, List<Map<String, Object>>>) root.computeIfAbsent("facts", name -> new HashMap<>());
    }
}
