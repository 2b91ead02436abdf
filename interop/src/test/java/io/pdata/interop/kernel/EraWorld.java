package io.pdata.interop.kernel;

import java.util.Arrays;

/** What an era device ought to know: in which era each block was last written, 0 for never. */
final class EraWorld implements EraSide {
    int era;
    int[] lastWritten = {};
    /** {@link #lastWritten} as of the metadata snapshot, or null. */
    int[] held;

    @Override
    public void activate(int blocks) {
        lastWritten = Arrays.copyOf(lastWritten, blocks);
        era++;
    }

    @Override
    public void deactivate() {}

    @Override
    public void write(int begin, int count) {
        Arrays.fill(lastWritten, begin, begin + count, era);
    }

    @Override
    public void checkpoint() {
        era++;
    }

    @Override
    public void takeMetadataSnapshot() {
        held = lastWritten.clone();
        era++;
    }

    @Override
    public void dropMetadataSnapshot() {
        held = null;
    }
}
