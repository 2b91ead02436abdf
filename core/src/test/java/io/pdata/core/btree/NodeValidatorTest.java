package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeValidatorTest {
    private final MemorySegment node = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);

    @Test
    void anEmptyLeafHasTheKernelsChecksum() {
        Node.format(node, NodeLayout.LEAF, 252, 8);
        NodeValidator.NODE.prepare(node, 6);
        assertThat(node.get(Bytes.U32, NodeLayout.CHECKSUM)).isEqualTo(0xCB3DDA35);
        NodeValidator.NODE.check(node, 6);
    }

    @ParameterizedTest
    @CsvSource({"4, 336", "8, 252", "12, 201", "16, 168", "24, 126", "1346, 3"})
    void capacityIsTheFormats(int valueSize, int capacity) {
        assertThat(NodeLayout.capacity(valueSize)).isEqualTo(capacity);
    }

    @ParameterizedTest
    @CsvSource({"0", "1347", "-8"})
    void valuesOfWhichNoThreeFitAreRefused(int valueSize) {
        assertThatThrownBy(() -> NodeLayout.capacity(valueSize)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"16 | 253 | nr_entries 253 exceeds max_entries 252",
        "16 | -1 | nr_entries 4294967295", "20 | 255 | max_entries 255 of value size 8 do not fit",
        "20 | -1 | max_entries 4294967295", "24 | 9 | do not fit", "24 | -1 | do not fit", "4 | 0 | flags are 0",
        "4 | 3 | flags are 3", "4 | 4 | flags are 4"})
    void headersThatWouldLeadOutOfTheBlockAreRefused(int offset, int wrong, String message) {
        Node.format(node, NodeLayout.LEAF, 252, 8);
        node.set(Bytes.U32, offset, wrong);
        NodeValidator.NODE.prepare(node, 6);
        assertThatThrownBy(() -> NodeValidator.NODE.check(node, 6)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining(message);
    }
}
