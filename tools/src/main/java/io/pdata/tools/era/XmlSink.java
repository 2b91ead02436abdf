package io.pdata.tools.era;

import static io.pdata.tools.text.TextOut.literal;

import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlOut;

/** The XML that {@code era_restore} reads: one line for each block. Not thread-safe. Source: format document "tools-xml", section 4. */
public final class XmlSink implements EraSink {
    private static final byte[] BIT = literal("<bit block=\"");
    private static final byte[] TRUE = literal("\" value=\"true\"/>");
    private static final byte[] FALSE = literal("\" value=\"false\"/>");
    private static final byte[] ERA = literal("<era block=\"");
    private static final byte[] VALUE = literal("\" era=\"");
    private static final byte[] END = literal("\"/>");

    private final XmlOut xml;
    private long blocks;
    /** The first block of which the writeset has no line yet. */
    private long next;

    /** Writes to {@code out}, which is neither flushed nor closed. */
    public XmlSink(TextOut out) {
        this.xml = new XmlOut(out);
    }

    @Override
    public void beginEra(EraHeader header) {
        blocks = header.blocks();
        xml.element("superblock").attribute("uuid", "").attribute("block_size", header.blockSectors())
                .attribute("nr_blocks", blocks).attribute("current_era", header.currentEra()).open();
    }

    @Override
    public void beginWriteset(long era, long bits) {
        xml.element("writeset").attribute("era", era).attribute("nr_bits", bits).open();
        next = 0;
    }

    @Override
    public void marked(long block, long length) {
        bits(block, FALSE);
        bits(block + length, TRUE);
    }

    @Override
    public void endWriteset() {
        bits(blocks, FALSE);
        xml.end();
    }

    private void bits(long end, byte[] value) {
        for (; next < end; next++) {
            xml.line().raw(BIT).number(next).raw(value);
        }
    }

    @Override
    public void beginEraArray() {
        xml.element("era_array").open();
    }

    @Override
    public void era(long block, long era) {
        xml.line().raw(ERA).number(block).raw(VALUE).number(era).raw(END);
    }

    @Override
    public void endEra() {
        xml.end();
        xml.end();
    }
}
