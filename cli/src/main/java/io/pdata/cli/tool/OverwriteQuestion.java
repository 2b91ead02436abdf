package io.pdata.cli.tool;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.pack.Packer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Before something is overwritten that looks like metadata, somebody has to say yes. */
public final class OverwriteQuestion {
    private boolean force;

    /** Declares the options. */
    public void define(Definition tool) {
        tool.flag("-f", "--force").means("Overwrite metadata without asking").into(on -> force = on);
    }

    /**
     * Asks, unless there is no need to.
     *
     * @throws ToolException if the answer is not yes; that nobody is there to answer is a no
     */
    public void ask(Console console, Path output) {
        if (force || !holdsMetadata(output)) {
            return;
        }
        console.err().print("The destination appears to already contain metadata, are you sure? [y/n]: ");
        console.err().flush();
        try {
            int answer = System.in.read();
            if (answer != 'y' && answer != 'Y') {
                throw new ToolException("Output file not overwritten");
            }
        } catch (IOException e) {
            throw new ToolException("Output file not overwritten: no answer can be read: " + e.getMessage(), e);
        }
    }

    /** Nothing is packed or unpacked onto itself. */
    public static void refuseSameFile(Path input, Path output) throws IOException {
        if (Files.exists(output) && Files.isSameFile(input, output)) {
            throw new ToolException("input and output are the same file");
        }
    }

    private static boolean holdsMetadata(Path output) {
        try (FileDevice device = MetadataFile.openAny(output, Access.READ_ONLY_UNLOCKED)) {
            return Packer.beginsWithSuperblock(device);
        } catch (ToolException e) {
            return false; // no file and no block device: nothing to be lost there
        }
    }
}
