package io.pdata.cli.pool;

import io.pdata.replication.ImageOptions;
import io.pdata.replication.ImageSource;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a volume comes from, if not from a pool of our own: metadata and data of any pool. */
final class SourceOptions {
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
    ImageSource open(String volume, String since, long root) {
        return open(metadata, data, number(volume), since == null ? -1 : number(since), root, size, externalOrigin);
    }

    /** Opens a volume of other images, with the same options. */
    ImageSource open(Path metadataFile, Path dataFile, long id, long since, long root, long itsSize, Path itsOrigin) {
        return ImageSource.open(metadataFile, dataFile, id, since, new ImageOptions(!noLock, metadataSnapshot,
                size > 0 ? size : itsSize, root, externalOrigin != null ? externalOrigin : itsOrigin));
    }

    private long number(String text) {
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw wrong("'" + text + "' is no number of a volume: images know no names");
        }
    }
}
