package io.pdata.cli;

import io.pdata.core.device.FileDevice;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Runs commands, so that the virtual machine can note which classes they need and have them ready at the next start. Tools work
 * several times on a pool that is large enough that profiles of their methods are noted, too. {@code ./pdata} and
 * {@code build/dist} call it.
 */
final class Rehearsal {
    private static final int SECTORS = 128;
    private static final int MAPPINGS = 300_000;
    private static final int ROUNDS = 3;
    private static final int METADATA_BYTES = 16 << 20;
    private static final long CACHE_BYTES = 16 << 20;

    private Rehearsal() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("pdata");
        Path metadata = folder.resolve("metadata");
        Path pool = folder.resolve("pool");
        try {
            makePool(metadata);
            PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
            String[][] commands = {{"thin_check", metadata.toString()}, {"thin_dump", metadata.toString()},
                {"thin_check", "--help"}, {"thin_check", "--no-such-option"}, {"cache_check", metadata.toString()},
                {"pool", "create", pool.toString(), "--data-size", "1M"},
                {"volume", "create", pool.toString(), "a", "1M"}, {"volume", "list", pool.toString()},
                {"pool", "status", pool.toString(), "--json"}, {"volume", "list", "--help"}};
            for (String[] command : commands) {
                Main.run(command, nowhere, nowhere);
            }
            String[][] work = toolsAtWork(folder, metadata.toString());
            for (int round = 0; round < ROUNDS; round++) {
                for (String[] command : work) {
                    rehearse(command, nowhere);
                }
            }
            for (String tool : Main.tools()) {
                Main.run(new String[]{tool, "--help"}, nowhere, nowhere);
            }
        } finally {
            deleteAll(folder);
        }
    }

    /** Of a command that fails nothing worth noting would be noted. */
    private static void rehearse(String[] command, PrintStream nowhere) {
        int status = Main.run(command, nowhere, nowhere);
        if (status != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": status " + status);
        }
    }

    private static String[][] toolsAtWork(Path folder, String metadata) throws IOException {
        String made = Files.write(folder.resolve("made"), new byte[METADATA_BYTES]).toString();
        String xml = folder.resolve("xml").toString();
        String packed = folder.resolve("packed").toString();
        return new String[][]{{"thin_check", metadata}, {"thin_dump", "-o", xml, metadata},
            {"thin_restore", "-i", xml, "-o", made},
            {"thin_repair", "-i", metadata, "-o", made}, {"thin_ls", metadata},
            {"thin_delta", "--thin1", "0", "--thin2", "2", metadata},
            {"thin_rmap", "--region", "0.." + MAPPINGS / 100, metadata},
            {"thin_metadata_pack", "-i", metadata, "-o", packed},
            {"thin_metadata_unpack", "-f", "-i", packed, "-o", made}};
    }

    private static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void makePool(Path file) {
        try (ThinMetadata pool = ThinMetadata.format(FileDevice.create(file, METADATA_BYTES), SECTORS, CACHE_BYTES)) {
            pool.space().resizeData(MAPPINGS + MAPPINGS / 100);
            pool.commit();
            pool.createThin(0);
            ThinDevice device = pool.openDevice(0);
            for (int block = 0; block < MAPPINGS; block++) {
                pool.insert(device, 2L * block, pool.allocateDataBlock());
            }
            pool.createSnapshot(1, 0);
            pool.createSnapshot(2, 0);
            pool.commit();
            for (int block = 0; block < MAPPINGS; block += MAPPINGS / 100) {
                pool.insert(device, 2L * block, pool.allocateDataBlock());
            }
            pool.commit();
        }
    }
}
