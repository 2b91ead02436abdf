package io.pdata.benchmarks.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** This project: one server of one pool for all volumes, as people use it. */
final class Pdata implements Contender {
    private final String program;
    private final String pool;
    private final Path socket;
    private final ServerProcess server;
    private final Set<State> made = EnumSet.noneOf(State.class);

    /** @param program the command line, {@code ./pdata} */
    Pdata(Path folder, Path program) throws IOException {
        this.program = program.toString();
        this.pool = folder.resolve("pool").toString();
        this.socket = folder.resolve("pdata.sock");
        Commands.run(this.program, "pool", "create", pool, "--data-size", "16G");
        this.server = ServerProcess.start(socket,
                List.of(this.program, "serve", pool, "--listen", "unix:" + socket));
    }

    @Override
    public String name() {
        return "pdata serve";
    }

    @Override
    public Optional<Target> prepare(State state) throws IOException {
        boolean first = made.add(state);
        switch (state) {
        case WRITTEN -> {
            if (first) {
                volume(state);
                Fio.fill(uri(state), state.size);
            }
        }
        case EMPTY -> {
            if (!first) {
                Commands.run(program, "volume", "delete", pool, state.toString());
            }
            volume(state);
        }
        case SNAPSHOT -> {
            if (first) {
                volume(state);
                Fio.fill(uri(state), state.size);
            } else {
                Commands.run(program, "snapshot", "delete", pool, "before");
            }
            Commands.run(program, "snapshot", "create", pool, state.toString(), "before");
        }
        }
        return Optional.of(new Target(uri(state), server));
    }

    private void volume(State state) throws IOException {
        Commands.run(program, "volume", "create", pool, state.toString(), Long.toString(state.size));
    }

    private String uri(State state) {
        return "nbd+unix:///" + state + "?socket=" + socket;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
