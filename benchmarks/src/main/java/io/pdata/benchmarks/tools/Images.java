package io.pdata.benchmarks.tools;

import io.pdata.benchmarks.LargeThinMetadata;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The metadata that the tools are given: four volumes, a snapshot of each, a thousand blocks of the first overwritten since.
 *
 * @param label how many mappings there are, and what else is to be known
 * @param mappings of all volumes but their snapshots
 * @param nearlyEmpty whether the device is much larger than what is in it
 * @param binary the metadata
 * @param xml the same as text
 * @param pack the same, packed
 */
record Images(String label, long mappings, boolean nearlyEmpty, Path binary, Path xml, Path pack) {
    private static final int VOLUMES = 4;
    private static final int CHANGES = 1000;
    private static final int PER_LEAF = 252;
    /** The most that the kernel uses of a metadata device. */
    static final long LARGEST_DEVICE = 255L * 16320;

    /**
     * Makes them in a folder, if they are not there yet.
     *
     * @param mappings how many there are, of all volumes but not of their snapshots
     * @param blocks of the metadata device; 0: some more than are needed
     * @param ours makes the other forms of the binary metadata
     */
    static Images in(Path folder, String label, long mappings, long blocks, Programs ours) throws IOException {
        Path base = folder.resolve(label.replace(' ', '-'));
        Images images = new Images(label, mappings, blocks > 0, Path.of(base + ".img"), Path.of(base + ".xml"),
                Path.of(base + ".pack"));
        if (!Files.exists(images.pack)) {
            Files.deleteIfExists(images.binary);
            long needed = mappings / PER_LEAF * 11 / 10 + 4096;
            LargeThinMetadata.make(images.binary, blocks == 0 ? needed : blocks, VOLUMES, mappings / VOLUMES);
            images.change(mappings / VOLUMES);
            Measurement.of(ours.command("thin_dump", images.arguments("-o", images.xml)), folder);
            Measurement.of(ours.command("thin_metadata_pack",
                    List.of("-i", images.binary.toString(), "-o", images.pack.toString())), folder);
        }
        return images;
    }

    private List<String> arguments(String option, Path output) {
        return List.of(option, output.toString(), binary.toString());
    }

    private void change(long mappings) {
        SplittableRandom random = new SplittableRandom(1);
        try (ThinMetadata metadata = ThinMetadata.open(FileDevice.open(binary, Access.READ_WRITE),
                OpenOptions.readWrite())) {
            ThinDevice first = metadata.openDevice(0);
            for (int i = 0; i < CHANGES; i++) {
                metadata.insert(first, random.nextLong(mappings), metadata.allocateDataBlock());
            }
            metadata.closeDevice(first);
            metadata.commit();
        }
    }

    /** How large the metadata device is, in bytes. */
    long size() throws IOException {
        return Files.size(binary);
    }
}
