package io.pdata.replication;

/**
 * Where a volume is extracted to: every byte of it is either written or zeroed, once, in ascending order. Used by one
 * thread.
 *
 * <p>Errors: {@link TransferException} or what the device says.
 */
public interface Target extends AutoCloseable {

    /** Called first: how large the volume is. */
    void begin(long size);

    void write(long position, byte[] bytes, int offset, int length);

    /** The range is to read as zeroes. */
    void zero(long position, long length);

    /** All has been written: makes it durable where that means something. */
    void finish();

    /** Gives up what is not finished. */
    @Override
    void close();
}
