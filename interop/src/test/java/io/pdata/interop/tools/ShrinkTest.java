package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.interop.Seeds;
import io.pdata.testkit.PeerTools;
import io.pdata.testkit.RandomPool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** thin_shrink moves the same blocks to the same places as the reference tool, and every volume keeps its content. */
class ShrinkTest {
    private static final int ROUNDS = Seeds.rounds(2, 100);
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 50_000;
    private static final Pattern ELEMENT = Pattern
            .compile("<device dev_id=\"(\\d+)\"|<def name=\"(\\d+)\"|<ref name=\"(\\d+)\""
                    + "|origin_b\\w+=\"(\\d+)\" data_b\\w+=\"(\\d+)\"(?: length=\"(\\d+)\")?");

    @TempDir
    private Path folder;

    @BeforeEach
    void needTools() {
        PeerTools.need();
    }

    @Test
    void volumesKeepTheirContent() throws IOException {
        SplittableRandom random = Seeds.random("shrunk pools");
        for (int i = 0; i < ROUNDS; i++) {
            String xml = new RandomPool(random.split(), 4).xml(true);
            Map<String, Long> before = mappings(xml);
            long used = used(xml);
            shrink(xml, before, used + random.nextLong(BLOCKS - used), i % 2 == 0);
        }
    }

    private void shrink(String xml, Map<String, Long> before, long blocks, boolean binary) throws IOException {
        Path input = Files.writeString(folder.resolve("xml"), xml);
        if (binary) {
            input = Files.write(folder.resolve("input"), new byte[4 << 20]);
            assertThat(Own.run("thin_restore", "-q", "-i", folder.resolve("xml"), "-o", input).status()).isZero();
        }
        Path ourData = data("our.data", before);
        Path theirData = data("their.data", before);
        Path ours = Files.write(folder.resolve("ours"), new byte[4 << 20]);
        Path theirs = Files.write(folder.resolve("theirs"), new byte[4 << 20]);
        Object[] arguments = {"-i", input, "-o", theirs, "--data", theirData, "--nr-blocks", blocks};
        PeerTools.run(PeerTools.RUST, "thin_shrink", with(arguments, binary)).succeeded();
        arguments = new Object[]{"thin_shrink", "-i", input, "-o", ours, "--data", ourData, "--nr-blocks", blocks};
        assertThat(Own.run(with(arguments, binary))).isEqualTo(new Own(0, "", ""));

        String after = binary ? Own.output("thin_dump", ours) : Files.readString(ours);
        // 1.1.0 leaves the old number of data blocks.
        assertThat(after.replaceFirst("nr_data_blocks=\"" + blocks + "\"", "nr_data_blocks=\"" + BLOCKS + "\""))
                .isEqualTo(binary ? Own.output("thin_dump", theirs) : Files.readString(theirs));
        if (binary) {
            Judged.sound(ours);
        }
        compare(before, mappings(after), blocks, ourData, theirData);
    }

    private static Object[] with(Object[] arguments, boolean binary) {
        if (!binary) {
            return arguments;
        }
        Object[] more = Arrays.copyOf(arguments, arguments.length + 1);
        more[arguments.length] = "--binary";
        return more;
    }

    /** Each block that is mapped has its number at the beginning, in the middle and at the end. */
    private Path data(String name, Map<String, Long> mappings) throws IOException {
        Path file = folder.resolve(name);
        Files.deleteIfExists(file);
        MemorySegment number = MemorySegment.ofArray(new byte[Long.BYTES]);
        try (FileDevice device = FileDevice.create(file, (long) BLOCKS * BLOCK)) {
            for (long block : mappings.values()) {
                number.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, block + 1);
                device.write(block * BLOCK, number);
                device.write(block * BLOCK + BLOCK / 2, number);
                device.write((block + 1) * BLOCK - Long.BYTES, number);
            }
        }
        return file;
    }

    private static void compare(Map<String, Long> before, Map<String, Long> after, long blocks, Path ours,
            Path theirs) {
        assertThat(after.keySet()).isEqualTo(before.keySet());
        try (FileDevice our = FileDevice.open(ours, Access.READ_ONLY);
                FileDevice their = FileDevice.open(theirs, Access.READ_ONLY)) {
            after.forEach((place, block) -> {
                assertThat(block).isLessThan(blocks);
                byte[] content = read(our, block);
                byte[] expected = new byte[BLOCK];
                for (int at : new int[]{0, BLOCK / 2, BLOCK - Long.BYTES}) {
                    MemorySegment.ofArray(expected).set(ValueLayout.JAVA_LONG_UNALIGNED, at, before.get(place) + 1);
                }
                assertThat(content).as(place).isEqualTo(expected);
                assertThat(read(their, block)).as(place).isEqualTo(expected);
            });
        }
    }

    private static byte[] read(FileDevice device, long block) {
        byte[] content = new byte[BLOCK];
        device.read(block * BLOCK, MemorySegment.ofArray(content));
        return content;
    }

    /** How many data blocks are in use: in a dump, those of runs that no device has are, too. */
    private static long used(String xml) {
        BitSet blocks = new BitSet();
        for (Matcher found = ELEMENT.matcher(xml); found.find();) {
            if (found.group(5) != null) {
                int begin = Integer.parseInt(found.group(5));
                blocks.set(begin, begin + (found.group(6) == null ? 1 : Integer.parseInt(found.group(6))));
            }
        }
        return blocks.cardinality();
    }

    /** Where each virtual block of each device is; runs that no device has are not there. */
    private static Map<String, Long> mappings(String xml) {
        Map<String, Map<Long, Long>> devices = new HashMap<>();
        Map<String, Map<Long, Long>> runs = new HashMap<>();
        Map<Long, Long> current = null;
        for (Matcher found = ELEMENT.matcher(xml); found.find();) {
            if (found.group(1) != null) {
                current = devices.computeIfAbsent(found.group(1), _ -> new HashMap<>());
            } else if (found.group(2) != null) {
                current = runs.computeIfAbsent(found.group(2), _ -> new HashMap<>());
            } else if (found.group(3) != null) {
                current.putAll(runs.get(found.group(3)));
            } else {
                int length = found.group(6) == null ? 1 : Integer.parseInt(found.group(6));
                for (int i = 0; i < length; i++) {
                    current.put(Long.parseLong(found.group(4)) + i, Long.parseLong(found.group(5)) + i);
                }
            }
        }
        Map<String, Long> all = new TreeMap<>();
        devices.forEach((id, blocks) -> blocks
                .forEach((from, to) -> all.put("block " + from + " of device " + id, to)));
        return all;
    }
}
