package io.pdata.reliability.workload;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.testkit.ReferenceAudit;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;

/**
 * The library itself: trees whose values are data blocks. Its full check is the {@link ReferenceAudit}, which decodes the
 * blocks with code of its own.
 *
 * @param name what it is called
 * @param metadataBlocks blocks of the metadata device at first
 * @param dataBlocks data blocks at first
 * @param trees the most trees, up to {@value LibrarySuperblock#ROOTS}
 * @param keys keys are below this
 * @param stride how far apart keys are inserted
 * @param initialKeys how many entries the first tree has at first
 * @param spacing how far apart those are
 * @param insertRun how many keys are inserted or overwritten at most at a time
 * @param removeRun how many keys a removal is about at most
 * @param everywhere whether insertions are made into all trees at once, and as many as may be
 */
public record LibraryWorkload(String name, int metadataBlocks, int dataBlocks, int trees, int keys, int stride,
        int initialKeys, int spacing, int insertRun, int removeRun,
        boolean everywhere) implements Workload<LibraryContent> {
    private static final String NAME = "library";

    /** Leaves that are nearly full, so that few steps split and merge them. */
    public static LibraryWorkload small() {
        return new LibraryWorkload(NAME, 80, 2000, 4, 400, 1, 250, 1, 4, 180, false);
    }

    /** A tree so wide that one step changes more blocks than the smallest cache holds. */
    public static LibraryWorkload wide() {
        return new LibraryWorkload(NAME + "-wide", 500, 20_000, 3, 22_000, 281, 11_000, 2, 90, 1000, true);
    }

    /** For long runs. */
    public static LibraryWorkload large() {
        return new LibraryWorkload(NAME, 600, 5000, 6, 2000, 3, 300, 1, 256, 512, false);
    }

    @Override
    public List<Step> steps() {
        return List.of(Step.INSERT, Step.OVERWRITE, Step.REMOVE, Step.CLONE, Step.DELETE, Step.EXTEND, Step.COMMIT,
                Step.ABORT);
    }

    @Override
    public Session<LibraryContent> format(Device device, long cacheBytes, Journal<LibraryContent> journal) {
        LibraryContent empty = new LibraryContent(0, device.size() / Bytes.BLOCK_SIZE, 0,
                Collections.nCopies(LibrarySuperblock.ROOTS, null));
        journal.asked(empty);
        LibraryStore store = LibraryStore.format(device, cacheBytes);
        journal.acknowledged(empty);
        return new LibrarySession(this, device, store, empty, journal);
    }

    @Override
    public void prepare(Session<LibraryContent> session) {
        LibrarySession library = (LibrarySession) session;
        library.extendData(dataBlocks);
        library.take(Step.COMMIT, 0);
        library.plant(0, initialKeys);
        library.take(Step.CLONE, 1);
        library.take(Step.OVERWRITE, 1);
        library.take(Step.COMMIT, 0);
    }

    @Override
    public Session<LibraryContent> open(Device device, long cacheBytes, LibraryContent content,
            Journal<LibraryContent> journal) {
        return new LibrarySession(this, device, LibraryStore.open(device, cacheBytes), content, journal);
    }

    @Override
    public LibraryContent read(Device device) {
        try (LibraryStore store = LibraryStore.open(device, device.size())) {
            return store.committed();
        }
    }

    @Override
    public List<String> check(Device device) {
        try (device) {
            ReferenceAudit audit = new ReferenceAudit((int) (device.size() / Bytes.BLOCK_SIZE),
                    number -> block(device, number), LibrarySuperblock.METADATA_MAP);
            MemorySegment superblock = block(device, 0);
            LibrarySuperblock.VALIDATOR.check(superblock, 0);
            int[] data = new int[(int) LibrarySuperblock.dataMap(superblock).blocks()];
            for (int i = 0; i < LibrarySuperblock.ROOTS; i++) {
                if (LibrarySuperblock.root(superblock, i) != 0) {
                    audit.tree(LibrarySuperblock.root(superblock, i),
                            (_, leaf, offset) -> data[(int) leaf.get(Bytes.U64, offset)]++);
                }
            }
            audit.dataMap(LibrarySuperblock.DATA_MAP, data);
            audit.verify();
            return List.of();
        } catch (AssertionError e) {
            return List.of(e.getMessage());
        }
    }

    private static MemorySegment block(Device device, long number) {
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(number * Bytes.BLOCK_SIZE, block);
        return block;
    }
}
