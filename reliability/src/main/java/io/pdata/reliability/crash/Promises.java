package io.pdata.reliability.crash;

import io.pdata.reliability.disk.History;
import io.pdata.reliability.workload.Journal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What had been promised at each point of a disk's history.
 *
 * @param <C> what describes a content
 */
final class Promises<C> implements Journal<C> {
    private final History history;
    private final List<Entry<C>> entries = new ArrayList<>();

    private record Entry<C>(int position, boolean durable, C content) {}

    /** @param content what the disk contains at the beginning, durably; null if it is blank */
    Promises(History history, C content) {
        this.history = history;
        entries.add(new Entry<>(-1, true, content));
    }

    @Override
    public void asked(C content) {
        entries.add(new Entry<>(history.length(), false, content));
    }

    @Override
    public void acknowledged(C content) {
        entries.add(new Entry<>(history.length(), true, content));
    }

    /** How many commits have been acknowledged. */
    long acknowledgements() {
        return entries.stream().filter(Entry::durable).count() - 1;
    }

    /** What may be found after a crash: the last acknowledged content, and all that were asked for since. */
    List<C> allowedAt(int position) {
        List<C> allowed = new ArrayList<>();
        for (Entry<C> entry : entries) {
            if (entry.position() <= position) {
                if (entry.durable()) {
                    allowed.clear();
                }
                allowed.add(entry.content());
            }
        }
        return allowed;
    }

    /** @throws AssertionError if a content is not allowed */
    void judge(int position, C found) {
        List<C> allowed = allowedAt(position);
        if (allowed.stream().noneMatch(content -> Objects.equals(content, found))) {
            throw new AssertionError("found " + found + System.lineSeparator() + "but promised was one of " + allowed);
        }
    }
}
