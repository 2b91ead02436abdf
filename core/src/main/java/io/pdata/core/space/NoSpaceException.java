package io.pdata.core.space;

import io.pdata.core.device.PersistentDataException;

/** A space map has no block left to give. The transaction should be rolled back; the last commit is intact. */
public final class NoSpaceException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    private final String spaceMap;
    private final long free;
    private final long blocks;

    /**
     * @param spaceMap the map's {@link SpaceMap#name}
     * @param free how many blocks it reports as free: not 0 if they were freed in the running transaction, and can be
     *        had after a commit, or are still read through a view, and can be had when that has closed
     * @param blocks how many blocks it has in all
     */
    public NoSpaceException(String spaceMap, long free, long blocks) {
        super(spaceMap + ": no space left (" + free + " of " + blocks + " blocks free"
                + (free > 0 ? ", usable after the next commit or when open views have closed)" : ")"));
        this.spaceMap = spaceMap;
        this.free = free;
        this.blocks = blocks;
    }

    public String spaceMap() {
        return spaceMap;
    }

    public long free() {
        return free;
    }

    public long blocks() {
        return blocks;
    }
}
