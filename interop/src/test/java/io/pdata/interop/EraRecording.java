package io.pdata.interop;

import java.nio.file.Path;
import java.util.SplittableRandom;

/** Random use of an era device, recorded. */
final class EraRecording extends Recording {
    private static final int BLOCK_SECTORS = 64;
    private static final int MOST_BLOCKS = 3000;
    static final long ORIGIN_BYTES = (long) MOST_BLOCKS * BLOCK_SECTORS * 512;

    private final SplittableRandom random;
    private boolean held;
    private int sessions;

    EraRecording(Path folder, String name, SplittableRandom random, long metadataBlocks, char firstDisk) {
        super(folder, name, metadataBlocks, firstDisk);
        this.random = random;
        operation("format %d %d", metadataBlocks, BLOCK_SECTORS);
    }

    /** Activates the device, uses it and takes it down, with an image before and one after. */
    void session(int steps) {
        int blocks = 1 + random.nextInt(MOST_BLOCKS);
        if (sessions++ > 0) {
            operation("reopen");
        }
        operation("resume %d", blocks);
        guest("dmsetup create %s --table '0 %d era %s %s %d'", name(), (long) blocks * BLOCK_SECTORS, disk(0), disk(2),
                BLOCK_SECTORS);
        rest();
        for (int i = 0; i < steps; i++) {
            step(blocks);
        }
        image();
        operation("suspend");
        guest("dmsetup remove %s", name());
        image();
    }

    private void step(int blocks) {
        int dice = random.nextInt(100);
        if (dice < 80) {
            long block = random.nextInt(blocks);
            operation("write %d", block);
            guest("dd if=/dev/zero of=/dev/mapper/%s bs=4096 seek=%d count=1 oflag=direct conv=notrunc 2>/dev/null",
                    name(), block * BLOCK_SECTORS / 8);
        } else if (dice < 92) {
            message("checkpoint");
        } else if (dice < 96) {
            operation("status");
            guest("dmsetup status %s >/dev/null", name());
        } else {
            message(held ? "drop_metadata_snap" : "take_metadata_snap");
            held = !held;
        }
        rest();
    }

    /** Digestion goes on in the background after a request: it is to come to its end before the next one. */
    private void rest() {
        guest("usleep 20000");
    }

    private void message(String message) {
        operation(message);
        guest("dmsetup message %s 0 %s", name(), message);
    }
}
