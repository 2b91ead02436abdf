package io.pdata.thin.pool;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.FileDevice.Access;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Creates the files of a pool in a folder of their own inside the pool's folder, and moves them to their places when they are
 * complete; {@code metadata} is moved last. A process that is killed leaves either nothing that counts, which the next one
 * removes, or a pool that is complete, whose move the next one finishes.
 *
 * <p>Deletes nothing outside of the folder {@value #BUILDING}, and no file in there that has another name than those that this
 * class creates.
 */
final class PoolCreation {
    private static final String BUILDING = ".new-pool";
    private static final String COMPLETE = "complete";
    private static final FileAttribute<?> OWNER_ONLY = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final LinkOption NO_LINKS = LinkOption.NOFOLLOW_LINKS;

    private final Path folder;
    private final Path building;
    private final boolean newFolder;

    private PoolCreation(Path folder, boolean newFolder) {
        this.folder = folder;
        this.building = folder.resolve(BUILDING);
        this.newFolder = newFolder;
    }

    /**
     * Begins to create a pool; creates a missing folder.
     *
     * @throws DeviceException if there is a pool, or a file with a name that the pool needs
     */
    static PoolCreation begin(Path folder) throws IOException {
        boolean newFolder = !Files.exists(folder);
        if (newFolder) {
            Files.createDirectories(folder, OWNER_ONLY);
        }
        settle(folder);
        PoolCreation creation = new PoolCreation(folder, newFolder);
        requireFree(folder);
        Files.createDirectory(creation.building, OWNER_ONLY);
        return creation;
    }

    private static void requireFree(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(PoolCreation::isOurs).findFirst().ifPresent(file -> {
                throw new DeviceException(file + ": exists already");
            });
        }
    }

    private static boolean isOurs(Path file) {
        String name = file.getFileName().toString();
        return name.equals(PoolFiles.METADATA) || name.equals(PoolFiles.DATA) || name.equals(PoolFiles.LOG)
                || NamesFile.isName(name);
    }

    /** Where the files are created. */
    Path building() {
        return building;
    }

    /** Everything is there and durable: from now on a crash does not undo it. */
    void complete() throws IOException {
        sync(building);
        Files.createFile(building.resolve(COMPLETE));
        sync(building);
    }

    /** Moves the files to their places; they must have been closed. */
    void publish() throws IOException {
        publish(folder);
    }

    /** Removes all created files after a failure. */
    void undo(Throwable why) {
        try {
            remove(building);
            if (newFolder) {
                Files.delete(folder);
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /**
     * Finishes or removes an interrupted creation.
     *
     * @throws DeviceBusyException if another process is creating a pool in the folder
     */
    static void settle(Path folder) throws IOException {
        Path building = folder.resolve(BUILDING);
        if (!Files.exists(building, NO_LINKS)) {
            return;
        }
        if (!Files.isDirectory(building, NO_LINKS)) {
            throw new DeviceException(building + ": is not a folder; pools are created there, so move it away");
        }
        requireUnused(building.resolve(PoolFiles.METADATA));
        if (Files.exists(building.resolve(COMPLETE), NO_LINKS)) {
            publish(folder);
        } else {
            remove(building);
        }
    }

    private static void requireUnused(Path metadata) {
        if (!Files.exists(metadata, NO_LINKS)) {
            return;
        }
        try (FileDevice _ = FileDevice.openUnlinked(metadata, Access.READ_WRITE)) {
            return;
        } catch (DeviceBusyException e) {
            throw new DeviceBusyException(metadata + ": another process is creating a pool here");
        }
    }

    private static void publish(Path folder) throws IOException {
        Path building = folder.resolve(BUILDING);
        for (Path file : created(building)) {
            move(file, folder.resolve(file.getFileName()));
        }
        sync(folder);
        Files.deleteIfExists(building.resolve(COMPLETE));
        Files.deleteIfExists(building);
    }

    /** Another process may be moving the same files, and be ahead. */
    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to);
        } catch (NoSuchFileException e) {
            if (!Files.exists(to, NO_LINKS)) {
                throw e;
            }
        } catch (FileAlreadyExistsException e) {
            throw new FileSystemException(to.toString(), null,
                    "exists already; move it away, and the creation of the pool is finished");
        }
    }

    /** The files of a pool in a folder, {@code metadata} last. */
    private static List<Path> created(Path building) throws IOException {
        try (Stream<Path> files = Files.list(building)) {
            return files.filter(PoolCreation::isOurs)
                    .sorted(Comparator.comparing(file -> file.endsWith(PoolFiles.METADATA))).toList();
        }
    }

    private static void remove(Path building) throws IOException {
        for (Path file : created(building)) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(building.resolve(COMPLETE));
        try {
            Files.deleteIfExists(building);
        } catch (DirectoryNotEmptyException e) {
            throw new FileSystemException(building.toString(), null,
                    "holds files that no creation of a pool has left; move them away");
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
