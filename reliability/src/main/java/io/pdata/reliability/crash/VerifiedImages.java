package io.pdata.reliability.crash;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Images that have been verified, by the blocks that this took.
 *
 * <p>What a verification finds depends on nothing but the size and the blocks that it reads. So an image that has the same
 * blocks in the places where an earlier verification has read need not be verified again: it contains the same. Blocks
 * are compared by 64-bit hashes.
 *
 * @param <C> what describes a content
 */
final class VerifiedImages<C> {
    private static final int MAX_KEPT = 1 << 17;

    private final Map<Long, List<Verified<C>>> bySuperblock = new HashMap<>();
    private int kept;

    /** What was found in an image, and which blocks say so. */
    private record Verified<C>(int imageBlocks, int[] blocks, long[] hashes, Finding<C> found) {
        boolean fits(CrashImage image) {
            if (image.blocks() != imageBlocks) {
                return false;
            }
            for (int i = 0; i < blocks.length; i++) {
                if (image.hash(blocks[i]) != hashes[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** What was found; wrapped, because a blank device's content is null. */
    record Finding<C>(C content) {}

    /** What an image contains, or null if none like it has been verified. */
    Finding<C> find(CrashImage image) {
        for (Verified<C> candidate : bySuperblock.getOrDefault(image.hash(0), List.of())) {
            if (candidate.fits(image)) {
                return candidate.found();
            }
        }
        return null;
    }

    /** Notes what has been found in an image, of which those blocks have been read that it knows. */
    void add(CrashImage image, C content) {
        if (kept == MAX_KEPT) {
            bySuperblock.clear(); // they will be verified again
            kept = 0;
        }
        int[] blocks = image.blocksSeen();
        long[] hashes = new long[blocks.length];
        for (int i = 0; i < blocks.length; i++) {
            hashes[i] = image.hash(blocks[i]);
        }
        bySuperblock.computeIfAbsent(image.hash(0), _ -> new ArrayList<>())
                .add(new Verified<>(image.blocks(), blocks, hashes, new Finding<>(content)));
        kept++;
    }
}
