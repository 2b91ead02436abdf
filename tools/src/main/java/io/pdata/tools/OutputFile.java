package io.pdata.tools;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Opens what metadata are to be written to: a file or block device that is there and large enough. What is wrong with it is
 * said in the words of thin-provisioning-tools, which scripts look for.
 */
public final class OutputFile {
    /** The smallest that is accepted, in bytes. */
    public static final long MIN_BYTES = 10L * Bytes.BLOCK_SIZE;

    private OutputFile() {}

    /**
     * Opens it for reading and writing, for nobody else to use.
     *
     * @throws ToolException if it is not there, not a file or block device, too small, in use or not to be written
     */
    public static Device open(Path path) {
        try {
            requireFileOrBlockDevice(path);
            FileDevice device = FileDevice.open(path, Access.READ_WRITE);
            if (device.size() < MIN_BYTES) {
                device.close();
                throw new ToolException("Output file too small.");
            }
            return device;
        } catch (DeviceException e) {
            throw e.getCause() instanceof AccessDeniedException
                    ? new ToolException("Permission denied: '" + path + "'", e)
                    : new ToolException(e.getMessage(), e);
        }
    }

    private static void requireFileOrBlockDevice(Path path) {
        try {
            int type = (Integer) Files.getAttribute(path, "unix:mode") & 0170000;
            if (path.toString().isEmpty()) {
                throw new ToolException("Couldn't find output file ''");
            }
            if (type != 0100000 && type != 0060000) {
                throw new ToolException("Invalid output file: Not a block device or regular file: '" + path + "'");
            }
        } catch (NoSuchFileException e) {
            throw new ToolException("Couldn't find output file '" + path + "'", e);
        } catch (AccessDeniedException e) {
            throw new ToolException("Permission denied: '" + path + "'", e);
        } catch (IOException e) {
            throw new ToolException("Invalid output file '" + path + "': " + e.getMessage(), e);
        }
    }
}
