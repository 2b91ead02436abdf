package io.pdata.testkit;

import java.util.Base64;
import java.util.SplittableRandom;

/** Random caches and era devices as dumps of the newer reference tools would describe them, in normal form. */
public final class RandomTargets {
    private static final int[] LENGTHS = {0, 1, 63, 64, 65, 508, 509, 510, 1017, 1018, 1019, 2036, 5000};

    private RandomTargets() {}

    /** The dump of a cache with up to 5000 blocks. */
    public static String cache(SplittableRandom random) {
        int blocks = LENGTHS[random.nextInt(LENGTHS.length)];
        int used = random.nextInt(101);
        boolean[] mapped = new boolean[blocks];
        StringBuilder xml = new StringBuilder("<superblock uuid=\"\" block_size=\"64\" nr_cache_blocks=\"" + blocks
                + "\" policy=\"smq\" hint_width=\"4\">\n  <mappings>\n");
        for (int block = 0; block < blocks; block++) {
            mapped[block] = random.nextInt(100) < used;
            if (mapped[block]) {
                // The origin's blocks must differ, as no block is cached twice.
                long origin = random.nextLong(1 << 20) * 5000 + block;
                xml.append("    <mapping cache_block=\"").append(block).append("\" origin_block=\"").append(origin)
                        .append("\" dirty=\"").append(random.nextBoolean()).append("\"/>\n");
            }
        }
        xml.append("  </mappings>\n  <hints>\n");
        byte[] hint = new byte[4];
        for (int block = 0; block < blocks; block++) {
            if (mapped[block]) {
                random.nextBytes(hint);
                xml.append("    <hint cache_block=\"").append(block).append("\" data=\"")
                        .append(Base64.getEncoder().encodeToString(hint)).append("\"/>\n");
            }
        }
        return xml.append("  </hints>\n</superblock>").toString();
    }

    /** The dump of an era device with up to 5000 blocks. */
    public static String era(SplittableRandom random) {
        int blocks = 1 + LENGTHS[random.nextInt(LENGTHS.length)];
        int writesets = random.nextInt(5);
        int era = 1 + random.nextInt(10);
        StringBuilder xml = new StringBuilder("<superblock uuid=\"\" block_size=\"64\" nr_blocks=\"" + blocks
                + "\" current_era=\"" + (era + writesets + 1) + "\">\n");
        for (int i = 1; i <= writesets; i++) {
            int written = random.nextInt(101);
            xml.append("  <writeset era=\"").append(era + i).append("\" nr_bits=\"").append(blocks).append("\">\n");
            for (int block = 0; block < blocks; block++) {
                xml.append("    <bit block=\"").append(block).append("\" value=\"")
                        .append(random.nextInt(100) < written).append("\"/>\n");
            }
            xml.append("  </writeset>\n");
        }
        xml.append("  <era_array>\n");
        for (int block = 0; block < blocks; block++) {
            xml.append("    <era block=\"").append(block).append("\" era=\"").append(random.nextInt(era + 1))
                    .append("\"/>\n");
        }
        return xml.append("  </era_array>\n</superblock>").toString();
    }
}
