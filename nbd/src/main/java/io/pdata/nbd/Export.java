package io.pdata.nbd;

import io.pdata.core.device.Device;
import java.util.List;
import java.util.Optional;

/**
 * Something that clients can use: a device and what is to be said about it. Made by {@link Exports#open} for one
 * connection, and closed when that ends.
 */
public interface Export extends AutoCloseable {

    /** The name, which need not be the one that the client asked for. */
    String name();

    /** A line for people; empty if there is nothing to say. */
    default String description() {
        return "";
    }

    /** Where the bytes are. Not closed by the server. */
    Device device();

    /** Whether clients must not change anything. */
    default boolean readOnly() {
        return device().readOnly();
    }

    /** The size that requests should be multiples of, in bytes: a power of two from 512 to 32 MiB. */
    default int preferredBlockSize() {
        return 4096;
    }

    /** Whether a range can be zeroed without writing it. */
    default boolean zeroesFast() {
        return false;
    }

    /** What can be told about its bytes, besides {@code base:allocation}. */
    default List<MetadataContext> contexts() {
        return List.of();
    }

    /**
     * The names of {@link #contexts}, for clients that ask which there are. Where there are very many it may have what
     * several names begin with instead, as the protocol allows.
     */
    default List<String> contextNames() {
        return contexts().stream().map(MetadataContext::name).toList();
    }

    /** The one of {@link #contexts} with a name. */
    default Optional<MetadataContext> context(String name) {
        return contexts().stream().filter(context -> context.name().equals(name)).findFirst();
    }

    /** What {@code base:allocation} says; null: that all is data. */
    default MetadataContext allocation() {
        return null;
    }

    /**
     * Has {@code wake} called whenever a write that threw {@link io.pdata.core.device.WouldWaitException} is worth another
     * try, until the export is closed. Any thread calls it, perhaps with locks; it returns at once.
     */
    default void onRoom(Runnable wake) {}

    @Override
    void close();
}
