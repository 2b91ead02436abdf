package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.SizeOutput;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.ToolException;
import io.pdata.tools.cache.CacheMetadataSize;

public final class CacheMetadataSizeCommand extends ToolCommand {
    private Long blockSize;
    private Long deviceSize;
    private Long blocks;
    private int hintWidth;
    private final SizeOutput output = new SizeOutput();

    public CacheMetadataSizeCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("cache_metadata_size",
                "Tells how large a metadata device should be.",
                "cache_metadata_size --device-size 100g --block-size 256k -u m");
        tool.synopsis("cache_metadata_size [OPTIONS] <--device-size <SIZE> --block-size <SIZE> | --nr-blocks <NUM>>");
        tool.option(Kind.SIZE, "--block-size").label("<SIZE[bskmg]>").means("Size of a cache block")
                .into(value -> blockSize = value);
        tool.option(Kind.SIZE, "--device-size").label("<SIZE[bskmgtp]>")
                .means("Size of the fast device").into(value -> deviceSize = value);
        tool.option(Kind.U64, "--nr-blocks").label("<NUM>").means("Number of blocks of the cache")
                .into(value -> blocks = value);
        tool.option(Kind.U32, "--max-hint-width").label("<BYTES>")
                .means("Bytes of policy hints for each block [default: 4]").orElse("4")
                .into(value -> hintWidth = value);
        tool.exclusive("--nr-blocks", "--device-size", "--block-size");
        output.define(tool);
    }

    @Override
    protected int run() {
        if (blocks == null && deviceSize == null && blockSize == null) {
            throw new ToolException("Please specify either --device-size and --block-size, or --nr-blocks.");
        }
        if (blocks == null) {
            require("--device-size", "--block-size");
            blocks = CacheMetadataSize.blocks(deviceSize, blockSize);
        }
        console().result(output.text(CacheMetadataSize.estimate(blocks, Integer.toUnsignedLong(hintWidth))));
        return ExitStatus.OK;
    }
}
