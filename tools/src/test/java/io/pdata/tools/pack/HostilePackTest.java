package io.pdata.tools.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.testkit.Golden;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A pack file that is not as it should be is refused, and leaves nothing that looks like metadata. */
class HostilePackTest {
    private static final long MAGIC = 0xA537A0AA6309EF77L;

    private static byte[] image;
    private static byte[] packed;

    @BeforeAll
    static void packAnImage() {
        image = Golden.image("era-restored-1.1.0");
        MemoryDevice device = new MemoryDevice(image.length);
        device.write(0, MemorySegment.ofArray(image));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Packer.pack(device, out);
        packed = out.toByteArray();
    }

    private static byte[] unpack(byte[] file) {
        Unpacker unpacker = Unpacker.open(new ByteArrayInputStream(file));
        byte[] result = new byte[(int) Math.min(unpacker.size(), 1 << 24)];
        MemoryDevice device = new MemoryDevice(result.length);
        try {
            unpacker.unpackTo(device);
        } finally {
            device.read(0, MemorySegment.ofArray(result));
        }
        return result;
    }

    @Test
    void whatIsWholeComesBack() {
        byte[] result = unpack(packed);
        for (int block = 0; block < image.length / Bytes.BLOCK_SIZE; block++) {
            MemorySegment before = MemorySegment.ofArray(image).asSlice((long) block * Bytes.BLOCK_SIZE,
                    Bytes.BLOCK_SIZE);
            MemorySegment after = MemorySegment.ofArray(result).asSlice((long) block * Bytes.BLOCK_SIZE,
                    Bytes.BLOCK_SIZE);
            boolean metadata = PackFormat.typeOf(before) != null;
            assertThat(metadata ? before.mismatch(after) : after.mismatch(MemorySegment.ofArray(new byte[4096])))
                    .as("block " + block).isEqualTo(-1);
        }
    }

    /**
     * A size that is no multiple of anything, over more than one frame, with a metadata block in every place but one.
     */
    @Test
    void noBlockIsLeftOut() {
        int blocks = 2 * PackFormat.RECORDS_PER_FRAME + 501;
        byte[] bytes = new byte[blocks * Bytes.BLOCK_SIZE];
        for (int i = 0; i < blocks; i++) {
            MemorySegment block = MemorySegment.ofArray(bytes).asSlice((long) i * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
            block.set(Bytes.U64, 16, i);
            if (i != 700) {
                BitmapBlock.VALIDATOR.prepare(block, i);
            }
        }
        MemoryDevice device = new MemoryDevice(bytes.length);
        device.write(0, MemorySegment.ofArray(bytes));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(Packer.pack(device, out)).as("damaged blocks").isEqualTo(1);
        assertThat(Arrays.mismatch(unpack(out.toByteArray()), bytes)).isEqualTo(-1);
    }

    /** Other unpackers read one stream of each frame; they must not meet a damaged block there. */
    @Test
    void damagedBlocksAreInAStreamOfTheirOwn() {
        byte[] damaged = image.clone();
        damaged[5]++;
        damaged[3 * Bytes.BLOCK_SIZE + 77]++;
        MemoryDevice device = new MemoryDevice(damaged.length);
        device.write(0, MemorySegment.ofArray(damaged));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(Packer.pack(device, out)).isEqualTo(2);
        byte[] file = out.toByteArray();
        assertThat(unpack(file)).isEqualTo(damaged);
        int length = (int) MemorySegment.ofArray(file).get(Bytes.U64, PackFormat.HEADER);
        int begin = PackFormat.HEADER + Long.BYTES;
        try (FrameInput frame = new FrameInput(Arrays.copyOfRange(file, begin, begin + length))) {
            byte[] block = new byte[Bytes.BLOCK_SIZE];
            while (!frame.atEnd()) {
                frame.readNumber(Long.BYTES);
                new ProgramReader(frame).run(block);
                assertThat(PackFormat.typeOf(MemorySegment.ofArray(block))).isNotNull();
            }
        }
    }

    @Test
    void packingIsTheSameEachTime() {
        MemoryDevice device = new MemoryDevice(image.length);
        device.write(0, MemorySegment.ofArray(image));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Packer.pack(device, out);
        assertThat(out.toByteArray()).isEqualTo(packed);
    }

    /** But for an end between two frames, which the format does not let anybody notice. */
    @Test
    void aFileThatIsCutOffIsRefused() {
        for (int length = 0; length < packed.length; length += length < 100 ? 1 : 37) {
            byte[] cut = Arrays.copyOf(packed, length);
            if (length != PackFormat.HEADER) {
                assertThatThrownBy(() -> unpack(cut)).as("cut to " + length).isInstanceOf(PackException.class);
            }
        }
    }

    @Test
    void aFlippedBitIsNoticed() {
        for (int at = 0; at < packed.length; at += at < 100 ? 1 : 13) {
            byte[] flipped = packed.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            boolean size = at >= 24 && at < PackFormat.HEADER;
            if (!size) {
                assertThatThrownBy(() -> unpack(flipped)).as("byte " + at).isInstanceOf(PackException.class);
            }
        }
    }

    @Test
    void theSuperblockIsTheLastToBeWritten() {
        byte[] cut = Arrays.copyOf(packed, packed.length - 5);
        MemoryDevice device = new MemoryDevice(image.length);
        assertThatThrownBy(() -> Unpacker.open(new ByteArrayInputStream(cut)).unpackTo(device))
                .isInstanceOf(PackException.class);
        assertThat(Packer.beginsWithSuperblock(device)).isFalse();
    }

    private static byte[] file(long blocks, byte[]... frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (long number : new long[]{MAGIC, 3, 4096, blocks}) {
            out.writeLong(Long.reverseBytes(number));
        }
        for (byte[] frame : frames) {
            byte[] deflated = BlockProgramTest.deflated(frame, frame.length);
            out.writeLong(Long.reverseBytes(deflated.length));
            out.write(deflated);
        }
        return bytes.toByteArray();
    }

    private static byte[] record(long number, int... program) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new DataOutputStream(bytes).writeLong(Long.reverseBytes(number));
        for (int b : program) {
            bytes.write(b);
        }
        return bytes.toByteArray();
    }

