package io.pdata.fuzz.target;

import io.pdata.core.device.PersistentDataException;
import io.pdata.core.store.OpenOptions;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Transactions on a pool. If the check finds it clean before, nothing fails, and it is clean afterwards. */
public final class ThinTransactionTarget implements Target {
    private static final int MOST_STEPS = 24;

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.thin());
        boolean clean = Judge.clean(ThinTarget.check(image));
        Judge.allows(clean, "a transaction", () -> {
            try (ThinMetadata pool = ThinTarget.open(image, OpenOptions.readWrite())) {
                new Script(pool, input).run(clean);
            }
        });
        if (clean) {
            Judge.requireClean(ThinTarget.check(image), "after transactions");
        }
    }

    private static final class Script {
        private final ThinMetadata pool;
        private final Input input;
        private final List<Long> ids = new ArrayList<>();

        Script(ThinMetadata pool, Input input) {
            this.pool = pool;
            this.input = input;
        }

        void run(boolean clean) {
            boolean usable = Judge.allows(clean, "listing devices", this::list);
            for (int i = 0; usable && i < MOST_STEPS && input.more(); i++) {
                usable = Judge.allows(clean, "a step", this::step);
            }
            if (!usable || !Judge.allows(clean, "a commit", pool::commit)) {
                Judge.allows(clean, "a roll-back", pool::abort);
            }
        }

        private void list() {
            try (ThinView view = pool.openView()) {
                view.forEachDevice((id, _) -> {
                    ids.add(id);
                    return ids.size() < 1000;
                });
            }
        }

        private void step() {
            try {
                change();
            } catch (ThinRequestException e) {
                // nothing has happened
            }
        }

        private void change() {
            switch (input.number() % 12) {
            case 0 -> created(pool::createThin);
            case 1 -> created(id -> pool.createSnapshot(id, existing()));
            case 2 -> pool.delete(existing());
            case 3, 4 -> onDevice(device -> pool.insert(device, input.wide(), pool.allocateDataBlock()));
            case 5 -> onDevice(device -> {
                long begin = input.wide();
                pool.removeRange(device, begin, begin + input.wide());
            });
            case 6 -> pool.commit();
            case 7 -> pool.abort();
            case 8 -> pool.reserveMetadataSnapshot();
            case 9 -> pool.releaseMetadataSnapshot();
            case 10 -> onDevice(device -> {
                pool.lookup(device, input.wide());
                pool.lookupRange(device, input.wide(), -1);
                pool.highestMappedBlock(device);
            });
            default -> pool.space().resizeData(pool.space().dataBlocks() + input.number());
            }
        }

        private void created(LongConsumer step) {
            long id = input.wide();
            step.accept(id);
            ids.add(id);
        }

        private long existing() {
            int choice = input.number();
            return ids.isEmpty() ? choice : ids.get(choice % ids.size());
        }

        private void onDevice(Consumer<ThinDevice> step) {
            ThinDevice device = pool.openDevice(existing());
            try {
                step.accept(device);
            } catch (PersistentDataException e) {
                if (e instanceof ThinRequestException) {
                    Judge.require(false, "an open device is refused: " + e);
                }
                throw e;
            } finally {
                pool.closeDevice(device);
            }
        }
    }
}
