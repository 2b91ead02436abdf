package io.pdata.era;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.Device;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.store.Existing;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.core.transaction.TransactionState;
import java.util.Arrays;
import java.util.Objects;

/**
 * The metadata of an era device: for each block the last <i>era</i> - a counter advanced on request - in which it was
 * written.
 *
 * <p>A block is marked, and that committed, before it is written for the first time in an era. The blocks marked in the
 * current era are in a writeset; {@link #rollOver} archives it, and {@link #digestStep digestion} merges archived ones
 * into the era array in the background.
 *
 * <p>Invariants:
 * <ul>
 * <li>{@link #isMarked} says yes only if the mark is durable.
 * <li>The current writeset is referred to by the superblock only, archived ones by the tree only.
 * <li>After a change that failed nothing can be committed before {@link #abort}.
 * </ul>
 *
 * <p>One writer thread at a time; {@link #isMarked}, {@link #openView} and {@link #committed} by any thread. Nothing is
 * durable before {@link #commit}, unless said otherwise. Errors: those of {@link MetadataStore};
 * {@link ReadOnlyException} for any change of what was opened for reading.
 *
 * <p>Source: format document "era", sections 1 to 4.
 */
public final class EraMetadata implements AutoCloseable {
    /** The most blocks that can be tracked. */
    public static final long MAX_BLOCKS = (1L << 31) - 1;

    private static final long SIZE_UNUSED = -1;

    private final MetadataStore store;
    private final Writesets writesets;
    private final EraArray eras;
    private final Digestion digestion;
    private final MetadataSnapshot snapshot;

    private long dataBlockSectors;
    private long currentEra;
    /** The size that this instance used last; whatever the first one is, it counts as a change. */
    private long usedSize = SIZE_UNUSED;
    /** Something has been archived that no digestion has been started for. */
    private boolean archived;

    /** The durable marks of the current era; null while no writes are to be expected. */
    private volatile MarkedBlocks marked;
    /** What {@link #marked} was at the last commit, if that differs. */
    private MarkedBlocks markedAtCommit;
    private boolean markedReplaced;
    private int[] unsaved = new int[64];
    private int unsavedCount;
    private volatile EraSuperblock committed;

    EraMetadata(MetadataStore store) {
        this.store = store;
        writesets = new Writesets(store.transactions());
        eras = new EraArray(store.transactions());
        digestion = new Digestion(store.transactions(), writesets, eras);
        snapshot = new MetadataSnapshot(store.transactions(), writesets, eras);
    }

    /**
     * Makes the metadata of a device without blocks, before its first era, on a blank device. The device belongs to the
     * metadata from now on, and is closed if this fails. The next step is {@link #resume}.
     *
     * @param dataBlockSectors the size of a block in sectors of 512 bytes, a multiple of 8
     * @param cacheBytes how much memory metadata blocks may take
     * @throws io.pdata.core.store.MetadataRefusedException if the device holds something: see {@link MetadataStore#format}
     */
    public static EraMetadata format(Device device, int dataBlockSectors, long cacheBytes) {
        return EraOpening.format(device, dataBlockSectors, cacheBytes, Existing.REFUSE);
    }

    /** The same on a device that may hold something, which is lost then if {@code existing} says so. */
    public static EraMetadata format(Device device, int dataBlockSectors, long cacheBytes, Existing existing) {
        return EraOpening.format(device, dataBlockSectors, cacheBytes, existing);
    }

    /**
     * Opens what a device holds. The device belongs to the metadata from now on, and is closed if this fails. If it is to
     * be changed, the next step is {@link #resume}.
     *
     * @throws io.pdata.core.store.MetadataRefusedException if it is blank, for an unknown version, or if the block size is
     *         not the expected one
     * @throws io.pdata.core.block.CorruptionException if it is damaged, or not an era device's
     */
    public static EraMetadata open(Device device, OpenOptions options) {
        return EraOpening.open(device, options);
    }

    /** The state of the running transaction, for the writer's thread; valid until the next change or commit. */
    public EraReader reader() {
        if (unsavedCount > 0) {
            try (TransactionState change = store.transactions().change()) {
                writesets.flush();
                change.complete();
            }
        }
        return new EraReader(store.transactions(), superblock());
    }

    /** What the last commit wrote. Any thread. */
    public EraSuperblock committed() {
        return committed;
    }

    /** A view of the last committed state, for readers. Any thread; O(1). */
    public EraView openView() {
        return new EraView(store.transactions().openView(() -> committed));
    }

    /** The blocks and the metadata space map below. */
    public MetadataStore store() {
        return store;
    }

