package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Numbers;
import io.pdata.cli.tool.SizeOutput;
import io.pdata.cli.tool.SizeValue;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.ToolException;
import io.pdata.tools.cache.CacheMetadataSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "cache_metadata_size", description = "Estimate the size of the metadata device needed for a given configuration.", customSynopsis = "cache_metadata_size [OPTIONS] <--device-size <SIZE> --block-size <SIZE> | --nr-blocks <NUM>>", footer = "cache_metadata_size --device-size 100g --block-size 256k -u m")
public final class CacheMetadataSizeCommand extends ToolCommand {
    @Option(names = "--block-size", paramLabel = "<SIZE[bskmg]>", converter = SizeValue.class, description = "Specify the size of each cache block")
    private Long blockSize;

    @Option(names = "--device-size", paramLabel = "<SIZE[bskmgtp]>", converter = SizeValue.class, description = "Specify total size of the fast device used in the cache")
    private Long deviceSize;

    @Option(names = "--nr-blocks", paramLabel = "<NUM>", converter = Numbers.U64.class, description = "Specify the number of cache blocks")
    private Long blocks;

    @Option(names = "--max-hint-width", paramLabel = "<BYTES>", defaultValue = "4", converter = Numbers.U32.class, description = "Specify the per-block hint width [default: 4]")
    private int hintWidth;

    @Mixin
    private SizeOutput output;

    public CacheMetadataSizeCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() {
        refuse("--nr-blocks", "--device-size", "--block-size");
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
