package io.pdata.nbd;

/** What a client is told that it may do with an export. */
final class TransmissionFlags {
    private TransmissionFlags() {}

    static int of(Export export, boolean structured) {
        int flags = Protocol.HAS_FLAGS | Protocol.SEND_FLUSH | Protocol.SEND_FUA | Protocol.SEND_CACHE
                | Protocol.CAN_MULTI_CONN; // one device behind all connections: a flush on one covers all
        if (export.readOnly()) {
            flags |= Protocol.READ_ONLY;
        } else {
            flags |= Protocol.SEND_TRIM | Protocol.SEND_WRITE_ZEROES | Protocol.SEND_FAST_ZERO;
        }
        return structured ? flags | Protocol.SEND_DF : flags;
    }
}
