package io.pdata.cli.thin;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.Unfinished;
import io.pdata.core.device.DeviceNumber;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.replication.Extraction;
import io.pdata.replication.FileTarget;
import io.pdata.replication.KernelVolume;
import io.pdata.replication.Progress;
import io.pdata.replication.Target;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

public final class ThinMigrateCommand extends ToolCommand {
    private static final long MIB = 1 << 20;

    private Path source;
    private Path destinationDevice;
    private Path destinationFile;
    private String deltaId;
    private Long bufferMegabytes;
    private boolean quiet;

    public ThinMigrateCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_migrate", "Copies a read-only volume of an active pool to a device or file.",
                "dmsetup message vg-pool-tpool 0 reserve_metadata_snap",
                "lvchange -an vg/snap; lvchange --permission r vg/snap; lvchange -ay -K vg/snap",
                "thin_migrate --source-dev /dev/vg/snap --dest-file snap.img",
                "dmsetup message vg-pool-tpool 0 release_metadata_snap");
        tool.option(Kind.PATH, "--source-dev").label("<DEVICE>").means("The volume to copy")
                .into(value -> source = value);
        tool.option(Kind.PATH, "--dest-dev").label("<DEVICE>")
                .means("Copy to this device, which has the size of the volume; its content is lost")
                .into(value -> destinationDevice = value);
        tool.option(Kind.PATH, "--dest-file").label("<FILE>").means("Copy to this file, which is made if need be")
                .into(value -> destinationFile = value);
        tool.option(Kind.TEXT, "--delta-id").label("<THIN-ID>").means("Copy what differs from another volume only")
                .hidden().into(value -> deltaId = value);
        tool.option(Kind.U64, "--buffer-size-meg").label("<MB>")
                .means("Taken for compatibility; the buffer has a fixed size").into(value -> bufferMegabytes = value);
        tool.flag("-q", "--quiet").means("Print nothing: the exit status is the answer").into(on -> quiet = on);
        tool.exclusive("--dest-dev", "--dest-file");
        Accepted.engine(tool);
    }

    @Override
    protected int run() {
        if (quiet) {
            console().silence();
        }
        if (source == null) {
            throw new ToolException("You must specify a source");
        }
        if (destinationDevice == null && destinationFile == null) {
            throw new ToolException("You must specify a dest");
        }
        if (deltaId != null) {
            throw new ToolException("--delta-id does not exist; 'pdata send --since' copies what has changed");
        }
        requireFileOrDevice();
        try (KernelVolume volume = KernelVolume.open(source)) {
            requireBuffer(volume.blockBytes());
            migrate(volume);
        }
        return ExitStatus.OK;
    }

    /** The size is checked as thin-provisioning-tools do; here, a buffer of fixed size is used. */
    private void requireBuffer(long blockBytes) {
        if (bufferMegabytes != null && Long.compareUnsigned(bufferMegabytes, Math.ceilDiv(blockBytes, MIB)) < 0) {
            throw new ToolException("buffer size too small");
        }
    }

    private void migrate(KernelVolume volume) {
        AtomicLong copied = new AtomicLong();
        try (Unfinished _ = Unfinished.file(destination(), console().err());
                Target target = target(volume.about().size());
                ProgressLine _ = new ProgressLine(console(), copied::get, volume.dataBytes(0))) {
            Extraction.extract(volume, target, false, new Progress() {
                @Override
                public void total(long bytes) {
                    // the line knows
                }

                @Override
                public void done(long bytes) {
                    copied.addAndGet(bytes);
                }
            });
        }
    }

    private Path destination() {
        return destinationDevice != null ? destinationDevice : destinationFile;
    }

    /** Known before anything is asked of the kernel. */
    private void requireFileOrDevice() {
        Path path = destination();
        if (Files.isRegularFile(path) ? destinationDevice != null : destinationDevice != null || Files.exists(path)) {
            DeviceNumber.of(path);
        }
    }

    /** Files are made as large as they have to be; devices have to be of that size. */
    private Target target(long size) {
        Path path = destination();
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            try (FileDevice device = MetadataFile.openAny(path, Access.READ_WRITE)) {
                if (device.size() != size) {
                    throw new ToolException(
                            "lengths differ: input(" + size + ") != output(" + device.size() + ")");
                }
            }
        }
        return FileTarget.open(path, true);
    }
}
