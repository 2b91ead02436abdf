package io.pdata.fuzz.image;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A sound image, of which only the blocks that are not all zeroes are kept. Immutable; shared by all inputs that damage
 * it.
 */
public final class BaseImage {
    private final String name;
    private final byte[][] blocks;
    private final int[] known;
    private final BlockValidator[] types;

    BaseImage(String name, byte[] image) {
        this.name = name;
        this.blocks = new byte[image.length / Bytes.BLOCK_SIZE][];
        this.types = new BlockValidator[blocks.length];
        byte[] zeroes = new byte[Bytes.BLOCK_SIZE];
        for (int i = 0; i < blocks.length; i++) {
            byte[] block = Arrays.copyOfRange(image, i * Bytes.BLOCK_SIZE, (i + 1) * Bytes.BLOCK_SIZE);
            blocks[i] = Arrays.equals(block, zeroes) ? null : block;
        }
        for (int i = 0; i < blocks.length; i++) {
            types[i] = blocks[i] == null ? null : BlockTypes.of(blocks[i], i);
        }
        this.known = IntStream.range(0, blocks.length).filter(i -> types[i] != null).toArray();
    }

    public String name() {
        return name;
    }

    /** How many blocks the device has. */
    public int size() {
        return blocks.length;
    }

    /** The block that an input means by a number: one with a known type. */
    public int block(long choice) {
        return known[(int) Long.remainderUnsigned(choice, known.length)];
    }

    /** The type of a block; null if it has none. */
    BlockValidator type(int block) {
        return types[block];
    }

    /** The 4096 bytes of a block, not to be changed; null for a block of zeroes. */
    byte[] bytes(int block) {
        return blocks[block];
    }
}
