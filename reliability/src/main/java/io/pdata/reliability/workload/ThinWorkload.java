package io.pdata.reliability.workload;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinMetadata;
import io.pdata.tools.Finding;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.thin.ThinCheck;
import java.util.List;
import java.util.TreeMap;

/** The metadata of a thin pool. */
public record ThinWorkload(ThinShape shape) implements Workload<ThinContent> {
    private static final int DATA_BLOCK_SECTORS = 128;
    private static final long PREPARATION = 1;

    @Override
    public String name() {
        return shape.name();
    }

    @Override
    public List<Step> steps() {
        return List.of(Step.INSERT, Step.OVERWRITE, Step.REMOVE, Step.CLONE, Step.DELETE, Step.EXTEND, Step.RESERVE,
                Step.RELEASE, Step.COMMIT, Step.ABORT);
    }

    @Override
    public int metadataBlocks() {
        return shape.metadataBlocks();
    }

    @Override
    public Session<ThinContent> format(Device device, long cacheBytes, Journal<ThinContent> journal) {
        ThinContent empty = new ThinContent(0, 0, 0, device.size() / Bytes.BLOCK_SIZE, new TreeMap<>(), null);
        journal.asked(empty);
        ThinMetadata metadata = ThinMetadata.format(device, DATA_BLOCK_SECTORS, cacheBytes);
        journal.acknowledged(empty);
        return new ThinSession(shape, device, metadata, empty, journal);
    }

    @Override
    public void prepare(Session<ThinContent> session) {
        ThinSession thin = (ThinSession) session;
        thin.resizeData(shape.dataBlocks());
        thin.take(Step.COMMIT, 0);
        for (int i = 0; i < shape.initialVolumes(); i++) {
            thin.createThin();
            thin.fill(i, shape.initialRun());
        }
        if (!shape.everywhere()) {
            thin.take(Step.CLONE, PREPARATION);
            thin.take(Step.OVERWRITE, PREPARATION);
        }
        thin.take(Step.COMMIT, 0);
    }

    @Override
    public Session<ThinContent> open(Device device, long cacheBytes, ThinContent content,
            Journal<ThinContent> journal) {
        ThinMetadata metadata = ThinMetadata.open(device, OpenOptions.readWrite().withCache(cacheBytes));
        return new ThinSession(shape, device, metadata, content, journal);
    }

    @Override
    public ThinContent read(Device device) {
        try (ThinMetadata metadata = ThinMetadata.open(device, OpenOptions.readOnly().withCache(device.size()))) {
            return ThinContent.read(metadata);
        }
    }

    @Override
    public List<String> check(Device device) {
        try (MetadataFile file = new MetadataFile(device)) {
            return ThinCheck.check(file, ThinCheck.Options.FULL, Report.SILENT).all().stream().map(Finding::text)
                    .toList();
        }
    }
}
