package io.pdata.tools.thin;

import static io.pdata.tools.text.TextOut.literal;

import io.pdata.thin.DeviceDetails;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlOut;

/** The XML that {@code thin_restore} reads. Not thread-safe. Source: format document "tools-xml", section 2. */
public final class XmlSink implements DumpSink {
    private static final byte[] SINGLE = literal("<single_mapping origin_block=\"");
    private static final byte[] RANGE = literal("<range_mapping origin_begin=\"");
    private static final byte[] DATA_BLOCK = literal("\" data_block=\"");
    private static final byte[] DATA_BEGIN = literal("\" data_begin=\"");
    private static final byte[] LENGTH = literal("\" length=\"");
    private static final byte[] TIME = literal("\" time=\"");
    private static final byte[] END = literal("\"/>");

    private final XmlOut xml;

    /** Writes to {@code out}, which is neither flushed nor closed. */
    public XmlSink(TextOut out) {
        this.xml = new XmlOut(out);
    }

    @Override
    public void beginPool(PoolHeader pool) {
        xml.element("superblock").attribute("uuid", "").attribute("time", unsigned(pool.time()))
                .attribute("transaction", pool.transactionId());
        if (pool.needsCheck()) {
            xml.attribute("flags", 1);
        }
        xml.attribute("version", unsigned(pool.version()))
                .attribute("data_block_size", unsigned(pool.dataBlockSectors()))
                .attribute("nr_data_blocks", pool.dataBlocks()).open();
    }

    @Override
    public void beginShared(long name) {
        xml.element("def").attribute("name", name).open();
    }

    @Override
    public void endShared() {
        xml.end();
    }

    @Override
    public void beginDevice(long id, DeviceDetails details) {
        xml.element("device").attribute("dev_id", id).attribute("mapped_blocks", details.mappedBlocks())
                .attribute("transaction", details.transactionId())
                .attribute("creation_time", unsigned(details.creationTime()))
                .attribute("snap_time", unsigned(details.snapshottedTime())).open();
    }

    @Override
    public void endDevice() {
        xml.end();
    }

    @Override
    public void map(long origin, long data, long length, int time) {
        TextOut line = xml.line();
        if (length == 1) {
            line.raw(SINGLE).number(origin).raw(DATA_BLOCK).number(data);
        } else {
            line.raw(RANGE).number(origin).raw(DATA_BEGIN).number(data).raw(LENGTH).number(length);
        }
        line.raw(TIME).number(time).raw(END);
    }

    @Override
    public void shared(long name) {
        xml.element("ref").attribute("name", name).empty();
    }

    @Override
    public void endPool() {
        xml.end();
    }

    private static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }
}
