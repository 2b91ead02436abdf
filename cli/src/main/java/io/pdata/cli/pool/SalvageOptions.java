package io.pdata.cli.pool;

import io.pdata.tools.thin.VolumeSearch;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** What to do about damage, and what is known that the metadata do not say any more. */
final class SalvageOptions {
    @Option(names = "--salvage", description = "Look for the volume around damage, and go on where something of it cannot be read; of a folder, read"
            + " metadata and data as they lie there, without what was not committed.")
    private boolean salvage;

    @Option(names = "--mapping-root", paramLabel = "BLOCK", defaultValue = "-1", description = "Take the volume from this state of the pool, of those that 'thin_repair --list-roots' lists.")
    private long mappingRoot;

    @Option(names = "--root", paramLabel = "BLOCK", defaultValue = "-1", description = "The root of the volume's mapping tree, where nothing leads to it any more.")
    private long root;

    @Option(names = "--block-size", paramLabel = "SIZE", converter = Sizes.class, description = "The size of data blocks, if it was lost with the superblock.")
    private long blockBytes;

    /** Whether to go on where something cannot be read. */
    boolean salvage() {
        return salvage;
    }

    /** Null if sound metadata are to lead to the volume. */
    VolumeSearch.Known around() {
        VolumeSearch.Known known = new VolumeSearch.Known(from(root, 0), from(mappingRoot, 0), from(blockBytes, 1));
        boolean anything = known.root().isPresent() || known.mappingRoot().isPresent()
                || known.blockBytes().isPresent();
        return salvage || anything ? known : null;
    }

    private static OptionalLong from(long value, long least) {
        return value < least ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
