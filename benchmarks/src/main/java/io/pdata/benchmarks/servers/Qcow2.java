package io.pdata.benchmarks.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** qemu-nbd with qcow2 images, which have a snapshot inside where volumes of the others have one. */
final class Qcow2 implements Contender {
    private final Path folder;
    private final Map<State, ServerProcess> servers = new EnumMap<>(State.class);

    Qcow2(Path folder) {
        this.folder = folder;
    }

    @Override
    public String name() {
        return "qemu-nbd qcow2";
    }

    @Override
    public Optional<Target> prepare(State state) throws IOException {
        boolean first = !servers.containsKey(state);
        switch (state) {
        case WRITTEN -> {
            if (first) {
                makeFilled(state);
                snapshot(state, "-c");
                fill(state);
            }
        }
        case EMPTY -> {
            stop(state);
            make(state);
        }
        case SNAPSHOT -> {
            if (first) {
                makeFilled(state);
            } else {
                stop(state);
                snapshot(state, "-d");
            }
            snapshot(state, "-c");
        }
        }
        if (!servers.containsKey(state)) {
            start(state);
        }
        return Optional.of(new Target(uri(state), servers.get(state)));
    }

    private void makeFilled(State state) throws IOException {
        make(state);
        fill(state);
    }

    private void make(State state) throws IOException {
        Files.deleteIfExists(image(state));
        Commands.run("qemu-img", "create", "-q", "-f", "qcow2", image(state).toString(), Long.toString(state.size));
    }

    private void fill(State state) throws IOException {
        start(state);
        Fio.fill(uri(state), state.size);
        stop(state);
    }

    private void snapshot(State state, String operation) throws IOException {
        Commands.run("qemu-img", "snapshot", operation, "before", image(state).toString());
    }

    private void start(State state) throws IOException {
        servers.put(state,
                ServerProcess.start(socket(state),
                        List.of("qemu-nbd", "--persistent", "--shared=8", "--cache=writeback", "--discard=unmap",
                                "--format=qcow2", "--socket=" + socket(state), image(state).toString())));
    }

    private void stop(State state) throws IOException {
        ServerProcess server = servers.remove(state);
        if (server != null) {
            server.close();
        }
    }

    private Path image(State state) {
        return folder.resolve(state + ".qcow2");
    }

    private Path socket(State state) {
        return folder.resolve(state + ".qcow2.sock");
    }

    private String uri(State state) {
        return "nbd+unix:///?socket=" + socket(state);
    }

    @Override
    public void close() throws IOException {
        for (State state : State.values()) {
            stop(state);
        }
    }
}
