package io.github.bitbucketpipelines.maven.session.context;

import io.github.bitbucketpipelines.maven.report.FileReplacement;
import io.github.bitbucketpipelines.maven.report.ReceiptLock;
import io.github.bitbucketpipelines.maven.report.Receipts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Keeps the files of executions from other builds as long as this one works with them. Goals and modules of one session share
 * the locks: among them, a file is claimed. Thread-safe.
 */
final class ExecutionFiles {
    /** The locks of the session by receipt, each with the number of its users; JDK types alone, for all class realms. */
    private final Map<Path, Object[]> locks;

    private final Consumer<String> warnings;
    private final Set<Path> receipts = new LinkedHashSet<>();
    private final Set<Path> held = new LinkedHashSet<>();
    private int users;

    ExecutionFiles(Map<Path, Object[]> locks, Consumer<String> warnings) {
        this.locks = locks;
        this.warnings = warnings;
    }

    /** Begins to work with the files that were taken before, and with those that are taken until {@link #leave}. */
    synchronized Optional<String> enter() {
        Optional<String> problem = Optional.empty();
        if (users++ == 0) {
            for (Path receipt : receipts) {
                problem = problem.isPresent() ? problem : lock(receipt);
            }
        }
        return problem;
    }

    /**
     * Takes the files of one execution, named by its receipt.
     *
     * @return what keeps the execution from its files; empty if it has them
     */
    synchronized Optional<String> take(Path receipt, String executionId) {
        Path path = receipt.toAbsolutePath().normalize();
        if (receipts.contains(path)) {
            return Optional.empty();
        }
        Optional<String> problem = lock(path).or(() -> ofOther(path, executionId));
        receipts.add(path);
        return problem;
    }

    /** Ends the work with the files: other builds can have them. */
    synchronized void leave() {
        if (--users == 0) {
            receipts.forEach(this::unlock);
        }
    }

    /** Makes a change of a receipt of another execution; does not where another build has it, which writes it itself. */
    static void change(Map<Path, Object[]> locks, Path receipt, Runnable change) {
        ExecutionFiles files = new ExecutionFiles(locks, warning -> {});
        files.enter();
        Path path = receipt.toAbsolutePath().normalize();
        boolean isFree = files.lock(path).isEmpty();
        files.receipts.add(path);
        try {
            if (isFree) {
                change.run();
            }
        } finally {
            files.leave();
        }
    }

    private Optional<String> lock(Path receipt) {
        synchronized (locks) {
            Object[] shared = locks.get(receipt);
            if (shared == null) {
                try {
                    Optional<ReceiptLock> lock = ReceiptLock.acquire(receipt);
                    if (lock.isEmpty()) {
                        return Optional.of(
                                "another Maven works with " + receipt + " at this moment, and one of two runs would be"
                                        + " lost. Wait until it has ended, or give this"
                                        + " build an outputDirectory of its own");
                    }
                    shared = new Object[] {lock.get(), 0};
                    locks.put(receipt, shared);
                } catch (IOException e) {
                    warnings.accept("The files of " + receipt.getFileName() + " can't be locked ("
                            + FileReplacement.describe(e) + "): another Maven that writes them at the same time is not"
                            + " noticed.");
                    return Optional.empty();
                }
            }
            shared[1] = (Integer) shared[1] + 1;
            held.add(receipt);
            return Optional.empty();
        }
    }

    private void unlock(Path receipt) {
        synchronized (locks) {
            Object[] shared = locks.get(receipt);
            if (held.remove(receipt) && shared != null) {
                shared[1] = (Integer) shared[1] - 1;
                if ((Integer) shared[1] == 0) {
                    locks.remove(receipt);
                    try {
                        ((AutoCloseable) shared[0]).close();
                    } catch (Exception e) {
                        warnings.accept(
                                "The lock of " + receipt + " could not be removed: " + FileReplacement.describe(e));
                    }
                }
            }
        }
    }

    /** A receipt of an execution whose id differs in case, on a file system that has no case. */
    private static Optional<String> ofOther(Path receipt, String executionId) {
        return Receipts.unfinishedExecution(receipt)
                .filter(id -> !id.equals(executionId))
                .map(id -> receipt + " is of execution '" + id + "', whose run may not have ended: its file and that of"
                        + " execution '" + executionId
                        + "' have one name here. Give the executions ids that differ in more"
                        + " than case, or delete the file");
    }
}
