package io.pdata.reliability.workload;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.space.NoSpaceException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Drives the library. */
final class LibrarySession extends ModelSession<LibraryContent> {
    private static final int METADATA_STEP = 8;
    private static final int DATA_STEP = 50;
    private static final int MAX_GROWTH = 8;
    private static final String DATA_SPACE_MAP = "data space map";

    private final LibraryWorkload workload;
    private final Device device;
    private final LibraryStore store;
    private List<SortedMap<Long, Long>> trees;
    private long metadataBlocks;
    private long dataBlocks;
    private final BitSet committedData = new BitSet();
    private LibraryContent committedDataOf;

    LibrarySession(LibraryWorkload workload, Device device, LibraryStore store, LibraryContent content,
            Journal<LibraryContent> journal) {
        super(content, journal);
        this.workload = workload;
        this.device = device;
        this.store = store;
        become(content);
    }

    private void become(LibraryContent content) {
        trees = LibraryContent.copy(content.trees());
        metadataBlocks = content.metadataBlocks();
        dataBlocks = content.dataBlocks();
    }

    @Override
    public LibraryContent content() {
        return content(committed().commits());
    }

    private LibraryContent content(long commits) {
        return new LibraryContent(commits, metadataBlocks, dataBlocks, LibraryContent.copy(trees));
    }

    @Override
    public LibraryContent observed() {
        return store.committed();
    }

    @Override
    void commit() {
        committing(content(committed().commits() + 1), store::commit);
    }

    @Override
    void abort() {
        store.abort();
        become(committed());
    }

    @Override
    boolean change(Step step, SplittableRandom random) {
        store.checkWritable();
        return changed(switch (step) {
        case INSERT -> insert(random);
        case OVERWRITE -> overwrite(random);
        case REMOVE -> remove(random);
        case CLONE -> cloneTree(random);
        case DELETE -> delete(random);
        case EXTEND -> extend();
        default -> throw new IllegalArgumentException(step.toString());
        });
    }

    /** One of the trees that there are, or that there are not; -1 for none. */
    private int choose(SplittableRandom random, boolean present) {
        int[] candidates = IntStream.range(0, workload.trees()).filter(i -> trees.get(i) != null == present).toArray();
        return candidates.length == 0 ? -1 : candidates[random.nextInt(candidates.length)];
    }

    /** Begins a tree with so many entries, from 0 on. */
    void plant(int which, int count) {
        store.root(which).moveTo(store.tree().empty().block());
        trees.set(which, new TreeMap<>());
        put(which, LongStream.range(0, count).map(i -> i * workload.spacing()).boxed().toList());
        changed(true);
    }

    void extendData(long extra) {
        store.dataMap().extend(extra);
        dataBlocks += extra;
        changed(true);
    }

    private boolean insert(SplittableRandom random) {
        int which = choose(random, true);
        if (which < 0) {
            plant(0, 1);
            return true;
        }
        List<Integer> into = workload.everywhere()
                ? IntStream.range(0, workload.trees()).filter(i -> trees.get(i) != null).boxed().toList()
                : List.of(which);
        long first = random.nextInt(workload.keys());
        int count = workload.everywhere() ? workload.insertRun() : 1 + random.nextInt(workload.insertRun());
        boolean inserted = false;
        for (int tree : into) {
            List<Long> keys = new ArrayList<>();
            for (int i = 0; i < workload.keys() && keys.size() < count; i++) {
                long key = (first + (long) i * workload.stride()) % workload.keys();
                if (!trees.get(tree).containsKey(key)) {
                    keys.add(key);
                }
            }
            inserted |= put(tree, keys);
        }
        return inserted;
    }

    private boolean overwrite(SplittableRandom random) {
        int which = choose(random, true);
        if (which < 0) {
            return false;
        }
        long first = random.nextInt(workload.keys());
        return put(which, trees.get(which).tailMap(first).keySet().stream()
                .limit(1 + random.nextInt(workload.insertRun())).toList());
    }

    private boolean put(int which, List<Long> keys) {
        boolean any = false;
        for (long key : keys) {
            long block;
            try {
                block = store.dataMap().newBlock();
            } catch (NoSpaceException e) {
                if (!e.spaceMap().equals(DATA_SPACE_MAP)) {
                    throw e;
                }
                break;
            }
            Judgement.require(!committedData().get((int) block), "data block %d is in use since the last commit",
                    block);
            boolean isNew = store.tree().insertLong(store.root(which), key, block);
            Judgement.require(isNew == (trees.get(which).put(key, block) == null), "whether key %d was new", key);
            any = true;
        }
        return any;
    }

    /** The data blocks of the last commit: none of them may be handed out, since they are needed after a crash. */
    private BitSet committedData() {
        if (committedDataOf != committed()) {
            committedDataOf = committed();
            committedData.clear();
            committedDataOf.trees().stream().filter(Objects::nonNull)
                    .forEach(tree -> tree.values().forEach(block -> committedData.set(block.intValue())));
        }
        return committedData;
    }

    private boolean remove(SplittableRandom random) {
        int which = choose(random, true);
        if (which < 0) {
            return false;
        }
        long first = random.nextInt(workload.keys());
        SortedMap<Long, Long> range = trees.get(which).subMap(first, first + 1 + random.nextInt(workload.removeRun()));
        boolean any = !range.isEmpty();
        range.keySet().forEach(key -> Judgement.require(store.tree().remove(store.root(which), key),
                "key %d was not there", key));
        range.clear();
        return any;
    }

    private boolean cloneTree(SplittableRandom random) {
        int from = choose(random, true);
        int to = choose(random, false);
        if (from < 0 || to < 0) {
            return false;
        }
        long root = store.root(from).block();
        store.transactions().inc(root);
        store.root(to).moveTo(root);
        trees.set(to, new TreeMap<>(trees.get(from)));
        return true;
    }

    private boolean delete(SplittableRandom random) {
        int which = choose(random, true);
        if (which < 0) {
            return false;
        }
        store.tree().delete(store.root(which).block());
        store.root(which).moveTo(0);
        trees.set(which, null);
        return true;
    }

    /** Enlarges both devices. */
    private boolean extend() {
        if (metadataBlocks >= workload.metadataBlocks() + MAX_GROWTH * METADATA_STEP) {
            return false;
        }
        long blocks = metadataBlocks + METADATA_STEP;
        if (device.size() < blocks * Bytes.BLOCK_SIZE) {
            device.resize(blocks * Bytes.BLOCK_SIZE, false);
        }
        store.growMetadata(METADATA_STEP);
        metadataBlocks = blocks;
        extendData(DATA_STEP);
        return true;
    }

    @Override
    public void close() {
        store.close();
    }
}
