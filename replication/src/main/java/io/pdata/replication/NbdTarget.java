package io.pdata.replication;

import io.pdata.nbd.NbdClient;
import java.io.IOException;

/** An export of an NBD server, which must be as large as the volume at least. */
public final class NbdTarget implements Target {
    private final NbdClient client;

    /** @param uri where: see {@link NbdClient#connect} */
    public NbdTarget(String uri) {
        try {
            client = NbdClient.connect(uri);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void begin(long size) {
        if (client.readOnly()) {
            throw new TransferException("the export is read-only");
        }
        if (client.size() < size) {
            throw new TransferException("the export has " + client.size() + " bytes, and the volume " + size);
        }
    }

    @Override
    public void write(long position, byte[] bytes, int offset, int length) {
        try {
            client.write(position, bytes, offset, length);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void zero(long position, long length) {
        try {
            client.zero(position, length);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void finish() {
        try {
            client.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static TransferException failed(IOException e) {
        return new TransferException("NBD: " + e.getMessage(), e);
    }
}
