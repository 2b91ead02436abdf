package io.pdata.server;

/**
 * How a volume is. Sizes are in bytes; one that cannot be told, because the volume is damaged, is null.
 *
 * @param name what people call it
 * @param id its number in the metadata
 * @param size how large it appears
 * @param mapped how much of it has been written, and takes up data blocks
 * @param exclusive how much of that only it has, which is what deleting it frees
 * @param shared how much of that others have too
 * @param origin the volume that it is a snapshot of; empty if it is none
 * @param externalOrigin the path of what it shows where nothing has been written; empty if there is none
 * @param created when, as ISO 8601 has it, in UTC
 * @param readOnly whether it is not to be written to
 * @param clients how many use it
 * @param damage its unreadable part; null if no damage is known
 */
public record VolumeReport(String name, long id, long size, Long mapped, Long exclusive, Long shared, String origin,
        String externalOrigin, String created, boolean readOnly, int clients, DamageReport damage) {

    /** Whether it is a snapshot of something, also of something that has gone. */
    public boolean snapshot() {
        return readOnly || !origin.isEmpty();
    }
}
