package io.pdata.reliability.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.testkit.LoopDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A block device that the kernel uses - as a mounted one here, or the metadata of an active pool - is left alone. */
class BlockDeviceClaimTest {
    private static final long BYTES = 16 << 20;

    @TempDir
    Path folder;

    private LoopDevice loop;
    private Path device;

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start().waitFor();
    }

    @BeforeEach
    void attach() throws IOException {
        Path file = folder.resolve("file");
        FileDevice.create(file, BYTES).close();
        loop = LoopDevice.of(file);
        device = loop.path();
    }

    @AfterEach
    void detach() {
        if (loop != null) {
            loop.close();
        }
    }

    @Test
    void aMountedDeviceCanBeOpenedUnlockedOnly() throws IOException, InterruptedException {
        assertThat(run("mkfs.ext4", "-q", device.toString())).isZero();
        Path mountPoint = Files.createDirectory(folder.resolve("mounted"));
        assertThat(run("mount", device.toString(), mountPoint.toString())).isZero();
        try {
            assertThatThrownBy(() -> FileDevice.open(device, Access.READ_WRITE)).isInstanceOf(DeviceBusyException.class)
                    .hasMessageContaining(device.toString()).hasMessageContaining("mounted or mapped");
            assertThatThrownBy(() -> FileDevice.open(device, Access.READ_ONLY)).isInstanceOf(DeviceBusyException.class);
            FileDevice.open(device, Access.READ_ONLY_UNLOCKED).close();
        } finally {
            assertThat(run("umount", mountPoint.toString())).isZero();
        }
        FileDevice.open(device, Access.READ_WRITE).close();
    }

    @Test
    void whatIsOpenForWritingCannotBeMounted() throws IOException, InterruptedException {
        assertThat(run("mkfs.ext4", "-q", device.toString())).isZero();
        Path mountPoint = Files.createDirectory(folder.resolve("mounted"));
        try (FileDevice open = FileDevice.open(device, Access.READ_WRITE)) {
            assertThat(open.size()).isEqualTo(BYTES);
            assertThat(run("mount", device.toString(), mountPoint.toString())).isNotZero();
        }
        assertThat(run("mount", device.toString(), mountPoint.toString())).isZero();
        assertThat(run("umount", mountPoint.toString())).isZero();
    }
}
