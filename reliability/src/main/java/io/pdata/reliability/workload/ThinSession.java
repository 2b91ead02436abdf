package io.pdata.reliability.workload;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.space.NoSpaceException;
import io.pdata.reliability.workload.ThinContent.Volume;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Drives a pool's metadata. */
final class ThinSession extends ModelSession<ThinContent> {
    private static final int METADATA_STEP = 8;
    private static final int DATA_STEP = 50;
    private static final int MAX_GROWTH = 8;

    private final ThinShape shape;
    private final Device device;
    private final ThinMetadata metadata;
    private final SortedMap<Long, Volume> volumes = new TreeMap<>();
    private int time;
    private long transactionId;
    private long dataBlocks;
    private long metadataBlocks;
    private ThinContent held;
    private boolean mayCommit;
    private final BitSet committedData = new BitSet();
    private ThinContent committedDataOf;

    ThinSession(ThinShape shape, Device device, ThinMetadata metadata, ThinContent content,
            Journal<ThinContent> journal) {
        super(content, journal);
        this.shape = shape;
        this.device = device;
        this.metadata = metadata;
        metadata.beforeCommit(() -> {
            if (!mayCommit) {
                throw new IllegalStateException("a commit by itself: the metadata device is too small for this shape");
            }
        });
        become(content);
    }

    private void become(ThinContent content) {
        volumes.clear();
        volumes.putAll(ThinContent.copy(content.volumes()));
        time = content.time();
        transactionId = content.transactionId();
        dataBlocks = content.dataBlocks();
        metadataBlocks = content.metadataBlocks();
        held = content.held();
    }

    @Override
    public ThinContent content() {
        return new ThinContent(time, transactionId, dataBlocks, metadataBlocks, ThinContent.copy(volumes), held);
    }

    @Override
    public ThinContent observed() {
        return ThinContent.read(metadata);
    }

    /** Every commit has another transaction id, so that no two contents are the same by chance. */
    @Override
    void commit() {
        metadata.setTransactionId(transactionId, transactionId + 1);
        transactionId++;
        committing(content(), () -> during(metadata::commit));
    }

    private void during(Runnable commit) {
        mayCommit = true;
        commit.run();
        mayCommit = false;
    }

    @Override
    void abort() {
        metadata.abort();
        become(committed());
    }

    @Override
    boolean change(Step step, SplittableRandom random) {
        return changed(switch (step) {
        case INSERT -> insert(random);
        case OVERWRITE -> overwrite(random);
        case REMOVE -> remove(random);
        case CLONE -> volumes.isEmpty() ? createThin() : createSnapshot(random);
        case DELETE -> delete(random);
        case EXTEND -> extend();
        case RESERVE -> reserve();
        case RELEASE -> release();
        default -> throw new IllegalArgumentException(step.toString());
        });
    }

    private long volume(SplittableRandom random) {
        return new ArrayList<>(volumes.keySet()).get(random.nextInt(volumes.size()));
    }

    private boolean insert(SplittableRandom random) {
        if (volumes.isEmpty()) {
            return false;
        }
        List<Long> into = shape.everywhere() ? List.copyOf(volumes.keySet()) : List.of(volume(random));
        long first = random.nextInt(shape.virtualBlocks());
        int count = 1 + random.nextInt(shape.insertRun());
        boolean inserted = false;
        for (long id : into) {
            SortedMap<Long, Long> mappings = volumes.get(id).mappings();
            List<Long> blocks = new ArrayList<>();
            for (int i = 0; i < shape.virtualBlocks() && blocks.size() < count; i++) {
                long block = (first + i) % shape.virtualBlocks();
                if (!mappings.containsKey(block)) {
                    blocks.add(block);
                }
            }
            inserted |= map(id, blocks);
        }
        return inserted;
    }

    /** Maps the first blocks of a volume. */
    void fill(long id, int count) {
        map(id, LongStream.range(0, count).boxed().toList());
        changed(true);
    }

    private boolean overwrite(SplittableRandom random) {
        if (volumes.isEmpty()) {
            return false;
        }
        long id = volume(random);
        long first = random.nextInt(shape.virtualBlocks());
        return map(id, volumes.get(id).mappings().tailMap(first).keySet().stream()
                .limit(1 + random.nextInt(shape.insertRun())).toList());
    }

    /** Maps blocks to newly allocated ones, until there are no more. */
    private boolean map(long id, List<Long> blocks) {
        SortedMap<Long, Long> mappings = volumes.get(id).mappings();
        ThinDevice thin = metadata.openDevice(id);
        boolean mapped;
        try {
            mapped = map(thin, mappings, blocks);
        } finally {
            metadata.closeDevice(thin);
        }
        if (mapped) {
            volumes.put(id, volumes.get(id).counted());
        }
        return mapped;
    }

