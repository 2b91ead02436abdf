package io.pdata.tools.era;

import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlElement;
import io.pdata.tools.text.XmlIn.Tag;
import io.pdata.tools.text.XmlIn;

/**
 * Reads the XML of era metadata, from the first tag to the last, into a sink. Memory: {@link XmlIn}. Errors:
 * {@link ToolException}. Source: format document "tools-xml", section 4.
 */
public final class EraXml {
    private static final XmlElement SUPERBLOCK = new XmlElement("superblock", "uuid", "block_size", "nr_blocks",
            "current_era");
    private static final XmlElement WRITESET = new XmlElement("writeset", "era", "nr_bits");
    private static final XmlElement BIT = new XmlElement("bit", "block", "value");
    private static final XmlElement MARKED = new XmlElement("marked", "block_begin", "len");
    private static final XmlElement ERA_ARRAY = new XmlElement("era_array");
    private static final XmlElement ERA = new XmlElement("era", "block", "era");

    private final XmlIn xml;
    private final EraSink sink;

    private EraXml(XmlIn xml, EraSink sink) {
        this.xml = xml;
        this.sink = sink;
    }

    /** Reads a whole document. What the sink refuses is an error in the line that it is in. */
    public static void read(XmlIn xml, EraSink sink) {
        new EraXml(xml, sink).read();
    }

    private void read() {
        xml.begin(SUPERBLOCK);
        EraHeader header = new EraHeader(unsigned(1), unsigned(2), unsigned(3));
        xml.tell(() -> sink.beginEra(header));
        readSections(header.blocks());
        xml.end(SUPERBLOCK);
        sink.endEra();
    }

    private void readSections(long blocks) {
        Tag tag = xml.next();
        for (; tag == Tag.START && xml.is(WRITESET); tag = xml.next()) {
            xml.attributesOf(WRITESET);
            long era = unsigned(0);
            long bits = unsigned(1);
            xml.tell(() -> sink.beginWriteset(era, bits));
            readBits();
            xml.tell(sink::endWriteset);
        }
        if (tag != Tag.START || !xml.is(ERA_ARRAY)) {
            throw unknown(tag);
        }
        xml.attributesOf(ERA_ARRAY);
        xml.tell(sink::beginEraArray);
        readEras(blocks);
        if (xml.next() != Tag.END) {
            throw xml.error("'" + xml.name() + "' after the era array");
        }
    }

    private void readBits() {
        for (Tag tag = xml.next(); tag != Tag.END; tag = xml.next()) {
            if (tag == Tag.EMPTY && xml.is(BIT)) {
                xml.attributesOf(BIT);
                long block = unsigned(0);
                if (xml.bool(1)) {
                    xml.tell(() -> sink.marked(block, 1));
                }
            } else if (tag == Tag.EMPTY && xml.is(MARKED)) {
                xml.attributesOf(MARKED);
                long begin = unsigned(0);
                long length = unsigned(1);
                if (length > 0) {
                    xml.tell(() -> sink.marked(begin, length));
                }
            } else {
                throw unknown(tag);
            }
        }
    }

    private void readEras(long blocks) {
        long read = 0;
        for (Tag tag = xml.next(); tag != Tag.END; tag = xml.next(), read++) {
            if (tag != Tag.EMPTY || !xml.is(ERA)) {
                throw unknown(tag);
            }
            xml.attributesOf(ERA);
            long block = unsigned(0);
            long era = unsigned(1);
            xml.tell(() -> sink.era(block, era));
        }
        if (read != blocks) {
            throw xml.error("the era array has " + read + " of " + blocks + " blocks");
        }
    }

    private long unsigned(int slot) {
        return Integer.toUnsignedLong(xml.u32(slot));
    }

    private ToolException unknown(Tag tag) {
        return switch (tag) {
        case EMPTY -> xml.error("unknown empty element '" + xml.name() + "'");
        case START -> xml.error("unknown start tag '" + xml.name() + "'");
        default -> xml.error("missing era array");
        };
    }
}
