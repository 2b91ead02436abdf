package io.pdata.server;

import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.replication.TransferReport;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * What can be asked of a pool, wherever it is open: in this process or in a server. Volumes are named; sizes and positions
 * are in bytes. Thread-safe.
 *
 * <p>Every request is durable when it returns. Errors are {@link io.pdata.core.device.PersistentDataException}s; nothing
 * has happened then unless the request says otherwise.
 */
public interface PoolService extends AutoCloseable {

    /** How the pool is. Commits what has been done so far. */
    PoolReport status();

    /**
     * Gives the pool more room.
     *
     * @param dataSize the size of the data device from now on; 0: as it is
     * @param metadataSize the size of the metadata device from now on; 0: as it is
     */
    PoolReport resize(long dataSize, long metadataSize);

    /** Checks all metadata, as the last commit left them. O(metadata); the pool can be used meanwhile. */
    CheckReport check();

    /** All volumes, by name. O(blocks that only one volume has). */
    List<VolumeReport> volumes();

    /** One volume. O(blocks that only it has). */
    VolumeReport volume(String name);

    /** Makes an empty volume. */
    default VolumeReport createVolume(String name, long size) {
        return createVolume(name, size, "");
    }

    /**
     * Makes a volume that shows a file or device where nothing has been written to it.
     *
     * @param size 0: as that file or device
     * @param externalOrigin its path, as whoever has the pool open sees it; empty: there is none
     */
    VolumeReport createVolume(String name, long size, String externalOrigin);

    /** Makes a snapshot, of a volume that may be in use. O(1). */
    VolumeReport createSnapshot(String name, String origin, boolean readOnly);

    /**
     * Changes the size of a volume; clients see it when they connect again. Making it smaller loses what is beyond its new
     * end.
     *
     * @param force whether it may become smaller; those who use it are disconnected then
     */
    VolumeReport resizeVolume(String name, long size, boolean force);

    /** Gives a volume another name. Clients stay connected. */
    VolumeReport renameVolume(String name, String newName);

    /**
     * Deletes a volume or snapshot. O(blocks that only it has).
     *
     * @param force whether those who use it are disconnected; otherwise it is not deleted
     */
    void deleteVolume(String name, boolean force);

    /**
     * Gives a volume size and content of a snapshot, or of any other volume.
     *
     * @param force whether those who use it are disconnected; otherwise it stays as it is
     */
    VolumeReport revert(String name, String snapshot, boolean force);

    /**
     * In what two volumes differ: a part of it, from a position on. If they are being written to, what is written meanwhile
     * may or may not be seen.
     */
    DiffReport diff(String from, String to, long position);

    /**
     * Sends a volume, or what has changed since a snapshot, as a stream ({@link io.pdata.replication.Sender}).
     *
     * @param out gets the stream; nothing of it if the request is not possible
     */
    TransferReport send(SendRequest request, OutputStream out, Progress progress);

    /** Makes a volume out of a stream ({@link io.pdata.replication.Receiver}). */
    Answer receive(ReceiveOptions options, InputStream in, Progress progress);

    /** Volumes of which a part has been received. */
    List<UnfinishedReport> unfinished();

    /** Gives up what there is of a volume of which a part has been received. */
    void discardUnfinished(String name);

    @Override
    void close();
}
