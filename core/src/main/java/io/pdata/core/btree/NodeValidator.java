package io.pdata.core.btree;

import static io.pdata.core.btree.NodeLayout.BLOCK_NUMBER;
import static io.pdata.core.btree.NodeLayout.CHECKSUM_XOR;
import static io.pdata.core.btree.NodeLayout.FLAGS;
import static io.pdata.core.btree.NodeLayout.INTERNAL;
import static io.pdata.core.btree.NodeLayout.KEY_SIZE;
import static io.pdata.core.btree.NodeLayout.LEAF;
import static io.pdata.core.btree.NodeLayout.MAX_ENTRIES;
import static io.pdata.core.btree.NodeLayout.NR_ENTRIES;
import static io.pdata.core.btree.NodeLayout.ROOM;
import static io.pdata.core.btree.NodeLayout.VALUE_SIZE;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;

/**
 * Verifies B+tree nodes of every tree. What it lets through has all its keys and values inside the block; whether the
 * values are of the size that a tree expects, only that tree can say.
 *
 * <p>Source: format document "persistent-data", section 12.1.
 */
public final class NodeValidator extends BlockValidator {
    /** The one node validator. */
    public static final NodeValidator NODE = new NodeValidator();

    private NodeValidator() {
        super("btree node", CHECKSUM_XOR, BLOCK_NUMBER);
    }

    @Override
    protected void checkHeader(MemorySegment block, long number) {
        long entries = Integer.toUnsignedLong(block.get(Bytes.U32, NR_ENTRIES));
        long most = Integer.toUnsignedLong(block.get(Bytes.U32, MAX_ENTRIES));
        long valueSize = Integer.toUnsignedLong(block.get(Bytes.U32, VALUE_SIZE));
        int flags = block.get(Bytes.U32, FLAGS);
        if (most > ROOM / (KEY_SIZE + valueSize)) {
            throw new CorruptionException(number, type(),
                    "max_entries " + most + " of value size " + valueSize + " do not fit in a block");
        }
        if (entries > most) {
            throw new CorruptionException(number, type(), "nr_entries " + entries + " exceeds max_entries " + most);
        }
        if (flags != INTERNAL && flags != LEAF) {
            throw new CorruptionException(number, type(),
                    String.format("flags are %x, neither internal nor leaf", flags));
        }
    }
}
