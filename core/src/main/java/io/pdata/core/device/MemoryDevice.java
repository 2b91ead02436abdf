package io.pdata.core.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A device in memory, for tests and for metadata that need not outlive the process. Storage is taken a chunk at a time
 * as it is written; chunks never written read as zeroes. Flushing does nothing. Thread-safe in the sense of
 * {@link Device}.
 */
public final class MemoryDevice implements Device {
    private static final int CHUNK = 1 << 16;

    private final String name;
    private volatile byte[][] chunks;
    private volatile long size;
    private volatile boolean closed;

    public MemoryDevice(long size) {
        this("memory", size);
    }

    public MemoryDevice(String name, long size) {
        this.name = name;
        resize(size, false);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean inMemory() {
        return true;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public void read(long position, MemorySegment target) {
        check(position, target.byteSize());
        forEachPiece(position, target.byteSize(), (chunk, at, done, length) -> {
            byte[] bytes = chunks[chunk];
            MemorySegment piece = target.asSlice(done, length);
            if (bytes == null) {
                piece.fill((byte) 0);
            } else {
                piece.copyFrom(MemorySegment.ofArray(bytes).asSlice(at, length));
            }
        });
    }

    @Override
    public void write(long position, MemorySegment source) {
        check(position, source.byteSize());
        forEachPiece(position, source.byteSize(), (chunk, at, done, length) -> MemorySegment.ofArray(writable(chunk))
                .asSlice(at, length).copyFrom(source.asSlice(done, length)));
    }

    @Override
    public void flush() {
        check(0, 0);
    }

    @Override
    public void discard(long position, long length) {
        zero(position, length);
    }

    @Override
    public void zero(long position, long length) {
        check(position, length);
        forEachPiece(position, length, (chunk, at, done, piece) -> {
            if (piece == CHUNK) {
                chunks[chunk] = null;
            } else if (chunks[chunk] != null) {
                MemorySegment.ofArray(chunks[chunk]).asSlice(at, piece).fill((byte) 0);
            }
        });
    }

    @Override
    public long nextData(long position) {
        Objects.checkIndex(position, size + 1);
        long at = position;
        while (at < size && chunks[(int) (at / CHUNK)] == null) {
            at = (at / CHUNK + 1) * CHUNK;
        }
        return Math.min(at, size);
    }

    @Override
    public synchronized void resize(long newSize, boolean reserve) {
        if (newSize < size) {
            zero(newSize, size - newSize);
        }
        byte[][] grown = new byte[Math.toIntExact((newSize + CHUNK - 1) / CHUNK)][];
        if (chunks != null) {
            System.arraycopy(chunks, 0, grown, 0, Math.min(chunks.length, grown.length));
        }
        chunks = grown;
        size = newSize;
    }

    /** A copy of the content as it is now, for example to look at it as a crash would have left it. */
    public MemoryDevice copy() {
        MemoryDevice twin = new MemoryDevice(name + " (copy)", size);
        for (int i = 0; i < chunks.length; i++) {
            twin.chunks[i] = chunks[i] == null ? null : chunks[i].clone();
        }
        return twin;
    }

    /** Keeps the content; only further use is refused. */
    @Override
    public void close() {
        closed = true;
    }

    /** Makes a closed device usable again, as if the same file were opened anew. */
    public MemoryDevice reopen() {
        closed = false;
        return this;
    }

    private synchronized byte[] writable(int chunk) {
        if (chunks[chunk] == null) {
            chunks[chunk] = new byte[CHUNK];
        }
        return chunks[chunk];
    }

    private void check(long position, long length) {
        if (closed) {
            throw new DeviceException(name + " is closed");
        }
        Objects.checkFromIndexSize(position, length, size);
    }

    private interface Piece {
        void accept(int chunk, int at, long done, int length);
    }

    private static void forEachPiece(long position, long length, Piece piece) {
        for (long done = 0; done < length;) {
            int at = (int) ((position + done) % CHUNK);
            int n = (int) Math.min(CHUNK - at, length - done);
            piece.accept((int) ((position + done) / CHUNK), at, done, n);
            done += n;
        }
    }
}
