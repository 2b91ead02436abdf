package io.pdata.tools.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.spacemap.BitmapBlock;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** A block is what its program makes of it. */
class BlockProgramTest {
    private static final int NODES = 2000;

    private final SplittableRandom random = new SplittableRandom(77);

    @Test
    void nodesComeBackWhateverIsInThem() {
        for (int i = 0; i < NODES; i++) {
            byte[] block = new byte[Bytes.BLOCK_SIZE];
            MemorySegment node = MemorySegment.ofArray(block);
            int valueSize = new int[]{0, 1, 4, 8, 8, 8, 12, 24, 4000, -1}[random.nextInt(10)];
            int entries = random.nextInt(8) == 0 ? random.nextInt(-2, 600) : 252;
            node.set(Bytes.U32, NodeLayout.FLAGS, random.nextInt(4));
            node.set(Bytes.U32, NodeLayout.MAX_ENTRIES, entries);
            node.set(Bytes.U32, NodeLayout.VALUE_SIZE, valueSize);
            fill(node);
            requireSame(block, NodeValidator.NODE);
        }
    }

    /** Runs up and down by small and large steps, the same numbers again and again, and noise. */
    private void fill(MemorySegment node) {
        long number = random.nextLong() >>> random.nextInt(64);
        for (int at = NodeLayout.KEYS; at < Bytes.BLOCK_SIZE;) {
            long step = switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> random.nextInt(1, 20);
            case 2 -> -random.nextInt(1, 20);
            case 3 -> random.nextLong();
            default -> 1L << random.nextInt(64);
            };
            for (int n = random.nextInt(1, 300); n > 0 && at < Bytes.BLOCK_SIZE; n--, at += Long.BYTES) {
                node.set(Bytes.U64, at, number);
                number += step;
            }
        }
    }

    @Test
    void otherBlocksComeBack() {
        byte[] block = new byte[Bytes.BLOCK_SIZE];
        random.nextBytes(block);
        requireSame(block, BitmapBlock.VALIDATOR);
    }

    private static void requireSame(byte[] block, BlockValidator type) {
        ProgramWriter writer = new ProgramWriter();
        writer.block(12345, type, MemorySegment.ofArray(block));
        try (FrameInput in = new FrameInput(deflated(writer.bytes(), writer.size()))) {
            byte[] result = new byte[Bytes.BLOCK_SIZE];
            assertThat(in.readNumber(Long.BYTES)).isEqualTo(12345);
            new ProgramReader(in).run(result);
            assertThat(result).isEqualTo(block);
            assertThat(in.atEnd()).isTrue();
        }
    }

    static byte[] deflated(byte[] bytes, int length) {
        byte[] result = new byte[length + 1000];
        try (Deflater deflater = new Deflater()) {
            deflater.setInput(bytes, 0, length);
            deflater.finish();
            return Arrays.copyOf(result, deflater.deflate(result));
        }
    }
}
