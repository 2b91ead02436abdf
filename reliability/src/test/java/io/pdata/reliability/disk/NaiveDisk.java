package io.pdata.reliability.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * The simplest model of power cuts: the set of all images that a crash could leave, each kept whole. Only for disks of few
 * sectors and few unflushed writes.
 */
final class NaiveDisk {
    private static final int SECTOR = SimulatedDisk.SECTOR_SIZE;

    private byte[] content;
    /** The images at each write since the last flush, that at the flush first. */
    private final Set<ByteBuffer> possible = new HashSet<>();

    NaiveDisk(byte[] image) {
        content = image.clone();
        possible.add(ByteBuffer.wrap(image.clone()));
    }

    void write(int position, byte[] data) {
        System.arraycopy(data, 0, content, position, data.length);
        int first = position / SECTOR;
        int last = (position + data.length - 1) / SECTOR;
        for (int sector = first; sector <= last; sector++) {
            Set<ByteBuffer> more = new HashSet<>();
            for (ByteBuffer image : possible) {
                byte[] changed = image.array().clone();
                System.arraycopy(content, sector * SECTOR, changed, sector * SECTOR, SECTOR);
                more.add(ByteBuffer.wrap(changed));
            }
            possible.addAll(more);
        }
    }

    void flush() {
        possible.clear();
        possible.add(ByteBuffer.wrap(content.clone()));
    }

    byte[] content() {
        return content;
    }

    Set<String> images() {
        return texts(possible);
    }

    static Set<String> texts(Set<ByteBuffer> images) {
        Set<String> texts = new TreeSet<>();
        images.forEach(image -> texts.add(Arrays.toString(image.array())));
        return texts;
    }
}
