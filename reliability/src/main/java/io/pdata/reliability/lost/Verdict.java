package io.pdata.reliability.lost;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.Losses;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.ThinRepair;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The result of a repair of a pool without its superblock. */
enum Verdict {
    /** The same devices, details and mappings as with the superblock. */
    EXACT("exact"),
    /** The state of another commit. */
    OTHER("other state"),
    /** No state that the pool has had, or one with parts missing. */
    DAMAGED("damaged"),
    /** No pool at all. */
    NOTHING("nothing");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** Has ours repair a pool whose superblock is zeroed. */
    static Verdict ofOurs(Moment moment) {
        PoolDigest truth = PoolDigest.of(moment.device().copy());
        PoolDigest found = new PoolDigest();
        try (MetadataFile file = new MetadataFile(withoutSuperblock(moment))) {
            Losses losses = ThinRepair.save(file, overrides(truth), () -> found);
            return judge(moment, truth, found, losses.devices().isEmpty());
        } catch (PersistentDataException e) {
            return NOTHING;
        }
    }

    /** Has a version of the reference tools do the same. */
    static Verdict ofPeer(String version, Moment moment) {
        PoolDigest truth = PoolDigest.of(moment.device().copy());
        PoolDigest found = Peers.repair(version, withoutSuperblock(moment), truth);
        return found == null ? NOTHING : judge(moment, truth, found, found.whole());
    }

    static MemoryDevice withoutSuperblock(Moment moment) {
        MemoryDevice broken = moment.device().copy();
        broken.zero(0, 4096);
        return broken;
    }

    private static ThinRepair.Options overrides(PoolDigest truth) {
        return ThinRepair.Options.of(new PoolOverrides(OptionalLong.of(truth.header().transactionId()),
                OptionalInt.of(truth.header().dataBlockSectors()), OptionalLong.of(truth.header().dataBlocks())));
    }

    private static Verdict judge(Moment moment, PoolDigest truth, PoolDigest found, boolean whole) {
        String text = found.text();
        if (text.equals(truth.text())) {
            return EXACT;
        }
        if (moment.earlier() == null) {
            return whole ? OTHER : DAMAGED;
        }
        return moment.earlier().contains(text) ? OTHER : DAMAGED;
    }
}
