package io.pdata.replication;

import io.pdata.replication.VolumeSource.Kind;
import io.pdata.replication.VolumeSource.Visitor;

/**
 * Joins ranges that touch and are of one kind, and cuts off what lies before the beginning or beyond the end that is asked
 * for. Used by one thread.
 */
final class Ranges implements Visitor {
    private final long begin;
    private final long end;
    private final Visitor visitor;
    private Kind kind;
    private long position;
    private long length;

    Ranges(long begin, long end, Visitor visitor) {
        this.begin = begin;
        this.end = end;
        this.visitor = visitor;
    }

    @Override
    public boolean visit(Kind next, long at, long bytes) {
        long from = Math.max(at, begin);
        long rest = Math.min(end - from, bytes - (from - at));
        if (rest <= 0) {
            return from < end;
        }
        if (next == kind && from == position + length) {
            length += rest;
            return true;
        }
        boolean more = finish();
        kind = more ? next : null;
        position = from;
        length = rest;
        return more;
    }

    /** Hands on the last range; returns whether to go on. */
    boolean finish() {
        boolean more = kind == null || visitor.visit(kind, position, length);
        kind = null;
        return more;
    }
}
