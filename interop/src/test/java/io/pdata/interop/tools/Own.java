package io.pdata.interop.tools;

import io.pdata.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** What a tool of this project does. */
record Own(int status, String output, String errors) {

    /** Runs a tool in this process. */
    static Own run(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(Stream.of(arguments).map(Object::toString).toArray(String[]::new),
                new PrintStream(out, true), new PrintStream(err, true));
        return new Own(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** What a tool prints that succeeds. */
    static String output(Object... arguments) {
        Own result = run(arguments);
        if (result.status != 0) {
            throw new AssertionError("exit status " + result.status + ": " + result.errors);
        }
        return result.output;
    }
}
