package io.pdata.tools.thin;

import io.pdata.core.btree.WalkedNode;
import io.pdata.thin.BlockTime;

/** Joins neighbouring mappings: a run goes on as long as virtual block, data block and time do. */
final class MappingRuns {
    private final DumpSink sink;
    private long origin;
    private long data;
    private long length;
    private int time;

    MappingRuns(DumpSink sink) {
        this.sink = sink;
    }

    /** Adds all mappings of a leaf. */
    void add(WalkedNode leaf) {
        for (int i = 0; i < leaf.entries(); i++) {
            long value = leaf.longValue(i);
            add(leaf.key(i), BlockTime.block(value), BlockTime.time(value));
        }
    }

    /** Adds one mapping. */
    void add(long key, long block, int at) {
        if (length > 0 && key == origin + length && block == data + length && at == time) {
            length++;
            return;
        }
        finish();
        origin = key;
        data = block;
        time = at;
        length = 1;
    }

    /** Ends the run, if there is one. */
    void finish() {
        if (length > 0) {
            sink.map(origin, data, length, time);
            length = 0;
        }
    }
}
