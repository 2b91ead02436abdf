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
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheWriteback;
import java.nio.file.Path;

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
        tool.option(Kind.PATH, "--metadata-device").label("<FILE>").means("Specify the cache metadata device")
                .required().into(value -> metadata = value);
        tool.reads(Needed.METADATA, () -> metadata);
        tool.option(Kind.PATH, "--origin-device").label("<FILE>").means("Specify the slow device being cached")
                .required().into(value -> origin = value);
        tool.option(Kind.PATH, "--fast-device").label("<FILE>")
                .means("Specify the fast device containing the data that needs to be written back").required()
                .into(value -> fast = value);
        tool.option(Kind.U64, "--origin-device-offset").label("<SECTORS>")
                .means("Specify the data offset within the slow device").into(value -> originOffset = value);
        tool.option(Kind.U64, "--fast-device-offset").label("<SECTORS>")
                .means("Specify the data offset within the fast device").into(value -> fastOffset = value);
        tool.option(Kind.U32, "--buffer-size-meg").label("<MB>")
                .means("Specify the size for the data cache, in megabytes").orElse("16")
                .into(value -> bufferMegabytes = value);
        tool.option(Kind.U32, "--retry-count").label("<CNT>")
                .means("Specify how many times to retry data copying on failed data block [default: 0]").orElse("0")
                .into(value -> retries = value);
        tool.flag("--no-metadata-update").means("Do not clear the dirty flags in metadata")
                .into(on -> noMetadataUpdate = on);
        tool.flag("--list-failed-blocks").means("List any blocks that failed the writeback process")
                .into(on -> listFailed = on);
        tool.flag("-q", "--quiet").means("Suppress output messages, return only exit code.").into(on -> quiet = on);
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
        try (FileDevice source = MetadataFile.openAny(fast, Access.READ_ONLY);
                FileDevice target = MetadataFile.openAny(origin, Access.READ_WRITE)) {
            return writeBack(source, target, options);
        }
    }

    private int writeBack(FileDevice source, FileDevice target, CacheWriteback.Options options) {
        CacheWriteback writeback;
        long blocks;
        Access access = noMetadataUpdate ? Access.READ_ONLY : Access.READ_WRITE;
        try (MetadataFile file = new MetadataFile(MetadataFile.openDevice(metadata, access))) {
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
            CacheMetadata.markClean(MetadataFile.openDevice(metadata, Access.READ_WRITE), MetadataFile.CACHE_BYTES,
                    writeback.writtenBack());
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
