package io.pdata.thin;

import io.pdata.core.btree.BTree;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.thin.ThinRequestException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.LinkedHashMap;

/**
 * The details tree, and the devices that are held in memory.
 *
 * <p>Those in memory are a list with the latest in front; a device stays in its place until it is committed while
 * nobody has it open, or deleted. The order decides the order in which details are written at a commit, and with it the
 * bytes on disk (format document, section 4). Used by one thread at a time.
 */
final class DeviceTable {
    private final BTree tree;
    private final TreeRoot root = new TreeRoot(0);
    private final LinkedHashMap<Long, ThinDevice> inCore = new LinkedHashMap<>();
    private final MemorySegment written = Arena.ofAuto().allocate(DeviceDetails.SIZE, Long.BYTES);
    private final MemorySegment value = Arena.ofAuto().allocate(DeviceDetails.SIZE, Long.BYTES);

    DeviceTable(TransactionManager transactions) {
        tree = new BTree(transactions, 1, ValueType.plain(DeviceDetails.SIZE));
    }

    void create() {
        root.moveTo(tree.empty().block());
    }

    void moveTo(long block) {
        root.moveTo(block);
    }

    long root() {
        return root.block();
    }

    /** The details of a device with the changes of the running transaction, or null. */
    DeviceDetails find(long id) {
        ThinDevice device = inCore.get(id);
        return device == null ? recorded(id) : device.details();
    }

    private DeviceDetails recorded(long id) {
        return tree.lookup(root.block(), id, value) ? DeviceDetails.read(value, 0) : null;
    }

    /** The in-memory object of a device, which is made if need be. */
    ThinDevice load(long id) {
        ThinDevice device = inCore.get(id);
        if (device == null) {
            DeviceDetails details = recorded(id);
            if (details == null) {
                throw new ThinRequestException(Reason.UNKNOWN_DEVICE,
                        "there is no device " + Long.toUnsignedString(id));
            }
            device = new ThinDevice(this, id, details, false);
            inCore.putFirst(id, device);
        }
        return device;
    }

    /** A device that is in neither the tree nor memory yet. */
    ThinDevice add(long id, DeviceDetails details) {
        ThinDevice device = new ThinDevice(this, id, details, true);
        inCore.putFirst(id, device);
        return device;
    }

    /** Takes a device out of memory and tree; in the latter it is not yet if it was made in this transaction. */
    void remove(long id) {
        inCore.remove(id);
        if (recorded(id) != null) {
            tree.remove(root, id);
        }
    }

    boolean isOpen(long id) {
        ThinDevice device = inCore.get(id);
        return device != null && device.isOpen();
    }

    boolean anyOpen() {
        return inCore.values().stream().anyMatch(ThinDevice::isOpen);
    }

    boolean anyChanged() {
        return inCore.values().stream().anyMatch(ThinDevice::changed);
    }

    /** Writes the details of the changed devices, in the order of the list, and lets go of those not open. */
    void writeChanged() {
        for (Iterator<ThinDevice> devices = inCore.values().iterator(); devices.hasNext();) {
            ThinDevice device = devices.next();
            if (device.changed()) {
                device.details().write(written, 0);
                tree.insert(root, device.id(), written);
                device.written();
                if (!device.isOpen()) {
                    devices.remove();
                }
            }
        }
    }

    /** What {@link #writeChanged} wrote is durable. */
    void settled() {
        inCore.values().forEach(ThinDevice::settled);
    }

    /**
     * Takes the details of all devices in memory from the committed tree again.
     *
     * @param lost whether changes that somebody counts on are lost
     */
    void rollBack(long committedRoot, boolean lost) {
        root.moveTo(committedRoot);
        for (Iterator<ThinDevice> devices = inCore.values().iterator(); devices.hasNext();) {
            ThinDevice device = devices.next();
            device.rolledBack(recorded(device.id()), lost);
            if (!device.isOpen()) {
                devices.remove();
            }
        }
    }

    /** Drops the details tree of a held metadata snapshot. */
    void deleteTree(long heldRoot) {
        tree.delete(heldRoot);
    }
}
