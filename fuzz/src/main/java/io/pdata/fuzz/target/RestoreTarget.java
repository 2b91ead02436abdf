package io.pdata.fuzz.target;

import io.pdata.core.device.MemoryDevice;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Input;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.cache.CacheRestore;
import io.pdata.tools.cache.CacheWriter;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.era.EraRestore;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.ThinDump;
import io.pdata.tools.thin.ThinRestore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A dump that somebody has changed, restored: parts of it exchanged, repeated, left out, numbers replaced, bytes put
 * in. It is refused, or what comes of it can be dumped, and restored from that dump gives the same dump again.
 */
public final class RestoreTarget implements Target {
    private static final int METADATA_BYTES = 256 << 10;
    private static final int MOST_CHANGES = 6;
    private static final int MOST_BYTES = 1 << 16;
    private static final List<String> DUMPS = List.of("""
            <superblock uuid="" time="3" transaction="2" version="2" data_block_size="128" nr_data_blocks="90">
              <def name="0">
                <single_mapping origin_block="1" data_block="5" time="1"/>
                <range_mapping origin_begin="8" data_begin="20" length="4" time="0"/>
              </def>
              <device dev_id="1" mapped_blocks="6" transaction="1" creation_time="0" snap_time="2">
                <ref name="0"/>
                <single_mapping origin_block="20" data_block="7" time="3"/>
              </device>
              <device dev_id="4" mapped_blocks="5" transaction="2" creation_time="1" snap_time="2">
                <ref name="0"/>
              </device>
            </superblock>
            """, """
            <superblock uuid="" block_size="64" nr_cache_blocks="70" policy="smq" hint_width="4">
              <mappings>
                <mapping cache_block="0" origin_block="9" dirty="false"/>
                <mapping cache_block="66" origin_block="3" dirty="true"/>
              </mappings>
              <hints>
                <hint cache_block="0" data="AQAAAA=="/>
                <hint cache_block="66" data="/wAAAA=="/>
              </hints>
            </superblock>
            """, """
            <superblock uuid="" block_size="64" nr_blocks="3" current_era="5">
              <writeset era="4" nr_bits="3">
                <bit block="0" value="true"/>
                <bit block="1" value="false"/>
                <bit block="2" value="true"/>
              </writeset>
              <era_array>
                <era block="0" era="1"/>
                <era block="1" era="0"/>
                <era block="2" era="3"/>
              </era_array>
            </superblock>
            """);

    /** The same, as they are dumped: runs as small as these are written out. */
    private static final List<String> DUMPED = List.of("""
            <superblock uuid="" time="3" transaction="2" version="2" data_block_size="128" nr_data_blocks="90">
              <device dev_id="1" mapped_blocks="6" transaction="1" creation_time="0" snap_time="2">
                <single_mapping origin_block="1" data_block="5" time="1"/>
                <range_mapping origin_begin="8" data_begin="20" length="4" time="0"/>
                <single_mapping origin_block="20" data_block="7" time="3"/>
              </device>
              <device dev_id="4" mapped_blocks="5" transaction="2" creation_time="1" snap_time="2">
                <single_mapping origin_block="1" data_block="5" time="1"/>
                <range_mapping origin_begin="8" data_begin="20" length="4" time="0"/>
              </device>
            </superblock>
            """, DUMPS.get(1), DUMPS.get(2));

    @Override
    public void run(Input input) {
        int kind = input.number() % DUMPS.size();
        StringBuilder dump = new StringBuilder(DUMPS.get(kind));
        for (int changes = 1 + input.number() % MOST_CHANGES; changes > 0 && input.more(); changes--) {
            change(dump, input);
        }
        if (dump.length() > MOST_BYTES) {
            return;
        }
        String[] said = new String[1];
        if (Judge.allows(() -> said[0] = restored(kind, dump.toString()))) {
            Judge.require(restored(kind, said[0]).equals(said[0]),
                    "the dump of what was restored is restored otherwise");
            boolean asItWas = dump.toString().equals(DUMPS.get(kind));
            Judge.require(!asItWas || said[0].strip().equals(DUMPED.get(kind).strip()), "restored as something else");
        }
    }

    private static void change(StringBuilder dump, Input input) {
        int what = input.number();
        int from = place(dump, input);
        int to = end(dump, from, what >> 4);
        switch (what % 6) {
        case 0 -> dump.delete(from, to);
        case 1 -> dump.insert(to, dump.substring(from, to));
        case 2 -> dump.insert(place(dump, input), dump.substring(from, to));
        case 3 -> number(dump, from, Long.toUnsignedString(input.wide()));
        case 4 -> number(dump, from, Long.toString(-input.wide()));
        default -> dump.insert(from, (char) input.number());
        }
    }

    private static int place(StringBuilder dump, Input input) {
        return dump.isEmpty() ? 0 : (input.number() << 8 | input.number()) % dump.length();
    }

    /** The end of a character, of an attribute, of a tag or of several lines. */
    private static int end(StringBuilder dump, int from, int what) {
        String stop = what < 4 ? "" : what < 8 ? "\" " : what < 12 ? ">" : "</";
        int end = stop.isEmpty() ? from : dump.indexOf(stop, from);
        return Math.min(dump.length(), end < 0 ? dump.length() : end + 1);
    }

    /** Puts a number into the next pair of quotes. */
    private static void number(StringBuilder dump, int from, String number) {
        int begin = dump.indexOf("\"", from);
        int end = begin < 0 ? -1 : dump.indexOf("\"", begin + 1);
        if (end > 0) {
            dump.replace(begin + 1, end, number);
        }
    }

    private static String restored(int kind, String dump) {
        MemoryDevice device = new MemoryDevice("restored", METADATA_BYTES);
        InputStream xml = new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8));
        switch (kind) {
        case 0 -> ThinRestore.restore(xml, PoolOverrides.NONE, device);
        case 1 -> CacheRestore.restore(xml, new CacheWriter.Options(2, true), device);
        default -> EraRestore.restore(xml, device);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TextOut out = new TextOut(bytes);
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            switch (kind) {
            case 0 -> ThinDump.dump(file, ThinDump.Options.XML, () -> out);
            case 1 -> CacheDump.dump(file, () -> out);
            default -> EraDump.dump(file, false, () -> out);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
