package io.pdata.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Golden;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes of pools that a kernel wrote come out with each block where the kernel mapped it. */
class KernelImageTest {
    @TempDir
    Path folder;

    /** Remembers what was written at the beginning of each block. */
    private static final class Marks implements Target {
        final Map<Long, Long> marks = new TreeMap<>();
        final long blockBytes;

        Marks(long blockBytes) {
            this.blockBytes = blockBytes;
        }

        @Override
        public void begin(long size) {
            assertThat(size % blockBytes).isZero();
        }

        @Override
        public void write(long position, byte[] bytes, int offset, int length) {
            for (long at = Math.ceilDiv(position, blockBytes) * blockBytes; at < position + length; at += blockBytes) {
                long mark = MemorySegment.ofArray(bytes).get(Bytes.U64, offset + at - position);
                marks.put(at / blockBytes, mark);
            }
        }

        @Override
        public void zero(long position, long length) {
            // nothing is marked there
        }

        @Override
        public void finish() {
            // nothing is kept
        }

        @Override
        public void close() {
            // nothing is kept
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin-exact-a-4", "thin-deep"})
    void eachVolume(String name) throws IOException {
        Path metadata = Golden.unpack(name, folder.resolve("metadata"));
        Path data = folder.resolve("data");
        Map<Long, Map<Long, Long>> expected = new TreeMap<>();
        long blockBytes;
        try (ThinMetadata pool = ThinMetadata.open(FileDevice.open(metadata, Access.READ_ONLY), OpenOptions.readOnly());
                ThinView view = pool.openView()) {
            blockBytes = pool.dataBlockSectors() * 512L;
            try (FileDevice device = FileDevice.create(data, pool.space().dataBlocks() * blockBytes)) {
                for (long id : ids(view)) {
                    expected.put(id, new TreeMap<>());
                    view.forEachMapping(id, (virtualBlock, dataBlock, _) -> {
                        MemorySegment mark = MemorySegment.ofArray(new byte[Long.BYTES]);
                        mark.set(Bytes.U64, 0, dataBlock + 1);
                        device.write(dataBlock * blockBytes, mark);
                        expected.get(id).put(virtualBlock, dataBlock + 1);
                        return true;
                    });
                }
            }
        }
        assertThat(expected).isNotEmpty();
        for (Map.Entry<Long, Map<Long, Long>> volume : expected.entrySet()) {
            Marks marks = new Marks(blockBytes);
            try (ImageSource source = ImageSource.open(metadata, data, volume.getKey(), -1, ImageOptions.DEFAULT)) {
                Extraction.extract(source, marks, false, Progress.NONE);
            }
            assertThat(marks.marks).as("volume %d of %s", volume.getKey(), name).isEqualTo(volume.getValue());
        }
    }

    private static List<Long> ids(ThinView view) {
        List<Long> ids = new ArrayList<>();
        view.forEachDevice((id, _) -> ids.add(id));
        return ids.subList(0, Math.min(3, ids.size()));
    }
}
