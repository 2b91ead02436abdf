package io.pdata.reliability.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that is in a {@link LibraryStore}.
 *
 * @param commits how many commits there have been
 * @param metadataBlocks metadata blocks counted
 * @param dataBlocks data blocks counted
 * @param trees the entries of each tree, or null where there is none
 */
public record LibraryContent(long commits, long metadataBlocks, long dataBlocks, List<SortedMap<Long, Long>> trees) {

    static List<SortedMap<Long, Long>> copy(List<SortedMap<Long, Long>> trees) {
        List<SortedMap<Long, Long>> copy = new ArrayList<>();
        trees.forEach(tree -> copy.add(tree == null ? null : new TreeMap<>(tree)));
        return copy;
    }
}
