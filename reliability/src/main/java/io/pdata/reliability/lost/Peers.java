package io.pdata.reliability.lost;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** The reference tools, on metadata that is in memory. */
final class Peers {
    private Peers() {}

    private interface Work<T> {
        T on(Path input, Path output) throws IOException;
    }

    /** Has 1.1.0 dump and restore metadata. */
    static void restore(MemoryDevice from, MemoryDevice to) {
        withFiles(from, (input, output) -> {
            Path xml = output.resolveSibling("pool.xml");
            PeerTools.run(PeerTools.RUST, "thin_dump", "-o", xml, input).succeeded();
            PeerTools.run(PeerTools.RUST, "thin_restore", "-i", xml, "-o", output).succeeded();
            to.write(0, MemorySegment.ofArray(Files.readAllBytes(output)));
            Files.delete(xml);
            return null;
        });
    }

    /** Has one version repair metadata, with the numbers of the pool given to it; null if it fails. */
    static PoolDigest repair(String version, MemoryDevice broken, PoolDigest truth) {
        return withFiles(broken, (input, output) -> {
            Outcome outcome = PeerTools.run(version, "thin_repair", "-i", input, "-o", output, "--transaction-id",
                    truth.header().transactionId(), "--data-block-size", truth.header().dataBlockSectors(),
                    "--nr-data-blocks", truth.header().dataBlocks());
            if (outcome.status() != 0) {
                return null;
            }
            MemoryDevice repaired = new MemoryDevice(Files.size(output));
            repaired.write(0, MemorySegment.ofArray(Files.readAllBytes(output)));
            return PoolDigest.of(repaired);
        });
    }

    private static <T> T withFiles(MemoryDevice from, Work<T> work) {
        try {
            Path folder = Files.createTempDirectory("lost-superblock");
            Path input = folder.resolve("input");
            Path output = folder.resolve("output");
            try {
                byte[] bytes = new byte[Math.toIntExact(from.size())];
                from.read(0, MemorySegment.ofArray(bytes));
                Files.write(input, bytes);
                Files.write(output, new byte[bytes.length]);
                return work.on(input, output);
            } finally {
                Files.deleteIfExists(input);
                Files.deleteIfExists(output);
                Files.deleteIfExists(folder.resolve("pool.xml"));
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
