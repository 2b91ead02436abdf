package io.pdata.fuzz.target;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.tools.pack.Packer;
import io.pdata.tools.pack.Unpacker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * A pack file: one that has been made of an image, with some bytes changed, or one whose frame has the bytes of the
 * input, compressed as it has to be. It is refused, and then leaves no superblock, or what was unpacked is packed again
 * and unpacked to the same.
 */
public final class PackTarget implements Target {
    private static final long MAGIC = 0xA537A0AA6309EF77L;
    private static final int VERSION = 3;
    private static final int BLOCKS = 16;
    private static final int MOST_BLOCKS = 4096;
    private static final int MOST_CHANGES = 4;

    private static final class Made {
        static final byte[] PACKED = packed(new Input(new byte[0]).image(Images.all()));
    }

    @Override
    public void run(Input input) {
        byte[] file = input.number() % 2 == 0 ? changed(input) : written(input);
        MemoryDevice[] unpacked = new MemoryDevice[1];
        boolean whole = Judge.allows(() -> {
            Unpacker unpacker = Unpacker.open(new ByteArrayInputStream(file));
            if (unpacker.size() <= (long) MOST_BLOCKS * Bytes.BLOCK_SIZE) {
                unpacked[0] = new MemoryDevice("unpacked", unpacker.size());
                unpacker.unpackTo(unpacked[0]);
            }
        });
        Judge.require(whole || !Arrays.equals(file, Made.PACKED), "a file that is as it should be is refused");
        if (unpacked[0] == null) {
            return;
        }
        if (!whole) {
            Judge.require(!Packer.beginsWithSuperblock(unpacked[0].reopen()), "a broken file has left a superblock");
            return;
        }
        byte[] content = content(unpacked[0]);
        MemoryDevice again = new MemoryDevice("again", content.length);
        Unpacker.open(new ByteArrayInputStream(packed(unpacked[0].reopen()))).unpackTo(again);
        Judge.require(MemorySegment.ofArray(content(again)).mismatch(MemorySegment.ofArray(content)) < 0,
                "what was unpacked is packed as something else");
    }

    private static byte[] changed(Input input) {
        byte[] file = Made.PACKED.clone();
        for (int changes = 1 + input.number() % MOST_CHANGES; changes > 0 && input.more(); changes--) {
            int at = (input.number() << 16 | input.number() << 8 | input.number()) % file.length;
            file[at] = (byte) input.number();
        }
        return file;
    }

    private static byte[] written(Input input) {
        byte[] frame = input.rest();
        Deflater deflater = new Deflater();
        deflater.setInput(frame);
        deflater.finish();
        byte[] deflated = new byte[frame.length + 64];
        int length = deflater.deflate(deflated);
        deflater.end();
        byte[] bytes = new byte[5 * Long.BYTES + length];
        MemorySegment file = MemorySegment.ofArray(bytes);
        long[] header = {MAGIC, VERSION, Bytes.BLOCK_SIZE, BLOCKS, length};
        for (int i = 0; i < header.length; i++) {
            file.set(Bytes.U64, (long) i * Long.BYTES, header[i]);
        }
        MemorySegment.copy(MemorySegment.ofArray(deflated), 0, file, 5 * Long.BYTES, length);
        return bytes;
    }

    private static byte[] packed(Device device) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Packer.pack(device, out);
        return out.toByteArray();
    }

    private static byte[] content(MemoryDevice device) {
        byte[] bytes = new byte[Math.toIntExact(device.size())];
        device.reopen().read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }
}
