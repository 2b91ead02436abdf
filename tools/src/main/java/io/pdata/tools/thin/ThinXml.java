package io.pdata.tools.thin;

import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.ToolException;
import io.pdata.tools.text.XmlElement;
import io.pdata.tools.text.XmlIn.Tag;
import io.pdata.tools.text.XmlIn;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads the XML of a pool, from the first tag to the last, into a sink. Memory: {@link XmlIn}, and the names of those shared
 * runs that are not numbers; dumps have none. Errors: {@link ToolException}. Source: format document "tools-xml", section 2.
 */
public final class ThinXml {
    private static final XmlElement SUPERBLOCK = new XmlElement("superblock", "uuid", "time", "transaction", "flags?",
            "version?", "data_block_size", "nr_data_blocks", "metadata_snap?");
    private static final XmlElement DEF = new XmlElement("def", "name");
    private static final XmlElement DEVICE = new XmlElement("device", "dev_id", "mapped_blocks", "transaction",
            "creation_time", "snap_time");
    private static final XmlElement SINGLE = new XmlElement("single_mapping", "origin_block", "data_block", "time");
    private static final XmlElement RANGE = new XmlElement("range_mapping", "origin_begin", "data_begin", "length",
            "time");
    private static final XmlElement REF = new XmlElement("ref", "name");

    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");

    private final XmlIn xml;
    private final PoolOverrides overrides;
    private final DumpSink sink;
    /** Names that are not plain numbers of up to 18 digits stand for negative ones. */
    private final Map<String, Long> otherNames = new HashMap<>();

    private ThinXml(XmlIn xml, PoolOverrides overrides, DumpSink sink) {
        this.xml = xml;
        this.overrides = overrides;
        this.sink = sink;
    }

    /** Reads a whole document. What the sink refuses is an error in the line that it is in. */
    public static void read(XmlIn xml, PoolOverrides overrides, DumpSink sink) {
        new ThinXml(xml, overrides, sink).read();
    }

    private void read() {
        xml.begin(SUPERBLOCK);
        PoolHeader pool = new PoolHeader(xml.u32(1), xml.u64(2), xml.has(3) ? xml.u32(3) : 0,
                xml.has(4) ? xml.u32(4) : ThinSuperblockLayout.CURRENT_VERSION, xml.u32(5), xml.u64(6));
        xml.tell(() -> sink.beginPool(overrides.apply(pool)));
        readSections();
        xml.end(SUPERBLOCK);
        sink.endPool();
    }

    private void readSections() {
        for (Tag tag = xml.next(); tag != Tag.END; tag = xml.next()) {
            if (tag == Tag.START && xml.is(DEF)) {
                xml.attributesOf(DEF);
                long name = define(xml.string(0));
                xml.tell(() -> sink.beginShared(name));
                readMappings(false);
                xml.tell(sink::endShared);
            } else if (tag == Tag.START && xml.is(DEVICE)) {
                xml.attributesOf(DEVICE);
                long id = Integer.toUnsignedLong(xml.u32(0));
                DeviceDetails details = new DeviceDetails(xml.u64(1), xml.u64(2), xml.u32(3), xml.u32(4));
                xml.tell(() -> sink.beginDevice(id, details));
                readMappings(true);
                xml.tell(sink::endDevice);
            } else {
                throw misplaced(tag);
            }
        }
    }

    private void readMappings(boolean ofDevice) {
        for (Tag tag = xml.next(); tag != Tag.END; tag = xml.next()) {
            if (tag == Tag.EMPTY && xml.is(SINGLE)) {
                xml.attributesOf(SINGLE);
                map(xml.u64(0), xml.u64(1), 1, xml.u32(2));
            } else if (tag == Tag.EMPTY && xml.is(RANGE)) {
                xml.attributesOf(RANGE);
                if (xml.u64(2) != 0) {
                    map(xml.u64(0), xml.u64(1), xml.u64(2), xml.u32(3));
                }
            } else if (ofDevice && tag == Tag.EMPTY && xml.is(REF)) {
                xml.attributesOf(REF);
                long name = refer(xml.string(0));
                xml.tell(() -> sink.shared(name));
            } else {
                throw misplaced(tag);
            }
        }
    }

    private void map(long origin, long data, long length, int time) {
        try {
            sink.map(origin, data, length, time);
        } catch (ToolException e) {
            throw xml.error(e);
        }
    }

    private ToolException misplaced(Tag tag) {
        if (tag == Tag.START && xml.is(SUPERBLOCK)) {
            return xml.error("duplicated superblock");
        }
        if (tag == Tag.EMPTY && (xml.is(SINGLE) || xml.is(RANGE))) {
            return xml.error("Mapping tags must appear within a <def> or <device> tag.");
        }
        if (tag == Tag.EMPTY && xml.is(REF)) {
            return xml.error("<ref> tags may only occur within <device> sections.");
        }
        return xml.error((tag == Tag.EMPTY ? "unknown empty element '" : "unknown start tag '") + xml.name() + "'");
    }

    private static boolean isNumber(String name) {
        return NUMBER.matcher(name).matches();
    }

    private long define(String name) {
        if (isNumber(name)) {
            return Long.parseLong(name);
        }
        long number = -1L - otherNames.size();
        if (otherNames.putIfAbsent(name, number) != null) {
            throw xml.error("there are two of sub tree '" + name + "'");
        }
        return number;
    }

    private long refer(String name) {
        Long number = isNumber(name) ? Long.valueOf(name) : otherNames.get(name);
        if (number == null) {
            throw xml.error("Couldn't find sub tree '" + name + "'.");
        }
        return number;
    }
}
