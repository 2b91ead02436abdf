package io.pdata.cli.cache;

import io.pdata.cache.CacheMetadata;
import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.PreCheck;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.core.device.Device;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.ForwardingDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.SameDevice;
import io.pdata.tools.ToolException;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheWriteback;
import java.nio.file.Path;
import java.util.function.Supplier;

public final class CacheWritebackCommand extends ToolCommand {
    private static final long MIB = 1 << 20;

    private Path metadata;
    private Path origin;
    private Path fast;
    private long originOffset;
    private long fastOffset;
    private int bufferMegabytes;
    private int retries;
    private boolean noMetadataUpdate;
    private boolean listFailed;
    private boolean quiet;

    public CacheWritebackCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("cache_writeback", "Copies the dirty blocks of a cache that is not in use to its origin",
                "cache_writeback --metadata-device /dev/vg/cmeta --fast-device /dev/vg/cdata --origin-device /dev/vg/slow");
        tool.option(Kind.PATH, "--metadata-device").label("<FILE>").means("The cache's metadata: a device or a file")
                .required().into(value -> metadata = value);
        tool.reads(Needed.METADATA, () -> metadata);
        tool.option(Kind.PATH, "--origin-device").label("<FILE>").means("The origin: the slow device that is cached")
                .required().into(value -> origin = value);
        tool.option(Kind.PATH, "--fast-device").label("<FILE>")
                .means("The fast device, which holds the cached blocks").required()
                .into(value -> fast = value);
        tool.option(Kind.U64, "--origin-device-offset").label("<SECTORS>")
                .means("Where the data begin on the origin [default: 0]").into(value -> originOffset = value);
        tool.option(Kind.U64, "--fast-device-offset").label("<SECTORS>")
                .means("Where the data begin on the fast device [default: 0]").into(value -> fastOffset = value);
        tool.option(Kind.U32, "--buffer-size-meg").label("<MB>")
                .means("Memory for copying, in MiB [default: 16]").orElse("16")
                .into(value -> bufferMegabytes = value);
        tool.option(Kind.U32, "--retry-count").label("<CNT>")
                .means("How often to try again a block that could not be copied [default: 0]").orElse("0")
                .into(value -> retries = value);
        tool.flag("--no-metadata-update").means("Leave the metadata unchanged: the blocks stay dirty")
                .into(on -> noMetadataUpdate = on);
        tool.flag("--list-failed-blocks").means("List the blocks that could not be copied, and why")
                .into(on -> listFailed = on);
        tool.flag("-q", "--quiet").means("Print nothing: the exit status is the answer").into(on -> quiet = on);
        Accepted.engine(tool);
        Accepted.verbose(tool);
    }

    @Override
    protected int run() {
        if (quiet) {
            console().silence();
        }
        CacheWriteback.Options options = new CacheWriteback.Options(fastOffset, originOffset,
                Integer.toUnsignedLong(bufferMegabytes) * MIB, Math.max(0, retries));
        requireOtherOrigin("metadata", metadata);
        requireOtherOrigin("fast", fast);
        Access metadataAccess = noMetadataUpdate ? Access.READ_ONLY : Access.READ_WRITE;
        boolean together = SameDevice.test(metadata, fast);
        try (FileDevice source = together
                ? MetadataFile.openDevice(fast, metadataAccess)
                : MetadataFile.openAny(fast, Access.READ_ONLY);
                FileDevice target = MetadataFile.openAny(origin, Access.READ_WRITE)) {
            return together
                    ? writeBack(() -> new SharedDevice(source), source, target, options.onOneDevice())
                    : writeBack(() -> MetadataFile.openDevice(metadata, metadataAccess), source, target, options);
        }
    }

    private void requireOtherOrigin(String what, Path device) {
        if (SameDevice.test(origin, device)) {
            throw new ToolException("the origin device and the " + what + " device are the same, '" + origin
                    + "': blocks of the cache would be written over it");
        }
    }

    /** A device that stays open for its other users. It is locked once, so that one run does not exclude itself. */
    private static final class SharedDevice extends ForwardingDevice {
        SharedDevice(Device device) {
            super(device);
        }

        @Override
        public void close() {} // the opener closes it
    }

    private int writeBack(Supplier<Device> metadataDevice, Device source, Device target,
            CacheWriteback.Options options) {
        CacheWriteback writeback;
        long blocks;
        try (MetadataFile file = new MetadataFile(metadataDevice.get())) {
            if (!PreCheck.passes(console(), "cache",
                    () -> CacheCheck.check(file, CacheCheck.Options.FULL, console()))) {
                return ExitStatus.CHECK_FIRST;
            }
            console().stage("Copying cache blocks");
            writeback = new CacheWriteback(file, source, target, options, this::failed);
            blocks = writeback.toCopy();
            writeback.copy();
        }
        console().result(writeback.copied() + "/" + blocks + " blocks successfully copied");
        if (writeback.copied() < blocks) {
            console().problem(blocks - writeback.copied() + " blocks were not copied");
        }
        if (!noMetadataUpdate) {
            console().stage("Updating metadata");
            CacheMetadata.markClean(metadataDevice.get(), MetadataFile.CACHE_BYTES, writeback.writtenBack());
        }
        if (writeback.copied() < blocks) {
            throw new ToolException("Incompleted writeback");
        }
        return ExitStatus.OK;
    }

    private void failed(long cacheBlock, long originBlock, String reason) {
        if (listFailed) {
            console().problem("cache block " + cacheBlock + ", for origin block " + originBlock + ": " + reason);
        }
    }
}
