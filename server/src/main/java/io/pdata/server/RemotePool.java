package io.pdata.server;

import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.replication.Relay;
import io.pdata.replication.TransferException;
import io.pdata.replication.TransferReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** A pool that a server has open, through its control socket. Requests wait for each other. */
public final class RemotePool implements PoolService {
    /** Some 250 bytes for each volume; nothing else comes near. */
    private static final int LONGEST_ANSWER = 256 << 20;

    private final Path path;
    private final JsonLines lines;

    private RemotePool(Path path, JsonLines lines) {
        this.path = path;
        this.lines = lines;
    }

    /** @throws IOException if nobody is listening there */
    static RemotePool connect(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try (ServerWatch watch = new ServerWatch(path, channel)) {
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
            } catch (IOException e) {
                channel.close();
                if (watch.gaveUp()) {
                    throw new ServiceException("FAILED", watch.message(), e);
                }
                throw e;
            }
        }
        return new RemotePool(path, new JsonLines(channel, LONGEST_ANSWER));
    }

    private synchronized Answer ask(Request request) {
        return watched(() -> {
            send(request);
            return answer();
        });
    }

    /** Waits for the server while it is alive. */
    private <T> T watched(Supplier<T> request) {
        try (ServerWatch watch = new ServerWatch(path, lines)) {
            try {
                return request.get();
            } catch (ServiceException | TransferException e) {
                throw watch.gaveUp() ? new ServiceException("FAILED", watch.message(), e) : e;
            }
        }
    }

    /** A server that refuses a client does not read its request, but writes the reason. */
    private void send(Request request) {
        try {
            lines.write(Json.line(request));
        } catch (IOException e) {
            try {
                answer();
            } catch (ServiceException refusal) {
                refusal.addSuppressed(e);
                throw refusal;
            }
            throw failed(e);
        }
    }

    private ServiceException failed(IOException e) {
        String why = e.getMessage() == null ? "the connection was closed" : e.getMessage();
        return new ServiceException("FAILED", path + ": " + why, e);
    }

    private Answer answer() {
        Answer answer;
        try {
            String line = lines.read();
            if (line == null) {
                throw new IOException("the server has ended before it answered");
            }
            answer = Json.readAnswer(line);
        } catch (IOException e) {
            throw failed(e);
        }
        if (answer.version() != Answer.VERSION) {
            throw new ServiceException("FAILED", path + ": the server answers in version " + answer.version()
                    + " of the protocol, and this program knows " + Answer.VERSION);
        }
        if (answer.error() != null) {
            throw new ServiceException(answer.error().code(), answer.error().message());
        }
        return answer;
    }

    private <T> T expected(T part) {
        if (part == null) {
            throw new ServiceException("FAILED", path + ": the server's answer is not one to this request");
        }
        return part;
    }

    @Override
    public PoolReport status() {
        return expected(ask(Request.of(Commands.STATUS)).pool());
    }

    @Override
    public PoolReport resize(long dataSize, long metadataSize) {
        return expected(ask(Request.of(Commands.RESIZE).withSize(dataSize).withMetadataSize(metadataSize)).pool());
    }

    @Override
    public CheckReport check() {
        return expected(ask(Request.of(Commands.CHECK)).check());
    }

    @Override
    public List<VolumeReport> volumes() {
        return expected(ask(Request.of(Commands.VOLUMES)).volumes());
    }

    @Override
    public VolumeReport volume(String name) {
        return expected(ask(Request.of(Commands.VOLUME, name)).volume());
    }

    @Override
    public VolumeReport createVolume(String name, long size, String externalOrigin) {
        Request request = Request.of(Commands.CREATE_VOLUME, name).withSize(size);
        return expected(ask(externalOrigin.isEmpty() ? request : request.withExternalOrigin(externalOrigin)).volume());
    }

    @Override
    public VolumeReport createSnapshot(String name, String origin, boolean readOnly) {
        return expected(ask(Request.of(Commands.CREATE_SNAPSHOT, name, origin).withReadOnly(readOnly)).volume());
    }

    @Override
    public VolumeReport resizeVolume(String name, long size, boolean force) {
        return expected(ask(Request.of(Commands.RESIZE_VOLUME, name).withSize(size).withForce(force)).volume());
    }

    @Override
    public VolumeReport renameVolume(String name, String newName) {
        return expected(ask(Request.of(Commands.RENAME_VOLUME, name, newName)).volume());
    }

    @Override
    public void deleteVolume(String name, boolean force) {
        ask(Request.of(Commands.DELETE_VOLUME, name).withForce(force));
    }

    @Override
    public VolumeReport revert(String name, String snapshot, boolean force) {
        return expected(ask(Request.of(Commands.REVERT, name, snapshot).withForce(force)).volume());
    }

    @Override
    public DiffReport diff(String from, String to, long position) {
        return expected(ask(Request.of(Commands.DIFF, from, to).withPosition(position)).diff());
    }

    @Override
    public synchronized TransferReport send(SendRequest request, OutputStream out, Progress progress) {
        ask(Request.of(Commands.SEND, request.volume(), request.since()).withToken(request.token())
                .withCompress(request.compress()));
        return watched(() -> Relay.copy(lines.input(), out, progress));
    }

    @Override
    public synchronized Answer receive(ReceiveOptions options, InputStream in, Progress progress) {
        ask(Request.of(Commands.RECEIVE, options.name()).withReadOnly(!options.writable())
                .withResumable(options.resumable()));
        TransferReport report = null;
        TransferException broken = null;
        try {
            report = watched(() -> Relay.copy(in, lines.output(), progress));
            lines.endOutput();
        } catch (TransferException e) {
            broken = e; // the server may say more about it
        } catch (IOException e) {
            broken = new TransferException(path + ": " + e.getMessage(), e);
        }
        return outcome(report, broken);
    }

    private Answer outcome(TransferReport report, TransferException broken) {
        try {
            if (broken != null) {
                lines.endOutput();
            }
            Answer answer = watched(this::answer);
            return Answer.of(expected(answer.volume()), StreamReport.of(report));
        } catch (IOException e) {
            broken.addSuppressed(e);
            throw broken;
        } catch (ServiceException e) {
            if (broken != null) {
                e.addSuppressed(broken);
            }
            throw e;
        }
    }

    @Override
    public List<UnfinishedReport> unfinished() {
        return expected(ask(Request.of(Commands.UNFINISHED)).unfinished());
    }

    @Override
    public void discardUnfinished(String name) {
        ask(Request.of(Commands.DISCARD_UNFINISHED, name));
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new ServiceException("FAILED", path + ": closing failed: " + e.getMessage(), e);
        }
    }
}
