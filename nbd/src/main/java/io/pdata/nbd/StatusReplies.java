package io.pdata.nbd;

import static io.pdata.nbd.Protocol.CMD_FLAG_REQ_ONE;

import io.pdata.core.device.DeviceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Answers requests for metadata: one chunk for each context. Neighbours that are alike are one extent; none reaches beyond
 * what was asked for, as some clients want it. For one thread.
 */
final class StatusReplies implements MetadataContext.Extents {
    private static final int MOST_EXTENTS = 4096;
    private static final int EXTENT_BYTES = 2 * Integer.BYTES;

    private final Replies replies;
    private final List<MetadataContext> contexts;
    private final ByteBuffer extents;
    private long left;

    StatusReplies(Replies replies, List<MetadataContext> contexts) {
        this.replies = replies;
        this.contexts = contexts;
        this.extents = ByteBuffer.allocate(contexts.isEmpty() ? 0 : MOST_EXTENTS * EXTENT_BYTES);
    }

    void answer(Request request) throws IOException {
        for (int i = 0; i < contexts.size(); i++) {
            extents.clear().limit(request.has(CMD_FLAG_REQ_ONE) ? EXTENT_BYTES : extents.capacity());
            left = request.length;
            contexts.get(i).describe(request.offset, request.length, this);
            if (extents.position() == 0) {
                throw new DeviceException("nothing is known about these bytes in " + contexts.get(i).name());
            }
            replies.blockStatus(request.cookie, i + 1, extents.flip(), i == contexts.size() - 1);
        }
    }

    @Override
    public boolean extent(long length, int value) {
        long bytes = Math.min(length, left);
        int last = extents.position() - EXTENT_BYTES;
        if (last >= 0 && extents.getInt(last + Integer.BYTES) == value) {
            extents.putInt(last, extents.getInt(last) + (int) bytes);
        } else if (extents.hasRemaining()) {
            extents.putInt((int) bytes).putInt(value);
        } else {
            return false;
        }
        left -= bytes;
        return left > 0;
    }
}
