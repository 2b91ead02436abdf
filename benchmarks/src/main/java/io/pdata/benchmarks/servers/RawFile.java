package io.pdata.benchmarks.servers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** A server of plain files: it has no snapshots. */
final class RawFile implements Contender {
    private final String name;
    private final Path folder;
    private final BiFunction<Path, Path, List<String>> command;
    private ServerProcess written;
    private ServerProcess empty;

    /** @param command what serves a file (first) on a socket (second) */
    private RawFile(String name, Path folder, BiFunction<Path, Path, List<String>> command) {
        this.name = name;
        this.folder = folder;
        this.command = command;
    }

    static Contender qemuNbd(Path folder) {
        return new RawFile("qemu-nbd raw", folder, (file, socket) -> List.of("qemu-nbd", "--persistent", "--shared=8",
                "--cache=writeback", "--discard=unmap", "--format=raw", "--socket=" + socket, file.toString()));
    }

    static Contender nbdkit(Path folder) {
        return new RawFile("nbdkit file", folder, (file, socket) -> List.of("nbdkit", "--foreground", "--unix",
                socket.toString(), "file", file.toString()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<Target> prepare(State state) throws IOException {
        return switch (state) {
        case WRITTEN -> Optional.of(written());
        case EMPTY -> Optional.of(empty());
        case SNAPSHOT -> Optional.empty();
        };
    }

    private Target written() throws IOException {
        Path socket = folder.resolve("written.sock");
        Target target;
        if (written == null) {
            written = ServerProcess.start(socket, command.apply(sparse("written", State.WRITTEN.size), socket));
            target = new Target(uri(socket), written);
            Fio.fill(target.uri(), State.WRITTEN.size);
            return target;
        }
        return new Target(uri(socket), written);
    }

    private Target empty() throws IOException {
        if (empty != null) {
            empty.close();
        }
        Path socket = folder.resolve("empty.sock");
        empty = ServerProcess.start(socket, command.apply(sparse("empty", State.EMPTY.size), socket));
        return new Target(uri(socket), empty);
    }

    private Path sparse(String what, long size) throws IOException {
        Path file = folder.resolve(what + ".raw");
        Files.deleteIfExists(file);
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(size);
        }
        return file;
    }

    private static String uri(Path socket) {
        return "nbd+unix:///?socket=" + socket;
    }

    @Override
    public void close() throws IOException {
        try (ServerProcess _ = written; ServerProcess _ = empty) {
            return;
        }
    }
}
