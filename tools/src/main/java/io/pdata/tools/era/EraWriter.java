package io.pdata.tools.era;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.btree.SharedLeaves;
import io.pdata.core.btree.TreeBuilder;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.era.Writeset;
import io.pdata.tools.ToolException;
import io.pdata.tools.build.ArrayWriter;
import io.pdata.tools.build.BitsetWriter;
import io.pdata.tools.build.MetadataWriter;
import java.lang.foreign.MemorySegment;

/**
 * Makes era metadata. What cannot be in metadata is refused.
 *
 * <p>The new metadata are there when {@link #endEra} has returned; without it there are none ({@link MetadataWriter}).
 * No writeset is current in them: all are archived, and the next activation begins a new era.
 *
 * <p>Memory: what {@link MetadataWriter} takes. Errors: {@link ToolException}. Not thread-safe. Source: format
 * documents "era", and "tools-xml", sections 4 and 5.
 */
public final class EraWriter implements EraSink, AutoCloseable {
    private static final long U32_LIMIT = 1L << 32;

    private final MetadataWriter out;
    private final TreeBuilder writesets;
    private final MemorySegment record = MemorySegment.ofArray(new byte[Writeset.SIZE]);
    private EraHeader header;
    private BitsetWriter bits;
    private long writesetEra;
    private long writesetBits;
    private ArrayWriter eras;

    /** Writes to a device, which is closed together with this object; all of it is overwritten. */
    public EraWriter(Device device) {
        this.out = new MetadataWriter(device);
        this.writesets = new TreeBuilder(out, SharedLeaves.NONE, Writeset.SIZE);
    }

    @Override
    public void beginEra(EraHeader eraHeader) {
        if (!EraCheck.isBlockSize(eraHeader.blockSectors())) {
            throw new ToolException("invalid block size: " + eraHeader.blockSectors() + " sectors is not a multiple of "
                    + EraCheck.SECTORS_STEP);
        }
        if (eraHeader.blocks() / ArrayBlock.capacity(Integer.BYTES) >= out.blocks()) {
            throw new ToolException("out of metadata space: the output has no room for the eras of "
                    + eraHeader.blocks() + " blocks");
        }
        header = eraHeader;
    }

    @Override
    public void beginWriteset(long era, long nrBits) {
        if (!writesets.ascendsTo(era)) {
            throw new ToolException("keys out of order: writeset " + era + " does not come after those before it");
        }
        if (era < 0 || era >= U32_LIMIT || nrBits < 0 || nrBits >= U32_LIMIT) {
            throw new ToolException("a writeset of " + nrBits + " bits for era " + era + " is beyond 32 bits");
        }
        requirePast(era, "a writeset");
        writesetEra = era;
        writesetBits = nrBits;
        bits = new BitsetWriter(out);
    }

    private void requirePast(long era, String what) {
        if (era > header.currentEra()) {
            throw new ToolException("era out of bounds: " + what + " is of era " + era + ", but the current one is "
                    + header.currentEra());
        }
    }

    @Override
    public void marked(long block, long length) {
        if (block < 0 || length < 1 || length > writesetBits || block > writesetBits - length) {
            throw new ToolException("block out of bounds: " + block + " of writeset " + writesetEra + ", which has "
                    + writesetBits + " bits");
        }
        if (block < bits.next()) {
            throw new ToolException("keys out of order: block " + block + " of writeset " + writesetEra
                    + " does not come after those before it");
        }
        bits.set(block, length);
    }

    @Override
    public void endWriteset() {
        new Writeset(writesetBits, bits.finish(writesetBits)).write(record, 0);
        writesets.add(writesetEra, record, 0);
    }

    @Override
    public void beginEraArray() {
        eras = new ArrayWriter(out, Integer.BYTES);
    }

    @Override
    public void era(long block, long era) {
        if (block != eras.length() || block >= header.blocks()) {
            throw new ToolException("era of block " + block + " where that of "
                    + (eras.length() < header.blocks() ? "block " + eras.length() : "none") + " should be");
        }
        requirePast(era, "block " + block);
        eras.addInt((int) era);
    }

    @Override
    public void endEra() {
        if (eras.length() != header.blocks()) {
            throw new ToolException("the era array has " + eras.length() + " of " + header.blocks() + " blocks");
        }
        long writesetRoot = writesets.finish().block();
        long eraRoot = eras.finish();
        SpaceMapRoot spaceMap = out.writeSpaceMap();
        EraSuperblock superblock = new EraSuperblock(spaceMap, header.blockSectors(), header.blocks(),
                header.currentEra(), new Writeset(header.blocks(), 0), writesetRoot, eraRoot, 0);
        out.finish(EraSuperblockLayout.VALIDATOR, superblock::write);
    }

    @Override
    public void close() {
        out.close();
    }
}
