package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Numbers;
import io.pdata.cli.tool.SizeOutput;
import io.pdata.cli.tool.SizeValue;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.thin.ThinMetadataSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "thin_metadata_size", description = "Estimate the size of the metadata device needed for a given configuration.", footer = "thin_metadata_size -b 64k -s 1t -m 1000 -u m")
public final class ThinMetadataSizeCommand extends ToolCommand {
    @Option(names = {"-b",
        "--block-size"}, required = true, paramLabel = "<SIZE[bskmg]>", converter = SizeValue.class, description = "Specify the data block size")
    private long blockSize;

    @Option(names = {"-s",
        "--pool-size"}, required = true, paramLabel = "<SIZE[bskmgtp]>", converter = SizeValue.class, description = "Specify the size of pool device")
    private long poolSize;

    @Option(names = {"-m",
        "--max-thins"}, required = true, paramLabel = "<NUM>", converter = Numbers.U64.class, description = "Maximum number of thin devices and snapshots")
    private long volumes;

    @Mixin
    private SizeOutput output;

    public ThinMetadataSizeCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() {
        console().result(output.text(ThinMetadataSize.estimate(poolSize, blockSize, volumes)));
        return ExitStatus.OK;
    }
}
