package io.pdata.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random thin pool as a dump would describe it: devices whose mappings are partly their own, partly in runs that several
 * devices have. Sizes are chosen around those at which nodes of a tree fill up, split and have to be joined.
 */
public final class RandomPool {
    private static final int[] SIZES = {1, 2, 30, 125, 126, 127, 251, 252, 253, 378, 504, 505, 900};
    private static final int DATA_BLOCKS = 50_000;
    private static final int TIME = 9;
    private static final int TRANSACTION = 5;

    private final SplittableRandom random;
    private final List<Run> shared = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();

    /** One line of a dump: {@code length} virtual blocks from {@code origin} on, mapped to data blocks from {@code data} on. */
    private record Mapping(long origin, long data, int length, int time) {}

    /** Mappings that follow each other, as one part of a device or of several. */
    private record Run(List<Mapping> mappings, int blocks, long end) {}

    /** @param parts own runs, and those of the pool's list of shared ones by identity */
    private record Device(long id, List<Run> parts, int blocks) {}

    /** Makes a pool of up to {@code maxDevices} devices. */
    public RandomPool(SplittableRandom random, int maxDevices) {
        this.random = random;
        long next = random.nextInt(1000);
        int runs = random.nextInt(7);
        for (int i = 0; i < runs; i++) {
            Run run = run(next + random.nextInt(3000));
            shared.add(run);
            next = run.end();
        }
        long id = random.nextInt(5);
        for (int n = random.nextInt(maxDevices + 1); n > 0; n--) {
            devices.add(device(id));
            id += 1 + random.nextInt(10);
        }
    }

    private Device device(long id) {
        List<Run> parts = new ArrayList<>();
        int blocks = 0;
        long next = 0;
        for (Run run : shared) {
            long begin = run.mappings().getFirst().origin();
            if (random.nextInt(3) == 0 && next < begin) {
                parts.add(run(next + random.nextInt(1000)));
                next = parts.getLast().end();
            }
            if (next <= begin && random.nextInt(4) > 0) {
                parts.add(run);
                next = run.end();
            }
        }
        if (random.nextBoolean()) {
            parts.add(run(next + random.nextInt(1000)));
        }
        for (Run part : parts) {
            blocks += part.blocks();
        }
        return new Device(id, parts, blocks);
    }

    private Run run(long origin) {
        int blocks = SIZES[random.nextInt(SIZES.length)];
        List<Mapping> mappings = new ArrayList<>();
        long next = origin;
        for (int left = blocks; left > 0;) {
            int length = random.nextBoolean() ? 1 : Math.min(left, 1 + random.nextInt(60));
            mappings.add(new Mapping(next, random.nextInt(DATA_BLOCKS - length), length, random.nextInt(TIME + 1)));
            next += length + random.nextInt(3);
            left -= length;
        }
        return new Run(mappings, blocks, next);
    }

    /** The dump. @param withShared whether runs that several devices can have are written once, and referred to */
    public String xml(boolean withShared) {
        StringBuilder xml = new StringBuilder();
        xml.append("<superblock uuid=\"\" time=\"").append(TIME).append("\" transaction=\"").append(TRANSACTION)
                .append("\" version=\"2\" data_block_size=\"128\" nr_data_blocks=\"").append(DATA_BLOCKS)
                .append("\">\n");
        for (int i = 0; withShared && i < shared.size(); i++) {
            xml.append("  <def name=\"").append(i).append("\">\n");
            append(xml, shared.get(i));
            xml.append("  </def>\n");
        }
        for (Device device : devices) {
            xml.append("  <device dev_id=\"").append(device.id()).append("\" mapped_blocks=\"").append(device.blocks())
                    .append("\" transaction=\"").append(device.id() % (TRANSACTION + 1))
                    .append("\" creation_time=\"").append(device.id() % 3).append("\" snap_time=\"").append(TIME)
                    .append("\">\n");
            for (Run part : device.parts()) {
                int name = withShared ? shared.indexOf(part) : -1;
                if (name >= 0) {
                    xml.append("    <ref name=\"").append(name).append("\"/>\n");
                } else {
                    append(xml, part);
                }
            }
            xml.append("  </device>\n");
        }
        return xml.append("</superblock>").toString();
    }

    private static void append(StringBuilder xml, Run run) {
        for (Mapping each : run.mappings()) {
            if (each.length() == 1) {
                xml.append("    <single_mapping origin_block=\"").append(each.origin()).append("\" data_block=\"")
                        .append(each.data());
            } else {
                xml.append("    <range_mapping origin_begin=\"").append(each.origin()).append("\" data_begin=\"")
                        .append(each.data()).append("\" length=\"").append(each.length());
            }
            xml.append("\" time=\"").append(each.time()).append("\"/>\n");
        }
    }
}
