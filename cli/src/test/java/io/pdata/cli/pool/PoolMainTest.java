package io.pdata.cli.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice;
import io.pdata.nbd.Limits;
import io.pdata.server.ListenAddress;
import io.pdata.server.PoolFolder;
import io.pdata.server.PoolServer;
import io.pdata.testkit.Golden;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands about pools: what they print, and what they end with. */
class PoolMainTest {
    private static final long MIB = 1 << 20;
    private static final long BLOCK = 64 << 10;

    @TempDir
    Path temporary;

    private record Result(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    private static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = PoolMain.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs a command that is to succeed and say nothing about errors. */
    private static Result ok(String... arguments) {
        Result result = run(arguments);
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        return result;
    }

    private Path newPool() {
        Path pool = temporary.resolve("pool");
        ok("pool", "create", pool.toString(), "--data-size", "64M");
        return pool;
    }

    private static PoolServer serve(Path pool) throws IOException {
        PoolFolder folder = new PoolFolder(pool);
        return PoolServer.start(folder, folder.openToServe(PoolOptions.defaults(), PoolEvents.NONE),
                List.of(new ListenAddress.Unix(folder.nbdSocket())), Limits.defaults(), _ -> {});
    }

    private static void write(Path pool, String volume, long position, long bytes) {
        try (NamedPool open = NamedPool.open(pool, PoolOptions.defaults(), PoolEvents.NONE);
                var device = open.open(volume)) {
            device.write(position, Arena.ofAuto().allocate(bytes));
        }
    }

    @Test
    void volumesAreMadeOnAnImageServedOrNot() throws IOException {
        Path pool = newPool();
        Path image = Files.write(temporary.resolve("image"), new byte[5000]);
        assertThat(ok("volume", "create", pool.toString(), "a", "--external-origin", image.toString()).out())
                .isEqualTo("made volume 'a' of 5.00 KiB\n");
        try (PoolServer _ = serve(pool)) {
            ok("volume", "create", pool.toString(), "b", "1M", "--external-origin", image.toString());
        }
        assertThat(ok("volume", "list", pool.toString(), "-o", "name,size,external", "--no-headings").lines())
                .containsExactly("a  5.00 KiB  " + image, "b  1.00 MiB  " + image);
        Result without = run("volume", "create", pool.toString(), "c");
        assertThat(without.status()).isEqualTo(2);
        assertThat(without.err()).startsWith("pdata volume create: SIZE is missing");
    }

    @Test
    void aPoolIsMadeAndShown() {
        Path pool = newPool();
        assertThat(ok("pool", "status", pool.toString()).lines()).contains("mode          rw",
                "data          0 B of 64.00 MiB, 0.00%", "block size    64.00 KiB", "volumes       0",
                "served        no");
        assertThat(ok("pool", "resize", pool.toString(), "--data-size", "100M").out()).contains("0 B of 100.00 MiB");
        assertThat(ok("pool", "check", pool.toString()).out()).isEqualTo("clean\n");
        Result again = run("pool", "create", pool.toString());
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err()).startsWith("pdata: ").contains("metadata: exists already");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void volumesAndSnapshotsServedOrNot(boolean served) throws IOException {
        Path folder = newPool();
        String pool = folder.toString();
        ok("volume", "create", pool, "disk", "10M");
        write(folder, "disk", 0, MIB);
        ok("snapshot", "create", pool, "disk", "before");
        write(folder, "disk", MIB / 2, MIB);
        try (PoolServer _ = served ? serve(folder) : null) {
            assertThat(ok("volume", "list", pool, "-o", "name,size,data,origin,exclusive,shared,access").out())
                    .isEqualTo("""
                            Name         Size  Data%  Origin   Exclusive      Shared  Access
                            before  10.00 MiB  10.00  disk    512.00 KiB  512.00 KiB  ro
                            disk    10.00 MiB  15.00            1.00 MiB  512.00 KiB  rw
                            """);
            assertThat(ok("snapshot", "diff", pool, "before", "disk").lines())
                    .containsExactly("524288 524288 changed", "1048576 524288 added");
            assertThat(ok("snapshot", "list", pool, "disk", "-o", "name", "--no-headings").out())
                    .isEqualTo("before\n");
            ok("snapshot", "create", pool, "before", "copy", "--writable");
            assertThat(
                    ok("volume", "list", pool, "-o", "name,access,frees", "--units", "k", "--sort", "-frees").lines())
                    .containsExactly("Name    Access    Frees", "disk    rw      1024.00", "before  ro         0.00",
                            "copy    rw         0.00");
            ok("volume", "rename", pool, "disk", "root");
            assertThat(ok("snapshot", "revert", pool, "root", "before").out())
                    .isEqualTo("'root' is as 'before' again\n");
            assertThat(ok("snapshot", "diff", pool, "before", "root").out()).isEmpty();
            ok("volume", "resize", pool, "root", "20M");
            assertThat(run("volume", "resize", pool, "root", "5M").err()).contains("would be lost", "--force");
            ok("volume", "resize", pool, "root", "5M", "--force");
            assertThat(run("snapshot", "delete", pool, "root").err()).contains("no snapshot");
            ok("snapshot", "delete", pool, "before");
            ok("volume", "delete", pool, "root");
            assertThat(ok("volume", "list", pool, "-o", "name", "--no-headings").out()).isEqualTo("copy\n");
            assertThat(ok("pool", "check", pool).out()).isEqualTo("clean\n");
        }
    }

    @Test
    void answersAndErrorsAsJson() {
        String pool = newPool().toString();
        assertThat(ok("volume", "create", pool, "disk", "1G", "--json").out()).startsWith("{\n  \"version\" : 1,\n")
                .contains("\"volume\" : {", "\"name\" : \"disk\"", "\"size\" : 1073741824", "\"readOnly\" : false");
        assertThat(ok("volume", "list", pool, "--json").out()).contains("\"volumes\" : [ {");
        assertThat(ok("pool", "status", pool, "--json").out()).contains("\"pool\" : {", "\"mode\" : \"rw\"");
        assertThat(ok("snapshot", "diff", pool, "disk", "disk", "--json").out()).contains("\"ranges\" : [ ]",
                "\"next\" : -1");
        Result error = run("volume", "create", pool, "disk", "1G", "--json");
        assertThat(error.status()).isEqualTo(1);
        assertThat(error.err()).isEmpty();
        assertThat(error.out()).isEqualTo("""
                {
                  "version" : 1,
                  "error" : {
                    "code" : "EXISTS",
                    "message" : "there is a volume 'disk' already"
                  }
                }
                """);
    }

    @Test
    void aDamagedPoolIsNotClean() throws IOException {
        Path pool = newPool();
        ok("volume", "create", pool.toString(), "disk", "10M");
        write(pool, "disk", 0, MIB);
        byte[] metadata = Files.readAllBytes(pool.resolve("metadata"));
        List<String> found = new ArrayList<>();
        for (int block = 1; block < 20; block++) {
            byte[] damaged = metadata.clone();
            damaged[block * 4096 + 100] ^= 1;
            Files.write(pool.resolve("metadata"), damaged);
            Result result = run("pool", "check", pool.toString());
            if (result.status() != 0) {
                found.add(result.out() + result.err());
            }
        }
        assertThat(found).isNotEmpty().allMatch(text -> text.contains("checksum"));
    }

    /** A pool that a kernel marked after a commit had failed. */
    private Path markedPool() throws IOException {
        Path pool = Files.createDirectory(temporary.resolve("marked"));
        Golden.unpack("thin-needs-check", pool.resolve("metadata"));
        FileDevice.create(pool.resolve("data"), 64 * BLOCK).close();
        return pool;
    }

    @Test
    void aPoolThatNeedsACheckCanBeChangedOnceItHasHadOne() throws IOException {
        Path folder = markedPool();
        String pool = folder.toString();
        assertThat(ok("pool", "status", pool).lines()).contains("mode          ro, needs a check");
        assertThat(run("volume", "create", pool, "disk", "1M").err()).contains("cannot be changed");
        assertThat(ok("pool", "check", pool).lines()).startsWith("clean").last().asString()
                .contains("read-only", "--clear-needs-check");
        assertThat(ok("pool", "check", pool, "--json").out()).contains("\"needsCheck\" : true");
        try (PoolServer _ = serve(folder)) {
            assertThat(ok("pool", "check", pool).out()).contains("--clear-needs-check");
            Result refused = run("pool", "check", pool, "--clear-needs-check");
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.err()).contains("is being served already");
        }
        assertThat(ok("pool", "check", pool, "--clear-needs-check").out()).isEqualTo("clean\n");
        assertThat(ok("pool", "status", pool).lines()).contains("mode          rw");
        ok("volume", "create", pool, "disk", "1M");
        assertThat(ok("pool", "check", pool, "--clear-needs-check", "--json").out()).contains("\"clean\" : true",
                "\"needsCheck\" : false");
    }

