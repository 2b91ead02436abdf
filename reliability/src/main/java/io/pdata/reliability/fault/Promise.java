package io.pdata.reliability.fault;

import io.pdata.reliability.workload.Journal;
import java.util.ArrayList;
import java.util.List;

/** What may be found on a disk that is opened again: the last acknowledged commit, or one that was asked for since. */
final class Promise<C> implements Journal<C> {
    private final List<C> possible = new ArrayList<>();
    private boolean over;

    Promise(C present) {
        possible.add(present);
    }

    @Override
    public void asked(C content) {
        if (!over) {
            possible.add(content);
        }
    }

    @Override
    public void acknowledged(C content) {
        if (over) {
            throw new AssertionError("a commit was acknowledged after the device had failed");
        }
        possible.clear();
        possible.add(content);
    }

    /** Nothing may be promised any more. */
    void end() {
        over = true;
    }

    boolean allows(C content) {
        return possible.contains(content);
    }

    @Override
    public String toString() {
        return possible.toString();
    }
}
