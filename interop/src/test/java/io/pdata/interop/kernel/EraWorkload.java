package io.pdata.interop.kernel;

import java.util.SplittableRandom;

/** A random user of an era device. Does the same to the model and to one real side. */
final class EraWorkload {
    private static final int LARGEST_RUN = 200;

    private final SplittableRandom random;
    private final EraWorld world;
    private final EraSide side;

    EraWorkload(SplittableRandom random, EraWorld world, EraSide side) {
        this.random = random;
        this.world = world;
        this.side = side;
    }

    /** One activation, from beginning to end; a metadata snapshot is held at the end. */
    void session(int blocks, int steps) {
        side.activate(blocks);
        world.activate(blocks);
        for (int i = 0; i < steps; i++) {
            step();
        }
        if (world.held == null) {
            toggleMetadataSnapshot();
        }
        side.deactivate();
        world.deactivate();
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 80) {
            int count = 1 + random.nextInt(random.nextInt(1, LARGEST_RUN));
            int begin = random.nextInt(world.lastWritten.length - count + 1);
            side.write(begin, count);
            world.write(begin, count);
        } else if (dice < 96) {
            side.checkpoint();
            world.checkpoint();
        } else {
            toggleMetadataSnapshot();
        }
    }

    private void toggleMetadataSnapshot() {
        if (world.held == null) {
            side.takeMetadataSnapshot();
            world.takeMetadataSnapshot();
        } else {
            side.dropMetadataSnapshot();
            world.dropMetadataSnapshot();
        }
    }
}
