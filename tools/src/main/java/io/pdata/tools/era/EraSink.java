package io.pdata.tools.era;

/**
 * Takes the content of era metadata in the order of a document. It may become text, or metadata.
 *
 * <p>Calls: {@link #beginEra}; for each writeset, by ascending era, {@link #beginWriteset}, {@link #marked}... by ascending
 * block, {@link #endWriteset}; {@link #beginEraArray}; {@link #era} for each block, from the first to the last;
 * {@link #endEra}. A sink need not be thread-safe.
 */
public interface EraSink {

    /** The era device as a whole. */
    void beginEra(EraHeader header);

    /** @param bits how many blocks there were in that era */
    void beginWriteset(long era, long bits);

    /** {@code length} blocks from {@code block} on were written in the era; at least one. */
    void marked(long block, long length);

    void endWriteset();

    void beginEraArray();

    /** A block was last written in {@code era}, as far as the era array knows. */
    void era(long block, long era);

    void endEra();
}
