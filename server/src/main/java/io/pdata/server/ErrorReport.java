package io.pdata.server;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.DeviceFullException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.replication.TransferException;
import io.pdata.thin.ThinRequestException;

/**
 * Why something could not be done.
 *
 * @param code for programs: {@code EXISTS}, {@code UNKNOWN}, {@code BUSY}, {@code INVALID}, {@code READ_ONLY},
 *        {@code NO_SPACE}, {@code CORRUPT}, {@code REFUSED}, {@code STREAM}, {@code FAILED}
 * @param message for people
 */
public record ErrorReport(String code, String message) {

    /** Says what an exception says. */
    public static ErrorReport of(PersistentDataException e) {
        return new ErrorReport(code(e), e.getMessage());
    }

    private static String code(PersistentDataException e) {
        return switch (e) {
        case ServiceException remote -> remote.code();
        case ThinRequestException request -> switch (request.reason()) {
        case DEVICE_EXISTS -> "EXISTS";
        case UNKNOWN_DEVICE -> "UNKNOWN";
        case BUSY -> "BUSY";
        case INVALID -> "INVALID";
        case DAMAGED -> "CORRUPT";
        };
        case DeviceBusyException _ -> "BUSY";
        case ReadOnlyException _ -> "READ_ONLY";
        case NoSpaceException _,DeviceFullException _ -> "NO_SPACE";
        case CorruptionException _ -> "CORRUPT";
        case MetadataRefusedException _ -> "REFUSED";
        case TransferException _ -> "STREAM";
        default -> "FAILED";
        };
    }
}
