package io.pdata.cli.cache;

import io.pdata.cache.CacheMetadata;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.EngineOption;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Numbers;
import io.pdata.cli.tool.PreCheck;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.VerboseOption;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheWriteback;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "cache_writeback", description = "Copies the dirty blocks of a cache that is not in use to its origin", footer = "cache_writeback --metadata-device /dev/vg/cmeta --fast-device /dev/vg/cdata --origin-device /dev/vg/slow")
public final class CacheWritebackCommand extends ToolCommand {
    private static final long MIB = 1 << 20;

    @Option(names = "--metadata-device", required = true, paramLabel = "<FILE>", description = "Specify the cache metadata device")
    private Path metadata;

    @Option(names = "--origin-device", required = true, paramLabel = "<FILE>", description = "Specify the slow device being cached")
    private Path origin;

    @Option(names = "--fast-device", required = true, paramLabel = "<FILE>", description = "Specify the fast device containing the data that needs to be written back")
    private Path fast;

    @Option(names = "--origin-device-offset", paramLabel = "<SECTORS>", converter = Numbers.U64.class, description = "Specify the data offset within the slow device")
    private long originOffset;

    @Option(names = "--fast-device-offset", paramLabel = "<SECTORS>", converter = Numbers.U64.class, description = "Specify the data offset within the fast device")
    private long fastOffset;

    @Option(names = "--buffer-size-meg", paramLabel = "<MB>", defaultValue = "16", converter = Numbers.U32.class, description = "Specify the size for the data cache, in megabytes")
    private int bufferMegabytes;

    @Option(names = "--retry-count", paramLabel = "<CNT>", defaultValue = "0", converter = Numbers.U32.class, description = "Specify how many times to retry data copying on failed data block [default: 0]")
    private int retries;

    @Option(names = "--no-metadata-update", description = "Do not clear the dirty flags in metadata")
    private boolean noMetadataUpdate;

    @Option(names = "--list-failed-blocks", description = "List any blocks that failed the writeback process")
    private boolean listFailed;

    @Option(names = {"-q", "--quiet"}, description = "Suppress output messages, return only exit code.")
    private boolean quiet;

    @Mixin
    private EngineOption engine;

    @Mixin
    private VerboseOption verbose;

    public CacheWritebackCommand(Console console) {
        super(console);
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
