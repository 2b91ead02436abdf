package io.pdata.replication;

import io.pdata.core.transaction.BlockReader;
import io.pdata.thin.BlockTime;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;

/**
 * Names the content of a volume of a pool that has no names for it, such as the kernel's: made of where all its blocks are,
 * since when, and of the beginnings of some of them. As long as nobody writes to the volume it stays the same; another
 * volume, or one in another pool, has another.
 *
 * <p>Writing in place, as the kernel does to blocks that are a volume's alone, need not change it. O(mappings).
 */
final class Fingerprint {
    private static final int SAMPLES = 64;
    private static final int SAMPLE_BYTES = 4096;
    private static final int MAPPINGS_AT_A_TIME = 4096;

    private final ImageSource source;
    private final MessageDigest sha;
    private final ByteBuffer buffer = ByteBuffer.allocate(2 * Long.BYTES * MAPPINGS_AT_A_TIME);
    /** Data blocks, evenly spread over the mappings. */
    private final long[] samples = new long[2 * SAMPLES];
    private int sampled;
    private long every = 1;
    private long mappings;
    private long blocks;

    Fingerprint(ImageSource source, BlockReader metadata, long root) {
        this.source = source;
        try {
            this.sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        new DeviceWalk(metadata, new DeviceWalk.Visitor() {
            @Override
            public boolean mapping(long virtualBlock, long value) {
                add(virtualBlock, value);
                return true;
            }

            @Override
            public boolean lost(long first, long last, String why) {
                digest(first, last);
                return true;
            }
        }).walk(root, 0);
        sha.update(buffer.flip());
        byte[] sample = new byte[SAMPLE_BYTES];
        for (int i = 0; i < sampled; i++) {
            if (source.peek(samples[i], sample)) {
                sha.update(sample);
            }
        }
    }

    private void digest(long one, long other) {
        if (!buffer.hasRemaining()) {
            sha.update(buffer.flip());
            buffer.clear();
        }
        buffer.putLong(one).putLong(other);
    }

    private void add(long virtualBlock, long value) {
        digest(virtualBlock, value);
        if (Long.compareUnsigned(virtualBlock, source.blockLimit()) < 0) {
            blocks = virtualBlock + 1;
        }
        if (mappings++ % every == 0) {
            samples[sampled++] = BlockTime.block(value);
            if (sampled == samples.length) {
                thinOut();
            }
        }
    }

    /** Keeps every other sample. */
    private void thinOut() {
        for (int i = 0; i < SAMPLES; i++) {
            samples[i] = samples[2 * i];
        }
        Arrays.fill(samples, SAMPLES, samples.length, 0);
        sampled = SAMPLES;
        every *= 2;
    }

    /** How far the volume reaches, in blocks. */
    long blocks() {
        return blocks;
    }

    /** The name of the content; to be called once. */
    UUID id(long size) {
        sha.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(size).putLong(source.blockBytes()).flip());
        ByteBuffer digest = ByteBuffer.wrap(sha.digest());
        long most = digest.getLong() & ~0xf000L | 0x8000L; // version 8: made in a way of one's own (RFC 9562)
        long least = digest.getLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(most, least);
    }
}
