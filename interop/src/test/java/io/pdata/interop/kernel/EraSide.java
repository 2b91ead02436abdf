package io.pdata.interop.kernel;

/** Somebody who uses an era device: the kernel, this project, or the plain model of what both ought to record. */
interface EraSide {
    /** Activates the device with a number of blocks; begins an era. */
    void activate(int blocks);

    /** Archives the current era and takes the device down. */
    void deactivate();

    /** Writes to every block of a range. */
    void write(int begin, int count);

    void checkpoint();

    void takeMetadataSnapshot();

    void dropMetadataSnapshot();
}
