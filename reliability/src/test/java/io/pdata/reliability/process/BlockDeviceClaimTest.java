package io.pdata.reliability.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A block device that the kernel uses - as a mounted one here, or the metadata of an active pool - is left alone. */
class BlockDeviceClaimTest {
    @TempDir
    Path folder;

    private Path device;

    private record Outcome(int status, String output) {}

    private static Outcome run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes()).strip();
        return new Outcome(process.waitFor(), output);
    }

    @BeforeEach
    void attach() throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")) && Files.exists(Path.of("/dev/loop-control")),
                "loop devices are for root");
        Path file = folder.resolve("file");
        assertThat(run("truncate", "-s", "16M", file.toString()).status()).isZero();
        Outcome losetup = run("losetup", "--find", "--show", file.toString());
        assumeTrue(losetup.status() == 0, "no loop device: " + losetup.output());
        device = Path.of(losetup.output());
    }

    @AfterEach
    void detach() throws IOException, InterruptedException {
        if (device != null) {
            assertThat(run("losetup", "--detach", device.toString()).status()).isZero();
        }
    }

    @Test
    void aMountedDeviceCanBeOpenedUnlockedOnly() throws IOException, InterruptedException {
        assertThat(run("mkfs.ext4", "-q", device.toString()).status()).isZero();
        Path mountPoint = Files.createDirectory(folder.resolve("mounted"));
        assertThat(run("mount", device.toString(), mountPoint.toString()).status()).isZero();
        try {
            assertThatThrownBy(() -> FileDevice.open(device, Access.READ_WRITE)).isInstanceOf(DeviceBusyException.class)
                    .hasMessageContaining(device.toString()).hasMessageContaining("mounted or mapped");
            assertThatThrownBy(() -> FileDevice.open(device, Access.READ_ONLY)).isInstanceOf(DeviceBusyException.class);
            FileDevice.open(device, Access.READ_ONLY_UNLOCKED).close();
        } finally {
            assertThat(run("umount", mountPoint.toString()).status()).isZero();
        }
        FileDevice.open(device, Access.READ_WRITE).close();
    }

    @Test
    void whatIsOpenForWritingCannotBeMounted() throws IOException, InterruptedException {
        assertThat(run("mkfs.ext4", "-q", device.toString()).status()).isZero();
        Path mountPoint = Files.createDirectory(folder.resolve("mounted"));
        try (FileDevice open = FileDevice.open(device, Access.READ_WRITE)) {
            assertThat(open.size()).isEqualTo(16 << 20);
            assertThat(run("mount", device.toString(), mountPoint.toString()).status()).isNotZero();
        }
        assertThat(run("mount", device.toString(), mountPoint.toString()).status()).isZero();
        assertThat(run("umount", mountPoint.toString()).status()).isZero();
    }
}
