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
                "Tells how large a metadata device should be.",
                "thin_metadata_size -b 64k -s 1t -m 1000 -u m");
        tool.option(Kind.SIZE, "-b", "--block-size").label("<SIZE[bskmg]>")
                .means("Size of a data block: chunk size in LVM's words (lvs -o chunk_size)")
                .required().into(value -> blockSize = value);
        tool.option(Kind.SIZE, "-s", "--pool-size").label("<SIZE[bskmgtp]>").means("Size of the pool's data device")
                .required().into(value -> poolSize = value);
        tool.option(Kind.U64, "-m", "--max-thins").label("<NUM>")
                .means("Most volumes and snapshots that the pool is to have")
                .required().into(value -> volumes = value);
        output.define(tool);
    }

    @Override
    protected int run() {
        console().result(output.text(ThinMetadataSize.estimate(poolSize, blockSize, volumes)));
        return ExitStatus.OK;
    }
}
