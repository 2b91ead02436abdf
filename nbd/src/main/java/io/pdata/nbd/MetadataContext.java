package io.pdata.nbd;

/** Something that a server can tell of every byte of an export: a number for each extent. */
public interface MetadataContext {

    /** Its name, {@code namespace:leaf}. */
    String name();

    /**
     * Describes {@code [position, position + length)}, from its start on without gaps. It may describe less, but at least
     * one byte; and more, where the last extent goes on.
     */
    void describe(long position, long length, Extents extents);

    /** Gets extents, each right behind the one before. */
    @FunctionalInterface
    interface Extents {
        /**
         * One extent.
         *
         * @param length in bytes, above 0
         * @param value what the context says of it
         * @return whether there is room for another
         */
        boolean extent(long length, int value);
    }
}
