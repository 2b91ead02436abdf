package io.pdata.replication;

import io.pdata.thin.Difference;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.Volume;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * A volume of a pool that is open here. One that is written to is sent as it is at this moment: by a snapshot that nobody
 * sees and that is deleted afterwards. What is sent, and what it is compared with, cannot be deleted meanwhile.
 *
 * <p>Looks at the metadata for a few thousand ranges at a time, so that no state of them is kept for long. Costs O(what has
 * changed since the base), or O(mappings) if the volume is sent whole.
 */
public final class PoolSource implements VolumeSource {
    private static final int RANGES_AT_A_TIME = 4096;
    private static final int SAMPLES = 64;
    private static final int SAMPLE_BYTES = 4096;

    private final NamedPool pool;
    private final NamedVolume volume;
    private final NamedVolume base;
    private final String passing;
    private final SentVolume about;
    private final long blockBytes;
    private Volume open;
    private Volume openBase;

    private PoolSource(NamedPool pool, NamedVolume volume, NamedVolume base, String passing, String name) {
        this.pool = pool;
        this.volume = volume;
        this.base = base;
        this.passing = passing;
        this.blockBytes = pool.pool().blockBytes();
        UUID content = volume.content() == null ? UUID.randomUUID() : volume.content();
        this.about = new SentVolume(name, volume.size(), content, base == null ? "" : base.name(),
                base == null ? null : base.content());
    }

    /**
     * Begins to send.
     *
     * @param since a snapshot that the receiver has; null: the volume is sent whole
     * @throws ThinRequestException UNKNOWN_DEVICE; INVALID: {@code since} can be written to, so that nobody knows whether the
     *         receiver has the same
     */
    public static PoolSource open(NamedPool pool, String name, String since) {
        NamedVolume volume = required(pool, name);
        NamedVolume base = since == null ? null : required(pool, since);
        if (base != null && base.content() == null) {
            throw new ThinRequestException(Reason.INVALID,
                    "'" + since + "' can be written to: only what has changed since a read-only snapshot can be sent");
        }
        PoolSource source = volume.content() != null
                ? new PoolSource(pool, volume, base, null, name)
                : ofPassing(pool, volume, base);
        try {
            source.openVolumes();
            return source;
        } catch (RuntimeException e) {
            try (source) {
                throw e;
            }
        }
    }

    private static NamedVolume required(NamedPool pool, String name) {
        return pool.find(name).orElseThrow(() -> new ThinRequestException(Reason.UNKNOWN_DEVICE,
                "there is no volume '" + name + "'"));
    }

    private static PoolSource ofPassing(NamedPool pool, NamedVolume volume, NamedVolume base) {
        String passing = "sending-" + UUID.randomUUID();
        NamedVolume snapshot = pool.begin(passing, volume.size(), volume, NamedVolume.PASSING);
        return new PoolSource(pool, snapshot, base, passing, volume.name());
    }

    private void openVolumes() {
        open = passing == null ? pool.open(volume) : pool.openUnfinished(passing);
        openBase = base == null ? null : pool.open(base);
    }

    @Override
    public SentVolume about() {
        return about;
    }

    @Override
    public long dataBytes(long position) {
        if (base == null && position == 0 && volume.externalOrigin().isEmpty()) {
            return Math.min(volume.size(), pool.pool().details(volume.id()).mappedBlocks() * blockBytes);
        }
        long[] bytes = {0};
        ranges(position, (kind, _, length) -> {
            bytes[0] += kind == Kind.DATA ? length : 0;
            return true;
        });
        return bytes[0];
    }

    private record Range(Kind kind, long position, long length) {}

    @Override
    public void ranges(long position, Visitor visitor) {
        Ranges joined = new Ranges(position, volume.size(), visitor);
        if (base == null && !volume.externalOrigin().isEmpty()) {
            joined.visit(Kind.DATA, position, volume.size() - position);
        } else {
            visitMapped(position / blockBytes, joined);
        }
        joined.finish();
    }

    private void visitMapped(long begin, Ranges joined) {
        long end = Math.ceilDiv(volume.size(), blockBytes);
        long odd = oddBlock();
        if (odd < begin || odd >= end) {
            visitMapped(begin, end, joined);
        } else if (visitMapped(begin, odd, joined) && joined.visit(Kind.DATA, odd * blockBytes, blockBytes)) {
            visitMapped(odd + 1, end, joined);
        }
    }

    /** A block of which the base has a part only, so that nobody knows what the receiver has in the rest of it; or -1. */
    private long oddBlock() {
        return base != null && base.size() < volume.size() && base.size() % blockBytes != 0
                ? base.size() / blockBytes
                : -1;
    }

    private boolean visitMapped(long begin, long end, Ranges joined) {
        long next = begin;
        while (next < end) {
            List<Range> some = new ArrayList<>();
            next = compare(next, end, some);
            for (Range range : some) {
                if (!joined.visit(range.kind(), range.position(), range.length())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Returns where to go on. */
    private long compare(long begin, long end, List<Range> found) {
        long[] next = {end};
        Kind removed = volume.externalOrigin().isEmpty() ? Kind.HOLE : Kind.DATA;
        try (NamedPool.Moment moment = pool.openMoment()) {
            // A volume compared with itself has all its mappings the same.
            moment.view().compare(base == null ? volume.id() : base.id(), volume.id(), begin, end, base == null,
                    (difference, block, length, _, _) -> {
                        if (found.size() == RANGES_AT_A_TIME) {
                            next[0] = block;
                            return false;
                        }
                        found.add(new Range(difference == Difference.LEFT_ONLY ? removed : Kind.DATA,
                                block * blockBytes, length * blockBytes));
                        return true;
                    });
        }
        return next[0];
    }

    /** Of mapped blocks that are picked at random. */
    @Override
    public List<BaseSample> baseSamples() {
        List<BaseSample> samples = new ArrayList<>();
        if (base == null) {
            return samples;
        }
        long[] block = new long[1];
        long end = Math.min(base.size(), volume.size());
        SplittableRandom random = new SplittableRandom();
        try (NamedPool.Moment moment = pool.openMoment()) {
            for (int i = 0; i < SAMPLES; i++) {
                long from = random.nextLong(Math.ceilDiv(end, blockBytes));
                boolean found = moment.view().nextMappings(base.id(), from, block, new long[1]) > 0
                        || moment.view().nextMappings(base.id(), 0, block, new long[1]) > 0;
                long at = found
                        ? block[0] * blockBytes + random.nextLong(blockBytes / SAMPLE_BYTES) * SAMPLE_BYTES
                        : end;
                if (at + SAMPLE_BYTES <= end) {
                    samples.add(sample(at));
                }
            }
        }
        return samples;
    }

    private BaseSample sample(long position) {
        byte[] bytes = new byte[SAMPLE_BYTES];
        openBase.read(position, MemorySegment.ofArray(bytes));
        return BaseSample.of(position, bytes);
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) {
        open.read(position, MemorySegment.ofArray(target).asSlice(offset, length));
    }

    @Override
    public void close() {
        try (Volume _ = open; Volume _ = openBase) {
            open = null;
            openBase = null;
        }
        if (passing != null) {
            pool.abandon(passing);
        }
    }
}
