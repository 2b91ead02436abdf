package io.pdata.tools.thin;

import static io.pdata.tools.text.TextOut.literal;

import io.pdata.thin.DeviceDetails;
import io.pdata.tools.text.TextOut;

/** The form for people to read. Source: format document "tools-xml", section 2.1. */
public final class HumanReadableSink implements DumpSink {
    private static final byte[] FROM = literal("    (");
    private static final byte[] TO = literal("..");
    private static final byte[] ARROW = literal(") -> (");
    private static final byte[] AT = literal("), ");
    private static final byte[] NEWLINE = literal("\n");

    private final TextOut out;

    /** Writes to {@code out}, which is neither flushed nor closed. */
    public HumanReadableSink(TextOut out) {
        this.out = out;
    }

    @Override
    public void beginPool(PoolHeader pool) {
        out.text("begin superblock: \"\", ").number(unsigned(pool.time())).text(", ").number(pool.transactionId())
                .text(pool.needsCheck() ? ", 1, " : ", 0, ").number(unsigned(pool.version())).text(", ")
                .number(unsigned(pool.dataBlockSectors())).text(", ").number(pool.dataBlocks()).raw(NEWLINE);
    }

    @Override
    public void beginShared(long name) {
        out.text("def: ").number(name).raw(NEWLINE);
    }

    @Override
    public void endShared() {
        out.raw(NEWLINE);
    }

    @Override
    public void beginDevice(long id, DeviceDetails details) {
        out.text("device: ").number(id).text("\nmapped_blocks: ").number(details.mappedBlocks())
                .text("\ntransaction: ").number(details.transactionId()).text("\ncreation time: ")
                .number(unsigned(details.creationTime())).text("\nsnap time: ")
                .number(unsigned(details.snapshottedTime())).raw(NEWLINE);
    }

    @Override
    public void endDevice() {
        out.raw(NEWLINE);
    }

    @Override
    public void map(long origin, long data, long length, int time) {
        out.raw(FROM).number(origin).raw(TO).number(origin + length - 1).raw(ARROW).number(data).raw(TO)
                .number(data + length - 1).raw(AT).number(time).raw(NEWLINE);
    }

    @Override
    public void shared(long name) {
        out.text("    ref: ").number(name).raw(NEWLINE);
    }

    @Override
    public void endPool() {
        out.text("end superblock\n");
    }

    private static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }
}
