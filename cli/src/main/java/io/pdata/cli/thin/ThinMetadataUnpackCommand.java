package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.OverwriteQuestion;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.pack.Unpacker;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

public final class ThinMetadataUnpackCommand extends ToolCommand {
    private Path input;
    private Path output;
    private final OverwriteQuestion question = new OverwriteQuestion();

    public ThinMetadataUnpackCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_metadata_unpack", "Turns a file made by thin_metadata_pack back into metadata.",
                "thin_metadata_pack -i pool.img -o pool.pack", "thin_metadata_unpack -i pool.pack -o new.img");
        tool.option(Kind.PATH, "-i", "--input").label("<FILE>").means("The packed file").required()
                .into(value -> input = value);
        tool.reads(Needed.PACK, () -> input);
        tool.option(Kind.PATH, "-o", "--output").label("<DEV>")
                .means("Where to write: a device, or a file, which is made if need be")
                .required().into(value -> output = value);
        question.define(tool);
    }

    @Override
    protected int run() {
        MetadataFile.openAny(input, Access.READ_ONLY).close();
        question.ask(console(), output);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(input), 1 << 16)) {
            Unpacker unpacker = Unpacker.open(in);
            OverwriteQuestion.refuseSameFile(input, output);
            try (FileDevice device = empty(unpacker.size())) {
                unpacker.unpackTo(device);
            }
        } catch (IOException e) {
            throw new ToolException("the pack file '" + input + "' cannot be read: " + e.getMessage(), e);
        }
        return ExitStatus.OK;
    }

    /** The output, which reads as zeroes. A file gets the size wanted; a block device must have it. */
    private FileDevice empty(long size) {
        if (!Files.exists(output)) {
            return FileDevice.create(output, size);
        }
        FileDevice device = FileDevice.open(output, Access.READ_WRITE);
        try {
            if (Files.isRegularFile(output)) {
                device.resize(0, false);
                device.resize(size, false);
            } else if (device.size() < size) {
                throw new ToolException(
                        "Output file too small: '" + output + "' has " + device.size() + " bytes, not " + size);
            } else {
                device.zero(0, size);
            }
            return device;
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }
}