    private static void requireRefused(byte[] file, String message) {
        assertThatThrownBy(() -> unpack(file)).isInstanceOf(PackException.class).hasMessageContaining(message);
    }

    @Test
    void headersAreNotBelieved() throws IOException {
        requireRefused(file(0), "0 blocks");
        requireRefused(file(-1), "18446744073709551615 blocks");
        requireRefused(file(1L << 40), "1099511627776 blocks");
        byte[] other = file(10);
        other[8] = 4;
        requireRefused(other, "unsupported pack file version (4).");
        byte[] small = file(10);
        small[17] = 2;
        requireRefused(small, "block size is not 4096");
        byte[] huge = Arrays.copyOf(file(10), PackFormat.HEADER + 8);
        Arrays.fill(huge, PackFormat.HEADER, huge.length, (byte) 0x7F);
        requireRefused(huge, "a frame is said to have");
    }

    @Test
    void programsAreNotBelieved() throws IOException {
        int lots = 0x8F;
        requireRefused(file(10, record(1, 0xF0)), "unknown instruction, 15");
        requireRefused(file(10, record(1, lots, 0xFF, 0x01, 7)), "more than a block");
        requireRefused(file(10, record(1, 0x6F, 0xFF)), "more than a block");
        requireRefused(file(10, record(1, 0xA4, 0xFF, 0xFF, 0xFF, 0xFF)), "more than a block");
        requireRefused(file(10, record(1, 0xA8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)), "more than a block");
        requireRefused(file(10, record(1, 0x03, 1, 2, 3)), "a number of 3 bytes");
        requireRefused(file(10, record(1, 0xB0, 8, 0xB0, 8)), "more than two parts");
        requireRefused(file(10, record(1, 0xBF, 0xFF)), "more than a block");
        requireRefused(file(10, record(1, 0x01, 7)), "ends in the middle of a block");
        int[] endless = new int[9000];
        Arrays.fill(endless, 0x90); // literals without a byte
        requireRefused(file(10, record(1, endless)), "without an end");
    }

    @Test
    void blocksAreNotBelieved() throws IOException {
        int[] zeroes = {0x01, 0, 0x61, 0xFF}; // a zero, and 511 more
        requireRefused(file(10, record(1, zeroes)), "block 1 is damaged");
        requireRefused(file(10, record(10, zeroes)), "block 10 of 10");
        requireRefused(file(10, record(-1, zeroes)), "block 18446744073709551615 of 10");
        byte[] whole = new byte[Long.BYTES + 3 + Bytes.BLOCK_SIZE];
        whole[0] = 1;
        whole[8] = (byte) 0xA2;
        whole[10] = 0x10;
        System.arraycopy(image, 0, whole, 11, Bytes.BLOCK_SIZE);
        assertThat(unpack(file(10, whole))).hasSize(10 * Bytes.BLOCK_SIZE);
        requireRefused(file(10, whole, whole), "block 1 comes twice");
    }
}
