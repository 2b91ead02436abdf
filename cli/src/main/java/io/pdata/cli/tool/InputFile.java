package io.pdata.cli.tool;

import io.pdata.tools.ToolException;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file, device or pipe that text is read from, and how much of it has been. Any thread may ask; one reads. */
public final class InputFile extends FilterInputStream {
    private final long size;
    private volatile long bytesRead;

    private InputFile(InputStream in, long size) {
        super(in);
        this.size = size;
    }

    /** @throws ToolException in the words that scripts look for, if it cannot be read */
    public static InputFile open(Path path) {
        if (path.toString().isEmpty() || !Files.exists(path)) {
            throw new ToolException("Couldn't find input file '" + path + "'");
        }
        if (Files.isDirectory(path)) {
            throw new ToolException("Not a block device or regular file '" + path + "'.");
        }
        if (!Files.isReadable(path)) {
            throw new ToolException("Permission denied: '" + path + "'");
        }
        try {
            return new InputFile(new FileInputStream(path.toFile()), Files.isRegularFile(path) ? Files.size(path) : 0);
        } catch (AccessDeniedException e) {
            throw new ToolException("Permission denied: '" + path + "'", e);
        } catch (NoSuchFileException e) {
            throw new ToolException("Couldn't find input file '" + path + "'", e);
        } catch (IOException e) {
            throw new ToolException("Invalid input file '" + path + "': " + e.getMessage(), e);
        }
    }

    /** How many bytes there are; 0 if that is not known. */
    public long size() {
        return size;
    }

    /** How many bytes have been read. */
    public long bytesRead() {
        return bytesRead;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int n = super.read(bytes, from, length);
        bytesRead += Math.max(n, 0);
        return n;
    }

    @Override
    public void close() {
        try {
            super.close();
        } catch (IOException e) {
            throw new ToolException("cannot close the input: " + e.getMessage(), e);
        }
    }
}