    private boolean map(ThinDevice thin, SortedMap<Long, Long> mappings, List<Long> blocks) {
        boolean mapped = false;
        for (Iterator<Long> rest = blocks.iterator(); rest.hasNext();) {
            long block = rest.next();
            long data;
            try {
                data = metadata.allocateDataBlock();
            } catch (NoSpaceException e) {
                break; // of data blocks: the transaction is as good as before
            }
            Judgement.require(!committedData().get((int) data), "data block %d is in use since the last commit", data);
            metadata.insert(thin, block, data);
            mappings.put(block, BlockTime.pack(data, time));
            mapped = true;
        }
        return mapped;
    }

    /** The data blocks of the last commit: none of them may be handed out, since they are needed after a crash. */
    private BitSet committedData() {
        if (committedDataOf != committed()) {
            committedDataOf = committed();
            committedData.clear();
            collectData(committedDataOf);
            if (committedDataOf.held() != null) {
                collectData(committedDataOf.held());
            }
        }
        return committedData;
    }

    private void collectData(ThinContent content) {
        content.volumes().values().forEach(volume -> volume.mappings().values()
                .forEach(mapping -> committedData.set((int) BlockTime.block(mapping))));
    }

    private boolean remove(SplittableRandom random) {
        if (volumes.isEmpty()) {
            return false;
        }
        long id = volume(random);
        SortedMap<Long, Long> mappings = volumes.get(id).mappings();
        long begin = random.nextInt(shape.virtualBlocks());
        long end = begin + 1 + random.nextInt(shape.removeRun());
        SortedMap<Long, Long> range = mappings.subMap(begin, end);
        if (range.isEmpty()) {
            return false;
        }
        ThinDevice thin = metadata.openDevice(id);
        long removed;
        try {
            removed = metadata.removeRange(thin, begin, end);
        } finally {
            metadata.closeDevice(thin);
        }
        Judgement.require(removed == range.size(), "%d mappings removed, not %d", removed, range.size());
        range.clear();
        volumes.put(id, volumes.get(id).counted());
        return true;
    }

    private long newId() {
        long id = 0;
        while (volumes.containsKey(id)) {
            id++;
        }
        return id;
    }

    boolean createThin() {
        if (volumes.size() == shape.volumes()) {
            return false;
        }
        long id = newId();
        metadata.createThin(id);
        volumes.put(id, new Volume(0, transactionId, time, time, new TreeMap<>()));
        return changed(true);
    }

    private boolean createSnapshot(SplittableRandom random) {
        if (volumes.size() == shape.volumes()) {
            return false;
        }
        long id = newId();
        long origin = volume(random);
        metadata.createSnapshot(id, origin);
        time++;
        Volume source = volumes.get(origin).snapshottedAt(time);
        volumes.put(origin, source);
        volumes.put(id, new Volume(source.mapped(), transactionId, time, time, new TreeMap<>(source.mappings())));
        return true;
    }

    private boolean delete(SplittableRandom random) {
        if (volumes.isEmpty()) {
            return false;
        }
        long id = volume(random);
        metadata.delete(id);
        volumes.remove(id);
        return true;
    }

    /** Enlarges both devices. */
    boolean extend() {
        if (metadataBlocks >= shape.metadataBlocks() + MAX_GROWTH * METADATA_STEP) {
            return false;
        }
        long blocks = metadataBlocks + METADATA_STEP;
        if (device.size() < blocks * Bytes.BLOCK_SIZE) {
            device.resize(blocks * Bytes.BLOCK_SIZE, false);
        }
        metadata.space().resizeMetadata(blocks);
        metadataBlocks = blocks;
        resizeData(dataBlocks + DATA_STEP);
        return true;
    }

    void resizeData(long blocks) {
        metadata.space().resizeData(blocks);
        dataBlocks = blocks;
        changed(true);
    }

    private boolean reserve() {
        if (held != null) {
            return false;
        }
        if (metadata.changed()) {
            committing(content(), () -> during(metadata::reserveMetadataSnapshot));
        } else {
            metadata.reserveMetadataSnapshot();
        }
        held = committed().asHeld();
        return true;
    }

    private boolean release() {
        if (held == null) {
            return false;
        }
        metadata.releaseMetadataSnapshot();
        held = null;
        return true;
    }

    @Override
    public void close() {
        metadata.close();
    }
}
