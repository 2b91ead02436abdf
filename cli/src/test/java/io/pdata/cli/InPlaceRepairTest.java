package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.testkit.Golden;
import io.pdata.thin.ThinSuperblockLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code --auto-repair} and {@code --clear-needs-check-flag} do with sound metadata and with flawed ones. */
class InPlaceRepairTest {
    @TempDir
    private Path folder;

    private String image(String name) throws IOException {
        return Golden.unpack(name, folder.resolve(name)).toString();
    }

    private static void edit(String file, long number, BlockValidator type, Consumer<MemorySegment> change)
            throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of(file));
        MemorySegment block = MemorySegment.ofArray(bytes).asSlice(number * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
        change.accept(block);
        type.prepare(block, number);
        Files.write(Path.of(file), bytes);
    }

    /** The metadata bitmap with these numbers, and how many blocks there are. */
    private static long[] bitmapAndBlocks(String file) throws IOException {
        MemorySegment bytes = MemorySegment.ofArray(Files.readAllBytes(Path.of(file)));
        SpaceMapRoot root = SpaceMapRoot.read(bytes, ThinSuperblockLayout.METADATA_SPACE_MAP);
        long index = root.bitmapRoot() * Bytes.BLOCK_SIZE;
        return new long[]{IndexEntry.location(bytes, index + IndexBlock.entryOffset(0)), root.blocks()};
    }

    @ParameterizedTest
    @ValueSource(strings = {"--auto-repair", "--clear-needs-check-flag"})
    void theFlagOfSoundMetadataIsCleared(String option) throws IOException {
        String file = image("thin-needs-check");
        assertThat(ToolRun.of("thin_dump", file).out()).contains("flags=\"1\"");
        ToolRun run = ToolRun.of("thin_check", option, file);
        assertThat(run.status()).isZero();
        assertThat(run.err()).contains("Cleared needs_check flag");
        assertThat(ToolRun.of("thin_dump", file).out()).doesNotContain("flags=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--auto-repair", "--clear-needs-check-flag"})
    void garbageBeyondTheEndIsOneFindingAndRepaired(String option) throws IOException {
        String file = image("thin-snaps-2");
        String before = ToolRun.of("thin_dump", file).out();
        long[] map = bitmapAndBlocks(file);
        int end = Math.toIntExact(map[1]);
        edit(file, map[0], BitmapBlock.VALIDATOR, bitmap -> {
            for (int entry = end; entry < end + 320; entry += 32) {
                BitmapBlock.setWord(bitmap, entry, 0x9999_9999_9999_9999L);
            }
        });
        ToolRun found = ToolRun.of("thin_check", file);
        assertThat(found.status()).isEqualTo(64);
        assertThat(found.err()).containsOnlyOnce("beyond")
                .contains("metadata space map: counts 320 blocks beyond its end, from block " + end + " on");
        assertThat(ToolRun.of("thin_check", option, file).status()).isZero();
        ToolRun after = ToolRun.of("thin_check", file);
        assertThat(after.status()).isZero();
        assertThat(after.err()).doesNotContain("space map");
        assertThat(ToolRun.of("thin_dump", file).out()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--auto-repair", "--clear-needs-check-flag"})
    void aCountThatIsTooLowIsLeftToARepair(String option) throws IOException {
        String file = image("thin-snaps-2");
        edit(file, bitmapAndBlocks(file)[0], BitmapBlock.VALIDATOR, bitmap -> BitmapBlock.setWord(bitmap, 0, 0));
        byte[] before = Files.readAllBytes(Path.of(file));
        ToolRun run = ToolRun.of("thin_check", option, file);
        assertThat(run.status()).isEqualTo(64);
        assertThat(run.err()).contains("Nothing was changed, as this cannot be repaired in place",
                "counted less often than it is referred to");
        assertThat(Files.readAllBytes(Path.of(file))).isEqualTo(before);
    }

    @Test
    void theSuperblockVersionDoesNotMatter() throws IOException {
        for (int version : new int[]{0, 1, 3}) {
            String file = image("thin-snaps-2");
            edit(file, 0, ThinSuperblockLayout.VALIDATOR,
                    block -> block.set(Bytes.U32, ThinSuperblockLayout.VERSION, version));
            assertThat(ToolRun.of("thin_check", "-q", "--clear-needs-check-flag", file).status()).isZero();
            assertThat(ToolRun.of("thin_dump", file).out()).contains("version=\"" + version + "\"");
            assertThat(ToolRun.of("thin_ls", file).status()).isZero();
        }
    }
}
