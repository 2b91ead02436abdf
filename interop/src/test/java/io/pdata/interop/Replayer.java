package io.pdata.interop;

import io.pdata.core.device.Device;

/** Does with a metadata device of its own what a recording says was done with the kernel's. */
interface Replayer extends AutoCloseable {

    /** Carries out one elementary operation; never "image". */
    void apply(Operation operation);

    /** The device as it is now: what an image is compared with. It may be shorter than the image, whose rest is zero. */
    Device device();

    @Override
    void close();
}