    @Test
    void thePoolsMarkStaysIfTheCheckFindsAnything() throws IOException {
        Path folder = markedPool();
        byte[] metadata = Files.readAllBytes(folder.resolve("metadata"));
        metadata[37 * 4096 + 100] ^= 1; // the root of the mapping tree
        Files.write(folder.resolve("metadata"), metadata);
        Result found = run("pool", "check", folder.toString(), "--clear-needs-check");
        assertThat(found.status()).isEqualTo(1);
        assertThat(found.out()).contains("checksum").endsWith("not clean\n");
        assertThat(Files.readAllBytes(folder.resolve("metadata"))).isEqualTo(metadata);
    }

    @Test
    void onlyItsUserCanReadAPool() throws IOException {
        Path pool = Files.createDirectory(temporary.resolve("pool"));
        Files.setPosixFilePermissions(pool, PosixFilePermissions.fromString("rwxr-xr-x"));
        ok("pool", "create", pool.toString(), "--data-size", "64M");
        for (String name : List.of("metadata", "data", "uncommitted")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pool.resolve(name)))).as(name)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void sizesThatAreTooLargeAreRefusedWithTheLimitAndNothingIsLeft() {
        Path folder = temporary.resolve("too-large");
        assertThat(run("serve", folder.toString(), "--data-size", "64M", "--size", "1000P").err())
                .isEqualTo("pdata: a volume cannot have 1125899906842624000 bytes: with blocks of 65536 bytes it is"
                        + " smaller than 72057594037927936\n");
        assertThat(run("serve", folder.toString(), "--data-size", "1000P").err())
                .contains("to count them takes 4311810306048 bytes, more than half of the metadata");
        assertThat(run("serve", folder.toString(), "--size", "99999P").err())
                .contains("'99999P' is too large: sizes are below 8192P");
        assertThat(folder).doesNotExist();
    }

    @Test
    void whereNothingCanListenIsNamed() throws IOException {
        String pool = newPool().toString();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertThat(run("serve", pool, "--listen", address).err()).startsWith("pdata: " + address + ": ")
                    .endsWith("; --listen takes other addresses\n");
        }
        Path file = Files.createFile(temporary.resolve("file"));
        assertThat(run("serve", pool, "--listen", "unix:" + file).err())
                .isEqualTo("pdata: " + file + ": already exists and is not a socket\n");
        Path nowhere = temporary.resolve("nowhere");
        assertThat(run("serve", pool, "--listen", "unix:" + nowhere.resolve("s")).err())
                .isEqualTo("pdata: " + nowhere.resolve("s") + ": there is no folder " + nowhere + "\n");
        assertThat(run("serve", file.toString()).err()).isEqualTo("pdata: " + file + ": is no folder\n");
        assertThat(run("serve", pool, "--tls", "require", "--tls-certificates", nowhere.toString()).err())
                .isEqualTo("pdata: " + nowhere.resolve("server-cert.pem") + ": there is no such file\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"volume create POOL x", "volume create POOL x 10GB", "volume create POOL x 0x10",
        "volume list POOL -o colour", "volume list POOL --sort colour", "volume list POOL --units q", "volume", "pool",
        "snapshot fly POOL", "volume list", "volume list POOL extra", "serve POOL --listen nowhere",
        "serve POOL --listen 0.0.0.0:0", "serve POOL --listen 127.0.0.1:65536", "serve POOL --listen unix:",
        "serve POOL --size much", "serve POOL --connections 0", "serve POOL --no-space-timeout -1",
        "serve POOL --tls on", "serve POOL --tls maybe --tls-certificates x", "pool resize POOL"})
    void wrongCommandLinesAreExplained(String line) {
        String pool = newPool().toString();
        Result result = run(line.replace("POOL", pool).split(" "));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("pdata ").contains("--help'.\n").doesNotContain("Exception", "\tat ");
    }

    @Test
    void whatIsNoPoolIsSaidToBeNone() throws IOException {
        String nowhere = temporary.resolve("nowhere").toString();
        for (String command : List.of("pool status", "volume list", "snapshot list", "pool check")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ")));
            words.add(nowhere);
            Result result = run(words.toArray(String[]::new));
            assertThat(result.status()).isEqualTo(1);
            assertThat(result.err()).isEqualTo(
                    "pdata: " + nowhere + ": there is no pool in this folder (no file 'metadata')\n");
        }
        Files.createDirectories(temporary.resolve("full"));
        Files.writeString(temporary.resolve("full/file"), "text");
        Result serve = run("serve", temporary.resolve("full").toString(), "--listen", "127.0.0.1:0");
        assertThat(serve.status()).isEqualTo(1);
        assertThat(serve.err()).contains("there is no pool in this folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "pool create", "pool status", "pool resize", "pool check", "volume create",
        "volume list", "volume resize", "volume delete", "volume rename", "snapshot create", "snapshot list",
        "snapshot delete", "snapshot revert", "snapshot diff"})
    void everyCommandExplainsItselfWithAnExample(String command) {
        Result help = ok((command + " --help").split(" "));
        assertThat(help.out()).startsWith("Usage: pdata " + command + " ").containsPattern(
                "\nExamples?:\n  pdata " + command + " ").contains("DIR");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--block-size 100K", "--block-size 2G", "--data-size 1K", "--metadata-size 1T",
        "--metadata-size 4K"})
    void impossiblePoolsLeaveNothing(String sizes) throws IOException {
        Path pool = temporary.resolve("impossible");
        List<String> words = new ArrayList<>(List.of("pool", "create", pool.toString()));
        words.addAll(List.of(sizes.split(" ")));
        Result result = run(words.toArray(String[]::new));
        assertThat(result.status()).as(result.err()).isEqualTo(1);
        assertThat(new PoolFolder(pool).isFree()).isTrue();
    }
}
