package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinDump;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Whatever is changed in metadata that were good is found, named and located; and nothing else is reported with it. The
 * image is a kernel's: twelve devices, snapshots of snapshots, a held metadata snapshot.
 */
class ThinDamageTest {
    private static final long MAPPING_ROOT = 579;
    private static final long DETAILS_ROOT = 588;
    private static final long HELD_SUPERBLOCK = 563;
    /** The root of device 1 alone, over leaves 23 (its own) and {@link #SHARED_LEAF}. */
    private static final long DEVICE_1 = 22;
    private static final long LEAF = 23;
    private static final long SHARED_LEAF = 24;
    private static final long DATA_INDEX = 589;
    private static final long DATA_BITMAP = 577;
    private static final long METADATA_INDEX = 590;
    private static final long METADATA_OVERFLOW = 568;
    private static final long DATA_OVERFLOW_LEAF = 572;
    private static final int BITMAP_WORDS = 16;

    private final MemoryDevice device = Recorded.device("thin-snaps-2");
    private final ImageEditor image = new ImageEditor(device);

    private List<Finding> check() {
        return check(ThinCheck.Options.FULL);
    }

    private List<Finding> check(ThinCheck.Options options) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return ThinCheck.check(file, options, Report.SILENT).all();
        }
    }

    private void superblock(Consumer<MemorySegment> change) {
        image.edit(0, ThinSuperblockLayout.VALIDATOR, change);
    }

    /** The only finding there is. */
    private Finding only() {
        List<Finding> findings = check();
        assertThat(findings).hasSize(1);
        return findings.getFirst();
    }

    private void assertOnly(Severity severity, Kind kind, String... words) {
        Finding finding = only();
        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.kind()).isEqualTo(kind);
        assertThat(finding.text()).contains(words);
    }

    @Test
    void aBrokenSuperblockEndsTheCheck() {
        image.breakByte(0, 100);
        assertThatThrownBy(this::check).isInstanceOf(ToolException.class)
                .hasMessageContaining("bad checksum in superblock");
    }

    @Test
    void anUnknownFeatureIsFatal() {
        superblock(sb -> sb.set(Bytes.U32, ThinSuperblockLayout.INCOMPAT_FLAGS, 4));
        assertOnly(Severity.FATAL, Kind.SUPERBLOCK, "unknown features 4");
    }

    @Test
    void anotherVersionIsNoError() {
        superblock(sb -> sb.set(Bytes.U32, ThinSuperblockLayout.VERSION, 1));
        assertThat(check()).isEmpty();
        superblock(sb -> sb.set(Bytes.U32, ThinSuperblockLayout.VERSION, 3));
        assertOnly(Severity.NOTICE, Kind.SUPERBLOCK, "version is 3");
        superblock(sb -> sb.set(Bytes.U32, ThinSuperblockLayout.VERSION, 0));
        assertOnly(Severity.NOTICE, Kind.SUPERBLOCK, "version is 0");
    }

    @Test
    void anImpossibleBlockSizeIsFatal() {
        superblock(sb -> sb.set(Bytes.U32, ThinSuperblockLayout.DATA_BLOCK_SECTORS, 100));
        assertOnly(Severity.FATAL, Kind.SUPERBLOCK, "data block size is 100");
    }

    @Test
    void aClockThatWentBackIsFatal() {
        superblock(sb -> sb.set(Bytes.U32, ThinSuperblockLayout.TIME, 11));
        assertThat(check()).allSatisfy(finding -> assertThat(finding.kind()).isEqualTo(Kind.FUTURE))
                .extracting(Finding::text)
                .anySatisfy(text -> assertThat(text).contains("Thin device 23 was created at 12", "time is 11"))
                .anySatisfy(text -> assertThat(text).contains("mapping tree", "are from a time after the pool's, 11"))
                .anySatisfy(text -> assertThat(text).contains("metadata snapshot", "its time is 12"));
    }

    @Test
    void aSnapshotBeforeTheCreationIsFatal() {
        image.node(DETAILS_ROOT, node -> new DeviceDetails(384, 0, 1, 0).write(node, ImageEditor.value(node, 1)));
        assertOnly(Severity.FATAL, Kind.VALUE, "Thin device 1 had a snapshot at 0, before it was created at 1");
    }

    @Test
    void moreBlocksFormattedThanThereAreIsOdd() {
        superblock(sb -> sb.set(Bytes.U64, ThinSuperblockLayout.FORMATTED_BLOCKS, 1025));
        assertOnly(Severity.NOTICE, Kind.SUPERBLOCK, "was formatted with 1025 metadata blocks, but has 1024");
    }

    private void assertNotDumped(String... words) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            assertThatThrownBy(
                    () -> ThinDump.dump(file, ThinDump.Options.XML, () -> new TextOut(OutputStream.nullOutputStream())))
                    .isInstanceOf(CorruptionException.class).hasMessageContainingAll(words);
        }
    }

    @Test
    void keysThatGoBackFromLeafToLeafAreNotDumped() {
        image.node(LEAF, node -> ImageEditor.setKey(node, ImageEditor.entries(node) - 1, 400));
        assertNotDumped("keys out of order", "400 comes before it");
    }

    @Test
    void aLeafMetTwiceInADeviceIsNotDumped() {
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 0, SHARED_LEAF));
        assertNotDumped("block 24", "keys out of order: its first is 189");
    }

    @Test
    void internalNodesOutOfBoundsAreNotDumped() {
        // Nodes that point at one node again and again: a dump of fifteen such levels would never end.
        long below = DEVICE_1;
        for (long free : new long[]{900, 901, 902, 903, 904, 905}) {
            long child = below;
            device.write(free * Bytes.BLOCK_SIZE, image.read(DEVICE_1));
            image.node(free, node -> {
                for (int i = 0; i < 252; i++) {
                    ImageEditor.setKey(node, i, i);
                    ImageEditor.setLongValue(node, i, child);
                }
                ImageEditor.setEntries(node, 252);
            });
            below = free;
        }
        long top = below;
        image.node(MAPPING_ROOT, node -> ImageEditor.setLongValue(node, 1, top));
        assertNotDumped("keys out of bounds");
    }

    @Test
    void aTransactionFromTheFutureIsReported() {
        superblock(sb -> sb.set(Bytes.U64, ThinSuperblockLayout.TRANSACTION_ID, 6));
        assertOnly(Severity.NOTICE, Kind.FUTURE, "Thin device 16777215", "transaction 7", "is 6");
    }

    @Test
    void aBrokenHeldSuperblockIsFatal() {
        image.breakByte(HELD_SUPERBLOCK, 100);
        assertThat(only().structure()).isEqualTo("metadata snapshot");
        assertThatThrownBy(() -> check(new ThinCheck.Options(false, false, true))).isInstanceOf(ToolException.class)
                .hasMessageContaining("metadata snap");
    }

    @Test
    void aBrokenLeafIsLocatedAndItsDevicesAreNamed() {
        image.breakByte(SHARED_LEAF, 100);
        List<Finding> findings = check();
        Finding damage = findings.stream().filter(finding -> finding.kind() == Kind.DAMAGE).findFirst().orElseThrow();
        assertThat(damage.block()).isEqualTo(SHARED_LEAF);
        assertThat(damage.path()).hasSize(2).endsWith(SHARED_LEAF);
        assertThat(damage.text()).contains("bad checksum", "keys [189..)");
        // All that shared the leaf, and nobody else: counts that depend on it must not be reported as leaks.
        assertThat(findings).filteredOn(finding -> finding.kind() == Kind.MAPPED_BLOCKS).extracting(Finding::text)
                .contains("thin devices: Thin device 1 has 1 errors and is missing 195 mappings, while expected 384");
        assertThat(findings).extracting(Finding::kind).containsOnly(Kind.DAMAGE, Kind.MAPPED_BLOCKS);
    }

    @Test
    void aMisplacedBlockIsFatal() {
        device.write(LEAF * Bytes.BLOCK_SIZE, image.read(SHARED_LEAF));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("mapping tree, block 23", "says it is block 24"));
    }

    @Test
    void aDuplicateKeyIsFatal() {
        image.node(LEAF, node -> ImageEditor.setKey(node, 5, ImageEditor.key(node, 4)));
        assertThat(check())
                .anySatisfy(finding -> assertThat(finding.text()).contains("block 23", "key 5 is 4 after 4"));
    }

    @Test
    void wrongFlagsAreFatal() {
        image.node(LEAF, node -> node.set(Bytes.U32, NodeLayout.FLAGS, 3));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text()).contains("block 23", "flags"));
    }

    @Test
    void aLeafOfAnotherTreeIsFatal() {
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 0, DETAILS_ROOT));
        assertThat(check()).anySatisfy(
                finding -> assertThat(finding.text()).contains("mapping tree, block 588", "24 bytes instead of 8"));
    }

    @Test
    void keysBelowTheParentsBoundAreFatal() {
        image.node(DEVICE_1, node -> ImageEditor.setKey(node, 1, 190));
        List<Finding> findings = check();
        assertThat(findings).anySatisfy(finding -> assertThat(finding.text())
                .contains("block 24", "lowest key 189 is below the parent's 190", "22 > 24"));
    }

    @Test
    void keysThatReachTheNextNodeAreFatal() {
        image.node(DEVICE_1, node -> ImageEditor.setKey(node, 1, 188));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("block 23", "highest key 188 reaches the next node's 188", "22 > 23"));
    }

    @Test
    void leavesAtDifferentDepthsAreFatal() {
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 1, 31));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("block 31", "its leaves are 1 levels below it, those of the nodes before it 0"));
    }

    @Test
    void aCycleIsFatalAndEnds() {
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 1, DEVICE_1));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text()).contains("block 22", "cycle"));
    }

    @Test
    void aPointerBeyondTheDeviceIsFatal() {
        image.node(DEVICE_1, node -> ImageEditor.setLongValue(node, 1, -5));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("points to a block beyond the 1024 there are"));
    }

    @Test
    void anEmptyInternalNodeIsFatal() {
        image.node(DEVICE_1, node -> ImageEditor.setEntries(node, 0));
        assertThat(check()).anySatisfy(
                finding -> assertThat(finding.text()).contains("block 22", "an internal node without entries"));
    }

    @Test
    void aThinNodeIsOnlyANotice() {
        // Old kernels made such nodes; refusing the pool for one would keep a working system from starting.
        image.node(LEAF, node -> ImageEditor.setEntries(node, 3));
        assertThat(check()).filteredOn(finding -> finding.severity() == Severity.NOTICE).extracting(Finding::text)
                .containsExactly("mapping tree, block 23: 3 entries where 252 fit, keys [0..189), reached by 22 > 23");
    }

    @Test
    void anOddCapacityIsReported() {
        // A leaf of 253 entries is as large as a block allows; the values move up by one key.
        image.node(LEAF, node -> {
            MemorySegment.copy(node, ImageEditor.value(node, 0), node, ImageEditor.value(node, 1), 8L * 252);
            node.set(Bytes.U32, NodeLayout.MAX_ENTRIES, 253);
        });
        assertOnly(Severity.NON_FATAL, Kind.SHAPE, "block 23", "253");
    }

    @Test
    void aMappingBeyondTheDataDeviceIsFatal() {
        image.node(LEAF, node -> ImageEditor.setLongValue(node, 7, BlockTime.pack(40960, 0)));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("mapping tree, block 23", "1 of the mappings", "beyond the 40960 data blocks"));
    }

    @Test
    void aMappingToAnotherBlockShowsInTheCounts() {
        image.node(LEAF, node -> ImageEditor.setLongValue(node, 7, BlockTime.pack(30000, 0)));
        List<Finding> findings = check();
        assertThat(findings).hasSize(2).allSatisfy(finding -> assertThat(finding.kind()).isEqualTo(Kind.WRONG_COUNT));
        assertThat(findings).extracting(Finding::text)
                .anySatisfy(
                        text -> assertThat(text).contains("data space map, block 30000", "counted 0", "to 1 times"));
    }

    @Test
    void devicesThatOnlyOneTreeKnowsAreFatal() {
        image.node(DETAILS_ROOT, node -> ImageEditor.setKey(node, 11, 4000));
        assertThat(check()).extracting(Finding::text).anySatisfy(
                text -> assertThat(text).contains("Thin device 4000 is in the device details tree, but has no mapping"))
                .anySatisfy(text -> assertThat(text)
                        .contains("Thin device 16777215 has a mapping tree, but is not in the device details tree"));
    }

    @Test
    void aWrongNumberOfMappingsIsFatal() {
        image.node(DETAILS_ROOT, node -> new DeviceDetails(385, 0, 1, 2).write(node, ImageEditor.value(node, 1)));
        assertOnly(Severity.FATAL, Kind.MAPPED_BLOCKS,
                "Thin device 1 has unexpected number of mappings, expected 385, actual 384");
    }

    @Test
    void leaksAreNotFatal() {
        image.edit(DATA_BITMAP, BitmapBlock.VALIDATOR, block -> {
            long offset = BITMAP_WORDS + 16000 / 32 * 8L;
            assertThat(block.get(Bytes.U64, offset)).isZero();
            block.set(Bytes.U64, offset, 0b101010); // a count of 1 for blocks 16000 to 16002
        });
        List<Finding> findings = check();
        // With the leak go the totals that should have changed as well.
        assertThat(findings).extracting(Finding::kind).containsExactlyInAnyOrder(Kind.LEAK, Kind.WRONG_TOTAL,
                Kind.WRONG_TOTAL);
        assertThat(findings).allSatisfy(finding -> assertThat(finding.severity()).isEqualTo(Severity.NON_FATAL));
        assertThat(findings).filteredOn(finding -> finding.kind() == Kind.LEAK).singleElement()
                .extracting(Finding::text).isEqualTo("data space map, block 16000: and the 2 after it are counted 1"
                        + " times, but referred to 0 times");
    }

    @Test
    void aCountTooLowIsFatal() {
        image.edit(DATA_BITMAP, BitmapBlock.VALIDATOR, block -> block.set(Bytes.U64, BITMAP_WORDS + 39 * 8L, 0));
        assertThat(check()).anySatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.FATAL);
            assertThat(finding.kind()).isEqualTo(Kind.WRONG_COUNT);
            assertThat(finding.structure()).isEqualTo("data space map");
        });
    }

    @Test
    void aMissingOverflowEntryIsFatal() {
        long[] block = new long[1];
        image.node(DATA_OVERFLOW_LEAF, node -> {
            int last = ImageEditor.entries(node) - 1;
            block[0] = ImageEditor.key(node, last);
            ImageEditor.setEntries(node, last);
        });
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("data space map, block " + block[0], "is missing in the overflow tree"));
    }

    @Test
    void aWrongOverflowCountIsFatal() {
        image.node(METADATA_OVERFLOW, node -> node.set(Bytes.U32, ImageEditor.value(node, 1), 9));
        assertOnly(Severity.FATAL, Kind.WRONG_COUNT, "metadata space map, block 31", "counted 9", "to 6 times");
    }

    @Test
    void anOverflowEntryThatNobodyAsksForIsFatal() {
        image.node(METADATA_OVERFLOW, node -> {
            ImageEditor.setKey(node, 2, 1000);
            node.set(Bytes.U32, ImageEditor.value(node, 2), 5);
            ImageEditor.setEntries(node, 3);
        });
        assertOnly(Severity.FATAL, Kind.WRONG_COUNT, "metadata space map, block 1000", "is in the overflow tree");
    }

    @Test
    void aWrongNumberOfFreeEntriesIsReported() {
        image.node(DATA_INDEX, node -> {
            long offset = ImageEditor.value(node, 1);
            IndexEntry.write(node, offset, IndexEntry.location(node, offset), 7, 0);
        });
        assertOnly(Severity.NON_FATAL, Kind.WRONG_TOTAL, "bitmap 1 has 16320 free entries", "says 7");
    }

    @Test
    void aHintPastAFreeEntryIsReported() {
        image.edit(METADATA_INDEX, IndexBlock.VALIDATOR, block -> {
            int offset = IndexBlock.entryOffset(0);
            IndexEntry.write(block, offset, IndexEntry.location(block, offset), IndexEntry.free(block, offset), 900);
        });
        assertOnly(Severity.NON_FATAL, Kind.WRONG_TOTAL, "none is before 900");
    }

    @Test
    void aWrongTotalIsReported() {
        superblock(sb -> {
            SpaceMapRoot root = SpaceMapRoot.read(sb, ThinSuperblockLayout.METADATA_SPACE_MAP);
            new SpaceMapRoot(root.blocks(), root.allocated() + 1, root.bitmapRoot(), root.overflowRoot()).write(sb,
                    ThinSuperblockLayout.METADATA_SPACE_MAP);
        });
        assertOnly(Severity.NON_FATAL, Kind.WRONG_TOTAL, "metadata space map: says that 52 blocks are in use",
                "counts 51");
    }

    @Test
    void countsBeyondTheEndAreReported() {
        image.edit(IndexEntry.location(image.read(METADATA_INDEX), IndexBlock.entryOffset(0)), BitmapBlock.VALIDATOR,
                block -> block.set(Bytes.U64, BITMAP_WORDS + 500 * 8L, 2));
        assertThat(check()).allSatisfy(finding -> assertThat(finding.severity()).isEqualTo(Severity.NON_FATAL))
                .extracting(Finding::text)
                .anySatisfy(text -> assertThat(text).contains("metadata space map",
                        "counts 1 blocks beyond its end, from block 16000 on"));
    }

    @Test
    void aSpaceMapLargerThanTheDeviceIsFatal() {
        superblock(sb -> sb.set(Bytes.U64, ThinSuperblockLayout.METADATA_SPACE_MAP, 1L << 60));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("metadata space map: says it counts 1152921504606846976 blocks where only 1024 can be"));
    }

    @Test
    void aDataSpaceMapLargerThanItsBitmapsIsFatal() {
        superblock(sb -> sb.set(Bytes.U64, ThinSuperblockLayout.DATA_SPACE_MAP, 1L << 39));
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text())
                .contains("data space map: has no index entries for bitmaps 3 to "));
    }

    @Test
    void aBrokenBitmapIsFatalAndTheRestIsStillCompared() {
        image.breakByte(DATA_BITMAP, 100);
        assertOnly(Severity.FATAL, Kind.DAMAGE, "data space map, block 577", "bad checksum");
    }

    @Test
    void aBrokenIndexBlockIsFatal() {
        image.breakByte(METADATA_INDEX, 100);
        assertOnly(Severity.FATAL, Kind.DAMAGE, "metadata space map, block 590");
    }

    @Test
    void aBrokenTopLevelIsFatal() {
        image.breakByte(MAPPING_ROOT, 100);
        assertThat(check()).anySatisfy(finding -> assertThat(finding.text()).contains("mapping top-level, block 579"));
    }

    @Test
    void withoutMappingsDamageToThemIsNotSeen() {
        image.breakByte(LEAF, 100);
        assertThat(check(new ThinCheck.Options(false, true, false))).isEmpty();
        assertThat(check(new ThinCheck.Options(true, false, false))).isEmpty();
    }

    @Test
    void theSnapshotAloneIsCheckedWithoutCounts() {
        image.edit(DATA_BITMAP, BitmapBlock.VALIDATOR, block -> block.set(Bytes.U64, BITMAP_WORDS, 0));
        assertThat(check(new ThinCheck.Options(false, false, true))).isEmpty();
    }
}
