package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.SizeOutput;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.thin.ThinMetadataSize;

public final class ThinMetadataSizeCommand extends ToolCommand {
    private long blockSize;
    private long poolSize;
    private long volumes;
    private final SizeOutput output = new SizeOutput();

    public ThinMetadataSizeCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_metadata_size",
                "Estimate the size of the metadata device needed for a given configuration.",
                "thin_metadata_size -b 64k -s 1t -m 1000 -u m");
        tool.option(Kind.SIZE, "-b", "--block-size").label("<SIZE[bskmg]>").means("Specify the data block size")
                .required().into(value -> blockSize = value);
        tool.option(Kind.SIZE, "-s", "--pool-size").label("<SIZE[bskmgtp]>").means("Specify the size of pool device")
                .required().into(value -> poolSize = value);
        tool.option(Kind.U64, "-m", "--max-thins").label("<NUM>").means("Maximum number of thin devices and snapshots")
                .required().into(value -> volumes = value);
        output.define(tool);
    }

    @Override
    protected int run() {
        console().result(output.text(ThinMetadataSize.estimate(poolSize, blockSize, volumes)));
        return ExitStatus.OK;
    }
}
