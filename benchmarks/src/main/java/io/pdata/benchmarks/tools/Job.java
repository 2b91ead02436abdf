package io.pdata.benchmarks.tools;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that a tool is to do.
 *
 * @param name what it is called in tables
 * @param tool the program
 * @param images what it is done to
 * @param arguments of the program
 * @param output what the program writes, if it has to be there before; of the size of the metadata then
 */
record Job(String name, String tool, Images images, List<String> arguments, Path output) {

    /** Data blocks whose users are wanted: those of a damaged part of a disk, say. */
    private static final long MAPPED_AT_ONCE = 100_000;

    /** All jobs on some images, in the order of tables. */
    static List<Job> on(Images images, Path scratch) {
        String binary = images.binary().toString();
        Path made = scratch.resolve("made.img");
        String text = scratch.resolve("made.xml").toString();
        String pack = scratch.resolve("made.pack").toString();
        List<Job> jobs = new ArrayList<>();
        jobs.add(new Job("check", "thin_check", images, List.of(binary), null));
        jobs.add(new Job("dump", "thin_dump", images, List.of("-o", text, binary), null));
        jobs.add(new Job("restore", "thin_restore", images, List.of("-i", images.xml().toString(), "-o",
                made.toString()), made));
        jobs.add(new Job("repair", "thin_repair", images, List.of("-i", binary, "-o", made.toString()), made));
        jobs.add(new Job("delta", "thin_delta", images, List.of("--thin1", "0", "--thin2", "1", binary), null));
        jobs.add(new Job("ls", "thin_ls", images, List.of(binary), null));
        jobs.add(new Job("rmap", "thin_rmap", images, List.of("--region", "0.." + MAPPED_AT_ONCE, binary), null));
        jobs.add(new Job("pack", "thin_metadata_pack", images, List.of("-i", binary, "-o", pack), null));
        jobs.add(new Job("unpack", "thin_metadata_unpack", images, List.of("-i", images.pack().toString(), "-o",
                made.toString()), made));
        return jobs;
    }

    /** Makes the output anew: empty, and as large as the metadata. */
    void prepare() throws IOException {
        if (output != null) {
            Files.deleteIfExists(output);
            try (FileChannel file = FileChannel.open(output, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(1), images.size() - 1);
            }
        }
    }
}
