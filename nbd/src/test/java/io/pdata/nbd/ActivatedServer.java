package io.pdata.nbd;

import io.pdata.core.device.MemoryDevice;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A server for the socket that its starter listens on; writes what is worth knowing to a file. Ends with its starter. */
final class ActivatedServer {
    private ActivatedServer() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path log = Path.of(arguments[0]);
        TestExports exports = new TestExports();
        exports.devices.put("disk", new MemoryDevice("disk", TestExports.SIZE));
        ServerSocketChannel inherited = SocketActivation.inherited().orElseThrow();
        NbdServer server = new NbdServer(exports, Limits.defaults(), System.err::println);
        Files.writeString(log, "listening on " + server.listen(inherited));
        while (server.connections() == 0) {
            Thread.onSpinWait();
        }
        while (server.connections() > 0) {
            Thread.sleep(1);
        }
        server.close();
        System.out.println("still heard after the end, socket " + (inherited.isOpen() ? "open" : "closed"));
    }
}
