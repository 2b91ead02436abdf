package io.pdata.nbd;

import java.io.IOException;

/** The client does not speak the protocol, or asks for too much: the connection ends. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
