package io.pdata.reliability.workload;

import io.pdata.core.device.Device;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.tools.Finding;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import io.pdata.tools.era.EraCheck;
import java.util.List;

/**
 * The metadata of an era device.
 *
 * @param metadataBlocks blocks of the metadata device
 * @param initialBlocks blocks that are tracked at first
 * @param maxBlocks the most blocks that are tracked
 * @param growth how many are added at most at a time
 * @param run how many are marked at most at a time
 * @param stride how far apart they are at most
 */
public record EraWorkload(int metadataBlocks, int initialBlocks, int maxBlocks, int growth, int run,
        int stride) implements Workload<EraContent> {
    private static final int DATA_BLOCK_SECTORS = 128;

    /** An era array of one block that is nearly full. */
    public static EraWorkload small() {
        return new EraWorkload(100, 1010, 1100, 20, 10, 100);
    }

    /** For long runs. */
    public static EraWorkload large() {
        return new EraWorkload(400, 2000, 9000, 600, 200, 50);
    }

    @Override
    public String name() {
        return "era";
    }

    @Override
    public List<Step> steps() {
        return List.of(Step.INSERT, Step.ROLL_OVER, Step.DIGEST, Step.EXTEND, Step.RESERVE, Step.RELEASE, Step.COMMIT,
                Step.ABORT);
    }

    @Override
    public Session<EraContent> format(Device device, long cacheBytes, Journal<EraContent> journal) {
        EraContent empty = new EraContent(0, List.of(), null);
        journal.asked(empty);
        EraMetadata metadata = EraMetadata.format(device, DATA_BLOCK_SECTORS, cacheBytes);
        journal.acknowledged(empty);
        return new EraSession(this, metadata, empty, journal);
    }

    @Override
    public void prepare(Session<EraContent> session) {
        ((EraSession) session).resume(initialBlocks);
        session.take(Step.INSERT, 1);
        session.take(Step.ROLL_OVER, 0);
        session.take(Step.INSERT, 2);
        session.take(Step.COMMIT, 0);
    }

    /** Opening takes the device into use, which makes promises of its own. */
    @Override
    public Session<EraContent> open(Device device, long cacheBytes, EraContent content, Journal<EraContent> journal) {
        journal.asked(content); // a device that was formatted but never used is made anew
        EraMetadata metadata = EraMetadata.open(device, OpenOptions.readWrite().withCache(cacheBytes));
        journal.acknowledged(content);
        EraSession session = new EraSession(this, metadata, content, journal);
        return metadata.store().orClose(() -> {
            session.resume(Math.max(initialBlocks, content.lastWritten().size()));
            return session;
        });
    }

    @Override
    public EraContent read(Device device) {
        try (EraMetadata metadata = EraMetadata.open(device, OpenOptions.readOnly().withCache(device.size()))) {
            return EraContent.read(metadata);
        }
    }

    /** Eras without a writeset are worth a notice only: there is none for the time that a device was not in use. */
    @Override
    public List<String> check(Device device) {
        try (MetadataFile file = new MetadataFile(device)) {
            return EraCheck.check(file, false, Report.SILENT).all().stream()
                    .filter(finding -> finding.severity() != Severity.NOTICE).map(Finding::text).toList();
        }
    }
}
