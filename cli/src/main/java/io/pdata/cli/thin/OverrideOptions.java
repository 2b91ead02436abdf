package io.pdata.cli.thin;

import io.pdata.cli.tool.Numbers;
import io.pdata.tools.thin.PoolOverrides;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** What is to be put in the place of what metadata or their dump say of a pool. */
final class OverrideOptions {
    @Option(names = "--transaction-id", paramLabel = "<NUM>", converter = Numbers.U64.class, description = "Override the transaction id if needed")
    private Long transactionId;

    @Option(names = "--data-block-size", paramLabel = "<SECTORS>", converter = Numbers.U32.class, description = "Override the data block size if needed")
    private Integer dataBlockSectors;

    @Option(names = "--nr-data-blocks", paramLabel = "<NUM>", converter = Numbers.U64.class, description = "Override the number of data blocks if needed")
    private Long dataBlocks;

    PoolOverrides overrides() {
        return new PoolOverrides(transactionId == null ? OptionalLong.empty() : OptionalLong.of(transactionId),
                dataBlockSectors == null ? OptionalInt.empty() : OptionalInt.of(dataBlockSectors),
                dataBlocks == null ? OptionalLong.empty() : OptionalLong.of(dataBlocks));
    }
}
