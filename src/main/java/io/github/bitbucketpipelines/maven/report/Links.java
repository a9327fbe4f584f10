package io.github.bitbucketpipelines.maven.report;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Distinguishes files and directories from links. The output directory and those above it may be links; below it, nothing is read,
 * written or deleted through one: the user of a machine that others share would change files of the others' choice.
 */
final class Links {
    private Links() {}

    /** Whether it is a file itself, and no link to one. */
    static boolean isFile(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether something has this name, also a link that leads nowhere. */
    static boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether it is a directory itself, and neither a link to one nor a junction of Windows. */
    static boolean isDirectory(Path directory) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isDirectory() && !attributes.isOther();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Creates a directory below the output directory, with all between them.
     *
     * @throws IOException if it can't be created, or something else has its name, such as a link
     */
    static void createDirectories(Path outputDirectory, Path directory) throws IOException {
        Files.createDirectories(outputDirectory);
        Path current = outputDirectory;
        for (Path name : outputDirectory.relativize(directory)) {
            current = current.resolve(name);
            try {
                Files.createDirectory(current);
            } catch (FileAlreadyExistsException e) {
                requireDirectory(current);
            }
        }
    }

    /**
     * Checks that a directory is one itself.
     *
     * @throws IOException if it is a link, or something else
     */
    static void requireDirectory(Path directory) throws IOException {
        if (!isDirectory(directory)) {
            throw new IOException(directory
                    + (Files.isDirectory(directory)
                            ? " is a link, and nothing is written or deleted through it; delete it"
                            : " is not a directory; delete it"));
        }
    }

    /** Whether a file is below this directory, and is reached without a link. */
    static boolean isFileBelow(Path directory, Path file) {
        if (!file.startsWith(directory) || !isFile(file)) {
            return false;
        }
        Path parent = file.getParent();
        while (!parent.equals(directory)) {
            if (!isDirectory(parent)) {
                return false;
            }
            parent = parent.getParent();
        }
        return true;
    }
}
