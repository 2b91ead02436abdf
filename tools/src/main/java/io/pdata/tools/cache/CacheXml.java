package io.pdata.tools.cache;

import io.pdata.core.block.Bytes;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlElement;
import io.pdata.tools.text.XmlIn.Tag;
import io.pdata.tools.text.XmlIn;
import java.lang.foreign.MemorySegment;
import java.util.Base64;

/**
 * Reads the XML of a cache, from the first tag to the last, into a sink. Memory: {@link XmlIn}. Errors:
 * {@link ToolException}. Source: format document "tools-xml", section 3.
 */
public final class CacheXml {
    private static final XmlElement SUPERBLOCK = new XmlElement("superblock", "uuid", "block_size", "nr_cache_blocks",
            "policy", "hint_width");
    private static final XmlElement MAPPINGS = new XmlElement("mappings");
    private static final XmlElement MAPPING = new XmlElement("mapping", "cache_block", "origin_block", "dirty");
    private static final XmlElement HINTS = new XmlElement("hints");
    private static final XmlElement HINT = new XmlElement("hint", "cache_block", "data");

    private final XmlIn xml;
    private final CacheSink sink;

    private CacheXml(XmlIn xml, CacheSink sink) {
        this.xml = xml;
        this.sink = sink;
    }

    /** Reads a whole document. What the sink refuses is an error in the line that it is in. */
    public static void read(XmlIn xml, CacheSink sink) {
        new CacheXml(xml, sink).read();
    }

    private void read() {
        xml.begin(SUPERBLOCK);
        CacheHeader cache = new CacheHeader(Integer.toUnsignedLong(xml.u32(1)), Integer.toUnsignedLong(xml.u32(2)),
                xml.string(3), xml.u32(4));
        xml.tell(() -> sink.beginCache(cache));
        readSections();
        xml.end(SUPERBLOCK);
        sink.endCache();
    }

    /** Mappings, then hints; either may be left out. */
    private void readSections() {
        Tag tag = xml.next();
        if (tag == Tag.START && xml.is(MAPPINGS)) {
            xml.attributesOf(MAPPINGS);
            readMappings();
            tag = xml.next();
        }
        xml.tell(sink::beginHints);
        if (tag == Tag.START && xml.is(HINTS)) {
            xml.attributesOf(HINTS);
            readHints();
            tag = xml.next();
        }
        if (tag != Tag.END) {
            throw unknown(tag);
        }
    }

    private void readMappings() {
        for (Tag tag = xml.next(); tag != Tag.END; tag = xml.next()) {
            if (tag != Tag.EMPTY || !xml.is(MAPPING)) {
                throw unknown(tag);
            }
            xml.attributesOf(MAPPING);
            long block = Integer.toUnsignedLong(xml.u32(0));
            long origin = xml.u64(1);
            boolean dirty = xml.bool(2);
            xml.tell(() -> sink.mapping(block, origin, dirty));
        }
    }

    private void readHints() {
        for (Tag tag = xml.next(); tag != Tag.END; tag = xml.next()) {
            if (tag != Tag.EMPTY || !xml.is(HINT)) {
                throw unknown(tag);
            }
            xml.attributesOf(HINT);
            long block = Integer.toUnsignedLong(xml.u32(0));
            int hint = hint(xml.string(1));
            xml.tell(() -> sink.hint(block, hint));
        }
    }

    private int hint(String data) {
        try {
            byte[] bytes = Base64.getDecoder().decode(data);
            if (bytes.length == Integer.BYTES) {
                return MemorySegment.ofArray(bytes).get(Bytes.U32, 0);
            }
        } catch (IllegalArgumentException e) {
            throw xml.error(new ToolException("invalid hint '" + data + "': " + e.getMessage(), e));
        }
        throw xml.error("invalid hint '" + data + "': it is not of 4 bytes");
    }

    private ToolException unknown(Tag tag) {
        return xml.error((tag == Tag.EMPTY ? "unknown empty element '" : "unknown start tag '") + xml.name() + "'");
    }
}
