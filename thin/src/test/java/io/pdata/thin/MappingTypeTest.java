package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MappingTypeTest {

    /** Writes down what it is asked for. */
    private static final class Journal implements SpaceMap {
        private final List<String> calls = new ArrayList<>();

        @Override
        public String name() {
            return "journal";
        }

        @Override
        public long blocks() {
            return 0;
        }

        @Override
        public long free() {
            return 0;
        }

        @Override
        public long count(long block) {
            return 0;
        }

        @Override
        public boolean isShared(long block) {
            return false;
        }

        @Override
        public void inc(long begin, long end) {
            calls.add("inc " + begin + "-" + end);
        }

        @Override
        public void dec(long begin, long end) {
            calls.add("dec " + begin + "-" + end);
        }

        @Override
        public long newBlock() {
            throw new AssertionError();
        }

        @Override
        public void extend(long extra) {
            throw new AssertionError();
        }

        @Override
        public void commit() {
            throw new AssertionError();
        }

        @Override
        public SpaceMapRoot root() {
            throw new AssertionError();
        }

        @Override
        public void reload(SpaceMapRoot committed) {
            throw new AssertionError();
        }
    }

    private final Journal journal = new Journal();
    private final MappingType type = new MappingType(journal);

    /** Mappings of these data blocks, each at another time, 16 bytes into a block. */
    private static MemorySegment values(long... blocks) {
        MemorySegment values = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        for (int i = 0; i < blocks.length; i++) {
            values.set(Bytes.U64, 16 + 8L * i, BlockTime.pack(blocks[i], i));
        }
        return values;
    }

    @Test
    void onlyAscendingNeighboursAreOneRange() {
        // A set of blocks merged in any other way gives the same counts, but other bytes on disk.
        type.inc(values(5, 6, 7, 7, 6, 5, 9), 16, 7);
        assertThat(journal.calls).containsExactly("inc 5-8", "inc 7-8", "inc 6-7", "inc 5-6", "inc 9-10");
    }

    @Test
    void givingUpGoesByTheSameRanges() {
        type.dec(values(3, 1, 2, 3), 16, 4);
        assertThat(journal.calls).containsExactly("dec 3-4", "dec 1-4");
    }

    @Test
    void mappingsOfOneBlockAtDifferentTimesAreEqual() {
        MemorySegment values = values(4, 4, 5);
        assertThat(type.equal(values, 16, values, 24)).isTrue();
        assertThat(type.equal(values, 24, values, 32)).isFalse();
    }
}
