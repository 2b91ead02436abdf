package io.pdata.reliability.workload;

/**
 * How large a {@link ThinWorkload} is.
 *
 * @param name what it is called
 * @param metadataBlocks blocks of the metadata device at first
 * @param dataBlocks data blocks at first
 * @param virtualBlocks blocks of each volume that may be mapped
 * @param volumes how many volumes there may be
 * @param initialVolumes how many there are at first, apart from a snapshot of the first one
 * @param initialRun how many blocks of each of them are mapped at first
 * @param insertRun how many mappings an insertion or an overwriting makes at most
 * @param removeRun how many blocks a removal is about at most
 * @param everywhere whether insertions are made into all volumes at once
 */
public record ThinShape(String name, int metadataBlocks, int dataBlocks, int virtualBlocks, int volumes,
        int initialVolumes, int initialRun, int insertRun, int removeRun, boolean everywhere) {
    /** Leaves that are nearly full, so that few steps split and merge them. */
    public static final ThinShape SMALL = new ThinShape("thin", 90, 2000, 400, 4, 1, 250, 4, 180, false);
    /** So many volumes that one step changes more blocks than the smallest cache holds. */
    public static final ThinShape WIDE = new ThinShape("thin-wide", 400, 2000, 4, 90, 80, 1, 1, 4, true);
    /** For long runs: trees of two levels, much shared. */
    public static final ThinShape LARGE = new ThinShape("thin", 600, 4000, 1500, 5, 2, 300, 256, 512, false);
}
