package io.pdata.cli.thin;

import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.Kind;
import io.pdata.tools.thin.PoolOverrides;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What is to be put in the place of what metadata or their dump say of a pool. */
final class OverrideOptions {
    private Long transactionId;
    private Integer dataBlockSectors;
    private Long dataBlocks;

    /** Declares the options. */
    void define(Definition tool) {
        tool.option(Kind.U64, "--transaction-id").label("<NUM>").means("Override the transaction id if needed")
                .into(value -> transactionId = value);
        tool.option(Kind.U32, "--data-block-size").label("<SECTORS>").means("Override the data block size if needed")
                .into(value -> dataBlockSectors = value);
        tool.option(Kind.U64, "--nr-data-blocks").label("<NUM>").means("Override the number of data blocks if needed")
                .into(value -> dataBlocks = value);
    }

    PoolOverrides overrides() {
        return new PoolOverrides(transactionId == null ? OptionalLong.empty() : OptionalLong.of(transactionId),
                dataBlockSectors == null ? OptionalInt.empty() : OptionalInt.of(dataBlockSectors),
                dataBlocks == null ? OptionalLong.empty() : OptionalLong.of(dataBlocks));
    }
}
