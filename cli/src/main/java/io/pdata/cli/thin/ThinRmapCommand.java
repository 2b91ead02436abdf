package io.pdata.cli.thin;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.InvalidValueException;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.Numbers;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinReverseMap.Region;
import io.pdata.tools.thin.ThinReverseMap.Run;
import io.pdata.tools.thin.ThinReverseMap;
import java.nio.file.Path;
import java.util.List;

public final class ThinRmapCommand extends ToolCommand {
    private static final byte[] DATA = TextOut.literal("data ");
    private static final byte[] TO = TextOut.literal("..");
    private static final byte[] THIN = TextOut.literal(" -> thin(");
    private static final byte[] BLOCKS = TextOut.literal(") ");
    private static final byte[] LINE_END = TextOut.literal("\n");

    private static final Kind<Region> REGION = new Kind<>(Region.class, ThinRmapCommand::region);

    private Path input;
    private List<Region> regions;

    public ThinRmapCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_rmap", "Tells which volumes use a range of data blocks.",
                "thin_rmap --region 0..1000 pool.img");
        tool.parameter(Kind.PATH).label("<INPUT>").means("The metadata: a device or a file")
                .into(value -> input = value);
        tool.reads(Needed.METADATA, () -> input);
        tool.options(REGION, "--region").label("<BLOCK_RANGE>")
                .means("Data blocks from A up to, but without, B; can be given several times")
                .required().into(value -> regions = value);
        Accepted.engine(tool);
    }

    @Override
    protected int run() {
        try (MetadataFile file = MetadataFile.open(input);
                ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            TextOut out = console().standardOutput();
            ThinReverseMap.map(file, regions, run -> print(run, out));
            out.flush();
        }
        return ExitStatus.OK;
    }

    private static void print(Run run, TextOut out) {
        out.raw(DATA).number(run.begin()).raw(TO).number(run.end()).raw(THIN).number(run.device()).raw(BLOCKS)
                .number(run.origin()).raw(TO).number(run.origin() + (run.end() - run.begin())).raw(LINE_END);
    }

    /** Two numbers with two dots between them. */
    private static Region region(String value) {
        String[] ends = value.split("\\.\\.", -1);
        if (ends.length != 2) {
            throw new InvalidValueException("badly formed region");
        }
        Region region = new Region(Numbers.u64(ends[0]), Numbers.u64(ends[1]));
        if (Long.compareUnsigned(region.end(), region.begin()) <= 0) {
            throw new InvalidValueException("end <= begin");
        }
        return region;
    }
}
