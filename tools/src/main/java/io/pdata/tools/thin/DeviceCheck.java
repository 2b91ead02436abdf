package io.pdata.tools.thin;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/** Goes through the device details tree and the top level of the mapping tree side by side: they must agree. */
final class DeviceCheck {
    /** The largest id that a thin device can be given. */
    private static final long MAX_ID = (1 << 24) - 1;

    private final BlockReader blocks;
    private final ThinSuperblock state;
    private final String structure;
    private final boolean repairable;
    private final Findings findings;
    private boolean wrongNumbers;
    private boolean shortfall;

    /** @param where what findings put in front of "thin devices", or nothing */
    DeviceCheck(BlockReader blocks, ThinSuperblock state, String where, Findings findings) {
        this.blocks = blocks;
        this.state = state;
        this.repairable = where.isEmpty();
        this.structure = where.isEmpty() ? "thin devices" : where + ", thin devices";
        this.findings = findings;
    }

    /** @param mappings has walked the mapping trees; or null to leave the number of mappings alone */
    void check(TreeWalker mappings) {
        try (Cursor details = new BTreeReader(blocks, 1, DeviceDetails.SIZE).cursor(state.detailsRoot());
                Cursor roots = new BTreeReader(blocks, 1, Long.BYTES).cursor(state.mappingRoot())) {
            while (details.valid() || roots.valid()) {
                int order = !details.valid()
                        ? 1
                        : !roots.valid() ? -1 : Long.compareUnsigned(details.key(), roots.key());
                if (order < 0) {
                    fatal(Kind.DEVICE_IDS, details.key(), "is in the device details tree, but has no mapping tree");
                } else if (order > 0) {
                    fatal(Kind.DEVICE_IDS, roots.key(), "has a mapping tree, but is not in the device details tree");
                } else {
                    checkDetails(details.key(), DeviceDetails.read(details.block(), details.valueOffset()),
                            mappings == null ? null : mappings.summary(roots.longValue()));
                }
                if (order <= 0) {
                    details.next();
                }
                if (order >= 0) {
                    roots.next();
                }
            }
        } catch (CorruptionException | DeviceException e) {
            findings.add(Finding.of(Severity.FATAL, Kind.DAMAGE, structure,
                    "cannot be compared any further: " + e.getMessage()));
        }
    }

    private void checkDetails(long id, DeviceDetails details, TreeWalker.Summary mappings) {
        if (Long.compareUnsigned(id, MAX_ID) > 0) {
            add(Severity.NOTICE, Kind.VALUE, id, "has an id above " + MAX_ID);
        }
        String now = Integer.toUnsignedString(state.time());
        if (Integer.compareUnsigned(details.creationTime(), state.time()) > 0) {
            fatal(Kind.FUTURE, id, "was created at " + Integer.toUnsignedString(details.creationTime())
                    + ", but the pool's time is " + now);
        }
        if (Integer.compareUnsigned(details.snapshottedTime(), state.time()) > 0) {
            fatal(Kind.FUTURE, id, "had a snapshot at " + Integer.toUnsignedString(details.snapshottedTime())
                    + ", but the pool's time is " + now);
        }
        if (Integer.compareUnsigned(details.snapshottedTime(), details.creationTime()) < 0) {
            // Sharing since its creation would not be noticed, and shared blocks be written to in place.
            fatal(Kind.VALUE, id, "had a snapshot at " + Integer.toUnsignedString(details.snapshottedTime())
                    + ", before it was created at " + Integer.toUnsignedString(details.creationTime()));
        }
        if (Long.compareUnsigned(details.transactionId(), state.transactionId()) > 0) {
            add(Severity.NOTICE, Kind.FUTURE, id, // nothing depends on it, and restores may set the pool's back

                    "was created in transaction " + Long.toUnsignedString(details.transactionId())
                            + ", but the pool's is " + Long.toUnsignedString(state.transactionId()));
        }
        if (mappings != null) {
            checkMappings(id, details.mappedBlocks(), mappings);
        }
    }

    /** In the words of thin-provisioning-tools. */
    private void checkMappings(long id, long expected, TreeWalker.Summary found) {
        if (found.errors() > 0) {
            fatal(Kind.MAPPED_BLOCKS, id, "has " + found.errors() + " errors and is missing "
                    + Math.max(0, expected - found.entries()) + " mappings, while expected "
                    + Long.toUnsignedString(expected));
        } else if (found.entries() != expected) {
            wrongNumbers = true;
            shortfall |= Long.compareUnsigned(found.entries(), expected) < 0;
            Finding finding = finding(Severity.FATAL, Kind.MAPPED_BLOCKS, id,
                    "has unexpected number of mappings, expected " + Long.toUnsignedString(expected) + ", actual "
                            + found.entries());
            if (repairable) {
                findings.addRepairable(finding);
            } else {
                findings.add(finding);
            }
        }
    }

    /** Whether details say of a whole tree that it has another number of mappings than it has. */
    boolean wrongNumbers() {
        return wrongNumbers;
    }

    /** Whether such a tree has fewer mappings than they say, so that some may be lost. */
    boolean shortfall() {
        return shortfall;
    }

    private void fatal(Kind kind, long id, String problem) {
        add(Severity.FATAL, kind, id, problem);
    }

    private void add(Severity severity, Kind kind, long id, String problem) {
        findings.add(finding(severity, kind, id, problem));
    }

    private Finding finding(Severity severity, Kind kind, long id, String problem) {
        return Finding.of(severity, kind, structure, "Thin device " + Long.toUnsignedString(id) + " " + problem);
    }
}
