package io.github.bitbucketpipelines.maven.report;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lock of a receipt and of the reports beside it: two builds that write them at the same time would lose one of two runs.
 * The operating system ends it with the process. Its file is {@code EXECUTION-ID.lock}, and is deleted at the end.
 */
public final class ReceiptLock implements AutoCloseable {
    /** The files that this JVM has locked: to open one of them again, and to close it, would end the lock on Unix. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private ReceiptLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Locks a receipt; empty if another process, or another build of this one, has the lock.
     *
     * @throws IOException if the file can't be written, or its file system has no locks
     */
    public static Optional<ReceiptLock> acquire(Path receipt) throws IOException {
        String name = receipt.getFileName().toString();
        Path file = receipt.resolveSibling(
                (name.endsWith(".json") ? name.substring(0, name.length() - ".json".length()) : name) + ".lock");
        Path held = file.toAbsolutePath().normalize();
        Files.createDirectories(held.getParent());
        if (!HELD.add(held)) {
            return Optional.empty();
        }
        Optional<ReceiptLock> lock = Optional.empty();
        try {
            lock = lock(held);
            return lock;
        } finally {
            if (lock.isEmpty()) {
                HELD.remove(held);
            }
        }
    }

    private static Optional<ReceiptLock> lock(Path file) throws IOException {
        while (true) {
            try {
                Object created = createKey(file);
                // It is never written to: it may be a hard link to another file.
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                boolean isLocked = false;
                try {
                    if (channel.tryLock() == null) {
                        return Optional.empty();
                    }
                    isLocked = Objects.equals(created, key(file));
                    if (isLocked) {
                        return Optional.of(new ReceiptLock(file, channel));
                    }
                } finally {
                    if (!isLocked) {
                        channel.close();
                    }
                }
            } catch (OverlappingFileLockException e) {
                // Another class realm of this JVM has it.
                return Optional.empty();
            } catch (NoSuchFileException e) {
                // Its last owner has deleted it: another one is created.
            }
        }
    }

    private static Object createKey(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // A build that was killed has left it, or one that runs has it.
        }
        return key(file);
    }

    /** What distinguishes the file from an earlier one of its name; null on Windows, where none can have the name of an open one. */
    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(file);
        } finally {
            HELD.remove(file);
        }
    }
}
