package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.EngineOption;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.InvalidValueException;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "thin_rmap", description = "Output reverse map of a thin provisioned region of blocks", footer = "thin_rmap --region 0..1000 /dev/mapper/vg-pool_tmeta")
public final class ThinRmapCommand extends ToolCommand {
    private static final byte[] DATA = TextOut.literal("data ");
    private static final byte[] TO = TextOut.literal("..");
    private static final byte[] THIN = TextOut.literal(" -> thin(");
    private static final byte[] BLOCKS = TextOut.literal(") ");
    private static final byte[] LINE_END = TextOut.literal("\n");

    @Parameters(index = "0", paramLabel = "<INPUT>", description = "Specify the input device")
    private Path input;

    @Option(names = "--region", required = true, paramLabel = "<BLOCK_RANGE>", converter = RegionValue.class, description = "Specify range of blocks on the data device")
    private List<Region> regions;

    @Mixin
    private EngineOption engine;

    public ThinRmapCommand(Console console) {
        super(console);
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
    static final class RegionValue implements ITypeConverter<Region> {
        @Override
        public Region convert(String value) {
            String[] ends = value.split("\\.\\.", -1);
            if (ends.length != 2) {
                throw new InvalidValueException("badly formed region");
            }
            Numbers.U64 number = new Numbers.U64();
            Region region = new Region(number.convert(ends[0]), number.convert(ends[1]));
            if (Long.compareUnsigned(region.end(), region.begin()) <= 0) {
                throw new InvalidValueException("end <= begin");
            }
            return region;
        }
    }
}
