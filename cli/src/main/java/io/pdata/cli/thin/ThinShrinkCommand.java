package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.InputFile;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
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

public final class ThinShrinkCommand extends ToolCommand {
    private Path input;
    private Path output;
    private Path data;
    private long blocks;
    private boolean noCopy;
    private boolean binary;

    public ThinShrinkCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_shrink",
                "Makes a pool that is not in use smaller: moves its data out of the end, and writes new metadata.\nData blocks are moved in place: keep a copy of the data, or be sure to have one of the volumes.",
                "truncate -s 8M new.img", "truncate -s 2560M data.img",
                "thin_shrink --binary -i pool.img -o new.img --data data.img --nr-blocks 30000");
        tool.option(Kind.PATH, "-i", "--input").label("<FILE>")
                .means("The pool's metadata: a dump, or with --binary a device or file of metadata").required()
                .into(value -> input = value);
        tool.reads(Needed.METADATA, () -> binary ? input : null);
        tool.reads(Needed.DUMP, () -> binary ? null : input);
        tool.option(Kind.PATH, "-o", "--output").label("<FILE>")
                .means("Where to write the new metadata: a file for XML; with --binary a device or file that exists")
                .required()
                .into(value -> output = value);
        tool.option(Kind.PATH, "--data").label("<FILE>").means("The pool's data, in which blocks are moved in place")
                .required().into(value -> data = value);
        tool.option(Kind.U64, "--nr-blocks").label("<NUM>").means("Number of data blocks that the pool is to keep")
                .required().into(value -> blocks = value);
        tool.flag("--no-copy").means("Move no data: only for trying out, the result does not fit the data")
                .into(on -> noCopy = on);
        tool.flag("--binary").means("Read and write metadata instead of dumps").into(on -> binary = on);
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
            try (ThinWriter writer = new ThinWriter(device, console())) {
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

    /** Without a copy the data device may be absent. */
    private void requireSizeIfPresent(ThinShrink shrink) {
        if (Files.exists(data)) {
            try (FileDevice device = MetadataFile.openAny(data, Access.READ_ONLY)) {
                shrink.requireSize(device);
            }
        }
    }

    private void copy(ThinShrink shrink, FileDevice device) {
        if (device == null) {
            requireSizeIfPresent(shrink);
            return;
        }
        shrink.requireSize(device);
        AtomicLong copied = new AtomicLong();
        try (ProgressLine _ = new ProgressLine(console(), copied::get, shrink.toMove() * shrink.blockBytes())) {
            shrink.copy(device, n -> copied.addAndGet(n * shrink.blockBytes()));
        }
    }
}
