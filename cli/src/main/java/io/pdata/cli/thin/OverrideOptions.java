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
        tool.option(Kind.U64, "--transaction-id").label("<NUM>").means("Use this transaction id")
                .into(value -> transactionId = value);
        tool.option(Kind.U32, "--data-block-size").label("<SECTORS>").means("Use this data block size, in sectors")
                .into(value -> dataBlockSectors = value);
        tool.option(Kind.U64, "--nr-data-blocks").label("<NUM>")
                .means("Number of data blocks, where the recorded one is too small")
                .into(value -> dataBlocks = value);
    }

    PoolOverrides overrides() {
        return new PoolOverrides(transactionId == null ? OptionalLong.empty() : OptionalLong.of(transactionId),
                dataBlockSectors == null ? OptionalInt.empty() : OptionalInt.of(dataBlockSectors),
                dataBlocks == null ? OptionalLong.empty() : OptionalLong.of(dataBlocks));
    }
}
