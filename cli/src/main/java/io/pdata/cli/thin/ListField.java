package io.pdata.cli.thin;

import io.pdata.cli.tool.Json;
import io.pdata.tools.Sizes;
import io.pdata.tools.thin.ThinListing.Detail;
import io.pdata.tools.thin.ThinListing.Row;

/** The columns that {@code thin_ls} has, named as on its command line. */
enum ListField {
    DEV(Detail.DETAILS, (row, _) -> row.id()),
    MAPPED_BLOCKS(Detail.MAPPED, (row, _) -> row.mapped()),
    EXCLUSIVE_BLOCKS(Detail.EXCLUSIVE, (row, _) -> row.exclusive()),
    SHARED_BLOCKS(Detail.EXCLUSIVE, (row, _) -> row.mapped() - row.exclusive()),
    HIGHEST_BLOCK(Detail.MAPPED, (row, _) -> row.highest()),
    MAPPED_SECTORS(Detail.MAPPED, (row, sectors) -> row.mapped() * sectors),
    EXCLUSIVE_SECTORS(Detail.EXCLUSIVE, (row, sectors) -> row.exclusive() * sectors),
    SHARED_SECTORS(Detail.EXCLUSIVE, (row, sectors) -> (row.mapped() - row.exclusive()) * sectors),
    HIGHEST_SECTOR(Detail.MAPPED, (row, sectors) -> (row.highest() + 1) * sectors - 1),
    MAPPED_BYTES(Detail.MAPPED, (row, sectors) -> row.mapped() * sectors * ListField.SECTOR),
    EXCLUSIVE_BYTES(Detail.EXCLUSIVE, (row, sectors) -> row.exclusive() * sectors * ListField.SECTOR),
    SHARED_BYTES(Detail.EXCLUSIVE, (row, sectors) -> (row.mapped() - row.exclusive()) * sectors * ListField.SECTOR),
    HIGHEST_BYTE(Detail.MAPPED, (row, sectors) -> (row.highest() + 1) * sectors * ListField.SECTOR - 1),
    MAPPED(MAPPED_BYTES),
    EXCLUSIVE(EXCLUSIVE_BYTES),
    SHARED(SHARED_BYTES),
    HIGHEST_MAPPED(HIGHEST_BYTE),
    TRANSACTION(Detail.DETAILS, (row, _) -> row.details().transactionId()),
    CREATE_TIME(Detail.DETAILS, (row, _) -> Integer.toUnsignedLong(row.details().creationTime())),
    SNAP_TIME(Detail.DETAILS, (row, _) -> Integer.toUnsignedLong(row.details().snapshottedTime()));

    private static final int SECTOR = 512;

    private final Detail detail;
    private final Value value;
    private final boolean readable;

    private interface Value {
        /** @param sectors the size of a block */
        long of(Row row, long sectors);
    }

    ListField(Detail detail, Value value) {
        this.detail = detail;
        this.value = value;
        this.readable = false;
    }

    /** As another one, in a unit that is easy to read. */
    ListField(ListField exact) {
        this.detail = exact.detail;
        this.value = exact.value;
        this.readable = true;
    }

    /** How much of the metadata has to be read for it. */
    Detail detail() {
        return detail;
    }

    /** The value, unsigned. */
    long value(Row row, long sectors) {
        return value.of(row, sectors);
    }

    /** The value for a program; null for the highest block of a device without mappings. */
    Number number(Row row, long sectors) {
        return name().startsWith("HIGHEST") && row.mapped() == 0 ? null : Json.unsigned(value(row, sectors));
    }

    String text(Row row, long sectors) {
        return readable ? Sizes.readable(value(row, sectors)) : Long.toUnsignedString(value(row, sectors));
    }
}
