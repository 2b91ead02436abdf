package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinRequestException.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which volumes have turned out to be damaged since the pool was opened: whose mappings or details cannot be read, in part or
 * at all. All others are used as ever. Thread-safe.
 */
public final class KnownDamage {
    private final Map<Long, CorruptionException> volumes = new ConcurrentHashMap<>();
    private final PoolEvents events;

    KnownDamage(PoolEvents events) {
        this.events = events;
    }

    /** Something of a volume cannot be read; returns why, for the caller to throw. */
    public CorruptionException found(long volume, CorruptionException damage) {
        if (volumes.putIfAbsent(volume, damage) == null) {
            events.volumeDamaged(volume, damage);
        }
        return damage;
    }

    /** The first damage that was found of a volume. */
    public Optional<CorruptionException> of(long volume) {
        return Optional.ofNullable(volumes.get(volume));
    }

    /** The ids of all volumes of which damage has been found. */
    public Set<Long> volumes() {
        return new TreeSet<>(volumes.keySet());
    }

    /** Whether damage is of the pool's trees, and not of a space map, without which nothing can be allocated safely. */
    public static boolean isOfTrees(CorruptionException damage) {
        return !damage.type().contains("space map") && !damage.path().contains("space map")
                && !damage.problem().contains("space map");
    }

    /** Why a request that met damage was not done. */
    static ThinRequestException refusal(CorruptionException damage) {
        return new ThinRequestException(Reason.DAMAGED,
                "nothing has been changed, because metadata of the pool are damaged: "
                        + damage.getMessage()
                        + "; 'pdata pool check' lists the damage, and 'pdata thin_repair' repairs a copy of the"
                        + " metadata when the pool is not served",
                damage);
    }
}
