package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.OverwriteQuestion;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.Unfinished;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.pack.Packer;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

public final class ThinMetadataPackCommand extends ToolCommand {
    private Path input;
    private Path output;
    private final OverwriteQuestion question = new OverwriteQuestion();

    public ThinMetadataPackCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_metadata_pack",
                "Makes a small file of metadata, for example to send to others: blocks that hold nothing are left out.",
                "thin_metadata_pack -i pool.img -o pool.pack");
        tool.option(Kind.PATH, "-i", "--input").label("<DEV>").means("The metadata: a device or a file")
                .required().into(value -> input = value);
        tool.reads(Needed.ANY_METADATA, () -> input);
        tool.option(Kind.PATH, "-o", "--output").label("<FILE>").means("The file to make").required()
                .into(value -> output = value);
        question.define(tool);
    }

    @Override
    protected int run() {
        try (FileDevice device = MetadataFile.openDevice(input, FileDevice.Access.READ_ONLY)) {
            MetadataFile.refuseXml(input);
            question.ask(console(), output);
            OverwriteQuestion.refuseSameFile(input, output);
            try (FileOutputStream file = new FileOutputStream(output.toFile())) {
                pack(device, file);
            }
        } catch (IOException e) {
            throw new ToolException("unable to write the pack file '" + output + "': " + e.getMessage(), e);
        }
        return ExitStatus.OK;
    }

    /** A pack file that ends too early cannot be told from one that is complete: after a failure there is none. */
    private void pack(FileDevice device, FileOutputStream file) throws IOException {
        try (Unfinished _ = Files.isRegularFile(output) ? new Unfinished(this::empty, console().err()) : null) {
            BufferedOutputStream out = new BufferedOutputStream(file, 1 << 16);
            long raw = Packer.pack(device, out);
            out.flush();
            if (Files.isRegularFile(output)) {
                file.getChannel().force(true);
            }
            if (raw > 0) {
                console().problem(raw + (raw == 1 ? " block is" : " blocks are")
                        + " no metadata by checksum, and packed byte by byte: damaged blocks, or remains of other"
                        + " data");
            }
        } catch (IOException | PersistentDataException e) {
            if (Files.isRegularFile(output)) {
                empty();
            }
            throw e;
        }
    }

    private void empty() throws IOException {
        FileChannel.open(output, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING).close();
    }
}
