package io.pdata.fuzz.target;

import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Input;
import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.replication.Receiver;
import io.pdata.replication.ResumeToken;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.Volume;
import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * A stream of a volume, whole or changes, with some frames changed, exchanged, left out or forged. It is refused, and
 * nothing of it stays; or if it may be resumed, what stays can be gone on from; or it is received, and the volume has
 * what the stream says.
 */
public final class ReceiveTarget implements Target {
    private static final UUID CONTENT = new UUID(3, 4);
    private static final int MOST_CHANGES = 6;
    private static final String NAME = "copy";

    private ReceivingPool pool;

    /** A new pool, and one stream that is received and one that goes on where it broke: so all classes are loaded. */
    @Override
    public void prepare() {
        if (pool == null) {
            pool = new ReceivingPool();
            receive(new Input(new byte[0]));
            receive(new Input(new byte[]{16, 0, 1, 0, 3}));
        }
    }

    @Override
    public void run(Input input) {
        prepare();
        boolean sound = false;
        try {
            receive(input);
            pool.requireAsBefore();
            sound = true;
        } finally {
            if (!sound) { // what this input did to it is not the next one's fault
                pool.close();
                pool = null;
            }
        }
    }

    private void receive(Input input) {
        int how = input.number();
        StreamForge forge = stream(how);
        int wrong = input.number();
        byte[] good = forge.mended(0);
        for (int changes = input.number() % MOST_CHANGES; changes > 0 && input.more(); changes--) {
            forge.change(input);
        }
        byte[] stream = forge.mended(wrong % 16 < 8 ? 0 : 1 << wrong % 4); // half of them as somebody would make them
        if (how >= 0xc0) {
            stream = Arrays.copyOf(stream, (int) Long.remainderUnsigned(input.wide(), stream.length + 1));
        }
        ReceiveOptions options = new ReceiveOptions((how & 4) == 0 ? NAME : null, (how & 8) != 0, (how & 16) != 0);
        boolean whole = received(stream, options);
        Judge.require(whole || !Arrays.equals(stream, good), "a stream that is as it should be is refused");
    }

    private static StreamForge stream(int how) {
        byte[] nothing = new byte[StreamForge.DIGEST];
        StreamForge forge = new StreamForge();
        switch (how % 4) {
        case 0 -> forge.begin("x", ReceivingPool.SIZE, CONTENT, StreamForge.NONE, 0, nothing)
                .data(512, ReceivingPool.bytes(1, 3000)).hole(4096, 61_440).compressed();
        case 1 -> forge.begin("x", ReceivingPool.SIZE, CONTENT, ReceivingPool.CONTENT, 0, nothing)
                .hole(1024, 50_000).compressed().data(100_000, ReceivingPool.bytes(2, 700));
        case 2 -> forge.begin("x", 1024, CONTENT, ReceivingPool.CONTENT, 0, nothing)
                .data(0, ReceivingPool.bytes(3, 10));
        default -> forge.begin("x", 1L << 40, CONTENT, StreamForge.NONE, 0, nothing)
                .data((1L << 40) - 600, ReceivingPool.bytes(4, 600));
        }
        return forge.end();
    }

    /** Receives a stream; returns whether it was accepted. */
    private boolean received(byte[] stream, ReceiveOptions options) {
        NamedVolume[] volume = new NamedVolume[1];
        boolean whole = Judge.allows(() -> volume[0] = receive(stream, options));
        if (whole) {
            StreamContent content = content(stream);
            content.requireWhole();
            NamedVolume made = volume[0];
            Judge.require(made.size() == content.size() && made.readOnly() == !options.writable()
                    && (options.writable() || made.content().equals(content.content())),
                    "the volume is not what the stream says: " + made);
            requireContent(made, content);
            pool.named().delete(made.name());
            return true;
        }
        List<NamedVolume> unfinished = pool.named().unfinished();
        if (options.resumable() && unfinished.size() == 1) {
            resume(stream, unfinished.getFirst());
        }
        return false;
    }

    /** What is kept of a stream that broke must be of use: a stream that goes on from there is received. */
    private void resume(byte[] stream, NamedVolume unfinished) {
        ResumeToken token = ResumeToken.parse(unfinished.receipt());
        byte[] rest = ReceivingPool.bytes(5, (int) Math.min(100, token.size() - token.position()));
        StreamForge forge = new StreamForge().begin("y", token.size(), token.content(),
                token.base() == null ? StreamForge.NONE : token.base(), token.position(),
                HexFormat.of().parseHex(token.digest()));
        if (rest.length > 0) {
            forge.data(token.position(), rest);
        }
        NamedVolume made = receive(forge.end().mended(0), new ReceiveOptions(unfinished.name(), false, true));
        StreamContent content = content(stream).until(token.position());
        content.then(token.position(), rest);
        requireContent(made, content);
        pool.named().delete(made.name());
    }

    private NamedVolume receive(byte[] stream, ReceiveOptions options) {
        return new Receiver(pool.named()).receive(new ByteArrayInputStream(stream), options, Progress.NONE).volume();
    }

    private static StreamContent content(byte[] stream) {
        return new StreamContent(stream, ReceivingPool.BASE);
    }

    private void requireContent(NamedVolume made, StreamContent content) {
        NamedPool named = pool.named();
        try (Volume volume = named.open(made.name())) {
            content.require((position, target) -> volume.read(position, MemorySegment.ofArray(target)));
        }
    }
}
