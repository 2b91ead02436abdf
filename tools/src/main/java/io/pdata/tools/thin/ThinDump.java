package io.pdata.tools.thin;

import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Dumps the metadata of a thin pool as text, as {@code thin_dump} of thin-provisioning-tools does: runs of leaves that
 * several devices share are written once, and referred to.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache} and a {@link LeafGraph}; neither the number of devices
 * nor that of mappings makes a difference. Leaves are read as they are written, and prefetched by threads of the cache.
 *
 * <p>What is damaged cannot be dumped: a {@link io.pdata.core.block.CorruptionException} says where. Damage to anything but
 * a leaf of a mapping tree is found before the first byte is written.
 */
public final class ThinDump {
    private final MetadataFile file;
    private final Options options;
    private final PoolOverrides overrides;
    private final SharedTrees trees;

    /** The forms that a dump can have. */
    public enum Format {
        XML, HUMAN_READABLE
    }

    /**
     * What to dump.
     *
     * @param format in which form
     * @param metadataSnapshot the held metadata snapshot instead of the pool as it is
     * @param skipMappings devices without their mappings
     * @param devices the ids of the devices to dump; all if it is empty
     */
    public record Options(Format format, boolean metadataSnapshot, boolean skipMappings,
            Set<Long> devices) {
        /** Everything, in XML. */
        public static final Options XML = new Options(Format.XML, false, false, Set.of());
    }

    private ThinDump(MetadataFile file, Options options, PoolOverrides overrides) {
        this.file = file;
        this.options = options;
        this.overrides = overrides;
        this.trees = new SharedTrees(file);
    }

    /**
     * Dumps metadata.
     *
     * @param output is asked where to write to once it is clear that something can be written; gets flushed, not closed
     * @throws ToolException if there is no superblock, or no metadata snapshot
     */
    public static void dump(MetadataFile file, Options options, Supplier<TextOut> output) {
        dump(file, options, PoolOverrides.NONE, output);
    }

    /**
     * As the other, but says something else of the pool in some respects.
     *
     * @throws ToolException if there is no superblock, or no metadata snapshot
     */
    public static void dump(MetadataFile file, Options options, PoolOverrides overrides, Supplier<TextOut> output) {
        ThinDump dump = new ThinDump(file, options, overrides);
        ThinSuperblock superblock = dump.superblock();
        dump.gather(superblock);
        TextOut out = output.get();
        dump.write(superblock, options.format() == Format.XML ? new XmlSink(out) : new HumanReadableSink(out));
        out.flush();
    }

    /**
     * What is in a pool, for whoever wants to see it more than once: shown to a sink each time it is asked for.
     *
     * @throws ToolException if there is no superblock
     */
    public static Consumer<DumpSink> content(MetadataFile file) {
        ThinDump dump = new ThinDump(file, Options.XML, PoolOverrides.NONE);
        ThinSuperblock superblock = dump.superblock();
        dump.gather(superblock);
        return sink -> dump.write(superblock, sink);
    }

    private ThinSuperblock superblock() {
        return PoolState.read(file, options.metadataSnapshot());
    }

    private void gather(ThinSuperblock superblock) {
        if (!options.skipMappings()) {
            forEachDevice(superblock, (_, _, root) -> trees.add(root));
            trees.gather();
        }
    }

    private void write(ThinSuperblock superblock, DumpSink sink) {
        sink.beginPool(overrides.apply(PoolHeader.of(superblock)));
        MappingRuns runs = new MappingRuns(sink);
        if (!options.skipMappings()) {
            trees.writeShared(sink, runs);
        }
        forEachDevice(superblock, (id, details, root) -> {
            sink.beginDevice(id, details);
            if (!options.skipMappings()) {
                trees.write(root, sink, runs, new KeyOrder());
                runs.finish();
            }
            sink.endDevice();
        });
        sink.endPool();
    }

    /** Without mappings, that is all devices, and nothing leads to what they have mapped. */
    private void forEachDevice(ThinSuperblock superblock, PoolState.DeviceVisitor visitor) {
        if (options.skipMappings()) {
            PoolState.forEachDetails(file, superblock, (id, details) -> visitor.visit(id, details, 0));
            return;
        }
        PoolState.forEachDevice(file, superblock, (id, details, root) -> {
            if (options.devices().isEmpty() || options.devices().contains(id)) {
                visitor.visit(id, details, root);
            }
        });
    }
}
