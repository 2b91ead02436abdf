package io.pdata.server;

import java.util.List;

/**
 * The answer to a request: one of its fields besides the version, or none if there is nothing to say but that it has been
 * done. As JSON it is what the control socket answers, and what the command line prints for programs; fields may be added
 * to it, but what is there keeps its name and meaning within a version.
 *
 * @param version {@link #VERSION}
 * @param error why the request could not be done
 * @param pool how the pool is
 * @param volume how a volume is
 * @param volumes how volumes are
 * @param check what a check has found
 * @param diff in what two volumes differ
 * @param unfinished volumes of which a part has been received
 * @param stream what a stream held
 * @param extract what was extracted
 */
public record Answer(int version, ErrorReport error, PoolReport pool, VolumeReport volume, List<VolumeReport> volumes,
        CheckReport check, DiffReport diff, List<UnfinishedReport> unfinished, StreamReport stream,
        ExtractReport extract) {
    public static final int VERSION = 1;

    /** Nothing but: done. */
    public static final Answer DONE = new Answer(VERSION, null, null, null, null, null, null, null, null, null);

    public static Answer of(ErrorReport error) {
        return new Answer(VERSION, error, null, null, null, null, null, null, null, null);
    }

    public static Answer of(PoolReport pool) {
        return new Answer(VERSION, null, pool, null, null, null, null, null, null, null);
    }

    public static Answer of(VolumeReport volume) {
        return new Answer(VERSION, null, null, volume, null, null, null, null, null, null);
    }

    public static Answer of(List<VolumeReport> volumes) {
        return new Answer(VERSION, null, null, null, volumes, null, null, null, null, null);
    }

    public static Answer of(CheckReport check) {
        return new Answer(VERSION, null, null, null, null, check, null, null, null, null);
    }

    public static Answer of(DiffReport diff) {
        return new Answer(VERSION, null, null, null, null, null, diff, null, null, null);
    }

    /** Not called as the others, for lists are all alike at run time. */
    public static Answer ofUnfinished(List<UnfinishedReport> unfinished) {
        return new Answer(VERSION, null, null, null, null, null, null, unfinished, null, null);
    }

    public static Answer of(StreamReport stream) {
        return new Answer(VERSION, null, null, null, null, null, null, null, stream, null);
    }

    /** A volume that was received, and what the stream held. */
    public static Answer of(VolumeReport volume, StreamReport stream) {
        return new Answer(VERSION, null, null, volume, null, null, null, null, stream, null);
    }

    public static Answer of(ExtractReport extract) {
        return new Answer(VERSION, null, null, null, null, null, null, null, null, extract);
    }
}
