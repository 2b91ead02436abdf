package io.pdata.tools;

import static org.assertj.core.api.Assertions.fail;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinDump;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/**
 * Fields changed at random, with checksums that fit: the tools report or refuse, but never throw anything else, run out of
 * memory or hang.
 */
class HostileMetadataTest {
    private static final int ROUNDS = 250;
    private static final List<BlockValidator> TYPES = List.of(NodeValidator.NODE, ArrayBlock.VALIDATOR,
            BitmapBlock.VALIDATOR, IndexBlock.VALIDATOR, ThinSuperblockLayout.VALIDATOR,
            CacheSuperblockLayout.VALIDATOR, EraSuperblockLayout.VALIDATOR);
    /** A format's tools look at metadata, and write text nowhere. */
    private static final BiConsumer<MetadataFile, TextOut> THIN_CHECK = (file, _) -> ThinCheck.check(file,
            ThinCheck.Options.FULL, Report.SILENT);
    private static final BiConsumer<MetadataFile, TextOut> THIN_DUMP = (file, out) -> ThinDump.dump(file,
            ThinDump.Options.XML, () -> out);
    private static final BiConsumer<MetadataFile, TextOut> CACHE_CHECK = (file, _) -> CacheCheck.check(file,
            CacheCheck.Options.FULL, Report.SILENT);
    private static final BiConsumer<MetadataFile, TextOut> CACHE_DUMP = (file, out) -> CacheDump.dump(file, () -> out);
    private static final BiConsumer<MetadataFile, TextOut> ERA_CHECK = (file, _) -> EraCheck.check(file, false,
            Report.SILENT);
    private static final BiConsumer<MetadataFile, TextOut> ERA_DUMP = (file, out) -> EraDump.dump(file, true,
            () -> out);

    @Test
    void thin() {
        attack("thin-snaps-2", THIN_CHECK, THIN_DUMP);
    }

    @Test
    void cacheVersion1() {
        attack("cache-v1-clean", CACHE_CHECK, CACHE_DUMP);
    }

    @Test
    void cacheVersion2() {
        attack("cache-v2-clean", CACHE_CHECK, CACHE_DUMP);
    }

    @Test
    void era() {
        attack("era-exact-3", ERA_CHECK, ERA_DUMP);
    }

    @SafeVarargs
    private static void attack(String name, BiConsumer<MetadataFile, TextOut>... tools) {
        MemoryDevice good = Recorded.device(name);
        List<Long> blocks = recognised(good);
        for (long seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            MemoryDevice bad = good.copy();
            for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                change(bad, blocks.get(random.nextInt(blocks.size())), random);
            }
            for (BiConsumer<MetadataFile, TextOut> tool : tools) {
                run(name, seed, bad, tool);
            }
        }
    }

    private static void run(String name, long seed, MemoryDevice bad, BiConsumer<MetadataFile, TextOut> tool) {
        try (MetadataFile file = new MetadataFile(bad.reopen());
                TextOut nowhere = new TextOut(OutputStream.nullOutputStream())) {
            tool.accept(file, nowhere);
        } catch (PersistentDataException expected) {
            // refused, in the way that callers are told about
        } catch (RuntimeException | Error e) {
            fail(name + ", seed " + seed, e);
        }
    }

    private static List<Long> recognised(MemoryDevice device) {
        List<Long> blocks = new ArrayList<>();
        for (long block = 0; block < device.size() / Bytes.BLOCK_SIZE; block++) {
            if (typeOf(device, block) != null) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    private static BlockValidator typeOf(MemoryDevice device, long block) {
        MemorySegment bytes = new ImageEditor(device).read(block);
        for (BlockValidator type : TYPES) {
            try {
                type.check(bytes, block);
                return type;
            } catch (PersistentDataException other) {
                // not this type
            }
        }
        return null;
    }

    /** Mostly headers and the entries in use; whole numbers, so that they are often nearly right. */
    private static void change(MemoryDevice device, long block, Random random) {
        BlockValidator type = typeOf(device, block);
        if (type == null) {
            return; // changed beyond recognition before
        }
        int range = block == 0 || random.nextBoolean() ? 400 : Bytes.BLOCK_SIZE;
        int offset = 4 + random.nextInt(range / 4 - 2) * 4;
        long[] values = {0, 1, 2, 3, -1, random.nextInt(1024), random.nextInt(1024) + 1, 1L << 31, 1L << 40, 1L << 62,
            Long.MIN_VALUE, random.nextLong()};
        long value = values[random.nextInt(values.length)];
        boolean wide = random.nextBoolean();
        new ImageEditor(device).edit(block, type, bytes -> {
            if (wide) {
                bytes.set(Bytes.U64, offset, value);
            } else {
                bytes.set(Bytes.U32, offset, (int) value);
            }
        });
    }
}
