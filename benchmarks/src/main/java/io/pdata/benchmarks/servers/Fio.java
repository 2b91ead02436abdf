package io.pdata.benchmarks.servers;

import com.fasterxml.jackson.jr.ob.JSON;
import io.pdata.benchmarks.servers.Contender.State;
import io.pdata.benchmarks.servers.Contender.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** fio's NBD engine as the client. */
final class Fio {
    private Fio() {}

    /** Writes all of an export once, with bytes that do not compress. */
    static void fill(String uri, long size) throws IOException {
        Commands.run(arguments(uri, "write", 1 << 20, 4, 1, size));
    }

    /** Reads all of an export once. */
    static void readAll(String uri, long size) throws IOException {
        Commands.run(arguments(uri, "read", 1 << 20, 4, 1, size));
    }

    /** Puts a load on an export for some seconds. */
    static Sample measure(Target target, Load load, int seconds) throws IOException {
        List<String> command = arguments(target.uri(), load.pattern(), load.blockSize(), load.depth(),
                load.connections(), load.state().size);
        command.addAll(List.of("--time_based", "--runtime=" + seconds, "--norandommap", "--randrepeat=0",
                "--group_reporting", "--output-format=json"));
        long before = target.server().processorMicros();
        String out = Commands.run(command);
        long used = target.server().processorMicros() - before;
        return sample(out, load, used);
    }

    private static List<String> arguments(String uri, String pattern, int blockSize, int depth, int connections,
            long size) {
        return new ArrayList<>(List.of("fio", "--name=load", "--ioengine=nbd", "--uri=" + uri, "--rw=" + pattern,
                "--bs=" + blockSize, "--iodepth=" + depth, "--numjobs=" + connections, "--size=" + size));
    }

    private static Sample sample(String json, Load load, long processorMicros) throws IOException {
        // fio warns about its own engine in front of the document
        Map<String, Object> root = JSON.std.mapFrom(json.substring(json.indexOf('{')));
        Map<?, ?> job = (Map<?, ?>) ((List<?>) root.get("jobs")).getFirst();
        Map<?, ?> side = (Map<?, ?>) job.get(load.pattern().endsWith("read") ? "read" : "write");
        long operations = ((Number) side.get("total_ios")).longValue();
        if (operations == 0) {
            throw new IOException("fio did nothing at all: " + json);
        }
        return new Sample(((Number) side.get("iops")).doubleValue(), (double) processorMicros / operations);
    }
}
