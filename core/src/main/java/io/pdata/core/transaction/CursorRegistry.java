package io.pdata.core.transaction;

import java.util.ArrayList;
import java.util.List;

/**
 * The cursors that are open on a view or on the running transaction: they end together with it, and no tree is changed
 * while one of them is in it. Otherwise whoever changes a block that is locked by a forgotten cursor would wait for it.
 *
 * <p>Thread-safe. Costs one look at a field where there are none.
 */
final class CursorRegistry {
    private final List<OpenCursor> open = new ArrayList<>();
    private volatile boolean any;

    synchronized void add(OpenCursor cursor) {
        open.add(cursor);
        any = true;
    }

    synchronized void remove(OpenCursor cursor) {
        for (int i = open.size() - 1; i >= 0; i--) {
            if (open.get(i) == cursor) {
                open.remove(i);
                break;
            }
        }
        any = !open.isEmpty();
    }

    void expireAll(String reason) {
        if (any) {
            List<OpenCursor> all;
            synchronized (this) {
                all = List.copyOf(open);
                open.clear();
                any = false;
            }
            all.forEach(cursor -> cursor.expire(reason));
        }
    }

    /** @throws IllegalStateException if a block in {@code [begin, end)} is the root of a tree that a cursor is in */
    void refuseChange(long begin, long end) {
        if (any) {
            refuse(begin, end);
        }
    }

    private synchronized void refuse(long begin, long end) {
        for (OpenCursor cursor : open) {
            if (cursor.root() >= begin && cursor.root() < end) {
                throw new IllegalStateException("the tree at block " + cursor.root()
                        + " is to be changed under a cursor that is in it: close the cursor first");
            }
        }
    }
}
