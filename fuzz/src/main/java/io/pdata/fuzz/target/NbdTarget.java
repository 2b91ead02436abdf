package io.pdata.fuzz.target;

import io.pdata.core.device.Device;
import io.pdata.core.device.MemoryDevice;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Input;
import io.pdata.nbd.Export;
import io.pdata.nbd.Exports;
import io.pdata.nbd.Limits;
import io.pdata.nbd.MetadataContext;
import io.pdata.nbd.NbdServer;
import io.pdata.testkit.NbdScript;
import io.pdata.testkit.NbdTranscript;
import io.pdata.testkit.ScriptedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * The NBD server, with a client that sends whatever the input says: from the first byte on, or after it has agreed on an
 * export. Whatever that is, the server ends, makes no mistake that it notices itself, closes all exports, and sends nothing
 * that a server cannot send.
 */
public final class NbdTarget implements Target {
    private static final int SIZE = 1 << 17;
    private static final int STEP = 1 << 13;
    private static final int REPLIES_TO_THE_START = 6;

    private static final class Disk implements Exports {
        final MemoryDevice device = new MemoryDevice("disk", SIZE);
        int open;

        @Override
        public List<String> names() {
            return List.of("disk");
        }

        @Override
        public Optional<Export> open(String name) {
            if (!name.isEmpty() && !name.equals("disk")) {
                return Optional.empty();
            }
            open++;
            return Optional.of(new Export() {
                @Override
                public String name() {
                    return "disk";
                }

                @Override
                public Device device() {
                    return device;
                }

                @Override
                public boolean zeroesFast() {
                    return true;
                }

                @Override
                public MetadataContext allocation() {
                    return new Stripes();
                }

                @Override
                public void close() {
                    open--;
                }
            });
        }
    }

    /** Says of every other 8 KiB that they are a hole. */
    private static final class Stripes implements MetadataContext {
        @Override
        public String name() {
            return "base:allocation";
        }

        @Override
        public void describe(long position, long length, Extents extents) {
            for (long at = position; at < position + length;) {
                long next = (at / STEP + 1) * STEP;
                if (!extents.extent(next - at, at / STEP % 2 == 0 ? 3 : 0)) {
                    return;
                }
                at = next;
            }
        }
    }

    @Override
    public void run(Input input) {
        int kind = input.number();
        NbdScript script = new NbdScript((kind & 4) == 0 ? 1 : input.number());
        if ((kind & 1) == 0) {
            script.structured().contexts(10, "disk", "base:allocation").go("disk");
        }
        script.raw(input.rest());
        Disk disk = new Disk();
        ScriptedChannel client = new ScriptedChannel(script.bytes(), (kind & 2) == 0 ? Integer.MAX_VALUE : 5);
        StringBuilder mistakes = new StringBuilder();
        try (NbdServer server = new NbdServer(disk, Limits.defaults(), line -> {
            if (line.contains("internal error")) {
                mistakes.append(line);
            }
        })) {
            server.serve(client);
            if (server.connections() != 0 || disk.open != 0 || client.isOpen() || !mistakes.isEmpty()) {
                throw new AssertionError(server.connections() + " connections and " + disk.open
                        + " exports are left; " + mistakes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if ((kind & 5) == 0) {
            Judge.require(new NbdTranscript(client.output()).replies().size() == REPLIES_TO_THE_START, "an agreement");
        }
    }
}
