package io.pdata.reliability.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The library's check is a judge of power cuts: it must see what is wrong by one reference. */
class LibraryCheckTest {
    private final LibraryWorkload workload = LibraryWorkload.small();
    private final MemoryDevice device = new MemoryDevice(workload.deviceSize());

    private List<String> checkAfter(Consumer<LibraryStore> change) {
        try (Session<LibraryContent> session = workload.format(device, workload.ampleCache(), Journal.none())) {
            workload.prepare(session);
        }
        try (LibraryStore store = LibraryStore.open(device.reopen(), workload.ampleCache())) {
            change.accept(store);
            store.commit();
        }
        return workload.check(device.reopen());
    }

    @Test
    void nothingIsFoundInWhatIsRight() {
        assertThat(checkAfter(store -> store.tree().insertLong(store.root(0), 1, store.dataMap().newBlock())))
                .isEmpty();
    }

    @Test
    void leakedDataBlockIsFound() {
        assertThat(checkAfter(store -> store.dataMap().newBlock())).singleElement().asString().contains("references");
    }

    @Test
    void dataBlockCountedTooLittleIsFound() {
        long key = 249;
        assertThat(checkAfter(store -> store.dataMap().dec(store.tree().lookupLong(store.root(0).block(), key, -1))))
                .singleElement().asString().contains("references");
    }

    @Test
    void metadataBlockCountedTooMuchIsFound() {
        assertThat(checkAfter(store -> store.transactions().inc(store.root(0).block()))).singleElement().asString()
                .contains("references to block");
    }

    @Test
    void countsAboveTwoAreComparedToo() {
        assertThat(checkAfter(store -> {
            store.transactions().inc(store.root(0).block());
            store.transactions().inc(store.root(0).block());
        })).singleElement().asString().contains("references to block");
    }
}
