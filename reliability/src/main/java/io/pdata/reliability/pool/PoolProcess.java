package io.pdata.reliability.pool;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.ThinPool;
import io.pdata.thin.pool.Volume;
import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The process that is killed: it has a pool open, does what is asked of it on its standard input, by several threads at
 * once, and says on its standard output what it has done. Ends with its input.
 *
 * <p>A request is five numbers of eight bytes: tag, operation, volume, first sector, sectors; the answer is the tag, and for
 * a {@link #READ} the number in each sector. The tag of a write is what it writes. {@link #SNAPSHOT} has the new volume where
 * others have the first sector.
 */
public final class PoolProcess {
    static final int WRITE = 1;
    static final int DISCARD = 2;
    static final int FLUSH = 3;
    static final int SNAPSHOT = 4;
    static final int READ = 5;

    static final int SECTOR = 512;
    static final int VOLUME_SECTORS = 40 * 128 + 64;
    private static final int THREADS = 4;
    private static final int DATA_BLOCKS = 2000;
    private static final int METADATA_BLOCKS = 1024;

    private final ThinPool pool;
    private final OutputStream answers;

    private PoolProcess(ThinPool pool, OutputStream answers) {
        this.pool = pool;
        this.answers = answers;
    }

    /** Makes the pool that a process is to open, with one volume, 0. */
    static void format(Path folder) {
        try (ThinPool pool = ThinPool.format(FileDevice.create(folder.resolve("metadata"), METADATA_BLOCKS * 4096L),
                FileDevice.create(folder.resolve("data"), DATA_BLOCKS * 65_536L),
                FileDevice.create(folder.resolve("log"), 0), 128, PoolOptions.defaults(), PoolEvents.NONE)) {
            pool.createVolume(0);
        }
    }

    /** The argument is the folder. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        OutputStream answers = new FileOutputStream(FileDescriptor.out);
        try (ThinPool pool = ThinPool.open(open(folder, "metadata"), open(folder, "data"), open(folder, "log"),
                PoolOptions.defaults().withCommitPeriod(Duration.ofMillis(30)), PoolEvents.NONE);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            new PoolProcess(pool, answers).serve(new DataInputStream(System.in), threads);
        }
    }

    private static FileDevice open(Path folder, String file) {
        return FileDevice.open(folder.resolve(file), Access.READ_WRITE);
    }

    private void serve(DataInputStream requests, ExecutorService threads) throws IOException {
        byte[] request = new byte[5 * Long.BYTES];
        while (requests.readNBytes(request, 0, request.length) == request.length) {
            MemorySegment numbers = MemorySegment.ofArray(request.clone());
            threads.execute(() -> answer(numbers));
        }
    }

    private static long number(MemorySegment request, int index) {
        return request.get(Numbers.BIG_ENDIAN, (long) index * Long.BYTES);
    }

    private void answer(MemorySegment request) {
        long tag = number(request, 0);
        long id = number(request, 2);
        long first = number(request, 3);
        long count = number(request, 4);
        try {
            long[] read = perform((int) number(request, 1), tag, id, first, count);
            synchronized (answers) {
                byte[] answer = new byte[(1 + read.length) * Long.BYTES];
                MemorySegment bytes = MemorySegment.ofArray(answer);
                bytes.set(Numbers.BIG_ENDIAN, 0, tag);
                for (int i = 0; i < read.length; i++) {
                    bytes.set(Numbers.BIG_ENDIAN, (1L + i) * Long.BYTES, read[i]);
                }
                answers.write(answer);
                answers.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(3); // whoever asked sees that this process has ended by itself
        }
    }

    private long[] perform(int operation, long tag, long id, long first, long count) {
        if (operation == SNAPSHOT) {
            pool.createSnapshot(first, id);
            return new long[0];
        }
        try (Volume volume = pool.openVolume(id, (long) VOLUME_SECTORS * SECTOR, null)) {
            switch (operation) {
            case WRITE -> {
                MemorySegment bytes = MemorySegment.ofArray(new byte[(int) count * SECTOR]);
                for (long at = 0; at < bytes.byteSize(); at += Long.BYTES) {
                    bytes.set(Numbers.BIG_ENDIAN, at, tag);
                }
                volume.write(first * SECTOR, bytes);
            }
            case DISCARD -> volume.discard(first * SECTOR, count * SECTOR);
            case FLUSH -> volume.flush();
            case READ -> {
                return read(volume, first, (int) count);
            }
            default -> throw new IllegalArgumentException("operation " + operation);
            }
        }
        return new long[0];
    }

    private static long[] read(Volume volume, long first, int count) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[count * SECTOR]);
        volume.read(first * SECTOR, bytes);
        long[] sectors = new long[count];
        for (int i = 0; i < count; i++) {
            sectors[i] = bytes.get(Numbers.BIG_ENDIAN, (long) i * SECTOR);
        }
        return sectors;
    }
}
