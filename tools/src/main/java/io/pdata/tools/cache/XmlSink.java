package io.pdata.tools.cache;

import static io.pdata.tools.text.TextOut.literal;

import io.pdata.cache.CachePolicy;
import io.pdata.core.block.Bytes;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.text.XmlOut;
import java.lang.foreign.MemorySegment;
import java.util.Base64;

/** The XML that {@code cache_restore} reads. Not thread-safe. Source: format document "tools-xml", section 3. */
public final class XmlSink implements CacheSink {
    private static final byte[] MAPPING = literal("<mapping cache_block=\"");
    private static final byte[] ORIGIN = literal("\" origin_block=\"");
    private static final byte[] DIRTY = literal("\" dirty=\"true\"/>");
    private static final byte[] CLEAN = literal("\" dirty=\"false\"/>");
    private static final byte[] HINT = literal("<hint cache_block=\"");
    private static final byte[] DATA = literal("\" data=\"");
    private static final byte[] END = literal("\"/>");

    private final XmlOut xml;
    private final byte[] bytes = new byte[CachePolicy.HINT_SIZE];

    /** Writes to {@code out}, which is neither flushed nor closed. */
    public XmlSink(TextOut out) {
        this.xml = new XmlOut(out);
    }

    @Override
    public void beginCache(CacheHeader cache) {
        xml.element("superblock").attribute("uuid", "").attribute("block_size", cache.blockSectors())
                .attribute("nr_cache_blocks", cache.cacheBlocks()).attribute("policy", cache.policy())
                .attribute("hint_width", Integer.toUnsignedLong(cache.hintSize())).open();
        xml.element("mappings").open();
    }

    @Override
    public void mapping(long cacheBlock, long originBlock, boolean dirty) {
        xml.line().raw(MAPPING).number(cacheBlock).raw(ORIGIN).number(originBlock).raw(dirty ? DIRTY : CLEAN);
    }

    @Override
    public void beginHints() {
        xml.end();
        xml.element("hints").open();
    }

    @Override
    public void hint(long cacheBlock, int hint) {
        MemorySegment.ofArray(bytes).set(Bytes.U32, 0, hint);
        xml.line().raw(HINT).number(cacheBlock).raw(DATA).raw(Base64.getEncoder().encode(bytes)).raw(END);
    }

    @Override
    public void endCache() {
        xml.end();
        xml.end();
    }
}
