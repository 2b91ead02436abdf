package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.ReadOnlyException;
import io.pdata.nbd.Export;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolExportsTest {
    private static final long MIB = 1 << 20;
    private static final int BLOCK = 64 << 10;

    @TempDir
    Path folder;

    private NamedPool pool;
    private PoolExports exports;

    @BeforeEach
    void create() throws IOException {
        pool = NamedPool.create(folder.resolve("pool"), new NamedPool.Geometry(64 * MIB, 4 * MIB, 128),
                PoolOptions.defaults(), PoolEvents.NONE);
        exports = new PoolExports(pool);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void volumesAreExportsUnderTheirNames() {
        pool.createVolume("disk", MIB);
        try (Export alone = exports.open("").orElseThrow()) {
            assertThat(alone.name()).isEqualTo("disk");
        }
        pool.createSnapshot("before", "disk", true);
        assertThat(exports.names()).containsExactly("before", "disk");
        assertThat(exports.open("")).as("which of two").isEmpty();
        assertThat(exports.open("other")).isEmpty();
        try (Export disk = exports.open("disk").orElseThrow(); Export before = exports.open("before").orElseThrow()) {
            assertThat(disk.readOnly()).isFalse();
            assertThat(disk.device().size()).isEqualTo(MIB);
            assertThat(before.readOnly()).isTrue();
            assertThat(before.description()).isEqualTo("read-only snapshot of disk");
        }
    }

    @Test
    void whatWasNeverWrittenIsAHole() {
        pool.createVolume("disk", MIB);
        try (Export disk = exports.open("disk").orElseThrow()) {
            disk.device().write(3 * BLOCK + 5, Arena.ofAuto().allocate(10));
            List<String> extents = new ArrayList<>();
            disk.allocation().describe(BLOCK, 4 * BLOCK, (length, value) -> extents.add(length / BLOCK + ":" + value));
            assertThat(extents).containsExactly("2:3", "1:0", "1:3");
        }
    }

    @Test
    void ofAVeryLargeFamilyOnlyTheBeginningOfNamesIsListedAndEachIsFound() {
        pool.createVolume("v0", MIB);
        for (int i = 1; i <= 300; i++) {
            pool.createSnapshot("v" + i, "v" + (i - 1), true);
        }
        try (Export disk = exports.open("v0").orElseThrow()) {
            assertThat(disk.contextNames()).containsExactly("x-pdata:sharing", "qemu:dirty-bitmap:since-");
            assertThat(disk.context("qemu:dirty-bitmap:since-v299")).isPresent();
            assertThat(disk.context("qemu:dirty-bitmap:since-v0")).as("itself").isEmpty();
            assertThat(disk.context("qemu:dirty-bitmap:since-")).isEmpty();
            assertThat(disk.context("qemu:dirty-bitmap:v299")).isEmpty();
            assertThat(disk.contexts()).hasSize(301);
        }
        for (int i = 300; i > 255; i--) {
            pool.delete("v" + i);
        }
        try (Export disk = exports.open("v0").orElseThrow()) {
            assertThat(disk.contextNames()).hasSize(256).contains("qemu:dirty-bitmap:since-v255");
        }
    }

    @Test
    void whatAVolumeHasAloneIsWrittenToInAReadOnlyPoolToo() {
        pool.createVolume("disk", MIB);
        try (Volume disk = pool.open("disk")) {
            disk.write(0, Arena.ofAuto().allocate(BLOCK));
        }
        pool.close();
        pool = NamedPool.open(folder.resolve("pool"), PoolOptions.defaults().withReadOnly(true), PoolEvents.NONE);
        try (Export disk = new PoolExports(pool).open("disk").orElseThrow()) {
            assertThat(disk.readOnly()).isFalse();
            disk.device().write(512, Arena.ofAuto().allocate(512));
            disk.device().flush();
            assertThatThrownBy(() -> disk.device().write(BLOCK, Arena.ofAuto().allocate(512)))
                    .isInstanceOf(ReadOnlyException.class);
        }
    }

    @Test
    void aVolumeWithClientsIsLeftAloneUnlessForced() {
        NamedVolume disk = pool.createVolume("disk", MIB);
        Export first = exports.open("disk").orElseThrow();
        Export second = exports.open("disk").orElseThrow();
        List<String> done = new ArrayList<>();
        assertThat(exports.count(disk.id())).isEqualTo(2);
        assertThatThrownBy(() -> exports.without(disk, false, () -> done.add("unforced")))
                .isInstanceOf(ThinRequestException.class)
                .hasMessage("volume 'disk' has 2 clients: --force disconnects them");
        exports.disconnectBy(all -> {
            assertThat(all).hasSize(2);
            first.close();
            second.close();
        });
        exports.without(disk, true, () -> done.add("with " + exports.count(disk.id())));
        exports.without(disk, false, () -> done.add("nobody there"));
        assertThat(done).containsExactly("with 0", "nobody there");
    }
}
