package io.pdata.tools.cache;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheReader;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.block.Bytes;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import java.util.function.Supplier;

/**
 * Dumps the metadata of a cache as XML, as {@code cache_dump} of thin-provisioning-tools does, but also of a cache that has
 * no hints yet.
 *
 * <p>Streams: memory is the {@linkplain MetadataFile#CACHE_BYTES block cache}, whatever the size of the cache. Damage is a
 * {@link io.pdata.core.block.CorruptionException}. Source: format document "tools-xml", section 3.
 */
public final class CacheDump {
    private final MetadataFile file;
    private final CacheSuperblock superblock;
    private final CacheSink sink;

    private CacheDump(MetadataFile file, CacheSuperblock superblock, CacheSink sink) {
        this.file = file;
        this.superblock = superblock;
        this.sink = sink;
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
        new CacheDump(file, superblock, new XmlSink(out)).write();
        out.flush();
    }

    private void write() {
        sink.beginCache(new CacheHeader(superblock.dataBlockSectors(), superblock.cacheBlocks(),
                superblock.policy().name(), superblock.policy().hintSize()));
        writeMappings();
        sink.beginHints();
        if (superblock.hintRoot() != 0) {
            writeHints();
        }
        sink.endCache();
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
                sink.mapping(mapping.index(), CacheMapping.origin(value), dirty);
            }
            if (dirtyBits != null) {
                dirtyBits.next();
            }
        }
    }

    /** The hint array has its own length, that of the mapping array at the last clean shutdown. */
    private void writeHints() {
        ArrayCursor mapping = mappings();
        new ArrayReader(file, CachePolicy.HINT_SIZE).walk(superblock.hintRoot(), (index, block, offset) -> {
            if (!mapping.valid()) {
                return false;
            }
            CacheReader.requireNext(superblock, index, mapping.index());
            if (CacheMapping.valid(mapping.longValue())) {
                sink.hint(index, block.get(Bytes.U32, offset));
            }
            return mapping.next();
        });
    }
}
