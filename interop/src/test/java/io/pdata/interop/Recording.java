package io.pdata.interop;

import io.pdata.core.block.Bytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A recording in the making: a list of operations, and beside it the shell script that has a kernel do the same. The
 * guest copies the metadata device to a second disk wherever the list says "image".
 */
abstract class Recording {
    private final Path folder;
    private final String name;
    private final long imageBytes;
    private final char firstDisk;
    private final List<String> operations = new ArrayList<>();
    private final StringBuilder script = new StringBuilder();
    private int images;

    /**
     * @param name of the list, and of the devices in the guest
     * @param imageBlocks metadata blocks of every image, a multiple of 16
     * @param firstDisk the letter of the guest's disk for the metadata; that for the images follows, then others
     */
    Recording(Path folder, String name, long imageBlocks, char firstDisk) {
        this.folder = folder;
        this.name = name;
        this.imageBytes = imageBlocks * Bytes.BLOCK_SIZE;
        this.firstDisk = firstDisk;
    }

    final String name() {
        return name;
    }

    final String script() {
        return script.toString();
    }

    /** The guest's disk with an index: 0 has the metadata. */
    final String disk(int index) {
        return "/dev/vd" + (char) (firstDisk + index);
    }

    /** A line of the list. */
    final void operation(String format, Object... arguments) {
        operations.add(format.formatted(arguments));
    }

    /** A line of the script. */
    final void guest(String format, Object... arguments) {
        script.append(format.formatted(arguments)).append('\n');
    }

    /** An image of the metadata device as it is on the disk now. */
    final void image() {
        operation("image %s-%d", name, ++images);
        guest("dd if=%s of=%s bs=65536 seek=%d iflag=direct conv=notrunc 2>/dev/null", disk(0), disk(1),
                (images - 1) * imageBytes / 65536);
    }

    /** Makes the disks, sparse: metadata, images, and what else the recording needs. */
    final List<Path> disks(long... otherBytes) {
        List<Path> disks = new ArrayList<>(List.of(disk("meta", imageBytes), disk("images", images * imageBytes)));
        for (int i = 0; i < otherBytes.length; i++) {
            disks.add(disk("disk" + i, otherBytes[i]));
        }
        return disks;
    }

    private Path disk(String kind, long bytes) {
        Path disk = folder.resolve(name + "." + kind);
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk;
    }

    /** Writes the list and, beside it, the images that the guest has taken; returns the list. */
    final Path finish() {
        try (RandomAccessFile taken = new RandomAccessFile(folder.resolve(name + ".images").toFile(), "r")) {
            byte[] image = new byte[(int) imageBytes];
            for (int i = 1; i <= images; i++) {
                taken.readFully(image);
                Files.write(folder.resolve(name + "-" + i + ".img"), image);
            }
            return Files.write(folder.resolve(name + ".ops"), operations);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
