package io.pdata.interop.tools;

import io.pdata.core.device.FileDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;

/** Damages metadata in files: a byte of a block is inverted, so that its checksum is wrong. */
final class Harm {
    private static final int BLOCK = 4096;
    private static final int BYTE = 100;

    private Harm() {}

    /** Makes a file that is a hole. */
    static void blank(Path file, long size) throws IOException {
        Files.deleteIfExists(file);
        FileDevice.create(file, size).close();
    }

    static void breakBlocks(Path metadata, long... blocks) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(metadata.toFile(), "rw")) {
            for (long block : blocks) {
                file.seek(block * BLOCK + BYTE);
                int old = file.read();
                file.seek(block * BLOCK + BYTE);
                file.write(~old);
            }
        }
    }

    /** Breaks some of the blocks that have been written, up to seven, but not the superblock. */
    static void breakSome(Path metadata, Random random) throws IOException {
        byte[] bytes = Files.readAllBytes(metadata);
        long[] written = IntStream.range(1, bytes.length / BLOCK).filter(block -> isWritten(bytes, block))
                .asLongStream()
                .toArray();
        breakBlocks(metadata, random.ints(random.nextInt(1, 8), 0, written.length).distinct()
                .mapToLong(i -> written[i]).toArray());
    }

    private static boolean isWritten(byte[] bytes, int block) {
        return IntStream.range(block * BLOCK, (block + 1) * BLOCK).anyMatch(i -> bytes[i] != 0);
    }
}
