package io.pdata.cache;

import static io.pdata.cache.CacheSuperblockLayout.POLICY_HINT_SIZE;
import static io.pdata.cache.CacheSuperblockLayout.POLICY_NAME;
import static io.pdata.cache.CacheSuperblockLayout.POLICY_NAME_SIZE;
import static io.pdata.cache.CacheSuperblockLayout.POLICY_VERSION;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Which policy ran a cache, as the metadata record it with its hints.
 *
 * @param name at most 15 ASCII characters; empty before the first clean shutdown
 * @param major changes when the meaning of hints does
 * @param minor for information
 * @param patch for information
 * @param hintSize bytes of a hint: 4, or 0 for a policy without hints
 */
public record CachePolicy(String name, int major, int minor, int patch, int hintSize) {
    /** The only size of a hint that the kernel knows. */
    public static final int HINT_SIZE = 4;
    /** The kernel's stochastic multi-queue policy; a hint is the level of a block, 0 to 63. */
    public static final CachePolicy SMQ = new CachePolicy("smq", 2, 0, 0, HINT_SIZE);
    /** What metadata say that were never shut down in order. */
    public static final CachePolicy NONE = new CachePolicy("", 0, 0, 0, 0);

    /** Decodes what a superblock says of the policy. */
    static CachePolicy read(MemorySegment block) {
        byte[] name = new byte[POLICY_NAME_SIZE];
        MemorySegment.copy(block, POLICY_NAME, MemorySegment.ofArray(name), 0, POLICY_NAME_SIZE);
        int length = 0;
        while (length < POLICY_NAME_SIZE && name[length] != 0) {
            length++;
        }
        return new CachePolicy(new String(name, 0, length, StandardCharsets.ISO_8859_1),
                block.get(Bytes.U32, POLICY_VERSION), block.get(Bytes.U32, POLICY_VERSION + 4),
                block.get(Bytes.U32, POLICY_VERSION + 8), block.get(Bytes.U32, POLICY_HINT_SIZE));
    }

    void write(MemorySegment block) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        block.asSlice(POLICY_NAME, POLICY_NAME_SIZE).fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, block, POLICY_NAME, bytes.length);
        block.set(Bytes.U32, POLICY_HINT_SIZE, hintSize);
        block.set(Bytes.U32, POLICY_VERSION, major);
        block.set(Bytes.U32, POLICY_VERSION + 4, minor);
        block.set(Bytes.U32, POLICY_VERSION + 8, patch);
    }

    /** Whether hints that {@code stored} has left are of use to this policy. */
    boolean understandsHintsOf(CachePolicy stored) {
        return name.equals(stored.name) && major == stored.major && hintSize == stored.hintSize;
    }

    /** @throws IllegalArgumentException if this cannot be recorded */
    void requireStorable() {
        if (name.isEmpty() || name.length() >= POLICY_NAME_SIZE
                || !name.chars().allMatch(c -> c > 0 && c < 128)) {
            throw new IllegalArgumentException("a policy's name has 1 to 15 ASCII characters: " + name);
        }
        if (hintSize != 0 && hintSize != HINT_SIZE) {
            throw new IllegalArgumentException("hints of " + hintSize + " bytes; only 4, or 0 for none, can be stored");
        }
    }
}
