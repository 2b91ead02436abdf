package io.pdata.cache;

import io.pdata.core.array.PersistentArray;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.util.function.LongToIntFunction;

/**
 * What the policy wants to find again about each cache block, as of the last clean shutdown: an array of {@code u32}
 * that is made anew each time, as long as the cache was then, and the policy that made it.
 *
 * <p>Source: format document "cache", sections 2 and 3.5.
 */
final class Hints {
    private static final long NONE = 0;

    private final PersistentArray array;
    private CachePolicy policy;
    private long root;

    Hints(TransactionManager transactions) {
        array = new PersistentArray(transactions, ValueType.plain(CachePolicy.HINT_SIZE));
    }

    void format() {
        policy = CachePolicy.NONE;
        root = NONE;
    }

    void load(CacheSuperblock state) {
        policy = state.policy();
        root = state.hintRoot();
    }

    CachePolicy policy() {
        return policy;
    }

    /** The array, or 0 if there is none. */
    long root() {
        return root;
    }

    /** Stores one hint for each of {@code blocks} cache blocks; only the policy's name and version if it has none. */
    void store(CachePolicy newPolicy, long blocks, LongToIntFunction hint) {
        if (newPolicy.hintSize() == 0) {
            // An old array stays, with its size: hints of another policy are told by the name.
            policy = new CachePolicy(newPolicy.name(), newPolicy.major(), newPolicy.minor(), newPolicy.patch(),
                    policy.hintSize());
            return;
        }
        policy = newPolicy;
        if (root != NONE) {
            array.delete(root);
        }
        root = array.create(blocks, (index, block, offset) -> block.set(Bytes.U32, offset, hint.applyAsInt(index)))
                .block();
    }
}