    /** How many blocks are tracked. */
    public long blocks() {
        return eras.size();
    }

    /** The era that writes belong to now; 0 before the first activation. */
    public long currentEra() {
        return currentEra;
    }

    /** The block of the metadata snapshot, 0 for none. */
    public long metadataSnapshot() {
        return snapshot.location();
    }

    /** Takes a device into use: its size, and a new era. Commits once or twice. */
    public void resume(long blocks) {
        if (resize(blocks)) {
            commit();
        }
        rollOver();
        commit();
    }

    /**
     * Changes the number of blocks, if it is not the one that this instance used last; new ones were never written.
     * Commit and {@link #rollOver} are to follow.
     *
     * @return whether anything was done: always the first time
     */
    public boolean resize(long blocks) {
        requireWritable();
        if (blocks < 0 || blocks > MAX_BLOCKS) {
            throw new IllegalArgumentException(blocks + " blocks");
        }
        if (blocks == usedSize) {
            return false;
        }
        try (TransactionState change = store.transactions().change()) {
            eras.resize(blocks);
            usedSize = blocks;
            stopMarking();
            if (digestion.running()) {
                digestion.stop();
                archived = true;
            }
            change.complete();
            return true;
        }
    }

    /**
     * Begins a new era: archives the current writeset, if there is one, and makes an empty one. Blocks marked but not
     * committed yet are marked in the new era too, since they will be written in it.
     */
    public void rollOver() {
        requireWritable();
        try (TransactionState change = store.transactions().change()) {
            if (writesets.current().exists()) {
                archiveCurrent();
            }
            writesets.begin(eras.size());
            currentEra++;
            replaceMarked(new MarkedBlocks(eras.size()));
            for (int i = 0; i < unsavedCount; i++) {
                writesets.mark(unsaved[i]);
            }
            change.complete();
        }
    }

    /** Takes a device out of use: archives the current writeset, if there is one, and commits. */
    public void suspend() {
        archive();
        commit();
    }

    /** Archives the current writeset, if there is one. Nothing can be marked then before {@link #rollOver}. */
    public void archive() {
        requireWritable();
        try (TransactionState change = store.transactions().change()) {
            if (writesets.current().exists()) {
                archiveCurrent();
            }
            stopMarking();
            change.complete();
        }
    }

    /** Whether a block can be written without more ado: it is durably marked in this era. Any thread; O(1), no lock. */
    public boolean isMarked(long block) {
        MarkedBlocks durable = marked;
        return durable != null && durable.get(block);
    }

    /**
     * Marks a block as written in this era. It must not be written before the {@link #commit} that follows, which may
     * follow any number of marks.
     *
     * @throws IllegalStateException if the device has not been taken into use
     */
    public void mark(long block) {
        requireWritable();
        Objects.checkIndex(block, eras.size());
        if (marked == null) {
            throw new IllegalStateException("no era has been begun: resume first");
        }
        try (TransactionState change = store.transactions().change()) {
            writesets.mark(block);
            if (unsavedCount == unsaved.length) {
                unsaved = Arrays.copyOf(unsaved, 2 * unsavedCount);
            }
            unsaved[unsavedCount++] = (int) block;
            change.complete();
        }
    }

    /**
     * Begins digestion if something has been archived since it was begun last (opening counts as such).
     *
     * @return whether there are steps to do
     */
    public boolean startDigestion() {
        requireWritable();
        if (archived) {
            archived = false;
            digestion.start();
        }
        return digestion.running();
    }

    /** Whether digestion has been begun and has steps left. */
    public boolean digesting() {
        return digestion.running();
    }

    /**
     * Does one step of digestion, a hundred blocks at most. There is no hurry to commit it.
     *
     * @return whether there are more steps to do
     */
    public boolean digestStep() {
        requireWritable();
        try (TransactionState change = store.transactions().change()) {
            digestion.step();
            change.complete();
            return digestion.running();
        }
    }

    /** Digests all there is. O(blocks) for each archived writeset. */
    public void digest() {
        for (boolean more = startDigestion(); more;) {
            more = digestStep();
        }
    }

    /**
     * Begins a new era and keeps the metadata as they are then, for {@link EraReader#snapshot}. Commits once on the way;
     * another {@link #commit} is to follow.
     *
     * @return the snapshot's block
     * @throws IllegalStateException if there is one already
     */
    public long takeSnapshot() {
        if (snapshot.exists()) {
            throw new IllegalStateException("there is a metadata snapshot already, in block " + snapshot.location());
        }
        rollOver();
        commit();
        try (TransactionState change = store.transactions().change()) {
            snapshot.take();
            change.complete();
            return snapshot.location();
        }
    }

