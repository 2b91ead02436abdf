package io.pdata.fuzz.image;

import java.util.Arrays;
import java.util.List;

/**
 * What the bytes that a fuzzer makes stand for: a base image, some {@link Damage damage} to it, and a script of small
 * numbers for whatever the target does with the image.
 *
 * <p>Layout: one byte chooses the image, one says how many records of damage there are; the records, of
 * {@value Damage#SIZE} bytes each; the rest is the script, which reads as zeroes once it is used up. Every sequence of
 * bytes means something.
 */
public final class Input {
    private static final int HEADER = 2;
    /** One choice in as many is not the first, smallest image: running one input on that is many times as fast. */
    private static final int MOSTLY = 4;
    private static final int MOST_RECORDS = 8;

    private final byte[] bytes;
    private int at;

    public Input(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The damaged image. To be called first. */
    public PatchedDevice image(List<BaseImage> images) {
        int choice = number();
        BaseImage base = images.get(choice % MOSTLY == 0 ? choice / MOSTLY % images.size() : 0);
        int records = number() % (MOST_RECORDS + 1);
        PatchedDevice device = new PatchedDevice(base);
        for (int i = 0; i < records && at + Damage.SIZE <= bytes.length; i++) {
            new Damage(bytes, at).apply(base, device);
            at += Damage.SIZE;
        }
        at = Math.min(Math.max(at, HEADER), bytes.length);
        return device;
    }

    /** Whether the script has not been used up. */
    public boolean more() {
        return at < bytes.length;
    }

    /** The next byte of the script, 0 to 255. */
    public int number() {
        return at < bytes.length ? bytes[at++] & 0xff : 0;
    }

    /** The next number of the script: mostly small, now and then of any size. */
    public long wide() {
        int first = number();
        if (first < 0xe0) {
            return first;
        }
        long value = 0;
        for (int i = 0; i < (first & 7) + 1; i++) {
            value = value << 8 | number();
        }
        return value;
    }

    /** All that is left of the script. */
    public byte[] rest() {
        byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
        at = bytes.length;
        return rest;
    }
}
