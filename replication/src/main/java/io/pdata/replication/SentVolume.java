package io.pdata.replication;

import java.util.UUID;

/**
 * A volume as a copy is made of it.
 *
 * @param name what it is called where it comes from
 * @param size in bytes, a multiple of 512
 * @param content names what it holds: what has the same one holds the same, wherever it is
 * @param baseName what that is called which it is sent as changes to; empty if it is sent whole
 * @param base the content of that; null if it is sent whole
 */
public record SentVolume(String name, long size, UUID content, String baseName, UUID base) {
    private static final int SECTOR = 512;

    /** The largest there can be. */
    public static final long MAX_SIZE = Long.MAX_VALUE / SECTOR * SECTOR;

    /** Whether only what has changed is sent. */
    public boolean incremental() {
        return base != null;
    }

    static boolean isSize(long size) {
        return size > 0 && size % SECTOR == 0;
    }
}
