package io.pdata.cli.pool;

import io.pdata.replication.ImageOptions;
import io.pdata.replication.ImageSource;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.tools.thin.VolumeSearch;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a volume comes from, if not from a pool of our own: metadata and data of any pool. */
final class SourceOptions {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--metadata", paramLabel = "FILE", description = "The metadata of a pool, image or device, also of the kernel's; VOLUME is a number then.")
    private Path metadata;

    @Option(names = "--data", paramLabel = "FILE", description = "The data of that pool.")
    private Path data;

    @Option(names = {"-m",
        "--metadata-snapshot"}, description = "Read the held metadata snapshot of a pool that is in use.")
    private boolean metadataSnapshot;

    @Option(names = "--no-lock", description = "Read also what somebody else has open. What is changed meanwhile comes out torn.")
    private boolean noLock;

    @Option(names = "--size", paramLabel = "SIZE", converter = Sizes.class, description = "How large the volume is: the metadata do not know.")
    private long size;

    @Option(names = "--external-origin", paramLabel = "FILE", description = "What the volume shows where nothing has been written to it.")
    private Path externalOrigin;

    /** Whether metadata and data are given. */
    boolean images() {
        if ((metadata == null) != (data == null)) {
            throw wrong("--metadata and --data belong together");
        }
        return metadata != null;
    }

    /** Whether the images are all there is to say how large the volume is. */
    boolean sizeIsUnknown() {
        return images() && size == 0;
    }

    boolean unlocked() {
        return noLock;
    }

    ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /**
     * The arguments: of so many, the first is a folder unless images are given.
     *
     * @param names what they are, without the folder
     */
    List<String> arguments(List<String> given, String... names) {
        int wanted = names.length + (images() ? 0 : 1);
        if (given.size() != wanted) {
            throw wrong("wanted " + (images() ? "" : "DIR ") + String.join(" ", names) + ", and there are "
                    + given.size() + " arguments");
        }
        return given;
    }

    /** Opens a volume of the images. */
    ImageSource open(String volume, String since) {
        return ImageSource.open(metadata, data, number(volume), since == null ? -1 : number(since),
                options(size, externalOrigin, null));
    }

    /** As the other, perhaps around damage. */
    ImageSource open(String volume, VolumeSearch.Known around) {
        return ImageSource.open(metadata, data, number(volume), -1, options(size, externalOrigin, around));
    }

    /** Opens a volume of the images in a folder, with the same options. */
    ImageSource open(Path folder, NamedVolume volume, VolumeSearch.Known around) {
        Path itsOrigin = volume.externalOrigin().isEmpty() ? null : Path.of(volume.externalOrigin());
        return ImageSource.open(folder.resolve("metadata"), folder.resolve("data"), volume.id(), -1,
                options(size > 0 ? size : volume.size(), externalOrigin != null ? externalOrigin : itsOrigin, around));
    }

    private ImageOptions options(long wantedSize, Path origin, VolumeSearch.Known around) {
        return new ImageOptions(!noLock, metadataSnapshot, wantedSize, origin, around);
    }

    private long number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw wrong("'" + text + "' is no number of a volume: images know no names");
        }
        return Long.parseLong(text);
    }
}
