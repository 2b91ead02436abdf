package io.pdata.reliability.damage;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.reliability.damage.Use.Action;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Inverts single bits, and sees to it that nobody is fooled: whoever reads a block with a flipped bit says which block it
 * is; whoever does not need that block answers as if nothing had happened; and the check finds every one that is in a
 * block in use.
 *
 * <p>All flips of all images are numbered, those in blocks in use first, each part in an order that the seed decides.
 * Thread-safe: what it is made of does not change.
 */
final class BitFlips {
    static final int BITS = Bytes.BLOCK_SIZE * Byte.SIZE;

    private final List<Image> images;
    private final List<Map<Action, String>> answers = new ArrayList<>();
    private final List<Place> used = new ArrayList<>();
    private final List<Place> free = new ArrayList<>();
    private final Permutation usedOrder;
    private final Permutation freeOrder;

    /** A block of an image. */
    record Place(int image, long block, boolean used) {}

    /** A bit of a block. */
    record Flip(Place place, int bit) {}

    BitFlips(List<Image> images, long seed) {
        this.images = images;
        for (int i = 0; i < images.size(); i++) {
            Image image = images.get(i);
            Map<Action, String> expected = new EnumMap<>(Action.class);
            for (Action action : Action.values()) {
                expected.put(action, image.format().use().perform(action, image.device()));
            }
            answers.add(expected);
            for (long block = 0; block < image.blocks(); block++) {
                boolean inUse = inUse(image, block);
                (inUse ? used : free).add(new Place(i, block, inUse));
            }
        }
        usedOrder = new Permutation(usedFlips(), seed);
        freeOrder = new Permutation(flips() - usedFlips(), seed);
    }

    private static boolean inUse(Image image, long block) {
        SpaceMapRoot root = SpaceMapRoot.read(image.block(0), image.format().spaceMapRoot());
        MemorySegment index = image.block(root.bitmapRoot());
        return BitmapBlock.count(image.block(IndexEntry.location(index, IndexBlock.entryOffset(0))), (int) block) > 0;
    }

    List<Image> images() {
        return images;
    }

    /** The blocks in use. */
    List<Place> used() {
        return used;
    }

    long usedFlips() {
        return (long) used.size() * BITS;
    }

    /** How many flips there are in all. */
    long flips() {
        return (long) (used.size() + free.size()) * BITS;
    }

    /** Flip number {@code i}. */
    Flip get(long i) {
        boolean inUse = i < usedFlips();
        long place = inUse ? usedOrder.get(i) : freeOrder.get(i - usedFlips());
        return new Flip((inUse ? used : free).get((int) (place / BITS)), (int) (place % BITS));
    }

    /** How many bits of a block its own validator misses when they are flipped; looks at all of them. */
    int missedByValidator(Place place) {
        Image image = images.get(place.image()).copy();
        BlockValidator type = BlockTypes.of(image, place.block()).orElseThrow();
        MemorySegment block = image.block(place.block());
        int missed = 0;
        for (int bit = 0; bit < BITS; bit++) {
            image.flip(place.block(), bit);
            try {
                type.check(block, place.block());
                missed++;
            } catch (CorruptionException e) {
                missed += e.block() == place.block() && e.type().equals(type.type()) ? 0 : 1;
            }
            image.flip(place.block(), bit);
        }
        return missed;
    }

    /**
     * Uses an image with a flip in it in every way.
     *
     * @throws AssertionError saying which flip somebody was fooled by
     */
    void verify(Flip flip) {
        Image image = images.get(flip.place().image()).copy();
        image.flip(flip.place().block(), flip.bit());
        for (Action action : Action.values()) {
            try {
                verify(action, Reaction.of(image, action), flip.place());
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        image.name() + ", block " + flip.place().block() + ", bit " + flip.bit() + ", " + action, e);
            }
        }
    }

    private void verify(Action action, Reaction reaction, Place place) {
        boolean asBefore = answers.get(place.image()).get(action).equals(reaction.answer());
        if (!place.used()) {
            require(asBefore, "a free block makes a difference", reaction);
        } else if (reaction.refused()) {
            require(reaction.blames(place.block()), "the wrong block is blamed", reaction);
        } else if (action == Action.CHECK) {
            require(!asBefore && reaction.answer().contains("block " + place.block()), "not found", reaction);
        } else {
            require(asBefore, "another answer", reaction);
        }
    }

    private static void require(boolean holds, String otherwise, Reaction reaction) {
        if (!holds) {
            throw new AssertionError(otherwise + ": " + reaction.text());
        }
    }
}
