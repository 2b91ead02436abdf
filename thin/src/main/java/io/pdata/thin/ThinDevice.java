package io.pdata.thin;

/**
 * A thin device that is held in memory: one that somebody has open, or that has changes to be committed.
 *
 * <p>Made by {@link ThinMetadata#openDevice}; used by the thread that uses the metadata. After a roll-back it shows what
 * was committed last.
 */
public final class ThinDevice {
    /** That of the pool it belongs to. */
    private final DeviceTable table;
    private final long id;
    private final long transactionId;
    private final int creationTime;
    private long mappedBlocks;
    /** Also read by threads that do not use the metadata. */
    private volatile int snapshottedTime;
    private int openCount;
    private boolean changed;
    /** Has been written by a commit that may still fail. */
    private boolean unsettled;
    private volatile boolean abortedWithChanges;
    private boolean gone;

    ThinDevice(DeviceTable table, long id, DeviceDetails details, boolean changed) {
        this.table = table;
        this.id = id;
        this.transactionId = details.transactionId();
        this.creationTime = details.creationTime();
        this.mappedBlocks = details.mappedBlocks();
        this.snapshottedTime = details.snapshottedTime();
        this.changed = changed;
    }

    public long id() {
        return id;
    }

    /** The details as they will be committed next. */
    public DeviceDetails details() {
        return new DeviceDetails(mappedBlocks, transactionId, creationTime, snapshottedTime);
    }

    /** How many mappings the device has. */
    public long mappedBlocks() {
        return mappedBlocks;
    }

    /** How many times the device is open. */
    public int openCount() {
        return openCount;
    }

    /** Whether the running transaction has changed this device. */
    public boolean changed() {
        return changed;
    }

    /** Whether changes of this device have been rolled back since it was opened, so that writes may be lost. */
    public boolean abortedWithChanges() {
        return abortedWithChanges;
    }

    /** Whether a mapping made at {@code time} may be shared with another device: {@code false} is certain. */
    public boolean mayShare(int time) {
        return Integer.compareUnsigned(snapshottedTime, time) > 0;
    }

    /** @throws IllegalStateException if this is a device of another pool */
    void checkBelongsTo(DeviceTable devices) {
        if (table != devices) {
            throw new IllegalStateException(this + " belongs to another pool");
        }
    }

    void opened() {
        openCount++;
    }

    void closed() {
        if (openCount == 0) {
            throw new IllegalStateException(this + " is not open");
        }
        openCount--;
    }

    boolean isOpen() {
        return openCount > 0 && !gone;
    }

    void countMapped(long difference) {
        mappedBlocks += difference;
        changed = true;
    }

    /** A snapshot of this device was taken at this time, or it came into being by one. */
    void snapshotted(int time) {
        snapshottedTime = time;
        changed = true;
    }

    /** The details have become part of what is being committed. */
    void written() {
        changed = false;
        unsettled = true;
    }

    /** The commit has succeeded. */
    void settled() {
        unsettled = false;
    }

    /**
     * Shows the committed state again; {@code null}: there is no such device in it.
     *
     * @param lost whether changes that somebody counts on are lost
     */
    void rolledBack(DeviceDetails committed, boolean lost) {
        abortedWithChanges |= lost && (changed || unsettled);
        changed = false;
        unsettled = false;
        if (committed == null) {
            gone = true;
        } else {
            mappedBlocks = committed.mappedBlocks();
            snapshottedTime = committed.snapshottedTime();
        }
    }

    @Override
    public String toString() {
        return "thin device " + Long.toUnsignedString(id);
    }
}
