package io.pdata.interop.kernel;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Uses era metadata as dm-era would; digests now and then. */
final class EraOwn implements EraSide {
    private final Path image;
    private final SplittableRandom random;
    private EraMetadata metadata;

    EraOwn(Path image, SplittableRandom random) {
        this.image = image;
        this.random = random;
    }

    /** Makes new metadata, for a device that is activated next. */
    void format() {
        EraMetadata.format(FileDevice.open(image, Access.READ_WRITE), EraGuest.BLOCK_SECTORS,
                MetadataStore.DEFAULT_CACHE_BYTES).close();
    }

    @Override
    public void activate(int blocks) {
        metadata = EraMetadata.open(FileDevice.open(image, Access.READ_WRITE),
                OpenOptions.readWrite().expecting(EraGuest.BLOCK_SECTORS));
        metadata.resume(blocks);
    }

    @Override
    public void deactivate() {
        metadata.suspend();
        metadata.close();
    }

    @Override
    public void write(int begin, int count) {
        for (long block = begin; block < begin + count; block++) {
            if (!metadata.isMarked(block)) {
                metadata.mark(block);
            }
        }
        metadata.commit();
        digest();
    }

    @Override
    public void checkpoint() {
        metadata.rollOver();
        metadata.commit();
    }

    @Override
    public void takeMetadataSnapshot() {
        metadata.takeSnapshot();
        metadata.commit();
    }

    @Override
    public void dropMetadataSnapshot() {
        metadata.dropSnapshot();
        metadata.commit();
    }

    /** Some steps, so that some digestions are interrupted by whatever comes next. */
    private void digest() {
        int steps = random.nextInt(60);
        boolean more = metadata.startDigestion();
        for (int i = 0; i < steps && more; i++) {
            more = metadata.digestStep();
        }
    }
}
