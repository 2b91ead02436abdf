package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.InputFile;
import io.pdata.cli.tool.Numbers;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.TwoFiles;
import io.pdata.core.device.Device;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.OutputFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlIn;
import io.pdata.tools.thin.DumpSink;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.ThinDump;
import io.pdata.tools.thin.ThinShrink;
import io.pdata.tools.thin.ThinWriter;
import io.pdata.tools.thin.ThinXml;
import io.pdata.tools.thin.XmlSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "thin_shrink", description = "Rewrite xml metadata and move data in an inactive pool.", footer = {
    "thin_shrink --binary -i /dev/mapper/vg-pool_tmeta -o new.meta --data /dev/mapper/vg-pool_tdata --nr-blocks 100000",
    "thin_shrink -i pool.xml -o new.xml --data /dev/mapper/vg-pool_tdata --nr-blocks 100000"})
public final class ThinShrinkCommand extends ToolCommand {
    @Option(names = {"-i",
        "--input"}, required = true, paramLabel = "<FILE>", description = "Specify thinp metadata xml file")
    private Path input;

    @Option(names = {"-o",
        "--output"}, required = true, paramLabel = "<FILE>", description = "Specify output xml file")
    private Path output;

    @Option(names = "--data", required = true, paramLabel = "<FILE>", description = "Specify pool data device where data will be moved")
    private Path data;

    @Option(names = "--nr-blocks", required = true, paramLabel = "<NUM>", converter = Numbers.U64.class, description = "Specify new size for the pool (in data blocks)")
    private long blocks;

    @Option(names = "--no-copy", description = "Skip the copying of data, useful for benchmarking")
    private boolean noCopy;

    @Option(names = "--binary", description = "Perform binary metadata rebuild rather than XML rewrite")
    private boolean binary;

    public ThinShrinkCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() {
        TwoFiles.require("input", input, output, "it is needed until the new metadata are complete");
        TwoFiles.require("data", data, output, "the volumes are in it");
        if (binary) {
            shrinkBinary();
        } else {
            shrinkXml();
        }
        return ExitStatus.OK;
    }

    private void shrinkBinary() {
        try (MetadataFile file = MetadataFile.open(input); Device device = OutputFile.open(output)) {
            MetadataFile.refuseXml(input);
            ThinShrink shrink = ThinShrink.plan(ThinDump.content(file), blocks);
            try (FileDevice moved = openData()) {
                copy(shrink, moved);
            }
            try (ThinWriter writer = new ThinWriter(device)) {
                shrink.write(writer);
            }
        }
    }

    private void shrinkXml() {
        ThinShrink shrink = ThinShrink.plan(this::readXml, blocks);
        try (FileDevice moved = openData(); TextOut out = TextOut.to(output)) {
            copy(shrink, moved);
            shrink.write(new XmlSink(out));
            out.flush();
        }
    }

    private void readXml(DumpSink sink) {
        if (Files.exists(input) && !Files.isRegularFile(input)) {
            throw new ToolException("Not a block device or regular file '" + input + "'."); // it is read twice
        }
        try (InputFile xml = InputFile.open(input)) {
            ThinXml.read(new XmlIn(xml), PoolOverrides.NONE, sink);
        }
    }

    /** Null if nothing is to be copied. */
    private FileDevice openData() {
        return noCopy ? null : MetadataFile.openAny(data, Access.READ_WRITE);
    }

    private void copy(ThinShrink shrink, FileDevice device) {
        if (device == null) {
            return;
        }
        AtomicLong copied = new AtomicLong();
        try (ProgressLine _ = new ProgressLine(console(), copied::get, shrink.toMove() * shrink.blockBytes())) {
            shrink.copy(device, n -> copied.addAndGet(n * shrink.blockBytes()));
        }
    }
}
