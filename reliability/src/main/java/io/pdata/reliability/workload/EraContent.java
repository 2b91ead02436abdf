package io.pdata.reliability.workload;

import io.pdata.era.EraMetadata;
import io.pdata.era.EraReader;
import io.pdata.era.EraView;
import java.util.ArrayList;
import java.util.List;

/**
 * What era metadata say, whatever of it has been digested.
 *
 * @param currentEra the era that writes belong to
 * @param lastWritten for each block the last era in which it was written
 * @param snapshot the content of the metadata snapshot, or null
 */
public record EraContent(long currentEra, List<Integer> lastWritten, EraContent snapshot) {

    static EraContent read(EraMetadata metadata) {
        try (EraView view = metadata.openView()) {
            return read(view.reader(), view.reader().snapshot().map(reader -> read(reader, null)).orElse(null));
        }
    }

    private static EraContent read(EraReader reader, EraContent snapshot) {
        int[] eras = new int[(int) reader.superblock().blocks()];
        reader.lastWritten(0, eras);
        List<Integer> list = new ArrayList<>(eras.length);
        for (int era : eras) {
            list.add(era);
        }
        return new EraContent(reader.superblock().currentEra(), list, snapshot);
    }
}
