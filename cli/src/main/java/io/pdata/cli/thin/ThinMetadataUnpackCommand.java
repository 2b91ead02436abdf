package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.ExitStatus;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "thin_metadata_unpack", description = "Unpack a compressed file of thin metadata.", footer = "thin_metadata_unpack -i pool.pack -o pool.meta")
public final class ThinMetadataUnpackCommand extends ToolCommand {
    @Option(names = {"-i",
        "--input"}, required = true, paramLabel = "<FILE>", description = "Specify packed input file")
    private Path input;

    @Option(names = {"-o",
        "--output"}, required = true, paramLabel = "<DEV>", description = "Specify thinp metadata binary device/file")
    private Path output;

    @Mixin
    private OverwriteQuestion question;

    public ThinMetadataUnpackCommand(Console console) {
        super(console);
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
