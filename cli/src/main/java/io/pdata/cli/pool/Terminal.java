package io.pdata.cli.pool;

import io.pdata.server.Answer;
import io.pdata.server.Json;
import io.pdata.server.PoolFolder;
import io.pdata.server.PoolService;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/** Where commands print, and how they get at a pool. */
record Terminal(PrintStream out, PrintStream err) {

    /** Asks a pool for something and shows the answer; returns it. */
    Answer ask(Path folder, boolean json, Function<PoolService, Answer> request, Consumer<Answer> print)
            throws IOException {
        Answer answer;
        try (PoolService pool = new PoolFolder(folder).open(PoolOptions.defaults())) {
            answer = request.apply(pool);
        }
        show(answer, json, print);
        return answer;
    }

    void show(Answer answer, boolean json, Consumer<Answer> print) {
        if (json) {
            out.println(Json.pretty(answer));
        } else {
            print.accept(answer);
        }
    }
}
