package io.pdata.fuzz.target;

import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;

/** Transactions on an era device. If the check finds it clean before, nothing fails, and it is clean afterwards. */
public final class EraTransactionTarget implements Target {
    private static final int MOST_STEPS = 24;

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.era());
        boolean clean = Judge.clean(EraTarget.check(image));
        Judge.allows(clean, "a transaction", () -> {
            try (EraMetadata era = EraTarget.open(image, OpenOptions.readWrite())) {
                new Script(era, input).run(clean);
            }
        });
        if (clean) {
            Judge.requireClean(EraTarget.check(image), "after transactions");
        }
    }

    private static final class Script {
        private final EraMetadata era;
        private final Input input;
        private boolean marking;

        Script(EraMetadata era, Input input) {
            this.era = era;
            this.input = input;
        }

        void run(boolean clean) {
            boolean usable = Judge.allows(clean, "taking into use", this::resume);
            for (int i = 0; usable && i < MOST_STEPS && input.more(); i++) {
                usable = Judge.allows(clean, "a step", this::step);
            }
            if (!usable || !Judge.allows(clean, "a commit", era::commit)) {
                Judge.allows(clean, "a roll-back", era::abort);
            }
        }

        private void resume() {
            boolean sameSize = input.number() % 4 != 0;
            era.resume(sameSize ? Math.min(era.blocks(), EraMetadata.MAX_BLOCKS) : input.wide() % 5000 & 0xffff);
            marking = true;
        }

        private void step() {
            switch (input.number() % 10) {
            case 0, 1, 2 -> {
                if (marking && era.blocks() > 0) {
                    era.mark(Long.remainderUnsigned(input.wide(), era.blocks()));
                }
            }
            case 3 -> {
                era.rollOver();
                marking = true;
            }
            case 4 -> {
                era.startDigestion();
                for (int i = input.number(); i > 0 && era.digesting(); i--) {
                    era.digestStep();
                }
            }
            case 5 -> {
                if (era.metadataSnapshot() == 0) {
                    era.takeSnapshot();
                    marking = true;
                } else {
                    era.dropSnapshot();
                }
            }
            case 6 -> {
                era.archive();
                marking = false;
            }
            case 7 -> era.commit();
            case 8 -> {
                era.abort();
                marking = false;
            }
            default -> resume();
            }
        }
    }
}
