package io.pdata.reliability.damage;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.reliability.damage.Part.Kind;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Damage to the headers of array blocks. */
final class ArrayDamage {
    private static final int MAX_ENTRIES = 4;
    private static final int ENTRIES = 8;
    private static final int VALUE_SIZE = 12;

    private ArrayDamage() {}

    static int valueSize(MemorySegment block) {
        return block.get(Bytes.U32, VALUE_SIZE);
    }

    private static List<String> set(Specimen specimen, Part part, int offset, int value, String problem) {
        specimen.edit(part, block -> block.set(Bytes.U32, offset, value));
        return List.of(part.structure(), "block " + part.block(), problem);
    }

    static void addTo(Kinds kinds) {
        kinds.structure("array-nr-entries-too-many", Verdict.FATAL, "nr_entries of an array block is above max_entries",
                s -> {
                    Part part = s.part(Kind.ARRAY_BLOCK);
                    int most = ArrayBlock.maxEntries(s.block(part.block()));
                    return set(s, part, ENTRIES, most + 1, "claims to have " + (most + 1) + " of at most " + most);
                });
        kinds.structure("array-nr-entries-absurd", Verdict.FATAL, "nr_entries of an array block is 2^32 - 1",
                s -> set(s, s.part(Kind.ARRAY_BLOCK), ENTRIES, -1, "claims to have 4294967295 of at most"));
        kinds.content("array-nr-entries-too-few", Verdict.FATAL, "an array block has one entry less", s -> {
            Part part = s.part(candidate -> candidate.kind() == Kind.ARRAY_BLOCK
                    && !candidate.structure().equals("hint array"));
            int entries = ArrayBlock.entries(s.block(part.block()));
            s.edit(part, block -> block.set(Bytes.U32, ENTRIES, entries - 1));
            return List.of();
        });
        kinds.structure("array-max-entries-too-large", Verdict.FATAL,
                "max_entries of an array block is more than fit into it", s -> {
                    Part part = s.part(Kind.ARRAY_BLOCK);
                    int most = ArrayBlock.capacity(valueSize(s.block(part.block()))) + 1;
                    return set(s, part, MAX_ENTRIES, most, "claims to have room for " + most);
                });
        kinds.structure("array-max-entries-less", Verdict.NON_FATAL,
                "max_entries of an array block is lower, but still above nr_entries", s -> {
                    Part part = s.part(candidate -> candidate.kind() == Kind.ARRAY_BLOCK
                            && ArrayBlock.entries(s.block(candidate.block())) < ArrayBlock
                                    .maxEntries(s.block(candidate.block())));
                    int most = ArrayBlock.maxEntries(s.block(part.block())) - 1;
                    return set(s, part, MAX_ENTRIES, most, "has room for " + most + " values instead of");
                });
        kinds.structure("array-value-size-wrong", Verdict.FATAL, "value_size of an array block is half of what it is",
                s -> {
                    Part part = s.part(Kind.ARRAY_BLOCK);
                    int size = valueSize(s.block(part.block()));
                    return set(s, part, VALUE_SIZE, size / 2,
                            "has values of " + size / 2 + " bytes instead of " + size);
                });
        kinds.structure("array-value-size-zero", Verdict.FATAL, "value_size of an array block is 0",
                s -> set(s, s.part(Kind.ARRAY_BLOCK), VALUE_SIZE, 0, "values of 0 bytes"));
        kinds.structure("array-number-wrong", Verdict.FATAL, "an array block has the number of the next block",
                s -> NodeDamage.renumbered(s, s.part(Kind.ARRAY_BLOCK)));
    }
}