    /**
     * Drops the metadata snapshot. {@link #commit} is to follow.
     *
     * @throws IllegalStateException if there is none
     */
    public void dropSnapshot() {
        requireWritable();
        if (!snapshot.exists()) {
            throw new IllegalStateException("there is no metadata snapshot");
        }
        try (TransactionState change = store.transactions().change()) {
            snapshot.drop();
            change.complete();
        }
    }

    /** Makes everything durable; then the marks made since the last time count. Two flushes. */
    public void commit() {
        requireWritable();
        try (TransactionState change = store.transactions().change()) {
            writesets.flush();
            change.complete();
        }
        store.commit(block -> superblock().write(block), () -> committed = superblock());
        markedReplaced = false;
        markedAtCommit = null;
        for (int i = 0; i < unsavedCount; i++) {
            marked.set(unsaved[i]);
        }
        unsavedCount = 0;
    }

    /** Rolls back to the last commit. Digestion begins anew. */
    public void abort() {
        store.abort(committed.spaceMap(), () -> {
            if (markedReplaced) {
                marked = markedAtCommit;
                markedReplaced = false;
                markedAtCommit = null;
            }
            load(committed);
        });
        if (!store.blocks().readOnly()) { // or the device has failed: there are no more changes
            makeAnewIfUnused();
        }
    }

    /** Closes the device. What has not been committed is lost. */
    @Override
    public void close() {
        store.close();
    }

    private void archiveCurrent() {
        writesets.archive(currentEra);
        archived = true;
    }

    private void stopMarking() {
        replaceMarked(null);
        unsavedCount = 0;
    }

    /** Another set of durable marks, until the transaction is rolled back. */
    private void replaceMarked(MarkedBlocks replacement) {
        if (!markedReplaced) {
            markedReplaced = true;
            markedAtCommit = marked;
        }
        marked = replacement;
    }

    /** Second half of formatting: everything but the metadata space map. */
    void create(long blockSectors) {
        dataBlockSectors = blockSectors;
        writesets.format();
        eras.format();
        snapshot.format();
        archived = true;
        commitFirst();
    }

    /**
     * As the kernel does, the space map is not committed here but with the first resume; that shows in the bytes that its
     * index block leaves behind. Only its root says how many blocks are allocated now. Everything is flushed before the
     * superblock points at it.
     */
    private void commitFirst() {
        SpaceMapRoot root = store.spaceMap().root();
        EraSuperblock first = superblock(new SpaceMapRoot(root.blocks(), root.blocks() - store.spaceMap().free(),
                root.bitmapRoot(), root.overflowRoot()));
        store.commitFormatted(first::write, () -> committed = first);
    }

    /** Becomes what the superblock describes, in order to change it. */
    void loadToChange() {
        load(store.readSuperblock(EraSuperblock::read));
        makeAnewIfUnused();
    }

    private void makeAnewIfUnused() {
        if (currentEra == 0 && eras.size() == 0 && !snapshot.exists() && writesets.oldest().isEmpty()) {
            // Formatted, but never used: with a space map that has not been committed (see above). Made anew.
            store.spaceMap().format(store.spaceMap().blocks());
            create(dataBlockSectors);
        }
    }

    /** Becomes what the superblock describes. */
    void load() {
        load(store.readSuperblock(EraSuperblock::read));
    }

    private void load(EraSuperblock state) {
        if (state.blocks() > MAX_BLOCKS) {
            throw new CorruptionException(MetadataStore.SUPERBLOCK, EraSuperblockLayout.VALIDATOR.type(),
                    "claims to track " + state.blocks() + " blocks; at most " + MAX_BLOCKS + " can be");
        }
        writesets.load(state);
        eras.load(state);
        snapshot.load(state);
        dataBlockSectors = state.dataBlockSectors();
        currentEra = state.currentEra();
        if (usedSize != state.blocks()) {
            usedSize = SIZE_UNUSED;
        }
        digestion.stop();
        archived = true;
        unsavedCount = 0;
        committed = state;
    }

    /** The state of the running transaction, as the superblock would record it. */
    private EraSuperblock superblock() {
        return superblock(store.spaceMap().root());
    }

    private EraSuperblock superblock(SpaceMapRoot spaceMap) {
        return new EraSuperblock(spaceMap, dataBlockSectors, eras.size(), currentEra, writesets.current(),
                writesets.treeRoot(), eras.root(), snapshot.location());
    }

    private void requireWritable() {
        store.blocks().checkWritable();
    }
}
