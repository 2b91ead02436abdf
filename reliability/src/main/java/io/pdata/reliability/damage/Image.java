package io.pdata.reliability.damage;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** A small metadata device as bytes, to be damaged. Not thread-safe. */
public final class Image {
    private final String name;
    private final Format format;
    private final byte[] bytes;

    Image(String name, Format format, byte[] bytes) {
        this.name = name;
        this.format = format;
        this.bytes = bytes;
    }

    String name() {
        return name;
    }

    Format format() {
        return format;
    }

    byte[] bytes() {
        return bytes;
    }

    /** How many blocks there are. */
    int blocks() {
        return bytes.length / Bytes.BLOCK_SIZE;
    }

    Image copy() {
        return new Image(name, format, bytes.clone());
    }

    /** A device with this content; what is written to it does not change the image. */
    MemoryDevice device() {
        MemoryDevice device = new MemoryDevice(name, bytes.length);
        device.write(0, MemorySegment.ofArray(bytes));
        return device;
    }

    /** The bytes of a block; changing them changes the image. */
    MemorySegment block(long number) {
        return MemorySegment.ofArray(bytes).asSlice(number * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
    }

    /** Inverts bit {@code bit} of a block, 0 to 32767. Doing it again takes it back. */
    void flip(long block, int bit) {
        bytes[Math.toIntExact(block * Bytes.BLOCK_SIZE + bit / Byte.SIZE)] ^= (byte) (1 << bit % Byte.SIZE);
    }

    /** Changes a block, and makes its number and checksum right again. */
    void edit(long number, BlockValidator type, Consumer<MemorySegment> change) {
        MemorySegment block = block(number);
        change.accept(block);
        type.prepare(block, number);
    }
}
