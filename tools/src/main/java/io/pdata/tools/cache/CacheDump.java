package io.pdata.tools.cache;

import static io.pdata.tools.text.TextOut.literal;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheReader;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlOut;
import java.lang.foreign.MemorySegment;
import java.util.Base64;
import java.util.function.Supplier;

/**
 * Dumps the metadata of a cache as XML, as {@code cache_dump} of thin-provisioning-tools does, but also of a cache that has
 * no hints yet.
 *
 * <p>Streams: memory is the {@linkplain MetadataFile#CACHE_BYTES block cache}, whatever the size of the cache. Damage is a
 * {@link io.pdata.core.block.CorruptionException}. Source: format document "tools-xml", section 3.
 */
public final class CacheDump {
    private static final byte[] MAPPING = literal("<mapping cache_block=\"");
    private static final byte[] ORIGIN = literal("\" origin_block=\"");
    private static final byte[] DIRTY = literal("\" dirty=\"true\"/>");
    private static final byte[] CLEAN = literal("\" dirty=\"false\"/>");
    private static final byte[] HINT = literal("<hint cache_block=\"");
    private static final byte[] DATA = literal("\" data=\"");
    private static final byte[] END = literal("\"/>");

    private final MetadataFile file;
    private final CacheSuperblock superblock;
    private final XmlOut xml;

    private CacheDump(MetadataFile file, CacheSuperblock superblock, TextOut out) {
        this.file = file;
        this.superblock = superblock;
        this.xml = new XmlOut(out);
    }

    /**
     * Dumps metadata.
     *
     * @param output is asked where to write to once the superblock has been read; gets flushed, not closed
     * @throws ToolException if there is no superblock
     */
    public static void dump(MetadataFile file, Supplier<TextOut> output) {
        CacheSuperblock superblock = file.superblock(CacheSuperblockLayout.VALIDATOR, CacheSuperblock::read);
        TextOut out = output.get();
        new CacheDump(file, superblock, out).write();
        out.flush();
    }

    private void write() {
        xml.element("superblock").attribute("uuid", "").attribute("block_size", superblock.dataBlockSectors())
                .attribute("nr_cache_blocks", superblock.cacheBlocks()).attribute("policy", superblock.policy().name())
                .attribute("hint_width", Integer.toUnsignedLong(superblock.policy().hintSize())).open();
        xml.element("mappings").open();
        writeMappings();
        xml.end();
        xml.element("hints").open();
        if (superblock.hintRoot() != 0) {
            writeHints();
        }
        xml.end();
        xml.end();
    }

    private ArrayCursor mappings() {
        return new ArrayReader(file, CacheMapping.SIZE).cursor(superblock.mappingRoot(), superblock.cacheBlocks());
    }

    private void writeMappings() {
        BitsetCursor dirtyBits = superblock.separateDirtyBits()
                ? new BitsetReader(file).cursor(superblock.dirtyRoot(), superblock.cacheBlocks())
                : null;
        for (ArrayCursor mapping = mappings(); mapping.valid(); mapping.next()) {
            long value = mapping.longValue();
            if (CacheMapping.valid(value)) {
                boolean dirty = dirtyBits == null ? CacheMapping.dirty(value) : dirtyBits.value();
                xml.line().raw(MAPPING).number(mapping.index()).raw(ORIGIN).number(CacheMapping.origin(value))
                        .raw(dirty ? DIRTY : CLEAN);
            }
            if (dirtyBits != null) {
                dirtyBits.next();
            }
        }
    }

    /** The hint array has its own length, that of the mapping array at the last clean shutdown. */
    private void writeHints() {
        ArrayCursor mapping = mappings();
        byte[] hint = new byte[CachePolicy.HINT_SIZE];
        new ArrayReader(file, CachePolicy.HINT_SIZE).walk(superblock.hintRoot(), (index, block, offset) -> {
            if (!mapping.valid()) {
                return false;
            }
            CacheReader.requireNext(superblock, index, mapping.index());
            if (CacheMapping.valid(mapping.longValue())) {
                MemorySegment.copy(block, offset, MemorySegment.ofArray(hint), 0, hint.length);
                xml.line().raw(HINT).number(index).raw(DATA).raw(Base64.getEncoder().encode(hint)).raw(END);
            }
            return mapping.next();
        });
    }
}
