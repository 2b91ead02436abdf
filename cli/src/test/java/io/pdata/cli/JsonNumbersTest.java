package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.pdata.core.device.FileDevice;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers in JSON are unsigned, and an absent one is null. */
class JsonNumbersTest {
    private static final String LARGEST = "18446744073709551615";

    @TempDir
    private Path folder;

    private String metadata;

    @BeforeEach
    void restore() throws IOException {
        metadata = folder.resolve("metadata").toString();
        FileDevice.create(Path.of(metadata), 4 << 20).close();
        Path dump = Files.writeString(folder.resolve("dump.xml"), """
                <superblock uuid="" time="0" transaction="%1$s" version="2" data_block_size="128" nr_data_blocks="100">
                  <device dev_id="1" mapped_blocks="0" transaction="%1$s" creation_time="0" snap_time="0">
                  </device>
                </superblock>
                """.formatted(LARGEST));
        run("thin_restore", "-q", "-i", dump.toString(), "-o", metadata);
    }

    private static String run(String... arguments) {
        ToolRun run = ToolRun.of(arguments);
        assertThat(run.status()).as(run.err()).isZero();
        return run.out();
    }

    @Test
    void listsAreUnsigned() throws IOException {
        List<Object> devices = JSON.std
                .listFrom(run("thin_ls", "--json", "-o", "DEV,TRANSACTION,HIGHEST_BLOCK", metadata));
        assertThat(devices).hasSize(1);
        Map<?, ?> device = (Map<?, ?>) devices.getFirst();
        assertThat(device.get("transaction")).isEqualTo(new BigInteger(LARGEST));
        assertThat(device.containsKey("highest_block")).isTrue();
        assertThat(device.get("highest_block")).isNull();
    }

    @Test
    void inspectedDevicesAreUnsigned() throws IOException {
        List<?> devices = (List<?>) JSON.std.mapFrom(run("inspect", "--json", metadata)).get("devices");
        assertThat(((Map<?, ?>) devices.getFirst()).get("transactionId")).isEqualTo(new BigInteger(LARGEST));
    }

    @Test
    void statesOfAPoolAreUnsigned() throws IOException {
        List<Object> roots = JSON.std
                .listFrom(run("thin_repair", "-i", metadata, "-o", metadata + "2", "--list-roots", "--json"));
        assertThat(((Map<?, ?>) roots.getFirst()).get("transaction_id")).isEqualTo(new BigInteger(LARGEST));
    }

    @Test
    void checksAreUnsigned() throws IOException {
        assertThat(JSON.std.mapFrom(run("thin_check", "--json", metadata)).get("transaction_id"))
                .isEqualTo(new BigInteger(LARGEST));
    }
}
