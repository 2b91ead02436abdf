package io.pdata.interop;

import io.pdata.core.device.Device;
import java.nio.file.Path;

/** STUB. */
final class CacheReplayer implements Replayer {
    CacheReplayer(Path folder) {}

    @Override
    public void apply(Operation operation) {
        throw new UnsupportedOperationException(operation.toString());
    }

    @Override
    public Device device() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
